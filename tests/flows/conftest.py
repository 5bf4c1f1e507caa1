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
