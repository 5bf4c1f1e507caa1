"""The console on a small province, as anonymous and as an administrator."""

import pytest
import seats
import stage
from django.test import Client


@pytest.fixture(scope="session")
def staged(tmp_path_factory):
    """A data folder with the small province."""
    data = tmp_path_factory.mktemp("data")
    stage.build(data)
    return data


@pytest.fixture
def data(staged, monkeypatch):
    """The same folder, as the one the platform works on."""
    monkeypatch.setenv("QINGYUAN_DATA", str(staged))
    return staged


@pytest.fixture
def anonymous(db, data):
    """A browser without account."""
    return Client(SERVER_NAME="localhost")


@pytest.fixture
def signed_in(db, data, django_user_model):
    """A browser of an administrator."""
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(seats.seated("wang"))
    return browser
