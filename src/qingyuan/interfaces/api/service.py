"""The interface put together: every module of ``routers`` stands at the path of its name."""

from __future__ import annotations

import importlib
import pkgutil

from ninja import NinjaAPI

from qingyuan import __version__
from qingyuan.interfaces.api import errors, routers
from qingyuan.interfaces.api.access import refused

DESCRIPTION = """Lawful environmental results, cases and registers, with the rights of the account that asks.

Times are ISO 8601 at +08:00. A row outside the account's duties answers as one that does not exist. Errors are
`{"error": what happened, "todo": what to do next}`."""


def build() -> NinjaAPI:
    """The interface with the routers there are; a new one is a module in ``routers`` with a ``router``."""
    api = NinjaAPI(
        title="Qingyuan 清源", version=__version__, description=DESCRIPTION, docs_url=None, auth=refused,
        urls_namespace="api",
    )  # fmt: skip
    errors.register(api)
    for each in sorted(pkgutil.iter_modules(routers.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{routers.__name__}.{each.name}")
        api.add_router(f"/{each.name}", module.router, tags=[each.name])
    return api


api = build()
