"""Every address of the platform, with its whole route."""

import re
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver

VALUES = {"level": "county", "kind": "csv", "form": "json", "number": "1", "no": "1", "line": "1"}


@dataclass(frozen=True)
class Address:
    """One URL pattern. name: with its namespace, as the matrix knows it; route: from the root."""

    pattern: Any
    name: str
    route: str

    @property
    def callback(self):
        return self.pattern.callback


def patterns(resolver=None, before="", space=""):
    """All patterns below a resolver."""
    for each in (resolver or get_resolver()).url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLPattern):
            name = each.name or ""
            yield Address(each, f"api:{name}" if route.startswith("api/v1/") else name, route)
        else:
            yield from patterns(each, route, space)


def address(each: Address, **values: str) -> str:
    """The address with values for its parts; what is not given is a code nobody has."""
    given = {**VALUES, **values}
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: given.get(found[1], "1"), each.route)
