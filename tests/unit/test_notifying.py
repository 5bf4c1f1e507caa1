"""Notices by mail and webhook: to servers of our own on this machine, tried again, signed, without what is personal."""

import hashlib
import hmac
import json
import socketserver
import threading
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer

import case_stage
import pytest
import seats

from qingyuan.base.errors import WrongUsage
from qingyuan.cases import delivering, opening, telling
from qingyuan.cases.models import Channel, Delivery, Notice
from qingyuan.interfaces import notifying
from qingyuan.registers.flow.fold import Actor

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9)
SECRET = "s" * 32
PERSON, TITLE = "秘密人名", "秘密事由"


class Postbox(socketserver.StreamRequestHandler):
    """A mail server that keeps what it gets; a recipient at refused.cn is turned away."""

    def handle(self):
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                self._say("354 go on")
                self.server.got.append(self._content())
            refused = verb == "RCPT" and "refused.cn" in line
            self._say("550 nobody" if refused else "221 bye" if verb == "QUIT" else "250 fine")
            if verb == "QUIT":
                return

    def _content(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return message_from_bytes(b"".join(lines), policy=policy.default)

    def _say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


class Hook(BaseHTTPRequestHandler):
    """A webhook that answers as it is told."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


def serving(server):
    server.got, server.answers = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def postbox(monkeypatch):
    server = serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Postbox))
    monkeypatch.setenv("QINGYUAN_MAIL", f"smtp://127.0.0.1:{server.server_address[1]}?from=notice@qingyuan.cn")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def hook():
    server = serving(HTTPServer(("127.0.0.1", 0), Hook))
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def case():
    case_stage.organisations()
    made = opening.open_case(opening.Signal("exceedance", TITLE, "220104", "sources", AT, "finding", "1"), AT)
    Notice.objects.all().delete()
    return made


def channel(case, kind, address, **more):
    given = {"organisation_id": case.organisation, "secret": SECRET, "since": AT, **more}
    return Channel.objects.create(kind=kind, address=address, **given)


def hooked(case, hook, **more):
    return channel(case, "webhook", f"http://127.0.0.1:{hook.server_port}/in", **more)


def told(case, code="return", at=AT):
    return telling.tell(case, code, at, by=Actor(99, PERSON, None), note=PERSON)


def test_a_webhook_gets_a_signed_call_without_names_or_titles(case, hook):
    hooked(case, hook)
    told(case)
    assert notifying.send(AT) == (1, 0) and notifying.send(AT) == (0, 0)
    headers, body = hook.got[0]
    moment, digest = (part.partition("=")[2] for part in headers["X-Qingyuan-Signature"].split(","))
    assert digest == hmac.new(SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    given = json.loads(body)
    assert given["number"] == case.number and given["code"] == "return" and given["path"] == f"/cases/{case.pk}/"
    assert PERSON not in body.decode() and TITLE not in body.decode() and len(hook.got) == 1


def test_a_letter_says_what_happened_and_where_to_read_on(case, postbox, monkeypatch):
    monkeypatch.setenv("QINGYUAN_ADDRESS", "https://qingyuan.example.cn/")
    channel(case, "mail", "office@example.cn")
    told(case, "overdue")
    assert notifying.send(AT) == (1, 0)
    letter = postbox.got[0]
    assert letter["To"] == "office@example.cn" and letter["Subject"].endswith(f"{case.number} 已逾期")
    text = letter.get_content()
    assert f"https://qingyuan.example.cn/cases/{case.pk}/" in text and TITLE not in text and PERSON not in text


def test_what_fails_is_tried_again_later_each_time_and_given_up_in_the_end(case, hook):
    made = hooked(case, hook)
    hook.answers = [500] * 50
    told(case)
    at, tried = AT, []
    while (row := Delivery.objects.filter(channel=made).first()) is None or row.next_at:
        at = row.next_at if row else AT
        assert notifying.send(at - timedelta(seconds=1) if row else AT) == ((0, 0) if row else (0, 1))
        if row:
            assert notifying.send(at) == (0, 1)
        tried.append(at)
    assert len(hook.got) == delivering.TRIES and row.failure.startswith("HTTPError") and row.sent_at is None
    gaps = [later - earlier for earlier, later in zip(tried, tried[1:], strict=False)]
    assert gaps == sorted(gaps) and gaps[0] == timedelta(minutes=1) and gaps[-1] > timedelta(hours=4)


def test_after_a_failure_it_arrives_once(case, hook):
    hooked(case, hook)
    hook.answers = [503]
    told(case)
    assert notifying.send(AT) == (0, 1)
    assert notifying.send(AT + timedelta(minutes=1)) == (1, 0)
    assert notifying.send(AT + timedelta(days=1)) == (0, 0)
    first, second = (json.loads(body)["id"] for _, body in hook.got)
    assert first == second


def test_a_redirect_is_not_followed(case, hook):
    hooked(case, hook)
    hook.answers = [302]
    told(case)
    assert notifying.send(AT) == (0, 1) and len(hook.got) == 1


def test_mail_without_a_server_waits_and_hinders_no_webhook(case, hook, monkeypatch):
    monkeypatch.delenv("QINGYUAN_MAIL", raising=False)
    mail = channel(case, "mail", "office@example.cn")
    hooked(case, hook)
    told(case)
    assert notifying.send(AT) == (1, 1)
    assert "QINGYUAN_MAIL" in Delivery.objects.get(channel=mail).failure


def test_a_recipient_turned_away_does_not_stop_the_others(case, postbox):
    channel(case, "mail", "nobody@refused.cn")
    channel(case, "mail", "office@example.cn")
    told(case)
    assert notifying.send(AT) == (1, 1) and postbox.got[0]["To"] == "office@example.cn"


@pytest.mark.parametrize("address", ["mail.example.cn", "http://x?from=a@b.cn", "smtp://host", "smtp://?from=a@b.cn"])
def test_an_address_of_mail_that_is_none_is_told(monkeypatch, address):
    monkeypatch.setenv("QINGYUAN_MAIL", address)
    with pytest.raises(WrongUsage, match="QINGYUAN_MAIL"):
        notifying.mail_server()


def test_a_channel_gets_the_notices_of_its_own_organisation_and_people_only(case, hook):
    person = seats.seated("办", "inspection", division="220104", level="county")
    own = hooked(case, hook, organisation_id=person.person.organisation_id)
    everyone = hooked(case, hook, organisation_id=None)
    Notice.objects.create(account=person.pk, case=case, code="note", at=AT)
    told(case)
    notifying.send(AT)
    assert (own.deliveries.count(), everyone.deliveries.count()) == (1, Notice.objects.count())
    assert Notice.objects.count() > 1


def test_old_and_read_notices_are_not_sent(case, hook):
    hooked(case, hook, since=AT - timedelta(days=9))
    told(case, at=AT - delivering.FRESH - timedelta(minutes=1))
    Notice.objects.filter(pk__in=[each.pk for each in told(case)]).update(read_at=AT)
    assert notifying.send(AT) == (0, 0) and hook.got == []


def test_every_code_of_a_notice_has_words():
    assert set(telling.TELLS) | {"register"} == set(delivering.TOLD)
