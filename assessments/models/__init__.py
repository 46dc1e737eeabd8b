"""All tables, so that one import makes the metadata complete."""

from assessments.models.access import Side, SignInCode, SignInTry, UserSession
from assessments.models.assessment import Answer, AnswerRevision, Assessment, AssessmentState, Submission
from assessments.models.base import Base, RecordIsFixed
from assessments.models.campaign import Campaign, CampaignState, Invitation
from assessments.models.constants import ConstantsChoice, StarOverride
from assessments.models.contact_note import ContactNote, NoteChannel
from assessments.models.course import CampaignCourse, CampaignStep, OfficeHours, StepKind
from assessments.models.declaration import SecurityActionDeclaration
from assessments.models.decline import Decline, DeclineEnd, DeclineReason
from assessments.models.delivery import MailPace, MessageSettlement, Settled
from assessments.models.event import AuditEvent, Job, JobState
from assessments.models.genuine import AdvanceNotice, GenuineNumber
from assessments.models.message import Lane, LocalMail, Message, MessageState
from assessments.models.party import (
    BusinessUnit,
    Contact,
    Membership,
    Organisation,
    Relationship,
    Role,
    Supplier,
    User,
)
from assessments.models.proof import (
    Confirmation,
    ConfirmationKind,
    ConfirmationQuestion,
    ConfirmationWithdrawal,
    Evidence,
    EvidenceJudgement,
    EvidenceQuestion,
    GivenBy,
    Verdict,
)
from assessments.models.questionnaire import (
    Choice,
    Question,
    QuestionKind,
    Questionnaire,
    QuestionnaireVersion,
    Section,
)
from assessments.models.remediation import Consultation, ConsultationTopic
from assessments.models.rescoring import Rescoring, RescoringMove
from assessments.models.result import AssessmentResult
from assessments.models.review import Decision, Review, ReviewComment
from assessments.models.supplier_import import ImportState, RowOutcome, SupplierImport, SupplierImportRow
from assessments.models.support import SupportPlan, SupportPlanResult

__all__ = [
    "AdvanceNotice",
    "Answer",
    "AnswerRevision",
    "Assessment",
    "AssessmentResult",
    "AssessmentState",
    "AuditEvent",
    "Base",
    "BusinessUnit",
    "Campaign",
    "CampaignCourse",
    "CampaignState",
    "CampaignStep",
    "Choice",
    "Confirmation",
    "ConfirmationKind",
    "ConfirmationQuestion",
    "ConfirmationWithdrawal",
    "ConstantsChoice",
    "Consultation",
    "ConsultationTopic",
    "Contact",
    "ContactNote",
    "Decision",
    "Decline",
    "DeclineEnd",
    "DeclineReason",
    "Evidence",
    "EvidenceJudgement",
    "EvidenceQuestion",
    "GenuineNumber",
    "GivenBy",
    "ImportState",
    "Invitation",
    "Job",
    "JobState",
    "Lane",
    "LocalMail",
    "MailPace",
    "Membership",
    "Message",
    "MessageSettlement",
    "MessageState",
    "NoteChannel",
    "OfficeHours",
    "Organisation",
    "Question",
    "QuestionKind",
    "Questionnaire",
    "QuestionnaireVersion",
    "RecordIsFixed",
    "Relationship",
    "Rescoring",
    "RescoringMove",
    "Review",
    "ReviewComment",
    "Role",
    "RowOutcome",
    "Section",
    "SecurityActionDeclaration",
    "Settled",
    "Side",
    "SignInCode",
    "SignInTry",
    "StarOverride",
    "StepKind",
    "Submission",
    "Supplier",
    "SupplierImport",
    "SupplierImportRow",
    "SupportPlan",
    "SupportPlanResult",
    "User",
    "UserSession",
    "Verdict",
]
