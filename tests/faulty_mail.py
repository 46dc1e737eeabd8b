"""A mail server with faults, chosen by the part of the address before the @."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import MailSink, free_port

AT_RECIPIENT = {"nobody": "550 5.1.1 no such user", "busy": "451 4.3.0 try again later"}
AFTER_DATA = {"large": "552 5.3.4 too large", "full": "452 4.2.2 mailbox full"}
VANISHES = "vanishing"


class FaultyMailSink(MailSink):
    """Keeps mails as the sound one does, except those to the addresses above."""

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer a recipient."""
        refusal = AT_RECIPIENT.get(address.partition("@")[0])
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail, refuse it, or keep it and hang up without a word."""
        name = envelope.rcpt_tos[0].partition("@")[0]
        if name in AFTER_DATA:
            return AFTER_DATA[name]
        answer = await super().handle_DATA(server, session, envelope)
        if name == VANISHES and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return answer


@contextmanager
def faulty_mail_sink() -> Iterator[FaultyMailSink]:
    """Run the server on loopback."""
    sink = FaultyMailSink(port=free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
