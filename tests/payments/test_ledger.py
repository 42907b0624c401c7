"""The ledger and the accounts of refunds: what the database itself refuses, whoever writes."""

from decimal import Decimal

import psycopg
import pytest
from django.db import Error, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.fees import fee_of, set_fee
from payments.ledger import post_success
from payments.models import FeeRule, LedgerEntry, Payment, Transaction
from tests.world import run_jobs

PHONE = "+260966000123"


@pytest.fixture
def paid(acme, mtn):
    """K 150.00, collected. Its id."""
    payment = acme.pay(phone=PHONE).json()
    run_jobs(rounds=3)
    assert acme.payment(payment["id"]).status == "succeeded"
    return payment["id"]


def charge(*, percentage, fixed, operation="collect"):
    return set_fee(
        livemode=False, provider="mtn", operation=operation, currency="ZMW", percentage=Decimal(percentage),
        fixed=Decimal(fixed), actor="test",
    )  # fmt: skip


def fee(amount, operation="collect"):
    return fee_of(livemode=False, provider="mtn", operation=operation, amount=Decimal(amount), currency="ZMW")


def lines(merchant, object_id):
    with merchant.entered():
        return sorted(
            LedgerEntry.objects.filter(object_id=object_id).values_list("posting", "account", "amount"),
        )


def refused_by(merchant, sql, *parameters):
    """The name of the constraint, or the words, with which the database refuses the statement and its commit."""
    with merchant.entered(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")  # what came before was right
        with pytest.raises(Error) as refusal, transaction.atomic():
            cursor.execute(f"{sql}; SET CONSTRAINTS ALL IMMEDIATE", parameters)
    return constraint_of(refusal.value) or str(refusal.value).splitlines()[0]


def constraint_of(error):
    cause = error.__cause__
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None


# --- fees


@pytest.mark.parametrize(
    ("amount", "percentage", "fixed", "expected"),
    [
        ("150.00", "2.5", "0", "3.75"),
        ("0.01", "50", "0", "0.01"),  # 0.005
        ("0.01", "49", "0", "0.00"),
        ("33.33", "1.5", "0.25", "0.75"),  # 0.49995 + 0.25
        ("100.10", "1.25", "0", "1.25"),  # 1.25125
        ("1.00", "0", "0.30", "0.30"),
    ],
)
def test_a_fee_is_percentage_and_fixed_part_rounded_half_up(acme, amount, percentage, fixed, expected):
    with acme.entered():
        charge(percentage=percentage, fixed=fixed)
        assert fee(amount) == Decimal(expected)


def test_without_a_rule_nothing_is_charged_and_the_newest_rule_holds(acme):
    with acme.entered():
        assert fee("100.00") == 0
        charge(percentage="5", fixed="0")
        charge(percentage="2", fixed="0")
        assert (fee("100.00"), fee("100.00", "transfer")) == (Decimal("2.00"), 0)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ngwee=st.integers(1, 10**9), parts=st.integers(0, 100 * 10**4), fixed=st.integers(0, 10**5))
def test_a_fee_is_never_off_by_more_than_half_a_ngwee(acme, ngwee, parts, fixed):
    """In whole numbers: `parts` are ten-thousandths of a percent."""
    exact = ngwee * parts + fixed * 10**6
    with acme.entered(), transaction.atomic():
        FeeRule.objects.create(
            livemode=False, provider="mtn", operation="collect", currency="ZMW",
            percentage=Decimal(parts).scaleb(-4), fixed=Decimal(fixed).scaleb(-2),
        )  # fmt: skip
        charged = fee(Decimal(ngwee).scaleb(-2)).scaleb(2) * 10**6
    assert charged - exact <= 5 * 10**5
    assert exact - charged < 5 * 10**5


# --- postings


def test_a_success_and_its_fee_are_two_balanced_postings(acme, mtn):
    with acme.entered():
        charge(percentage="2.5", fixed="0.50")
    payment_id = acme.pay(phone=PHONE).json()["id"]
    run_jobs(rounds=3)
    assert lines(acme, payment_id) == [
        (f"{payment_id}:fee", "fees", Decimal("4.25")),
        (f"{payment_id}:fee", "provider_balance", Decimal("-4.25")),
        (f"{payment_id}:succeeded", "collected", Decimal("-150.00")),
        (f"{payment_id}:succeeded", "provider_balance", Decimal("150.00")),
    ]


def test_a_fee_is_charged_for_each_operation_by_its_own_rule(acme, mtn, paid):
    with acme.entered():
        charge(percentage="0", fixed="1.00", operation="transfer")
        charge(percentage="10", fixed="0", operation="refund")
    payout, refund = acme.pay_out(phone=PHONE).json()["id"], acme.refund(paid, amount="30.00").json()["id"]
    run_jobs(rounds=3)
    assert (f"{payout}:fee", "fees", Decimal("1.00")) in lines(acme, payout)
    assert (f"{refund}:fee", "fees", Decimal("3.00")) in lines(acme, refund)
    with acme.entered():
        assert sum(LedgerEntry.objects.values_list("amount", flat=True)) == 0


def test_what_did_not_succeed_is_not_booked(acme, mtn):
    payment_id = acme.pay(phone="+260966000451").json()["id"]
    run_jobs(rounds=4)
    assert acme.payment(payment_id).status == "failed"
    assert lines(acme, payment_id) == []


def test_a_success_cannot_be_booked_twice(acme, paid):
    with acme.entered(), pytest.raises(Error) as refusal, transaction.atomic():
        post_success(Payment.objects.get(pk=paid), Transaction.objects.get(payment=paid))
    assert constraint_of(refusal.value) == "ledger_posted_once"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payments_ledgerentry SET amount = amount + 1",
        "UPDATE payments_ledgerentry SET description = 'corrected'",
        "DELETE FROM payments_ledgerentry",
        "TRUNCATE payments_ledgerentry",
    ],
)
def test_a_line_is_never_changed_nor_taken_away(acme, paid, sql):
    assert refused_by(acme, sql) == "payments_ledgerentry is append-only"


