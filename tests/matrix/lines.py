"""The matrix's registry: how every address and every operation of the API is asked. A new endpoint adds its line here."""

from dataclasses import dataclass, field
from urllib.parse import quote

from matrix.addresses import address

NOBODY = {
    "register": "outfall",
    "record": "999997",
    "record_number": "220104-PK9999",
    "mn": "22019999999999",
    "number": "999999",
    "point": "DA998",
    "source": "import-0",
    "command": "999998",
    "report": "R2020-999999",
    "photo": "0" * 64,
    "run": "999996",
    "digest": "0" * 64,
    "finding": "999997",
    "case": "999997",
    "file": "999996",
    "lottery": "999995",
    "office": "999997",
    "member": "999996",
    "channel": "999994",
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
        if not set(self.row) - {"kind"}:
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
REPORT = (Line({"number": "report"}),)
RECORD = {"kind": "register", "number": "record"}
FINDING = (Line({"number": "finding"}),)
SETTLE = {"id": "{number}"}
LINES = {
    "overview": (Line(queries=("", "?dataset=sources")),),
    "login": PLAIN,
    "logout": (Line(posts=True),),
    "set_language": (Line(posts=True),),
    "healthz": PLAIN,
    "push": (Line(posts=True),),
    "search": (
        Line(
            queries=(
                "?q=",
                "?q=绝密",
                "?q={mn}",
                f"{SOURCES}&q=DA001",
                f"{SOURCES}&q=绝密",
                "?q={report}",
                "?q={record_number}",
                "?q=超标",
            )
        ),
    ),
    "parts": PLAIN,
    "air": (Line(queries=("", "?export=xlsx", SOURCES)),),
    "map": PLAIN,
    "map_boundaries": PLAIN,
    "map_stations": (Line(queries=("", SOURCES)),),
    "map_point": PLAIN,
    "map_cases": (Line(queries=("", SOURCES)),),
    "map_hot_spots": (Line(queries=("", SOURCES)),),
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
    "outlet_trace_day": (Line({"point": "point"}, (SOURCES,)),),
    "outlet_trace_minute": (Line({"point": "point"}, (SOURCES,)),),
    "report": (*PLAIN, Line(posts=True, fields={"text": "x"})),
    "report_sent": PLAIN,
    "report_ground": PLAIN,
    "report_track": (*PLAIN, Line(posts=True, fields={"code": "7K3M-Q0XR-91TB-ZC4D"})),
    "report_follow": (Line(posts=True, fields={"do": "add", "text": "x"}),),
    "reports": (Line(queries=("", "?state=all", "?state=all&words=绝密", "?state=all&category=smoke")),),
    "reports_export": (Line(queries=("", "?state=all", "?state=all&words=绝密")),),
    "reports_one": REPORT,
    "reports_act": (
        Line({"number": "report"}, posts=True, fields={"do": "accept"}),
        Line({"number": "report"}, posts=True, fields={"do": "join", "first": "{report}"}),
    ),
    "reports_identity": (Line({"number": "report"}, posts=True, fields={"reason": "想看看是谁"}),),
    "reports_reward": (Line({"number": "report"}, posts=True, fields={"amount": "5"}),),
    "reports_photo": (Line({"number": "report", "sha256": "photo"}),),
    "rewards": (Line(queries=("", "?purse=220100", "?purse=220000")),),
    "rewards_move": (
        Line(posts=True, fields={"purse": "220100", "do": "fund", "amount": "5", "reference": "x"}),
        Line(posts=True, fields={"purse": "220100", "do": "pay", "number": "A220100-2026-0001", "claim": "x"}),
    ),
    "field": PLAIN,
    "field_tasks": PLAIN,
    "field_act": (Line(posts=True, fields={"task": "1", "id": "x"}),),
    "field_worker": PLAIN,
    "field_manifest": PLAIN,
    "findings": (Line(queries=("", "?stands=all", "?stands=all&words=绝密", "?event=1")),),
    "findings_workbook": (Line(queries=("?stands=all",)),),
    "finding": FINDING,
    "finding_evidence": FINDING,
    "finding_suppress": (Line({"number": "finding"}, posts=True, fields={"until": "2026-12-20T00:00", "reason": "x"}),),
    "finding_release": (Line({"number": "finding"}, posts=True),),
    "sheets": (*PLAIN, Line(posts=True, fields={"mn": "{mn}"})),
    "sheets_save": (Line(posts=True, fields={"do": "save"}),),
    "sheets_template": (Line(queries=("", "?mn={mn}")),),
    "registers": PLAIN,
    "register": (
        Line({"kind": "register"}, ("", "?q=绝密", "?q=绝密甲口", "?q=220104", "?state=open&f_category=other")),
    ),
    "register_layer": (Line({"kind": "register"}),),
    "register_export": (Line({"kind": "register"}, ("", "?q=绝密")),),
    "register_template": (Line({"kind": "register"}),),
    "register_steps": (Line({"kind": "register"}),),
    "register_views": (Line({"kind": "register"}, posts=True, fields={"title": "x", "q": "绝密"}),),
    "register_many": (
        Line({"kind": "register"}, posts=True, fields={"id": "{record}", "do": "note", "note": "x"}),
        Line({"kind": "register"}, posts=True, fields={"id": "{record}", "do": "void", "note": "x"}),
    ),
    "register_new": (
        Line({"kind": "register"}),
        Line({"kind": "register"}, posts=True, fields={"division": "220104", "asked": "name", "name": "y"}),
    ),
    "register_record": (Line(RECORD, ("", "?at=2026-03-02T10:00:00", "?correct=name")),),
    "register_act": (
        Line(RECORD, posts=True, fields={"do": "note", "note": "x", "version": "1"}),
        Line(RECORD, posts=True, fields={"do": "sign", "version": "1"}),
        Line(RECORD, posts=True, fields={"do": "fill", "version": "0", "asked": "name", "name": "z"}),
    ),
    "register_draft": (Line(RECORD, posts=True, fields={"asked": "name", "name": "z"}),),
    "register_personal": (Line(RECORD, posts=True),),
    "register_file": (Line({**RECORD, "digest": "digest"}),),
    "register_import": (Line({"kind": "register"}), Line({"kind": "register"}, posts=True)),
    "register_run": (Line({"kind": "register", "number": "run"}),),
    "register_run_next": (Line({"kind": "register", "number": "run"}, posts=True),),
    "api:register_kinds": PLAIN,
    "api:register_records": (Line({"kind": "register"}, ("", "?q=绝密", "?place=220104", "?state=open")),),
    "api:register_statistics": (Line({"kind": "register"}),),
    "api:register_one": (Line({"kind": "register", "number": "record_number"}),),
    "api:register_steps": (Line({"kind": "register", "number": "record_number"}),),
    "api:register_open": (Line({"kind": "register"}, posts=True),),
    "api:register_act": (Line(posts=True),),
    "work": PLAIN,
    "burden": (Line(queries=("", "?weeks=52", "?export=xlsx", SOURCES)),),
    "cases": (
        Line(
            queries=("", "?view=all", "?show=board", "?export=xlsx", "?q=绝密", "?view=all&q=绝密", "?domain=sources")
        ),
    ),
    "dispatch": (Line(queries=("", "?view=all", "?view=missed&q=绝密", "?view=all&export=xlsx")),),
    "api:dispatch": (Line(queries=("", "?view=all&limit=500", "?view=all&q=绝密")),),
    "case_new": (
        *PLAIN,
        Line(posts=True, fields={"kind": "device", "about": "x", "domain": "sources", "division": "220104"}),
    ),
    "cases_assign": (Line(posts=True, fields={"id": "{case}", "organisation": "1"}),),
    "cases_view": (Line(posts=True, fields={"name": "v", "query": "view=all"}),),
    "notices": (*PLAIN, Line(posts=True)),
    "case": (Line({"number": "case"}),),
    "case_act": (Line({"number": "case"}, posts=True, fields={"verb": "note", "version": "1", "note": "x"}),),
    "case_attach": (Line({"number": "case"}, posts=True),),
    "case_file": (Line({"number": "case", "file": "file"}),),
    "case_letter": (Line({"number": "case"}),),
    "lotteries": PLAIN,
    "lottery_commit": (Line(posts=True),),
    "lottery_roll": (
        Line(
            queries=("", "?source=outlets:sources", "?source=register:outfall", "?source=register:outfall&step=survey")
        ),
        *(
            Line(posts=True, fields={"source": source, "place": "220104", "do": do})
            for source in ("outlets:sources", "register:outfall")
            for do in ("file", "fix")
        ),
    ),
    "lottery": (Line({"number": "lottery"}),),
    "lottery_draw": (Line({"number": "lottery"}, posts=True),),
    "lottery_file": (Line({"number": "lottery"}, ("", "?part=commitment")),),
    "api:cases": (Line(queries=("", "?view=all&limit=500", "?view=all&q=绝密")),),
    "api:case": (Line({"number": "case"}),),
    "api:case_act": (Line(posts=True),),
    "api:channels": PLAIN,
    "api:channel_make": (Line(posts=True),),
    "channels": (*PLAIN, Line(posts=True, fields={"kind": "mail", "address": "a@b.cn", "organisation": "{office}"})),
    "channel_act": (Line({"number": "channel"}, posts=True, fields={"do": "remove"}),),
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
    "api:channel_end": (Line({"number": "channel"}),),
    "public": PLAIN,
    "public_cases": (Line(queries=("", "?place=220100")),),
    "public_case": (Line({"number": "case"}),),
    "public_register": (Line({"kind": "register"}, ("", "?place=220100")),),
    "public_record": (Line(RECORD),),
    "api:public_cases": PLAIN,
    "api:public_case": (Line({"number": "case"}),),
    "api:public_kinds": PLAIN,
    "api:public_records": (Line({"kind": "register"}),),
    "api:public_record": (Line({"kind": "register", "number": "record_number"}),),
    "api:me": PLAIN,
    "api:schema": PLAIN,
    "api:api-root": PLAIN,
    "api:listed": (Line(queries=("", "?limit=500")),),
    "api:one": (Line({"mn": "mn"}),),
    "api:findings_listed": (Line(queries=("", "?limit=500")),),
    "api:finding_one": FINDING,
    "api:lines": (Line(queries=("", "?kind=device", "?record={mn}")),),
    "api:as_of": (Line(queries=("", "?kind=device&record={mn}&moment=2030-01-01T00:00:00")),),
}
OPERATIONS = {
    "GET /me": "/me",
    "GET /openapi.json": "/openapi.json",
    "GET /devices": "/devices?limit=500",
    "GET /devices/{mn}": "/devices/{mn}",
    "GET /registers": "/registers",
    "GET /registers/{kind}": "/registers/outfall?limit=500",
    "POST /registers/{kind}": "/registers/outfall",
    "GET /registers/{kind}/statistics": "/registers/outfall/statistics",
    "GET /registers/{kind}/{number}": "/registers/outfall/{record_number}",
    "GET /registers/{kind}/{number}/steps": "/registers/outfall/{record_number}/steps",
    "POST /registers/{kind}/{number}/acts": "/registers/outfall/{record_number}/acts",
    "GET /findings": "/findings?limit=500",
    "GET /findings/{number}": "/findings/{finding}",
    "GET /cases": "/cases?view=all&limit=500",
    "GET /cases/{number}": "/cases/{case}",
    "POST /cases/{number}/acts": "/cases/{case}/acts",
    "GET /dispatch": "/dispatch?view=all&limit=500",
    "GET /channels": "/channels",
    "POST /channels": "/channels",
    "DELETE /channels/{number}": "/channels/{channel}",
    "GET /public/cases": "/public/cases?limit=200",
    "GET /public/cases/{number}": "/public/cases/{case}",
    "GET /public/registers": "/public/registers",
    "GET /public/registers/{kind}": "/public/registers/outfall?limit=200",
    "GET /public/registers/{kind}/{number}": "/public/registers/outfall/{record_number}",
    "GET /audit": "/audit?limit=500",
    "GET /organisations": "/organisations?limit=500",
    "GET /organisations/{number}": "/organisations/{office}",
    "GET /accounts": "/accounts?limit=500",
    "GET /accounts/{number}": "/accounts/{member}",
    "GET /audit/as-of": "/audit/as-of?kind=device&record={mn}&moment=2030-01-01T00:00:00",
}
"""Method and path of every operation, and how it is asked."""
