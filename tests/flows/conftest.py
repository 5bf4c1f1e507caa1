"""The browser of the flows: Debian's Chromium, started once, talking to the machine itself only."""

import os
import shutil
import sys
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
def visit(browser, live_server, django_user_model, data):
    """Opens addresses as a signed-in person; ends with a look at outside requests and errors of scripts."""
    from django.test import Client

    client = Client()
    import seats

    client.force_login(seats.seated("reader"))
    problems, contexts = [], []

    def fetch(address, width=1440, height=900):
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda request: problems.append(request.url) if _outside(request.url) else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(live_server.url + address)
        return page

    def _outside(url):
        return not url.startswith((live_server.url, "data:", "blob:"))

    yield fetch
    for context in contexts:
        context.close()
    assert not problems
