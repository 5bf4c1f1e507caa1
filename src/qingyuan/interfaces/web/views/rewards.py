"""The reward ledger of a division: its purse, what was granted and paid; paying against a claim code."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.time import now
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.reports import words
from qingyuan.reports import handling, rewards
from qingyuan.reports.models import Reward, RewardLine

PAGE = 50
TOLD = "rewards_told"


@access.needs("rewards.pay")
@without_data
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Purse, ledger and rewards of one division. Nothing here says which report a reward was for."""
    purses = rewards.purses(access.rights(request))
    chosen = request.GET.get("purse", "")
    purse = chosen if chosen in purses else next(iter(purses), "")
    if not purse:
        raise Http404(_("There is no such purse"))
    lines = RewardLine.objects.filter(division=purse).order_by("-sequence")
    rows = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    own = Reward.objects.filter(division=purse)
    shown: dict[str, Any] = {
        "purse": purse,
        "name": words.division(purse),
        "purses": [(code, words.division(code)) for code in purses],
        "balance": rewards.balance(purse),
        "waiting": own.filter(state=Reward.State.OFFERED).aggregate(sum=Sum("amount"))["sum"] or Decimal(0),
        "paid": own.filter(state=Reward.State.PAID).aggregate(sum=Sum("amount"))["sum"] or Decimal(0),
        "rows": rows,
        "lines": [(each, words.line(each.kind)) for each in rows],
        "told": request.session.pop(TOLD, None),
    }
    return render(request, "reports/rewards.html", shown)


@access.needs("rewards.pay")
@require_POST
@without_data
def move(request: HttpRequest) -> HttpResponse:
    """Pay a reward against its claim code, or enter a budget."""
    given, by = request.POST, access.actor(request)
    purse = given.get("purse", "")
    if purse not in rewards.purses(access.rights(request)):
        raise Http404(_("There is no such purse"))
    try:
        if given.get("do") == "pay":
            number, claim, reference = (given.get(name, "") for name in ("number", "claim", "reference"))
            paid = rewards.pay(number, claim, by, now(), reference, purse)
            request.session[TOLD] = ("good", _("%(amount)s yuan may be paid out.") % {"amount": paid.amount})
        else:
            amount = Decimal(given.get("amount", "").strip())
            if not amount.is_finite():
                raise InvalidOperation
            rewards.fund(purse, amount.quantize(rewards.CENT), by, now(), given.get("reference", ""))
            request.session[TOLD] = ("good", _("The budget is entered."))
    except InvalidOperation:
        request.session[TOLD] = ("bad", words.not_now("amount"))
    except handling.NotNow as why:
        request.session[TOLD] = ("bad", words.not_now(why.code))
    ctx = getattr(request, "ctx", None)
    return redirect(ctx.link("rewards", purse=purse) if ctx else "rewards")


urlpatterns = [
    path("rewards/", page, name="rewards"),
    path("rewards/move/", move, name="rewards_move"),
]
