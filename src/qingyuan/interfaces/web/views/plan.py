"""The plan: every indicator with base, target, present value and what is left; broken down to the cities."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from qingyuan.interfaces.web import access, scoreboard
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.keeping import kept


@access.needs("plan.see")
@kept
def page(request: HttpRequest) -> HttpResponse:
    """Answer with the whole scoreboard of the context's place."""
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    cities = scoreboard.cities(ctx) if ctx.province else []
    return render(request, "plan.html", {"board": scoreboard.of(ctx), "by_city": cities})


urlpatterns = [path("plan/", page, name="plan")]
