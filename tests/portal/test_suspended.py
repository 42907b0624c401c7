"""While a merchant is suspended its people can see everything and change nothing."""

from django.utils import timezone

from payments.models import AuditEntry, Payment
from tests.portal.pages import path
from tests.portal.test_payout_new import confirmation, send
from tests.world import run_jobs


def suspend(merchant):
    merchant.tenant.suspended_at = timezone.now()
    merchant.tenant.save(update_fields=["suspended_at"])


def test_a_suspended_merchant_does_not_pay_out_from_the_dashboard(acme, mtn):
    confirmed = confirmation(acme)
    suspend(acme)
    answer = send(acme, confirmed)
    run_jobs()
    assert answer.status_code == 403
    assert "suspended" in answer.content.decode()
    with acme.entered():
        assert not Payment.objects.filter(kind="payout").exists()
        assert AuditEntry.objects.filter(result="denied", reason="Acme is suspended.").exists()


def test_a_suspended_merchant_still_sees_its_pages(acme):
    suspend(acme)
    assert acme.browser().get(path(acme, "payments/")).status_code == 200
