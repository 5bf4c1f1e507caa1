"""Addresses of the console. Each part that has its own module lists its pages there."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from qingyuan.interfaces.web.signin import provider
from qingyuan.interfaces.web.views import (
    account,
    air,
    audit,
    burden,
    cases,
    channels,
    commands,
    devices,
    dispatch,
    enrolling,
    errors,
    field,
    findings,
    health,
    law,
    ledger,
    lotteries,
    lottery_roll,
    manage,
    map,
    network,
    overview,
    own,
    parts,
    people_import,
    plan,
    plan_book,
    plan_difference,
    plan_dispatch,
    plan_evaluations,
    plan_indicator,
    plan_letters,
    plan_projects,
    plan_public,
    plan_shares,
    public,
    push,
    quarantine,
    register_import,
    register_record,
    registers,
    report,
    reports,
    rewards,
    search,
    sheets,
    sources,
    station,
    work,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.page, name="overview"),
    path("login/", account.login, name="login"),
    path("login/second/", account.second_step, name="login_second"),
    path("oidc/begin/", provider.begin, name="oidc_begin"),
    path("oidc/callback/", provider.callback, name="oidc_callback"),
    path("logout/", account.logout, name="logout"),
    path("language/", account.set_language, name="set_language"),
    path("push/", push.page, name="push"),
    path("healthz", health.page, name="healthz"),
    path("search/", search.page, name="search"),
    path("parts/", parts.page, name="parts"),
    *(path("", include(page)) for page in (channels, own, audit, people_import, manage)),
    path("api/v1/", include("qingyuan.interfaces.api.urls")),
    *(
        path("", include(page))
        for page in (
            air,
            map,
            station,
            plan,
            plan_dispatch,
            network,
            law,
            plan_shares,
            plan_letters,
            plan_indicator,
            plan_book,
            plan_difference,
            plan_projects,
            plan_public,
            plan_evaluations,
        )
    ),
    *(path("", include(page)) for page in (report, reports, rewards, public)),
    *(path("", include(page)) for page in (ledger, enrolling, commands, devices, quarantine, sources, sheets)),
    *(path("", include(page)) for page in (work, burden, dispatch, cases, findings, lottery_roll, lotteries, field)),
    *(path("", include(page)) for page in (registers, register_record, register_import)),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.failed
