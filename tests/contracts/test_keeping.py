"""Kept pages: rendered once while their results stand, apart by person and language, each answer with its own token."""

import re
import time
from threading import Thread
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpResponse

from qingyuan.interfaces.web import reading
from qingyuan.interfaces.web.keeping import kept
from qingyuan.interfaces.web.views import plan

TOKEN = re.compile(rb'X-CSRFToken": "([^"]+)"')


@pytest.fixture
def rendered(monkeypatch):
    cache.clear()
    count = []
    render = plan.render
    monkeypatch.setattr(plan, "render", lambda *args: count.append(1) or render(*args))
    return count


def test_a_page_is_rendered_once_while_its_results_stand(signed_in, rendered, monkeypatch):
    first, second = signed_in.get("/plan/"), signed_in.get("/plan/")
    assert len(rendered) == 1
    tokens = [TOKEN.search(answer.content)[1] for answer in (first, second)]
    assert first.content.replace(tokens[0], b"") == second.content.replace(tokens[1], b"")
    monkeypatch.setattr(reading, "standing", lambda dataset: "newer")
    signed_in.get("/plan/")
    assert len(rendered) == 2


def test_each_language_and_place_has_its_own(signed_in, rendered):
    chinese, english = signed_in.get("/plan/"), signed_in.get("/plan/?lang=en")
    assert chinese.content != english.content
    signed_in.get("/plan/?place=220200")
    assert len(rendered) == 3


def test_the_token_of_a_kept_page_is_accepted(signed_in, rendered):
    signed_in.handler.enforce_csrf_checks = True
    for _ in range(2):
        token = TOKEN.search(signed_in.get("/plan/").content)[1].decode()
        assert (
            signed_in.post("/language/", {"language": "en", "next": "/"}, headers={"X-CSRFToken": token}).status_code
            == 302
        )
    assert signed_in.post("/language/", {"language": "en", "next": "/"}).status_code == 403


def test_who_asks_at_once_waits_for_one_rendering(monkeypatch, rf):
    cache.clear()
    monkeypatch.setattr(reading, "standing", lambda dataset: "now")
    count = []

    @kept
    def view(request):
        count.append(1)
        time.sleep(0.1)
        return HttpResponse("page")

    def ask():
        request = rf.get("/somewhere/")
        request.user, request.LANGUAGE_CODE, request.ctx = AnonymousUser(), "en", SimpleNamespace(dataset=None)
        assert view(request).content == b"page"

    together = [Thread(target=ask) for _ in range(4)]
    for each in together:
        each.start()
    for each in together:
        each.join()
    assert len(count) == 1
