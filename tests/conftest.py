"""What all tests share: the folder of real data, kept outside the repository."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def _shared_folder() -> Path:
    return Path(os.environ.get("QINGYUAN_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and facts; missing it is a failure in CI and a told skip elsewhere."""
    folder = _shared_folder()
    if folder.is_dir():
        return folder
    if os.environ.get("CI"):
        pytest.fail(f"The shared data folder {folder} is missing: these tests must not be skipped in CI")
    pytest.skip(f"no shared data at {folder} (set QINGYUAN_SHARED)")


@pytest.fixture
def admin_client(db):
    """A browser of an account with all duties of the province's authority; a superuser alone only sets up."""
    from django.test import Client
    from seats import seated

    browser = Client()
    browser.force_login(seated("admin"))
    return browser


@pytest.fixture(scope="session")
def postgres():
    """The address of a private PostgreSQL database; missing it is a failure in CI and a told skip elsewhere."""
    import postgres as private

    if private.programs() is None and os.environ.get("CI"):
        pytest.fail("PostgreSQL is missing: these tests must not be skipped in CI (apt-get install -y postgresql)")
    if private.programs() is None:
        pytest.skip("PostgreSQL is missing. As root: apt-get install -y postgresql")
    with private.cluster() as address:
        yield address


@pytest.fixture(autouse=True)
def second_factor_optional(settings):
    """Most tests sign in without a second factor; those about signing in force it (`second_factor_forced`)."""
    settings.FORCE_SECOND_FACTOR = False


@pytest.fixture
def second_factor_forced(settings, second_factor_optional):
    """Duties that open sealed data ask for a second factor, as on a real platform."""
    settings.FORCE_SECOND_FACTOR = True
