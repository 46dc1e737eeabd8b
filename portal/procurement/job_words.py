"""How long jobs read in the list of them: what each does, for what, where to look, and what came out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, literal, select

from assessments import campaigns, settling
from assessments.models import Campaign, Job, JobState, Rescoring, Role, SupplierImport, SupportPlan, User
from assessments.rescoring import runs as rescoring_runs
from assessments.support import runs as support_runs
from portal import db, filters, import_work, job_progress
from portal.access import actor
from portal.job_progress import JobProgress

IMPORTS = (import_work.PREVIEW, import_work.APPLY)
KINDS = {
    import_work.PREVIEW: _l("取引先の一覧の読み取り"),
    import_work.APPLY: _l("取引先の一覧の取り込み"),
    campaigns.OPEN_JOB: _l("調査の依頼の準備"),
    settling.DELIVERED_JOB: _l("結果の分からないメールを「届いていた」にする"),
    settling.AGAIN_JOB: _l("結果の分からないメールをもう一度送る"),
    rescoring_runs.JOB: _l("結果の計算しなおし"),
    support_runs.JOB: _l("支援の計画の計算"),
}
COUNTED = {
    "create": _l("新しく登録"),
    "update": _l("更新"),
    "unchanged": _l("変更なし"),
    "candidate": _l("同じ取引先かどうか確認"),
    "error": _l("取り込めない"),
    "invited": _l("依頼"),
    "settled": _l("処理したメール"),
    "rescored": _l("計算しなおした結果"),
    "moved": _l("レベルや点の変わった結果"),
    "suppliers": _l("取引先"),
}
RISK_READERS = (Role.RISK, Role.LEGAL, Role.AUDITOR, Role.VIEWER)
OPEN = (JobState.WAITING, JobState.RUNNING)
STOPPED = (JobState.FAILED, JobState.CANCELLED)
OF_MAILS = (settling.DELIVERED_JOB, settling.AGAIN_JOB)
# These are begun again where they were left, by whoever may import and send.
TAKEN_UP_AGAIN = (*IMPORTS, campaigns.OPEN_JOB, *OF_MAILS)


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job as the list shows it; an address is blank where the person may not go there."""

    job: Job
    kind: str
    subject: str
    url: str
    asked_by: str
    progress: JobProgress
    result: str
    cancel_url: str
    retry_url: str


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a job is for: its name and public id; no name where its kind says it all."""

    public_id: str
    name: str = ""


def shown(found: Sequence[Job]) -> list[ShownJob]:
    """Give jobs as the list shows them, in seven queries however many there are."""
    subjects, people, newest = _subjects(found), _people(found), _newest(found)
    return [
        _shown(
            job,
            subjects.get((job.kind, job.subject_id)),
            people.get(job.requested_by_id or 0, ""),
            is_newest=newest.get((job.kind, job.subject_id)) == job.id,
        )
        for job in found
    ]


def _shown(job: Job, subject: _Subject | None, asked_by: str, *, is_newest: bool) -> ShownJob:
    return ShownJob(
        job=job,
        kind=str(KINDS.get(job.kind, job.kind)),
        subject=subject.name if subject else "",
        url=_page_of(job, subject) if subject else "",
        asked_by=asked_by or _("運用担当（コマンド）"),
        progress=job_progress.of(job),
        result=_result(job),
        cancel_url=_cancel_url(job, subject) if subject and job.state in OPEN else "",
        retry_url=_retry_url(job) if subject and is_newest and job.state in STOPPED else "",
    )


def _page_of(job: Job, subject: _Subject) -> str:
    if job.kind in IMPORTS:
        return url_for("procurement.supplier_import", public_id=subject.public_id)
    if job.kind == campaigns.OPEN_JOB:
        return url_for("procurement.campaign", public_id=subject.public_id)
    if job.kind in OF_MAILS:
        return url_for("procurement.campaign_mails", public_id=subject.public_id)
    if not actor().has_role(*RISK_READERS):
        return ""
    endpoint = "risk.rescoring_run" if job.kind == rescoring_runs.JOB else "risk.support_plan"
    return url_for(endpoint, public_id=subject.public_id)


def _cancel_url(job: Job, subject: _Subject) -> str:
    """Those of the risk side are stopped by the acts of their own pages."""
    if job.kind in TAKEN_UP_AGAIN:
        return _own_act("procurement.job_cancel", job)
    if not actor().has_role(Role.RISK):
        return ""
    endpoint = "risk.rescoring_cancel" if job.kind == rescoring_runs.JOB else "risk.support_cancel"
    return url_for(endpoint, public_id=subject.public_id)


def _retry_url(job: Job) -> str:
    return _own_act("procurement.job_retry", job) if job.kind in TAKEN_UP_AGAIN else ""


def _own_act(endpoint: str, job: Job) -> str:
    return url_for(endpoint, public_id=job.public_id) if actor().has_role(Role.PROCUREMENT) else ""


def _result(job: Job) -> str:
    if job.state is not JobState.DONE:
        return ""
    if "refused" in job.result:
        return str(_("ファイルを読み取れませんでした"))
    counted = [
        f"{words}{_('：')}{filters.number(job.result[name])}"
        for name, words in COUNTED.items()
        if job.result.get(name)
    ]
    return str(_("、")).join(counted)


def _subjects(found: Sequence[Job]) -> dict[tuple[str, int], _Subject]:
    """Give what the jobs are for, by kind and row."""
    nothing = literal("")
    kinds: list[tuple[Sequence[str], Any, Any, Any]] = [
        (IMPORTS, SupplierImport.id, SupplierImport.public_id, SupplierImport.file_name),
        ((campaigns.OPEN_JOB, *OF_MAILS), Campaign.id, Campaign.public_id, Campaign.title),
        ((rescoring_runs.JOB,), Rescoring.id, Rescoring.public_id, nothing),
        ((support_runs.JOB,), SupportPlan.id, SupportPlan.public_id, nothing),
    ]
    named: dict[tuple[str, int], _Subject] = {}
    for names, key, public_id, name in kinds:
        ids = {job.subject_id for job in found if job.kind in names}
        rows = db.session().execute(select(key, public_id, name).where(key.in_(ids))).all() if ids else []
        named |= {(kind, row[0]): _Subject(row[1], row[2]) for row in rows for kind in names}
    return named


def _people(found: Sequence[Job]) -> dict[int, str]:
    ids = {job.requested_by_id for job in found} - {None}
    rows = db.session().execute(select(User.id, User.name, User.email).where(User.id.in_(ids)))
    return {row.id: row.name or row.email for row in rows}


def _newest(found: Sequence[Job]) -> dict[tuple[str, int], int]:
    """Give the newest job of each kind and subject: an older one is not begun again."""
    ids = {job.subject_id for job in found}
    newest = select(Job.kind, Job.subject_id, func.max(Job.id)).where(Job.subject_id.in_(ids))
    rows = db.session().execute(newest.group_by(Job.kind, Job.subject_id))
    return {(row[0], row[1]): row[2] for row in rows}
