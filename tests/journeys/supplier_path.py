"""A supplier's way through the product: from the link in the mail to the result, by what is on the screen."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from assessments.invitations import CODE_PURPOSE
from assessments.models import Invitation, SignInCode
from assessments.tokens import Keys, six_digits
from portal.db import Database

Look = Callable[[Page, str], None]


def newest_code(database: Database, keys: Keys, invitation: Invitation) -> str:
    """The code that the last mail to this person holds."""
    with database.reader() as session:
        counter = session.scalars(
            select(SignInCode.counter)
            .where(SignInCode.invitation_id == invitation.id)
            .order_by(SignInCode.counter.desc())
            .limit(1)
        ).one()
    return six_digits(keys, CODE_PURPOSE, invitation.public_id, counter)


@dataclass
class SupplierPath:
    """One person on the way; `look` is called with every page and its name, `choices` are taken in turn."""

    page: Page
    site: str
    code: Callable[[], str]
    look: Look
    choices: tuple[str, ...] = ("implemented",)
    has_script: bool = True
    asked: int = field(default=0, init=False)

    def enter(self, link: str) -> None:
        """From the link to the overview: code, promises."""
        self.page.goto(f"{self.site}{link}")
        self.look(self.page, "entry")
        self._press(self.page.locator("main form").first.get_by_role("button"))
        self.look(self.page, "code")
        self.page.locator("input[name=digits]").fill(self.code())
        self._go_on()
        self.look(self.page, "notice")
        self._go_on()
        self.look(self.page, "assessment")

    def answer_everything(self) -> None:
        """Page by page, to the check page."""
        self._press(self.page.locator("main .button:not(.secondary)").first)
        number = 0
        while self.page.locator("fieldset.question").count():
            number += 1
            questions = self.page.locator("fieldset.question").all()
            for question in questions:
                self._answer(question)
            if self.has_script:
                expect(self.page.locator("#save-state")).not_to_be_empty()
            self.look(self.page, f"questions-{number}")
            self._press(self.page.locator("button[name=to][value=next]"))
        self.look(self.page, "check")

    def submit(self) -> None:
        """From the check page to the result."""
        self._go_on()
        self.look(self.page, "result")

    def _go_on(self) -> None:
        self._press(self.page.locator("main form .button:not(.secondary):not(.quiet)").last)

    def _press(self, button: Locator) -> None:
        with self.page.expect_navigation():
            button.click()

    def _answer(self, question: Locator) -> None:
        codes = question.locator(".answers input[type=radio][name$='-code']")
        if not codes.count():
            written = question.locator("input[inputmode=numeric]")
            if written.count() and not written.input_value():
                written.fill("12")
            return
        code = self.choices[self.asked % len(self.choices)]
        chosen = question.locator(f"input[type=radio][value='{code}']")
        (chosen if chosen.count() else codes).first.check()
        self.asked += 1 if chosen.count() else 0
