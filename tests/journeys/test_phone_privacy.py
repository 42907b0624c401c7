"""A payer's full number is seen by whom it concerns, and having seen it is on record."""

import pytest

from payments.models import AuditEntry
from tenants.roles import Role
from tests.world import run_jobs

DIGITS = "260966000123"


@pytest.fixture
def address(acme, mtn):
    """The page of a finished payment, with its calls to MTN and a callback on the timeline."""
    payment = acme.pay(phone=f"+{DIGITS}").json()
    run_jobs(rounds=3)
    return f"/m/acme/test/payments/{payment['id']}/"


@pytest.mark.parametrize("role", list(Role))
def test_no_page_shows_the_number_by_itself_not_even_in_recorded_calls(acme, address, role):
    page = acme.browser(role).get(address).content.decode()
    assert "requesttopay" in page
    assert DIGITS not in page
    assert DIGITS[3:] not in page


def test_revealing_it_shows_it_and_is_audited(acme, address):
    shown = acme.browser(Role.OPERATOR).post(f"{address}phone/", follow=True).content.decode()
    assert DIGITS in shown.replace(" ", "")
    with acme.entered():
        assert AuditEntry.objects.filter(action="payment.reveal_phone", result="ok").count() == 1


def test_a_viewer_cannot_reveal_it_and_the_try_is_audited(acme, address):
    assert acme.browser(Role.VIEWER).post(f"{address}phone/").status_code == 403
    with acme.entered():
        assert AuditEntry.objects.filter(action="phones.reveal", result="denied").count() == 1
