"""The matrix's registry: how every address and every operation of the API is asked. A new endpoint adds its line here."""

from dataclasses import dataclass, field
from urllib.parse import quote

from matrix.addresses import address

NOBODY = {
    "mn": "22019999999999",
    "number": "999999",
    "point": "DA998",
    "source": "import-0",
    "command": "999998",
    "office": "999997",
    "member": "999996",
}
"""Codes no record has."""


@dataclass(frozen=True)
class Line:
    """One way to ask an address. row: part of the address → attribute of the world that names a row;
    queries: asked one after the other, ``{mn}`` and the like filled in; fields: of a form, where it posts.
    """

    row: dict = field(default_factory=dict)
    queries: tuple = ("",)
    posts: bool = False
    fields: dict = field(default_factory=dict)

    def addresses(self, each, world):
        values = {part: str(getattr(world, name)) for part, name in self.row.items()}
        return [address(each, **values) + filled(query, world) for query in self.queries]

    def pairs(self, each, world):
        """The address of a row and that of one that does not exist."""
        if not self.row:
            return []
        own = {part: str(getattr(world, name)) for part, name in self.row.items()}
        none = {part: NOBODY[name] for part, name in self.row.items()}
        return [(address(each, **own) + self.queries[0], address(each, **none) + self.queries[0])]

    def form(self, world):
        return {name: filled(text, world) for name, text in self.fields.items()}


def filled(text, world):
    for name in NOBODY:
        text = text.replace("{" + name + "}", quote(str(getattr(world, name, ""))))
    return text


