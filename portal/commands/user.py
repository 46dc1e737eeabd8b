"""`sanpo user`: let somebody of the buyer in, by a one-time link or with a password."""

import os
import select
import stat
import sys

import click
from sqlalchemy import select as select_rows
from sqlalchemy.orm import Session

from assessments import audit, organisations, passwords, users
from assessments.addresses import NotAnAddress
from assessments.models import BusinessUnit, Role, User
from portal import clock, console, installation, sessions
from portal.installation import Installation

PIPE_SECONDS = 0.2
WEAKNESSES = {
    "short": f"it has fewer than {passwords.SHORTEST} letters",
    "long": f"it has more than {passwords.LONGEST} letters",
    "same": "it repeats the same few letters",
    "common": "it holds what everybody tries first, as 1234567 or qwerty",
    "known": "it holds the person's or the company's name or address",
}
ROLES = ", ".join(users.BUYER_ROLES)
NO_ORGANISATION = "Note: mails say 発注企業 until an administrator enters the company's name under /admin/."
console.say(NotAnAddress, "this is not a mail address")


@click.group("user")
def command() -> None:
    """Let people of the buyer in."""


@command.command("add")
@click.argument("email")
@click.option("--role", required=True, help=f"One of {ROLES}.")
@click.option("--name", default="", help="The person's name, as others see it.")
@click.option("--unit", default="", help="A business unit by name; without it the role holds in all.")
@click.option("--password-stdin", is_flag=True, help="Take the password from standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def add(email: str, role: str, name: str, unit: str, password_stdin: bool, as_json: bool) -> None:
    """Give EMAIL a role; the person is added where need be.

    A password piped in is set, and outside a demo the address for the authenticator app is printed.
    Without one, a one-time link is printed by which the person sets the password within three days.
    """
    if role not in users.BUYER_ROLES:
        raise console.Refused(f"no role {role!r}: choose one of {ROLES}")
    password = _password(is_asked=password_stdin)
    with installation.opened() as opened, opened.database.writer() as session:
        user = users.add(
            session,
            email,
            Role(role),
            name=name.strip(),
            unit_id=_unit_id(session, unit),
            now=clock.now(),
            by=audit.OPERATOR,
        )
        if user.suspended_at:
            raise console.Refused("this person is suspended: an administrator lets them in again")
        told = {"id": user.public_id, "email": user.email, "role": role}
        told |= _with_password(opened, session, user, password) if password else _link(opened, session, user)
        has_organisation = organisations.standing(session) is not None
        session.commit()
    _say(told, as_json=as_json)
    if not has_organisation:
        click.echo(NO_ORGANISATION, err=True)


def _say(told: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        console.print_json(told)
        return
    click.echo(told.get("link") or told.get("authenticator") or f"{told['email']} can sign in.")


def _password(*, is_asked: bool) -> str:
    """What was piped in, or nothing; raises Refused where it was promised and is not there."""
    if not (is_asked or _has_pipe()):
        return ""
    typed = sys.stdin.readline().rstrip("\r\n")
    if is_asked and not typed:
        raise console.Refused("there is no password on standard input")
    return typed


def _has_pipe() -> bool:
    """Tell whether something was piped in; a terminal or a silent pipe is none."""
    try:
        mode = os.fstat(0).st_mode
        is_pipe = stat.S_ISFIFO(mode) or stat.S_ISREG(mode)
        return is_pipe and bool(select.select([0], [], [], PIPE_SECONDS)[0])
    except OSError:
        return False


def _link(opened: Installation, session: Session, user: User) -> dict[str, str]:
    users.open_link(session, user, now=clock.now(), by=audit.OPERATOR)
    return {"link": opened.settings.public_url + users.enrolment_path(opened.settings.keys, user)}


def _with_password(opened: Installation, session: Session, user: User, password: str) -> dict[str, str]:
    organisation = organisations.standing(session)
    names = (organisation.name, organisation.name_en) if organisation else ()
    reason = passwords.weakness(password, known=[user.email, user.name, *names])
    if reason:
        raise console.Refused(f"the password will not do: {WEAKNESSES[reason]}")
    users.open_link(session, user, now=clock.now(), by=audit.OPERATOR)
    needs_app = not (organisation and organisation.is_demo) and user.totp_secret is None
    if needs_app:
        user.totp_secret = passwords.totp_secret_of(opened.settings.keys, user.public_id, user.enrolment)
    step = user.totp_last_step
    users.set_password(session, user, password, totp_step=step, now=clock.now(), by=audit.OPERATOR)
    sessions.end_all_of(session, user.id, now=clock.now())
    if not needs_app or user.totp_secret is None:
        return {}
    return {"authenticator": passwords.totp_address(user.totp_secret, email=user.email, issuer="Sanpo")}


def _unit_id(session: Session, name: str) -> int | None:
    if not name:
        return None
    found = session.scalar(select_rows(BusinessUnit.id).where(BusinessUnit.name == name))
    if found is None:
        raise console.Refused(f"no business unit {name!r}")
    return found
