"""Who is a contact no more, or has another address, is not written to; a person sends to whom is one now."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import calendar, courses, inviting, outbox, quiet, reminding, settling, suppliers
from assessments.models import (
    Assessment,
    Campaign,
    Contact,
    Invitation,
    Message,
    MessageState,
    Role,
    Supplier,
)
from portal import mail_facts
from portal.mail_truth import Withdrawn
from portal.settings import Settings
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import KEYS, Visitor

pytestmark = pytest.mark.database
SignIn = Callable[..., Visitor]
Change = Callable[[Session, Contact], None]
A_DAY = timedelta(days=1)


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """An open campaign that reminds; its buyer is there."""
    factories.organisation(session)
    made = factories.campaign(session)
    courses.set_plan(session, made, courses.usual(reminds=True), now=NOW, by=None)
    return made


@pytest.fixture
def contact(session: Session, campaign: Campaign) -> Contact:
    """Taro of 青葉鋳造, who is invited."""
    supplier = factories.supplier(session)
    made = factories.contact(session, supplier, email="taro@aoba.example")
    factories.assessment(session, campaign, supplier)
    inviting.invite(session, campaign, keys=KEYS, now=NOW)
    return made


def _retire(session: Session, contact: Contact) -> None:
    supplier = session.get_one(Supplier, contact.supplier_id)
    suppliers.retire_contact(session, supplier, contact, now=NOW, by="x")


def _correct(_session: Session, contact: Contact) -> None:
    contact.email = "tarou@aoba.example"


CHANGES = pytest.mark.parametrize("change", [_retire, _correct])


@CHANGES
@pytest.mark.parametrize("kind", ["invitation", "reminder", "advance_notice"])
def test_a_mail_that_waits_does_not_leave_to_a_former_contact(
    session: Session, settings: Settings, contact: Contact, change: Change, kind: str
) -> None:
    mail = session.scalars(select(Message)).one()
    mail.kind = kind
    change(session, contact)
    session.flush()

    with pytest.raises(Withdrawn, match=quiet.CONTACT_CHANGED):
        _facts(session, mail, settings)


def test_a_code_leaves_to_whoever_asks_for_it(session: Session, settings: Settings, contact: Contact) -> None:
    invitation = session.scalars(select(Invitation)).one()
    _retire(session, contact)
    code = factories.mail(session, invitation, kind="code", facts={"counter": 1})

    assert _facts(session, code, settings).to_email == "taro@aoba.example"


def test_a_colleague_whom_the_supplier_asked_is_no_contact_and_is_written_to(
    session: Session, settings: Settings, contact: Contact
) -> None:
    first = session.scalars(select(Invitation)).one()
    assessment = session.get_one(Assessment, first.assessment_id)
    colleague = factories.invitation(session, assessment, delegated_from_id=first.id)
    _retire(session, contact)
    key = f"delegated_invitation:{colleague.public_id}:1"
    mail = factories.mail(session, colleague, kind="delegated_invitation", send_key=key)

    assert _facts(session, mail, settings).to_email == colleague.email
    assert settling.undelivered(session).total == 0


@CHANGES
def test_it_is_listed_until_somebody_else_is_written_to(
    session: Session, campaign: Campaign, contact: Contact, change: Change
) -> None:
    keiko, assessment = factories.user(session), session.scalars(select(Assessment)).one()
    assert settling.undelivered(session, campaign).total == 0

    change(session, contact)
    session.flush()

    assert [one.message.to_email for one in settling.undelivered(session, campaign).mails] == [
        "taro@aoba.example"
    ]
    invitation = session.scalars(select(Invitation)).one()
    with pytest.raises(quiet.ContactHasChanged):
        inviting.send_again(session, invitation, generation=1, keys=KEYS, now=NOW, by=keiko)
    to = suppliers.ContactFacts(name="青葉 花子", email="hanako@aoba.example", language="ja")
    inviting.re_address(session, assessment, to, keys=KEYS, now=NOW, by=keiko)
    assert settling.undelivered(session, campaign).total == 0


def test_what_was_kept_back_stays_listed_though_the_contact_came_back(
    session: Session, campaign: Campaign, contact: Contact
) -> None:
    mail = session.scalars(select(Message)).one()
    outbox.claim(session, worker="w", now=NOW, limit=1)
    outbox.start(session, mail.id, worker="w", now=NOW)
    withdrawn = outbox.Outcome(outbox.Ending.WITHDRAWN, quiet.CONTACT_CHANGED)
    outbox.record(session, mail.id, withdrawn, worker="w", now=NOW)
    session.expire_all()

    assert settling.undelivered(session, campaign).total == 1
    invitation = session.scalars(select(Invitation)).one()
    keiko = factories.user(session)
    inviting.send_again(session, invitation, generation=1, keys=KEYS, now=NOW, by=keiko)
    assert settling.undelivered(session, campaign).total == 0


@CHANGES
def test_who_is_a_contact_no_more_is_not_reminded(
    session: Session, campaign: Campaign, contact: Contact, change: Change
) -> None:
    mail = session.scalars(select(Message)).one()
    mail.state, mail.sent_at, mail.attempts = MessageState.SENT, NOW, 1
    session.flush()
    office = calendar.of_buyer(session)
    later = office.next_open(NOW + A_DAY * 14)
    campaign.due_on = (later + A_DAY * 60).date()
    change(session, contact)
    session.flush()

    assert reminding.remind(session, campaign, office, now=later).count == 0
    assert inviting.remind(session, campaign, now=later).count == 0


def test_the_page_gives_the_reason_and_its_form_the_present_contact(
    session: Session, campaign: Campaign, contact: Contact, as_buyer: SignIn
) -> None:
    supplier = session.get_one(Supplier, contact.supplier_id)
    _retire(session, contact)
    factories.contact(session, supplier, name="青葉 花子", email="hanako@aoba.example")
    session.commit()
    keiko = as_buyer(Role.PROCUREMENT)

    page = keiko.get(f"/procurement/campaigns/{campaign.public_id}/mails")
    assert "窓口から外れたか" in page.text
    assert "相手の返事" not in page.text
    form = keiko.get(str(next(one for one in page("a") if one.text.startswith("宛先を直す"))["href"]))
    assert [str(one["value"]) for one in form.select("main input[name=email]")] == ["hanako@aoba.example"]


def _facts(session: Session, mail: Message, settings: Settings, now: datetime = NOW) -> mail_facts.MailFacts:
    return mail_facts.facts_of(mail_facts.gather(session, [mail.id]), mail.id, settings, now=now)