PLAIN = (Line(),)
SOURCES = "?dataset=sources"
DEVICE = (Line({"mn": "mn"}),)
SETTLE = {"id": "{number}"}
LINES = {
    "overview": (Line(queries=("", "?dataset=sources")),),
    "login": PLAIN,
    "logout": (Line(posts=True),),
    "set_language": (Line(posts=True),),
    "healthz": PLAIN,
    "push": (Line(posts=True),),
    "search": (Line(queries=("?q=", "?q=绝密", "?q={mn}", f"{SOURCES}&q=DA001", f"{SOURCES}&q=绝密")),),
    "parts": PLAIN,
    "air": (Line(queries=("", "?export=xlsx", SOURCES)),),
    "map": PLAIN,
    "map_boundaries": PLAIN,
    "map_stations": (Line(queries=("", SOURCES)),),
    "map_point": PLAIN,
    "station": PLAIN,
    "city": PLAIN,
    "station_series": PLAIN,
    "station_series_csv": PLAIN,
    "station_table": PLAIN,
    "trace": (Line(queries=("?kind=indicator&indicator=1", "?kind=day&point=T01&time=2025-10-27")),),
    "trace_day": PLAIN,
    "trace_hour": PLAIN,
    "trace_indicator": PLAIN,
    "trace_source": PLAIN,
    "plan": PLAIN,
    "network": PLAIN,
    "rejects": (Line({"source": "source"}),),
    "rejects_file": (Line({"source": "source"}),),
    "law": PLAIN,
    "law_changes": PLAIN,
    "law_standard": PLAIN,
    "ledgers": PLAIN,
    "device_ledger": (Line({"mn": "mn"}, ("", "?export=xlsx")),),
    "device_commands": (*DEVICE, Line({"mn": "mn"}, posts=True, fields={"cn": "1001"})),
    "device_command": (Line({"mn": "mn", "number": "command"}),),
    "devices": (Line(queries=("", "?export=xlsx", "?q=绝密", "?q={mn}", "?state=silent")),),
    "device": (Line({"mn": "mn"}, ("", "?record=1")),),
    "device_live": (Line({"mn": "mn"}, ("", "?record=1")),),
    "device_password": (Line({"mn": "mn"}, posts=True, fields={"password": "abc123"}),),
    "device_key": (Line({"mn": "mn"}, posts=True),),
    "device_token": (Line({"mn": "mn"}, posts=True),),
    "device_register": (
        Line(queries=("", "?mn={mn}", "?mn=99990000000009")),
        Line(posts=True, fields={"mn": "{mn}", "edition": "2017", "dataset": "sources", "division": "220202"}),
        Line(
            posts=True, fields={"mn": "99990000000009", "edition": "2017", "dataset": "sources", "division": "220104"}
        ),
    ),
    "device_promote": (Line(posts=True, fields={"mn": "99990000000009"}),),
    "device_book": PLAIN,
    "device_book_save": (Line(posts=True),),
    "device_book_file": PLAIN,
    "device_edit": (*DEVICE, Line({"mn": "mn"}, posts=True, fields={"edition": "2017", "division": "220202"})),
    "device_withdraw": (Line({"mn": "mn"}, posts=True),),
    "quarantine": (Line(queries=("", "?state=all", "?mn={mn}", "?state=all&mn=9999")),),
    "quarantine_settle": (
        Line(posts=True, fields={**SETTLE, "do": "dismiss"}),
        Line(posts=True, fields={"all": "yes", "do": "dismiss"}),
    ),
    "quarantine_one": (Line({"number": "number"}),),
    "sources": (Line(queries=(SOURCES, f"{SOURCES}&export=xlsx", f"{SOURCES}&q=绝密")),),
    "outlet": (Line({"point": "point"}, (SOURCES, f"{SOURCES}&export=xlsx", f"{SOURCES}&step=day")),),
    "outlet_series": (Line({"point": "point"}, (f"{SOURCES}&property=nox",)),),
    "outlet_trace": (Line({"point": "point"}, (SOURCES,)),),
    "sheets": (*PLAIN, Line(posts=True, fields={"mn": "{mn}"})),
    "sheets_save": (Line(posts=True, fields={"do": "save"}),),
    "sheets_template": (Line(queries=("", "?mn={mn}")),),
    "login_second": (*PLAIN, Line(posts=True)),
    "oidc_begin": PLAIN,
    "oidc_callback": PLAIN,
    "account": PLAIN,
    "account_password": PLAIN,
    "account_second": PLAIN,
    "account_second_change": (Line(posts=True),),
    "account_session_end": (Line(posts=True),),
    "account_token": (Line(posts=True),),
    "account_token_revoke": (Line(posts=True),),
    "account_leave": PLAIN,
    "account_leave_end": (Line(posts=True),),
    "organisations": (Line(queries=("", "?q=绝密", "?export=xlsx")),),
    "organisation_new": PLAIN,
    "organisation": (Line({"number": "office"}), Line({"number": "office"}, posts=True, fields={"name_zh": "x"})),
    "organisation_duty": (Line({"number": "office"}, posts=True, fields={"code": "water"}),),
    "people": (Line(queries=("", "?q=绝密")),),
    "person_new": PLAIN,
    "person": (Line({"number": "member"}), Line({"number": "member"}, posts=True, fields={"name": "x"})),
    "person_post": (Line({"number": "member"}, posts=True),),
    "person_secret": (Line({"number": "member"}, posts=True, fields={"do": "second"}),),
    "people_import": (*PLAIN, Line(posts=True)),
    "audit": (Line(queries=("", "?kind=device", "?name=绝密", "?export=xlsx")),),
    "audit_record": (Line(queries=("?kind=device&record={mn}", "?kind=organisation&record={office}")),),
    "api:organisations": (Line(queries=("", "?limit=500", "?q=绝密")),),
    "api:organisation": (Line({"number": "office"}),),
    "api:accounts": (Line(queries=("", "?limit=500", "?q=绝密")),),
    "api:account": (Line({"number": "member"}),),
    "api:me": PLAIN,
    "api:schema": PLAIN,
    "api:api-root": PLAIN,
    "api:listed": (Line(queries=("", "?limit=500")),),
    "api:one": (Line({"mn": "mn"}),),
    "api:lines": (Line(queries=("", "?kind=device", "?record={mn}")),),
    "api:as_of": (Line(queries=("", "?kind=device&record={mn}&moment=2030-01-01T00:00:00")),),
}
OPERATIONS = {
    "GET /me": "/me",
    "GET /openapi.json": "/openapi.json",
    "GET /devices": "/devices?limit=500",
    "GET /devices/{mn}": "/devices/{mn}",
    "GET /audit": "/audit?limit=500",
    "GET /organisations": "/organisations?limit=500",
    "GET /organisations/{number}": "/organisations/{office}",
    "GET /accounts": "/accounts?limit=500",
    "GET /accounts/{number}": "/accounts/{member}",
    "GET /audit/as-of": "/audit/as-of?kind=device&record={mn}&moment=2030-01-01T00:00:00",
}
"""Method and path of every operation, and how it is asked."""
