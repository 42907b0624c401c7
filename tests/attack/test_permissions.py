"""Attacks on who may do what: a role that gets by a detour what it may not do, and a merchant that is suspended."""

import re

from django.utils import timezone

from payments.models import Payment, StatementItem
from tests.portal.pages import path
from tests.portal.reconciling import imported
from tests.portal.test_payout_new import confirmation, send
from tests.world import run_jobs


def test_a_developer_who_may_not_pay_out_cannot_make_himself_a_live_key_that_may(acme):
    assert acme.browser("developer").get(path(acme, "payouts/new/", mode="live")).status_code == 403
    form = {"name": "till 9", "scopes": ["payouts:write", "payouts:read"], "expires_in": "", "allowed_ips": ""}
    made = acme.browser("developer").post(path(acme, "developers/keys/new/", mode="live"), form)
    key = re.search(r"ndl_live_[0-9A-Za-z]+", made.content.decode())
    answer = acme.pay_out(key=key[0]) if key else None
    assert answer is None or answer.status_code != 201, "a developer paid out live money by a key of his own"


def test_a_suspended_merchant_does_not_pay_out_from_the_dashboard(acme, mtn):
    confirmed = confirmation(acme)
    acme.tenant.suspended_at = timezone.now()
    acme.tenant.save(update_fields=["suspended_at"])
    assert acme.pay_out().status_code == 403
    answer = send(acme, confirmed)
    run_jobs()
    with acme.entered():
        found = list(Payment.objects.filter(kind="payout").values_list("status", flat=True))
    assert found == [], (answer.status_code, found)


def test_a_viewer_sees_no_full_number_in_reconcile(acme):
    statement = imported(acme)
    with acme.entered():
        items = list(StatementItem.objects.filter(statement_id=statement).select_related("line"))
    pages = [acme.browser("viewer").get(path(acme, f"reconcile/lines/{items[0].pk}/")),
             acme.browser("viewer").get(path(acme, f"reconcile/{statement}/?tab=matched"))]
    for page in pages:
        text = page.content.decode().replace(" ", "")
        assert items[0].line.phone not in text and items[0].line.phone[3:] not in text
