"""Reports of undeliverable mail in the shapes that mail servers give them, written for the tests."""

from email.message import EmailMessage

TO = "taro@aoba.example"
SAID = "550 5.1.1 <taro@aoba.example>: Recipient address rejected: User unknown"

POSTFIX = """\
Return-Path: <>
Received: by mx.buyer.example (Postfix) id 4A1B2C3D; Sat, 21 Nov 2026 14:00:02 +0900 (JST)
Date: Sat, 21 Nov 2026 14:00:02 +0900 (JST)
From: MAILER-DAEMON@mx.buyer.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: sanpo@buyer.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4A1B2C3D.1/mx.buyer.example"

This is a MIME-encapsulated message.

--4A1B2C3D.1/mx.buyer.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

The mail system

<{to}>: host mx.aoba.example[192.0.2.7] said: {said} (in reply to RCPT TO command)

--4A1B2C3D.1/mx.buyer.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.buyer.example
X-Postfix-Queue-ID: 4A1B2C3D
X-Postfix-Sender: rfc822; sanpo@buyer.example
Arrival-Date: Sat, 21 Nov 2026 14:00:01 +0900 (JST)

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: 5.1.1
Remote-MTA: dns; mx.aoba.example
Diagnostic-Code: smtp; 550 5.1.1 <{to}>: Recipient address
    rejected: User unknown

--4A1B2C3D.1/mx.buyer.example
Content-Description: Undelivered Message
Content-Type: {enclosed}

Return-Path: <sanpo@buyer.example>
From: Sanpo <sanpo@buyer.example>
To: {to}
Subject: =?utf-8?b?5oOF5aCx44KS5a6I44KL?=
Message-ID: {message_id}
Content-Type: text/plain; charset=utf-8
{body}
--4A1B2C3D.1/mx.buyer.example--
"""
EXCHANGE = """\
From: <postmaster@aoba.example>
To: <sanpo@buyer.example>
Date: Sat, 21 Nov 2026 05:00:03 +0000
Subject: Undeliverable: request
In-Reply-To: {message_id}
References: {message_id}
X-MS-Exchange-Message-Is-Ndr:
Content-Language: ja-JP
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="f00d-cafe"

--f00d-cafe
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="beef-babe"

--beef-babe
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

6YWN5L+h44Gn44GN44G+44Gb44KT44Gn44GX44Gf44CC

--beef-babe
Content-Type: text/html; charset="utf-8"

<p>The address could not be found.</p>

--beef-babe--

--f00d-cafe
Content-Type: message/delivery-status

Reporting-MTA: dns;TYXPR01MB0001.jpnprd01.prod.outlook.example
Received-From-MTA: dns;mx.buyer.example
Arrival-Date: Sat, 21 Nov 2026 05:00:02 +0000

Original-Recipient: rfc822;{to}
Final-Recipient: rfc822;{shown}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP lookup
X-Display-Name: Aoba Taro

--f00d-cafe
Content-Type: message/rfc822

From: Sanpo <sanpo@buyer.example>
To: {to}
Message-ID: {message_id}
Subject: request

text

--f00d-cafe--
"""
GMAIL = """\
Content-Type: multipart/report; boundary="00000000000abc"; report-type=delivery-status
To: sanpo@buyer.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
X-Failed-Recipients: {to}
Date: Fri, 20 Nov 2026 21:00:04 -0800 (PST)

--00000000000abc
Content-Type: multipart/related; boundary="00000000000def"

--00000000000def
Content-Type: multipart/alternative; boundary="00000000000fed"

--00000000000fed
Content-Type: text/plain; charset="UTF-8"

** Address not found **

--00000000000fed--

--00000000000def
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--00000000000def--

--00000000000abc
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.example
Arrival-Date: Fri, 20 Nov 2026 21:00:03 -0800 (PST)
X-Original-Message-ID: {message_id}

Final-Recipient: rfc822; {to}
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.aoba.example. (192.0.2.7, the server for the domain.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
 550 5.1.1 Please check the address
Last-Attempt-Date: Fri, 20 Nov 2026 21:00:04 -0800 (PST)

--00000000000abc--
"""


def postfix(message_id: str, *, to: str = TO, action: str = "failed", headers_only: bool = False) -> bytes:
    """As Postfix sends it: the reason in words, the status, and the mail or its headers."""
    enclosed = "text/rfc822-headers" if headers_only else "message/rfc822"
    body = "" if headers_only else "\n本文はそのまま戻ります。\n"
    return POSTFIX.format(
        message_id=message_id, to=to, action=action, enclosed=enclosed, body=body, said=SAID
    ).encode()


def exchange(message_id: str, *, to: str = TO) -> bytes:
    """As Exchange sends it: fields in CRLF, a display address, the enclosed mail, a thread of references."""
    return EXCHANGE.format(message_id=message_id, to=to, shown=to.title()).replace("\n", "\r\n").encode()


def gmail(message_id: str, *, to: str = TO) -> bytes:
    """As Gmail sends it: a picture beside the words, the Message-ID in the status, only headers enclosed."""
    return GMAIL.format(message_id=message_id, to=to).encode()


def vacation() -> bytes:
    """An answer that a person's mailbox gives by itself: no report."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = TO, "sanpo@buyer.example", "不在のお知らせ"
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content("今週は休みをいただいています。")
    return mail.as_bytes()
