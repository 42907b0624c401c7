"""Providers: accounts and circuits as they are, and a person's word over a breaker's."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from payments.models import AuditEntry, ProviderAccount
from tenants.models import Circuit
from tests.portal.pages import path, text_of
from tests.portal.rows import make_posting
from tests.world import Merchant, run_jobs


def shown(merchant: Merchant, *, role: str = "owner", mode: str = "test") -> str:
    return text_of(merchant.browser(role).get(path(merchant, "providers/", mode=mode)))


def account_of(merchant: Merchant) -> str:
    with merchant.entered():
        return ProviderAccount.objects.get(livemode=False, retired_at=None).id


def override(merchant: Merchant, to: str, *, reason: str = "Maintenance.", role: str = "owner", **fields: str) -> Any:
    address = path(merchant, f"providers/{account_of(merchant)}/override/")
    data = {"operation": "collect", "to": to, "reason": reason, **fields}
    return merchant.browser(role).post(address, data, follow=True)


def test_a_healthy_account_shows_its_operations_and_how_it_is_called(acme: Merchant) -> None:
    words = shown(acme)
    for operation in ("Payments", "Payouts", "Refunds"):
        assert f"{operation} Closed Calls go through" in words
    assert "Whole call" in words
    assert "5 times, under one reference" in words
    assert "after 5 failures in a row" in words


def test_a_network_in_trouble_shows_since_when_why_and_the_next_probe(acme: Merchant, mtn: Any) -> None:
    mtn.misbehave(operation="collect", answer="bad_gateway_502")
    mtn.misbehave(operation="lookup", answer="bad_gateway_502")
    for _ in range(5):
        acme.pay()
    run_jobs()
    words = shown(acme)
    assert "Payments Open Went down just now , after 5 failures in a row Last trouble:" in words
    assert Circuit.objects.get(operation="collect").last_trouble in words
    assert "none needed" not in words.split("Payouts Closed")[0].split("Payments Open")[-1]
    home = text_of(acme.browser().get(path(acme)))
    assert "MTN: payments are down" in home


def test_a_success_in_between_counts_failures_but_keeps_the_last_trouble(acme: Merchant, mtn: Any) -> None:
    mtn.misbehave(operation="collect", times=1, answer="bad_gateway_502")
    acme.pay()
    run_jobs()
    words = shown(acme)
    assert "Last trouble:" in words


def test_a_retired_account_is_still_shown(acme: Merchant) -> None:
    acme.connect(base_url=acme.simulator_url, name="other")
    assert "1 retired account, still asked about what was sent with it" in shown(acme)


def test_without_an_account_it_says_what_to_do(acme: Merchant) -> None:
    with acme.entered():
        ProviderAccount.objects.all().delete()
    assert "No account is connected" in shown(acme)


@pytest.mark.parametrize(
    ("to", "state"), [("open", "Stopped by hand"), ("closed", "Let through by hand"), ("breaker", "Closed")]
)
def test_a_person_overrides_it_with_a_reason_and_that_is_on_record(acme: Merchant, to: str, state: str) -> None:
    words = text_of(override(acme, to))
    assert f"Payments {state}" in words
    if to != "breaker":
        assert "By owner@acme.test, just now : Maintenance." in words
    with acme.entered():
        entry = AuditEntry.objects.filter(action__startswith="provider.").latest("position")
    assert (entry.reason, entry.actor.split()[1]) == ("Maintenance.", "owner@acme.test")
    assert entry.ip


def test_what_a_person_stopped_does_not_go_out(acme: Merchant, mtn: Any) -> None:
    override(acme, "open", operation="transfer")
    payout = acme.pay_out().json()["id"]
    run_jobs()
    assert acme.payment(payout).status == "pending"
    page = text_of(acme.browser().get(path(acme, f"payouts/{payout}/")))
    assert "Waiting for MTN since" in page
    override(acme, "breaker", operation="transfer")
    run_jobs(rounds=2)
    assert acme.payment(payout).status != "pending"
    assert "No longer waiting for MTN" in text_of(acme.browser().get(path(acme, f"payouts/{payout}/")))


@pytest.mark.parametrize("fields", [{"to": ""}, {"to": "open", "reason": " "}])
def test_an_override_without_choice_or_reason_changes_nothing(acme: Merchant, fields: dict[str, str]) -> None:
    assert override(acme, **fields).status_code == 422
    assert not Circuit.objects.exists()


def test_an_operation_that_the_account_does_not_have_is_not_there(acme: Merchant) -> None:
    assert override(acme, "open", operation="dance").status_code == 404


@pytest.mark.parametrize("role", ["developer", "operator"])
def test_who_may_look_but_not_override_is_offered_nothing(acme: Merchant, role: str) -> None:
    assert "Override" not in shown(acme, role=role)
    assert override(acme, "open", role=role).status_code == 403


def test_modes_have_circuits_of_their_own(acme: Merchant) -> None:
    override(acme, "open")
    assert "Stopped by hand" not in shown(acme, mode="live")


def test_a_circuit_of_another_merchant_does_not_show(acme: Merchant, globex: Merchant) -> None:
    Circuit.objects.create(
        tenant=globex.tenant, livemode=False, provider="mtn", account_id=account_of(acme), operation="collect",
        state="open", opened_at=timezone.now() - timedelta(minutes=5),
    )  # fmt: skip
    assert "Payments Closed" in shown(acme)


def test_an_account_goes_by_one_name_on_every_page(acme: Merchant) -> None:
    account = account_of(acme)
    with acme.entered():
        make_posting(provider_account_id=account)
    name = f'<span class="id" title="{account}">{account[-8:]}</span>'
    for rest in ("providers/", "ledger/", f"providers/{account}/override/?operation=collect"):
        assert name in acme.browser().get(path(acme, rest)).content.decode()
