"""The live indicators of a plan: what every page shows of them, of the province, a city or a county."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from qingyuan.base.errors import QingyuanError
from qingyuan.base.settings import data_dir
from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import Refusal, needs
from qingyuan.observations.datasets import list_datasets
from qingyuan.places.divisions import division as place_of
from qingyuan.plans import facts, live
from qingyuan.plans.book import scope
from qingyuan.plans.division import exact, six
from qingyuan.plans.models.book import DOMAIN
from qingyuan.plans.telling import board_as_json

router = Router(tags=["plan"])
SEE = "plan.see"


class Board(Schema):
    """All indicators of a place; figures: whose base and targets these are.

    indicators: as `qingyuan plan scoreboard --format json` writes them; numbers are exact decimal texts.
    """

    plan: str
    figures: dict[str, str]
    division: str
    as_of: str
    first: str
    last: str
    indicators: list[dict[str, Any]]


@router.get("/plan/{code}/indicators", response={200: Board, 404: Refusal}, summary="The live indicators of a plan")
@needs(SEE)
def plan_indicators(
    request: HttpRequest,
    code: str,
    division: str = Query("", max_length=12),
    dataset: str = Query("", max_length=64),
) -> Any:
    """Of the plan's own place, or of one's places below it; dataset: else the one that goes with the plan."""
    rights = access.rights(request)
    plan = scope.plans(rights).filter(code=code).first()
    if plan is None or code != facts.plan().code:
        raise Http404
    place = _place(division or plan.division)
    if place != exact(plan.division) and not rights.may(SEE, six(place), DOMAIN):
        raise Http404
    board = live.board(list_datasets(data_dir()), plan.simulated, place, dataset)
    if board is None:
        raise Http404
    return board_as_json(board)


def _place(division: str) -> str:
    """An exact division that exists; Http404 for what is none."""
    try:
        place = exact(division)
        place_of(six(place))
    except QingyuanError:
        raise Http404 from None
    return place