INSERT = """INSERT INTO payments_ledgerentry
              (id, posting, livemode, provider, provider_account_id, account, amount, currency, object_id, description)
            VALUES """


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        ("('a', 'p', false, 'mtn', 'x', 'settled', 5, 'ZMW', '', '')", "ledger_sums_to_zero"),
        (
            """('a', 'p', false, 'mtn', 'x', 'settled', 5, 'ZMW', '', ''),
               ('b', 'p', false, 'mtn', 'x', 'provider_balance', -4.99, 'ZMW', '', '')""",
            "ledger_sums_to_zero",
        ),
        (
            """('a', 'p', false, 'mtn', 'x', 'settled', 5, 'ZMW', '', ''),
               ('b', 'p', true, 'mtn', 'x', 'provider_balance', -5, 'ZMW', '', '')""",
            "ledger_sums_to_zero",
        ),
        (
            """('a', 'p', false, 'mtn', 'x', 'settled', 5, 'ZMW', '', ''),
               ('b', 'p', false, 'mtn', 'x', 'provider_balance', -5, 'EUR', '', '')""",
            "ledger_sums_to_zero",
        ),
        (
            """('a', 'p', false, 'mtn', 'x', 'settled', 5, 'ZMW', '', ''),
               ('b', 'p', false, 'mtn', 'y', 'provider_balance', -5, 'ZMW', '', '')""",
            "ledger_sums_to_zero",
        ),
        ("('a', 'p', false, 'mtn', 'x', 'settled', 0, 'ZMW', '', '')", "ledger_amount_not_zero"),
        ("('a', 'p', false, 'mtn', 'x', 'petty cash', 5, 'ZMW', '', '')", "ledger_account_known"),
    ],
    ids=["one line", "a ngwee short", "two modes", "two currencies", "two provider accounts", "zero", "account"],
)
def test_lines_that_do_not_balance_cannot_be_committed(acme, rows, refused):
    assert refused_by(acme, INSERT + rows) == refused


def test_a_line_cannot_be_added_to_a_posting_that_balances(acme, paid):
    row = f"('a', '{paid}:succeeded', false, 'mtn', 'x', 'settled', 5, 'ZMW', '', '')"
    assert refused_by(acme, INSERT + row) == "ledger_sums_to_zero"


def test_a_success_that_is_not_booked_cannot_be_committed(acme, mtn):
    mtn.misbehave(operation="collect", approve_seconds=None)
    payment_id = acme.pay(phone=PHONE).json()["id"]
    run_jobs()
    sql = "UPDATE payments_payment SET status = 'succeeded', version = version + 1, completed_at = now() WHERE id = %s"
    assert refused_by(acme, sql, payment_id) == "payment_success_is_posted"


# --- refunds

REFUND = """INSERT INTO payments_payment
  (id, kind, livemode, amount, currency, status, phone, provider, description, metadata, failure_code, failure_message,
   failure_provider_code, failure_retry_safe, provider_reference, version, created_by, created_at, updated_at,
   amount_refunded, original_id)
SELECT %s, 'refund', %s, %s, %s, 'pending', phone, provider, '', '{}', '', '', '', false, '', 1, 'test', now(), now(),
       0, id FROM payments_payment WHERE id = %s"""


def test_one_refund_too_many_is_refused_whoever_writes_it(acme, paid):
    refund = acme.refund(paid, amount="100.00").json()["id"]
    assert refused_by(acme, REFUND, "ref_x", False, "50.01", "ZMW", paid) == "payment_refunds_within_amount"
    run_jobs(rounds=3)
    assert acme.payment(refund).status == "succeeded"
    assert refused_by(acme, REFUND, "ref_x", False, "50.01", "ZMW", paid) == "payment_refunds_within_amount"


@pytest.mark.parametrize(("livemode", "currency"), [(True, "ZMW"), (False, "EUR")])
def test_a_refund_is_of_the_mode_and_currency_of_its_collection(acme, paid, livemode, currency):
    assert refused_by(acme, REFUND, "ref_x", livemode, "1.00", currency, paid) == "payment_refund_of_success"


def test_neither_an_open_payment_nor_a_payout_nor_a_refund_can_be_refunded(acme, mtn, paid):
    payout, refund = acme.pay_out(phone=PHONE).json()["id"], acme.refund(paid, amount="10.00").json()["id"]
    run_jobs(rounds=3)
    waiting = acme.pay(phone=PHONE).json()["id"]
    for object_id in (payout, refund, waiting):
        assert refused_by(acme, REFUND, "ref_x", False, "1.00", "ZMW", object_id) == "payment_refund_of_success"


def test_a_refund_that_fails_or_is_withdrawn_sets_its_amount_free(acme, mtn, paid):
    mtn.misbehave(operation="refund", approve_seconds=None)
    failing = acme.refund(paid, amount="100.00").json()["id"]
    run_jobs()
    assert acme.payment(paid).amount_reserved == Decimal("100.00")
    mtn.decline_all()
    run_jobs(rounds=2)
    assert (acme.payment(failing).status, acme.payment(paid).amount_reserved) == ("failed", 0)
    withdrawn = acme.refund(paid).json()["id"]
    assert acme.api("POST", f"/v1/refunds/{withdrawn}/cancel").status_code == 200
    assert (acme.payment(paid).amount_reserved, acme.payment(paid).amount_refunded) == (0, 0)
