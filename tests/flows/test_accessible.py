"""Every page of the console is free of grave findings of axe-core, in both lights; devices and outlets need no mouse."""

import field
import pytest
import stage
from accessible import axe
from django.urls import URLPattern, get_resolver

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = {
    "overview": "/",
    "login": "/login/",
    "parts": "/parts/",
    "air": "/air/",
    "map": "/map/",
    "work": "/work/",
    "burden": "/burden/",
    "plan": "/plan/",
    "network": "/network/",
    "law": "/law/",
    "devices": "/devices/",
    "device": f"/devices/{field.PLAIN}/",
    "device_register": f"/devices/register/?mn={field.STRANGER}",
    "device_edit": f"/devices/{field.PLAIN}/edit/",
    "device_book": "/devices/workbook/",
    "device_commands": f"/devices/{field.SEALED}/commands/",
    "device_ledger": f"/devices/{field.PLAIN}/ledger/",
    "ledgers": "/devices/ledger/",
    "quarantine": "/quarantine/",
    "quarantine_one": "/quarantine/1/",
    "sheets": "/sheets/",
    "sources": "/sources/?dataset=sources",
    "outlet": "/sources/outlet/DA001/?dataset=sources",
    "station": "/air/station/T01/",
    "city": "/air/city/220100/",
    "rejects": "/network/imports/import-1/",
    "law_standard": "/law/GB%203095/",
    "law_changes": "/law/changes/",
    "trace_day": "/trace/day/T01/2025-10-27/",
    "trace_hour": "/trace/hour/T01/2025-10-28T14/pm25/",
    "trace_indicator": "/trace/indicator/1/",
    "trace_source": "/trace/source/import-1/2/",
    "outlet_trace_day": "/sources/outlet/DA001/trace/nox/2026-03-19T00:00/day/?dataset=sources",
    "outlet_trace": "/sources/outlet/DA001/trace/nox/2026-03-20T10:00/?dataset=sources",
    "cases": "/cases/?show=board",
    "case_new": "/cases/new/",
    "notices": "/cases/notices/",
    "lotteries": "/lotteries/",
    "lottery_roll": "/lotteries/roll/",
    "channels": "/account/channels/",
    "dispatch": "/cases/dispatch/",
    "findings": "/findings/",
    "registers": "/registers/",
    "register": "/registers/outfall/",
    "register_new": "/registers/outfall/new/",
    "register_steps": "/registers/outfall/steps/",
    "register_import": "/registers/outfall/import/",
    "report": "/report/",
    "report_track": "/report/track/",
    "reports": "/reports/",
    "public": "/public/",
    "public_cases": "/public/cases/",
    "account": "/account/",
    "plan_indicator": "/plan/1/",
    "plan_import": "/plan/import/",
    "plan_versions": "/plan/versions/",
    "plan_difference": "/plan/difference/",
    "plan_projects": "/plan/projects/",
    "plan_targets": "/plan/targets/",
    "plan_target": "/plan/targets/1/",
    "plan_heat": "/plan/heat/",
    "plan_letters": "/plan/letters/",
    "plan_mine": "/plan/mine/",
    "plan_dispatch": "/plan/dispatch/",
    "plan_evaluations": "/plan/evaluations/",
    "public_plan": "/public/plan/",
}


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with the small province and the network in the field."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    field.fill(tmp_path)
    field.register(tmp_path)
    return tmp_path


PARTS = {
    "logout", "set_language", "push", "healthz", "search", "trace", "map_boundaries", "map_stations", "map_cases", "map_hot_spots", "map_findings", "map_point",
    "station_series", "station_series_csv", "station_table", "rejects_file", "device_live", "device_password",
    "device_key", "device_token", "device_command", "device_promote", "device_withdraw", "device_book_save",
    "device_book_file", "quarantine_settle", "outlet_series", "outlet_trace_minute", "sheets_save", "sheets_template",
}  # fmt: skip
"""Addresses that are no page of their own, or look like one that is looked at."""
ELSEWHERE = {
    "field", "case", "finding", "lottery", "register_record", "register_run", "report_sent", "reports_one", "rewards",
    "login_second", "account_second", "account_password", "account_leave", "organisations", "organisation",
    "organisation_new", "people", "person", "person_new", "people_import", "audit", "audit_record",
    "public_register", "public_record", "public_case", "plan_version", "plan_task", "plan_import_run", "plan_report",
    "plan_evaluation", "plan_sheet", "plan_evaluation_report", "public_plan_evaluation",
}  # fmt: skip
"""Pages that need rows or duties of their own: the flows of the loop, of people and of the public look at them."""
DONE = {
    "field_act", "field_manifest", "field_tasks", "field_worker", "case_act", "case_attach", "case_file", "case_letter",
    "cases_assign", "cases_view", "finding_evidence", "finding_release", "finding_suppress", "findings_workbook",
    "channel_act", "lottery_commit", "lottery_draw", "lottery_file", "register_act", "register_draft", "register_export",
    "register_file", "register_layer", "register_many", "register_personal", "register_run_next", "register_template",
    "register_views", "report_follow", "report_ground", "reports_act", "reports_export", "reports_identity",
    "reports_photo", "reports_reward", "rewards_move", "oidc_begin", "oidc_callback", "account_leave_end",
    "account_second_change", "account_session_end", "account_token", "account_token_revoke", "organisation_duty",
    "person_post", "person_secret", "plan_act", "plan_adopt", "plan_every", "plan_evidence", "plan_fill", "plan_follow",
    "plan_import_next", "plan_indicator_xlsx", "plan_item", "plan_letter_file", "plan_letter_open", "plan_letters_made",
    "plan_letters_work", "plan_sheet_file", "plan_sheet_take", "plan_remark", "plan_review", "plan_sheet_act", "plan_start", "plan_target_save", "plan_target_try",
    "plan_tasks_export", "plan_version_follow", "plan_evaluation_publish", "plan_evaluation_report_file",
    "plan_evaluation_start",
}  # fmt: skip
"""What is done or fetched from those pages."""


def _names(resolver):
    for each in resolver.url_patterns:
        if str(each.pattern) != "api/v1/":
            yield from [each.name] if isinstance(each, URLPattern) else _names(each)


def test_no_page_is_forgotten():
    assert set(_names(get_resolver())) == {*PAGES, *PARTS, *ELSEWHERE, *DONE}


def test_every_page_in_both_lights_is_free_of_grave_findings(visit, data):
    faults = []
    for address in PAGES.values():
        page = visit(address)
        assert page.locator("main h1, main h2, .login").count(), f"{address} shows nothing"
        page.wait_for_timeout(300)
        for light in ("light", "dark"):
            page.evaluate(f"document.documentElement.className = '{light}'")
            try:
                axe(page)
            except AssertionError as wrong:
                faults.append(f"{light} {wrong}")
        page.context.close()
    assert not faults, "\n".join(faults)
