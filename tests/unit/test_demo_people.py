"""The demo's people: all five levels, duties that exist, accounts that can sign in."""

import pytest
from django.contrib.auth import authenticate

from qingyuan.interfaces.jobs import demo_people
from qingyuan.people.declared import duties
from qingyuan.people.models import Duty, Organisation, Person
from qingyuan.places.divisions import five_level_of

LEVELS = {"province": "province", "prefecture": "city", "county": "county", "township": "township", "grid": "grid"}


@pytest.mark.django_db
def test_the_demo_has_all_five_levels_and_signs_in(tmp_path):
    made = demo_people.fill(tmp_path, ["DA001", "DA002"])
    assert {each.level for each in Organisation.objects.all()} == {"province", "city", "county", "township", "grid"}
    assert all(LEVELS[five_level_of(each.division)] == each.level for each in Organisation.objects.all())
    assert set(Duty.objects.values_list("code", flat=True)) <= set(duties())
    assert all(each.simulated for each in Organisation.objects.all())
    assert all(authenticate(username=each.account, password=each.password) for each in made)
    assert {each.posts.exists() for each in Person.objects.all()} == {True}
    assert Organisation.objects.get(name_zh="模拟热电厂").sites == "DA001 DA002"
    assert (tmp_path / demo_people.FILE).stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_filled_twice_it_stays(tmp_path):
    first, count = demo_people.fill(tmp_path), Organisation.objects.count()
    assert demo_people.fill(tmp_path) == first
    assert Organisation.objects.count() == count


def test_without_the_file_it_is_no_demo(tmp_path):
    assert demo_people.accounts(tmp_path) == []
