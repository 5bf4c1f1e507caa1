"""My work on the overview: of the person who looks, and of nobody else."""

import case_stage
from django.test import Client

from qingyuan.cases.models import Case


def test_it_lists_what_waits_for_the_own_organisation_only(anonymous, data):
    made = case_stage.organisations()
    case_stage.fill()
    office = made["220104", "environment"]
    Case.objects.filter(kind="hot_spot").update(organisation=office.pk, handler=None)
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(case_stage.account("li", office))
    page = browser.get("/").content.decode()
    assert "我的待办" in page and "三盛玉镇4处许可时段外火点" in page and "截污干管" not in page
    other = Client(SERVER_NAME="localhost")
    other.force_login(case_stage.account("zhao", made["220200", "environment"]))
    assert "三盛玉镇" not in other.get("/").content.decode()
    assert "我的待办" not in anonymous.get("/").content.decode()
