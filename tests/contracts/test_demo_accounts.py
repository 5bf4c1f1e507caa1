"""The accounts of the demo on the login page: in a demo only, and one press fills the form."""

import pytest

from qingyuan.interfaces.demo_accounts import Account, accounts, keep

MADE = [Account("wangge", "pass-for-all", "李国栋", "哈拉海镇第1网格", "网格员手机端", "a grid member's phone")]


@pytest.fixture
def demo(data):
    """The data folder as one of a demo, for one test."""
    keep(data, MADE)
    yield data
    (data / "demo-accounts.json").unlink()


def test_they_are_listed_and_fill_the_form(demo, anonymous):
    page = anonymous.get("/login/").content.decode()
    assert "李国栋" in page and "pass-for-all" in page and "网格员手机端" in page
    assert 'value="wangge"' not in page
    chosen = anonymous.get("/login/?as=wangge&next=/field/").content.decode()
    assert 'value="wangge"' in chosen and 'value="pass-for-all"' in chosen and 'name="next" value="/field/"' in chosen
    english = anonymous.get("/login/", headers={"accept-language": "en"}, HTTP_COOKIE="django_language=en")
    assert "a grid member" in english.content.decode()
    assert accounts(demo) == MADE


def test_a_platform_that_is_no_demo_lists_nobody(anonymous):
    page = anonymous.get("/login/?as=wangge").content.decode()
    assert not [each for each in ("demo-accounts", "李国栋", MADE[0].password) if each in page]
