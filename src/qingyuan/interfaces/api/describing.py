"""What holds for every operation of the API: answers that each may give, and times with their offset."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder

from qingyuan.base.time import isoformat
from qingyuan.interfaces.api.operations import Refusal

ALWAYS = {
    "400": "What was asked cannot be read or done",
    "401": "No token, or one that is revoked or over",
    "403": "The account's duties do not include it",
    "404": "There is no such record in the account's scope",
    "422": "A part of the request has no such value",
}
"""Answers of every operation besides its own, each with `Refusal`."""


class _Encoder(NinjaJSONEncoder):
    def default(self, o: Any) -> Any:
        """Times leave with the offset of the legal time."""
        return isoformat(o) if isinstance(o, datetime) else super().default(o)


class Renderer(JSONRenderer):
    """JSON in UTF-8 whose times carry ``+08:00``, as RFC 3339 wants it."""

    encoder_class = _Encoder
    json_dumps_params: Mapping[str, Any] = MappingProxyType({"ensure_ascii": False})


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """The description with the answers that every operation may give."""
    schema["components"]["schemas"].setdefault("Refusal", Refusal.model_json_schema())
    for operations in schema["paths"].values():
        for operation in operations.values():
            operation["responses"] = _answers({str(code): told for code, told in operation["responses"].items()})
    return schema


def _answers(own: dict[str, Any]) -> dict[str, Any]:
    refusal = {"$ref": "#/components/schemas/Refusal"}
    plain = {code: {"description": told, "content": _json(refusal)} for code, told in ALWAYS.items()}
    if "422" in own:  # refused as the operation tells it, or not read at all
        told = own["422"]["content"]["application/json"]["schema"]
        own["422"]["content"] = _json({"anyOf": [told, refusal]})
    return plain | own


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
