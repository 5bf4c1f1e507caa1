"""Pages of the demo under eight users at once: 95th percentile of the answer's time."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

PORT = 8765
BASE = f"http://127.0.0.1:{PORT}"
PAGES = ("/", "/map/", "/air/", "/plan/", "/network/", "/law/", "/air/station/S220101/", "/air/city/220100/")
USERS, ROUNDS = 8, 5


def opener(password: str) -> urllib.request.OpenerDirector:
    """A signed-in visitor."""
    visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    form = visitor.open(f"{BASE}/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    fields = {"csrfmiddlewaretoken": token[1], "username": "admin", "password": password}
    visitor.open(f"{BASE}/login/", urlencode(fields).encode())
    return visitor


def visit(visitor: urllib.request.OpenerDirector, addresses: list[str]) -> list[float]:
    """Milliseconds of every address."""
    took = []
    for page in addresses:
        begun = time.perf_counter()
        visitor.open(BASE + page).read()
        took.append((time.perf_counter() - begun) * 1000)
    return took


def hours_of_their_own(user: int) -> list[str]:
    """Addresses nobody has asked for before: each page at another hour each time."""
    hours = (
        f"2025-10-{1 + (user * ROUNDS + turn) // 24:02d}T{(user * ROUNDS + turn) % 24:02d}" for turn in range(ROUNDS)
    )
    return [f"{page}?time={hour}" for hour in hours for page in PAGES]


def told(what: str, visitors: list[urllib.request.OpenerDirector], addresses: list[list[str]]) -> None:
    """Visit all at once, print median and 95th percentile."""
    with ThreadPoolExecutor(USERS) as together:
        took = [each for times in together.map(visit, visitors, addresses) for each in times]
    p95 = statistics.quantiles(took, n=20)[-1]
    print(
        f"{len(took)} pages by {USERS} users at once, {what}: median {statistics.median(took):.0f} ms, p95 {p95:.0f} ms"
    )


def main(data: Path) -> None:
    """Fill, serve, visit, print."""
    demo, where = [sys.executable, "-m", "qingyuan.interfaces.cli", "demo"], ["--data", str(data)]
    subprocess.run([*demo, "fill", *where], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    command = [*demo, *where, "--port", str(PORT)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        _wait()
        password = (data / "demo-admin-password").read_text()
        visitors = [opener(password) for _ in range(USERS)]
        told("the present hour (wanted: p95 below 200)", visitors, [list(PAGES * ROUNDS)] * USERS)
        told("each at hours of their own", visitors, [hours_of_their_own(user) for user in range(USERS)])
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def _wait() -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{BASE}/healthz").read()
            return
        except OSError:
            time.sleep(1)
    raise SystemExit("The demo did not start within five minutes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
