"""Callbacks come several times, in any order, early, forged and for nobody: the end is what in-order delivery gives."""

import json
import random
from dataclasses import dataclass
from typing import Any

import pytest

from payments.callback_urls import callback_url
from payments.models import Callback, Payment
from providers.mtn.adapter import MtnAdapter
from tenants import jobs
from tests.processes import eventually
from tests.world import Merchant, run_jobs

MANY, SOME = 200, 40
# What MTN does with numbers that end so (PROVIDERS.md 1.9); every other one is paid.
DECLINED, EXPIRED = "451", "452"


@dataclass(frozen=True)
class Message:
    """One HTTP request to us, and what it must be answered."""

    path: str
    body: bytes
    answer: int


@pytest.fixture
def decided(acme: Merchant, mtn: Any, settings: Any, request: pytest.FixtureRequest) -> list[str]:
    """Payments that MTN has and has decided about, while we have heard nothing of it."""
    settings.THROTTLE_LIMIT = 10_000
    dice = random.Random(7)
    phones = [
        f"+260966{dice.randrange(100, 999)}{dice.choice((DECLINED, EXPIRED, '000', '111', '222'))}"
        for _ in range(request.param)
    ]
    ids = [acme.pay(phone=phone).json()["id"] for phone in phones]
    run_jobs()
    eventually(mtn.has_decided_everything)
    return ids


def truth(mtn: Any, payment: Payment) -> str:
    return {"SUCCESSFUL": "succeeded", "FAILED": "failed"}[mtn.word_on(payment.id)]


def true_message(merchant: Merchant, payment: Payment, word: str) -> Message:
    with merchant.entered():
        operation = payment.transactions.get()
    url = callback_url(provider="mtn", merchant=merchant.tenant.public_id, place=operation.id)
    status = {"succeeded": "SUCCESSFUL", "failed": "FAILED"}[word]
    body = {
        "externalId": payment.id, "amount": str(payment.amount), "currency": payment.currency, "status": status,
        "payer": {"partyIdType": "MSISDN", "partyId": payment.phone},
    }  # fmt: skip
    return Message("/hooks" + url.partition("/hooks")[2], json.dumps(body).encode(), 200)


def forged(message: Message, dice: random.Random) -> Message:
    """The opposite word, at an address whose signature somebody guessed."""
    lie = message.body.replace(b"FAILED", b"TMP").replace(b"SUCCESSFUL", b"FAILED").replace(b"TMP", b"SUCCESSFUL")
    return Message(message.path[:-8] + f"{dice.randrange(16**8):08x}", lie, 401)


def for_nobody(merchant: Merchant, number: int, body: bytes) -> Message:
    """Well signed, for an operation that there is not."""
    unknown = f"txn_{number:026d}"
    url = callback_url(provider="mtn", merchant=merchant.tenant.public_id, place=unknown)
    return Message("/hooks" + url.partition("/hooks")[2], body, 200)


def deliver(merchant: Merchant, message: Message) -> None:
    answer = merchant.anonymous("PUT", message.path, json.loads(message.body))
    assert answer.status_code == message.answer


@pytest.mark.parametrize("decided", [MANY], indirect=True)
def test_any_order_number_and_company_of_callbacks_ends_as_in_order_delivery_does(
    acme: Merchant, mtn: Any, decided: list[str]
) -> None:
    dice = random.Random(1)
    payments = [acme.payment(payment_id) for payment_id in decided]
    expected = {payment.id: truth(mtn, payment) for payment in payments}
    assert set(expected.values()) == {"succeeded", "failed"}
    messages = [true_message(acme, payment, expected[payment.id]) for payment in payments]
    storm = [message for message in messages for _ in range(dice.randint(1, 5))]
    lies = [forged(dice.choice(messages), dice) for _ in range(max(1, len(storm) * 5 // 100))]
    strays = [for_nobody(acme, number, messages[0].body) for number in range(max(1, len(storm) * 2 // 100))]
    storm += lies + strays
    dice.shuffle(storm)
    for message in storm:
        deliver(acme, message)
        if dice.random() < 0.1:  # workers come and go in between
            jobs.run_due(at_most=dice.randint(1, 20))
    run_jobs()
    with acme.entered():
        found = dict(Payment.objects.values_list("id", "status"))
        verdicts = list(Callback.objects.values_list("is_signed", "payment_id", "verdict"))
        repeats = sum(Callback.objects.filter(is_signed=True).values_list("duplicates", flat=True))
    assert found == expected
    assert {verdict for signed, _, verdict in verdicts if not signed} == {"rejected"}
    assert {verdict for signed, payment, verdict in verdicts if signed and payment} <= {"applied", "no_change"}
    assert [verdict for signed, payment, verdict in verdicts if signed and not payment] == ["unmatched"] * len(strays)
    assert repeats == len(storm) - len(lies) - len(strays) - len(messages)


@pytest.mark.parametrize("decided", [SOME], indirect=True)
def test_delivered_in_order_and_once_each_ends_the_same(acme: Merchant, mtn: Any, decided: list[str]) -> None:
    expected = {payment_id: truth(mtn, acme.payment(payment_id)) for payment_id in decided}
    for payment_id in decided:
        deliver(acme, true_message(acme, acme.payment(payment_id), expected[payment_id]))
        jobs.run_due(at_most=1)
    run_jobs()
    with acme.entered():
        assert dict(Payment.objects.values_list("id", "status")) == expected


@pytest.mark.parametrize("answer", ["normal", "reset"])
def test_a_callback_before_the_answer_to_the_send_is_not_lost(
    acme: Merchant, mtn: Any, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """MTN decides and calls back while our request still waits for its 202, or before that gets lost."""
    phone = "+260966000123"
    if answer == "reset":
        mtn.misbehave(operation="collect", times=1, answer="reset", executes="now")
    real = MtnAdapter.send

    def send_and_be_called_back_meanwhile(self: MtnAdapter, account: Any, instruction: Any) -> Any:
        outcome = real(self, account, instruction)
        mtn.wait_until_settled(phone)
        deliver(acme, true_message(acme, acme.payment(instruction.external_id), "succeeded"))
        while (job := jobs.claim()) is not None:
            jobs.run(job)
        return outcome

    monkeypatch.setattr(MtnAdapter, "send", send_and_be_called_back_meanwhile)
    payment_id = acme.pay(phone=phone).json()["id"]
    run_jobs()
    payment = acme.payment(payment_id)
    assert payment.status == "succeeded"
    assert payment.attention_at is None
    with acme.entered():
        assert Callback.objects.get().verdict == Callback.APPLIED
    assert mtn.times_charged(phone) == 1
