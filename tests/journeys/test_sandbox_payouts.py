"""Each of MTN's sandbox numbers for payouts, sent through our API to the simulator, ends as PROVIDERS.md 1.9 says."""

import pytest

from tests.world import run_jobs

PAYOUT_NUMBERS = {
    "450": ("failed", "provider_error", "INTERNAL_PROCESSING_ERROR"),
    "451": ("failed", "provider_rejected", "APPROVAL_REJECTED"),
    "452": ("failed", "provider_error", "EXPIRED"),
    "453": ("succeeded", None, None),
    "454": ("processing", None, None),
    "455": ("failed", "merchant_funds_insufficient", "NOT_ENOUGH_FUNDS"),
    "456": ("failed", "limit_reached", "PAYER_LIMIT_REACHED"),
    "457": ("failed", "payer_not_found", "PAYEE_NOT_FOUND"),
    "458": ("failed", "provider_rejected", "NOT_ALLOWED"),
    "459": ("failed", "provider_rejected", "NOT_ALLOWED_TARGET_ENVIRONMENT"),
    "460": ("failed", "provider_rejected", "INVALID_CALLBACK_URL_HOST"),
    "461": ("failed", "currency_not_supported", "INVALID_CURRENCY"),
    "462": ("failed", "provider_error", "INTERNAL_PROCESSING_ERROR"),
    "463": ("failed", "provider_error", "SERVICE_UNAVAILABLE"),
    "464": ("failed", "provider_rejected", "VALIDATION_ERROR"),
}


@pytest.mark.parametrize("prefix", ["46733123", "260966000"])
@pytest.mark.parametrize("suffix", PAYOUT_NUMBERS)
def test_a_payout_to_a_sandbox_number_ends_as_the_table_says(acme, mtn, prefix, suffix):
    created = acme.pay_out(phone=f"+{prefix}{suffix}").json()
    run_jobs(rounds=4)
    payout = acme.api("GET", f"/v1/payouts/{created['id']}").json()
    failure = payout["failure"] or {}
    assert (payout["status"], failure.get("code"), failure.get("provider_code")) == PAYOUT_NUMBERS[suffix]
    assert mtn.times_paid_out(payout["phone"]) == (1 if payout["status"] == "succeeded" else 0)
