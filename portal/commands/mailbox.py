"""`sanpo mailbox`: what would have left the house."""

from dataclasses import asdict

import click

from portal import console, installation, mailbox


@click.command("mailbox")
@click.option("--json", "as_json", is_flag=True, help="Print whole mails as JSON.")
@click.option("--limit", type=click.IntRange(1), help="The newest ones only.")
def command(as_json: bool, limit: int | None) -> None:
    """List the local mailbox, newest first. Codes are masked outside the demo."""
    with installation.opened() as opened, opened.database.reader() as session:
        mails = mailbox.read(session, opened.settings, limit=limit)
    if as_json:
        fields = ("id", "to", "subject", "text", "html", "kind", "sent_at")
        console.print_json([{name: asdict(mail)[name] for name in fields} for mail in mails])
        return
    for mail in mails:
        click.echo(f"{mail.sent_at:%Y-%m-%d %H:%M}  {mail.to:<36}  {mail.subject}")
