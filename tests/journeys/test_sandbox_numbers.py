"""Each of MTN's sandbox numbers, sent through our API to the simulator, ends as PROVIDERS.md 1.9 says."""

import pytest

from tests.world import run_jobs

SUCCEEDED, FAILED, PROCESSING = "succeeded", "failed", "processing"
NUMBERS = {
    "450": (FAILED, "provider_error", "INTERNAL_PROCESSING_ERROR"),
    "451": (FAILED, "payer_declined", "APPROVAL_REJECTED"),
    "452": (FAILED, "payer_timeout", "EXPIRED"),
    "453": (SUCCEEDED, None, None),
    "454": (PROCESSING, None, None),
    "455": (FAILED, "payer_not_found", "PAYER_NOT_FOUND"),
    "456": (FAILED, "provider_rejected", "PAYEE_NOT_ALLOWED_TO_RECEIVE"),
    "457": (FAILED, "provider_rejected", "NOT_ALLOWED"),
    "458": (FAILED, "provider_rejected", "NOT_ALLOWED_TARGET_ENVIRONMENT"),
    "459": (FAILED, "provider_rejected", "INVALID_CALLBACK_URL_HOST"),
    "460": (FAILED, "currency_not_supported", "INVALID_CURRENCY"),
    "461": (FAILED, "provider_error", "INTERNAL_PROCESSING_ERROR"),
    "462": (FAILED, "provider_error", "SERVICE_UNAVAILABLE"),
    "463": (FAILED, "payer_timeout", "COULD_NOT_PERFORM_TRANSACTION"),
    "464": (FAILED, "provider_rejected", "VALIDATION_ERROR"),
}


@pytest.mark.parametrize("prefix", ["46733123", "260966000"])
@pytest.mark.parametrize("suffix", NUMBERS)
def test_a_sandbox_number_ends_as_the_table_says(acme, mtn, prefix, suffix):
    created = acme.pay(phone=f"+{prefix}{suffix}").json()
    run_jobs(rounds=4)
    payment = acme.api("GET", f"/v1/payments/{created['id']}").json()
    failure = payment["failure"] or {}
    assert (payment["status"], failure.get("code"), failure.get("provider_code")) == NUMBERS[suffix]
    assert mtn.times_charged(payment["phone"]) == (1 if payment["status"] == SUCCEEDED else 0)


def test_a_failed_number_can_be_tried_again_with_a_new_key_and_says_so(acme, mtn):
    first = acme.pay(phone="+260966000451").json()
    run_jobs(rounds=3)
    assert acme.api("GET", f"/v1/payments/{first['id']}").json()["failure"]["retry_safe"] is True
    assert acme.pay(phone="+260966000451").json()["id"] != first["id"]
