"""The browser of the flows: Debian's Chromium, started once, talking to the machine itself only."""

import os
import shutil
import sys
from functools import partial
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = "--no-sandbox --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
GRAPHICS = "--use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader"


@pytest.fixture(scope="module")
def browser():
    """Chromium without a window; missing it is a failure in CI and a told skip elsewhere."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None and os.environ.get("CI"):
        pytest.fail("There is no chromium on this machine: the flows must not be skipped in CI")
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the driver keeps an event loop in this thread
    with sync_api.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS.split(), *GRAPHICS.split()])
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page_of(browser, live_server):
    """Opens addresses as an account, or as nobody; ends with a look at outside requests and errors of scripts.

    before: called with the page before it goes to the address; more: of the browser's context.
    """
    from django.test import Client

    problems, contexts, clients = [], [], {}

    def fetch(account, address, width=1440, height=900, lang="zh-hans", before=None, **more):
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        kept = {"django_language": lang} | ({"sessionid": _session(account)} if account else {})
        context.add_cookies([{"name": key, "value": value, "url": live_server.url} for key, value in kept.items()])
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("request", lambda asked: None if _inside(asked.url) else problems.append(asked.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda told: problems.append(told.text) if "Content Security" in told.text else None)
        if before:
            before(page)
        page.goto(live_server.url + address)
        return page

    def _session(account):
        if account.pk not in clients:
            clients[account.pk] = Client()
            clients[account.pk].force_login(account)
        return clients[account.pk].cookies["sessionid"].value

    def _inside(url):
        return url.startswith((live_server.url, "data:", "blob:"))

    yield fetch
    for context in contexts:
        context.close()
    assert not problems


@pytest.fixture
def visit(page_of, data):
    """Opens addresses as a signed-in reader."""
    import seats

    return partial(page_of, seats.seated("reader"))
