"""Sending notices by mail and webhook: the network side of `cases.delivering`.

QINGYUAN_MAIL: ``smtp://user:password@host:587?from=a@b.cn&tls=start`` or ``smtps://...``; without it no mail is sent.
QINGYUAN_ADDRESS: where the console answers, for the links in what is sent.
A webhook gets JSON by POST with ``X-Qingyuan-Signature: t=SECONDS,sha256=HEX``, the HMAC of ``SECONDS.BODY``
under the secret of the channel.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import smtplib
import ssl
import urllib.request
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import parse_qs, unquote, urlsplit

from qingyuan.base.errors import WrongUsage
from qingyuan.base.time import isoformat
from qingyuan.cases import delivering
from qingyuan.cases.models import Channel, Delivery
from qingyuan.registers.flow.declared import Words

SECONDS = 5
"""How long a server may take to answer."""


TRIED = Words("清源通知渠道的验证码，请填回平台", "Code to verify a channel of Qingyuan; enter it on the platform")


class Sent(NamedTuple):
    """How many notices arrived, and how many did not this time."""

    arrived: int = 0
    failed: int = 0


class Server(NamedTuple):
    """A mail server. tls: ``start``, ``whole`` or empty."""

    host: str
    port: int
    user: str
    password: str
    sender: str
    tls: str


class Unreachable(Exception):
    """The mail server as a whole: no other mail is worth trying now."""


def send(at: datetime) -> Sent:
    """Try every delivery that is due. Raises WrongUsage for a QINGYUAN_MAIL that is no address."""
    server, out, arrived, failed = mail_server(), False, 0, 0
    for each in delivering.due(at):
        is_mail = each.channel.kind == Channel.Kind.MAIL
        try:
            if is_mail and (out or server is None):
                raise Unreachable("the mail server could not be reached" if server else "QINGYUAN_MAIL is not set")
            _mail(each, server) if is_mail and server else _post(each, at)
        except Exception as fault:  # whatever a foreign server answers: kept, and tried again
            out = out or isinstance(fault, Unreachable)
            failed += 1
            delivering.failed(each, f"{type(fault).__name__}: {fault}")
        else:
            arrived += 1
            delivering.arrived(each, at)
    return Sent(arrived, failed)


def mail_server() -> Server | None:
    """The server of QINGYUAN_MAIL; None where it is not set. Raises WrongUsage."""
    address = os.environ.get("QINGYUAN_MAIL")
    if not address:
        return None
    parts = urlsplit(address)
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or "@" not in asked.get("from", ""):
        raise WrongUsage(
            "QINGYUAN_MAIL is no address", "Write it as smtp://user:password@host:587?from=a@b.cn&tls=start"
        )
    tls = "whole" if parts.scheme == "smtps" else asked.get("tls", "")
    port = parts.port or (465 if tls == "whole" else 587)
    return Server(
        parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), asked["from"], tls
    )


def try_out(channel: Channel, code: str, at: datetime) -> None:
    """Send the code that verifies a channel, now. Raises whatever kept it from arriving."""
    told = {"about": "channel", "id": channel.pk, "at": isoformat(at), "code": code, "zh": TRIED.zh, "en": TRIED.en}
    if channel.kind == Channel.Kind.WEBHOOK:
        _call(channel, told, at)
        return
    server = mail_server()
    if server is None:
        raise Unreachable("QINGYUAN_MAIL is not set")
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = f"{code} {TRIED.zh}", server.sender, channel.address
    message.set_content(f"{TRIED.zh}\n{TRIED.en}\n\n{code}\n")
    _handed(message, server)


def _mail(delivery: Delivery, server: Server) -> None:
    _handed(_letter(delivery, server), server)


def _handed(message: EmailMessage, server: Server) -> None:
    try:
        with _connected(server) as connection:
            connection.send_message(message)
    except OSError as fault:
        if isinstance(fault, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError):
            raise
        raise Unreachable(str(fault)) from fault


def _connected(server: Server) -> smtplib.SMTP:
    safe = ssl.create_default_context()
    opened: Callable[..., smtplib.SMTP] = smtplib.SMTP
    more: dict[str, Any] = {}
    if server.tls == "whole":
        opened, more = smtplib.SMTP_SSL, {"context": safe}
    connection = opened(server.host, server.port, timeout=SECONDS, **more)
    if server.tls == "start":
        connection.starttls(context=safe)
    if server.user:
        connection.login(server.user, server.password)
    return connection


def _letter(delivery: Delivery, server: Server) -> EmailMessage:
    told = delivering.content(delivery.notice)
    mark = "【模拟】" if told["simulated"] else ""
    message = EmailMessage()
    message["Subject"] = f"{mark}{told['number']} {told['zh']}"
    message["From"], message["To"] = server.sender, delivery.channel.address
    message["Message-ID"] = f"<notice-{told['id']}-{delivery.channel_id}@{server.sender.rpartition('@')[2]}>"
    until = f"期限 / due: {told['due'][:10]}\n" if told["due"] else ""
    message.set_content(f"{told['number']}\n{told['zh']}\n{told['en']}\n{until}{_base()}{told['path']}\n")
    return message


def _base() -> str:
    return os.environ.get("QINGYUAN_ADDRESS", "").rstrip("/")


def signature(secret: str, moment: int, body: bytes) -> str:
    """The header of a webhook; moment: seconds since 1970, so that an old call cannot be sent again unseen."""
    digest = hmac.new(secret.encode(), str(moment).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={moment},sha256={digest}"


class _Straight(urllib.request.HTTPRedirectHandler):
    """No redirects: a notice goes where the channel says."""

    def redirect_request(self, *_: Any) -> None:
        """None: the answer itself counts."""


def _post(delivery: Delivery, at: datetime) -> None:
    told = delivering.content(delivery.notice)
    _call(delivery.channel, {**told, "link": _base() + told["path"]}, at)


def _call(channel: Channel, told: dict[str, Any], at: datetime) -> None:
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "qingyuan"}
    headers["X-Qingyuan-Signature"] = signature(channel.secret, int(at.timestamp()), body)
    request = urllib.request.Request(channel.address, body, headers)  # noqa: S310 - http(s), by its validation
    try:
        with urllib.request.build_opener(_Straight()).open(request, timeout=SECONDS):
            pass
    except HTTPError as answer:
        answer.close()
        raise
