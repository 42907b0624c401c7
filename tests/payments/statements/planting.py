"""Discrepancies of every kind, planted into a right statement; each says which findings must come of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from payments.models import Payment
from tests.payments.statements.books import DAY, FEE, Books, Written

# What a plant changes: the lines it leaves in the file, in place of the right ones of its payments.
Expected = dict[str, list[str]]


@dataclass
class Planted:
    """`lines` go into the file; `expected`: name of a line (its provider reference) or of a payment → findings."""

    lines: list[Written]
    expected: Expected


@dataclass
class Field:
    """Where plants grow: the books, and payments of the other mode."""

    books: Books
    other_mode: Books
    earlier: list[Written] = field(default_factory=list)  # lines of the statement of the day before

    def fresh(self, **how: object) -> tuple[Payment, Written]:
        payment = self.books.add(**how)  # type: ignore[arg-type]
        return payment, self.books.line_of[payment.pk]


Plant = Callable[[Field], Planted]
PLANTS: dict[str, Plant] = {}


def plant(grow: Plant) -> Plant:
    PLANTS[grow.__name__] = grow
    return grow


def one(line: Written, finding: str) -> Planted:
    return Planted([line], {line.provider_reference: [finding]})


@plant
def a_line_was_left_out(ground: Field) -> Planted:
    payment, _ = ground.fresh()
    return Planted([], {payment.pk: ["missing_there"]})


@plant
def a_payout_was_left_out(ground: Field) -> Planted:
    payment, _ = ground.fresh(kind="payout")
    return Planted([], {payment.pk: ["missing_there"]})


@plant
def a_line_of_nobody(ground: Field) -> Planted:
    stray = Written(DAY + timedelta(hours=5), "9000001", "order-of-someone-else", "260971111111", Decimal("77.77"))
    return one(stray, "missing_here")


@plant
def the_amount_is_higher(ground: Field) -> Planted:
    _, line = ground.fresh()
    return one(line.but(amount=line.amount + 10), "amount_differs")


@plant
def the_amount_is_a_ngwee_lower(ground: Field) -> Planted:
    _, line = ground.fresh()
    return one(line.but(amount=line.amount - Decimal("0.01")), "amount_differs")


@plant
def the_amount_is_in_ngwee(ground: Field) -> Planted:
    _, line = ground.fresh()
    return one(line.but(amount=line.amount * 100), "amount_differs")


@plant
def the_fee_is_another(ground: Field) -> Planted:
    _, line = ground.fresh()
    return one(line.but(fee=FEE + 1), "fee_differs")


@plant
def a_fee_line_of_no_payment(ground: Field) -> Planted:
    fee = Written(DAY + timedelta(hours=6), "9000002", "", "", Decimal(-5), fee=Decimal(0), type="Fee")
    return one(fee, "fee_alone")


@plant
def a_fee_line_of_another_amount(ground: Field) -> Planted:
    _, line = ground.fresh()
    fee = line.but(type="Fee", amount=Decimal("-2.00"), fee=Decimal(0), provider_reference="9000003", phone="")
    return Planted([line.but(fee=Decimal(0)), fee], {line.provider_reference: ["agrees"], "9000003": ["fee_differs"]})


@plant
def money_went_the_other_way(ground: Field) -> Planted:
    _, line = ground.fresh()
    return one(line.but(type="Disbursement", amount=-line.amount), "kind_differs")


@plant
def a_payout_is_called_a_collection(ground: Field) -> Planted:
    _, line = ground.fresh(kind="payout")
    return one(line.but(type="Collection", amount=-line.amount), "kind_differs")


@plant
def another_currency(ground: Field) -> Planted:
    _, line = ground.fresh()
    return one(line.but(currency="EUR"), "currency_differs")


@plant
def booked_the_day_before(ground: Field) -> Planted:
    _, line = ground.fresh(at=DAY - timedelta(seconds=5))
    return one(line.but(at=DAY + timedelta(seconds=2)), "late")


@plant
def booked_the_day_after(ground: Field) -> Planted:
    _, line = ground.fresh(at=DAY + timedelta(days=1, seconds=1))
    return one(line.but(at=DAY + timedelta(days=1, seconds=-2)), "early")


@plant
def the_day_before_has_it(ground: Field) -> Planted:
    """Their clock said the day before, ours today: their earlier statement has the line."""
    payment, line = ground.fresh(at=DAY + timedelta(seconds=1))
    ground.earlier.append(line.but(at=DAY - timedelta(seconds=1)))
    return Planted([], {payment.pk: ["in_other_statement"]})


@plant
def a_line_stands_twice(ground: Field) -> Planted:
    _, line = ground.fresh()
    return Planted([line, line], {line.provider_reference: ["agrees", "duplicate"]})


@plant
def a_line_stood_in_the_statement_before(ground: Field) -> Planted:
    _, line = ground.fresh(at=DAY - timedelta(hours=3))
    ground.earlier.append(line)
    return one(line.but(at=DAY + timedelta(hours=1)), "seen_before")


@plant
def the_payer_was_charged_twice(ground: Field) -> Planted:
    _, line = ground.fresh()
    second = line.but(provider_reference="9000004", at=line.at + timedelta(seconds=20))
    return Planted([line, second], {line.provider_reference: ["agrees"], "9000004": ["charged_twice"]})


@plant
def a_payment_came_in_two_parts(ground: Field) -> Planted:
    _, line = ground.fresh(amount=Decimal("80.00"))
    parts = [
        line.but(amount=Decimal("50.00")),
        line.but(amount=Decimal("30.00"), provider_reference="9000005", fee=Decimal(0)),
    ]
    return Planted(parts, {line.provider_reference: ["split"], "9000005": ["split"]})


@plant
def we_hold_it_as_unknown(ground: Field) -> Planted:
    _, line = ground.fresh(status="unknown")
    return one(line, "open_here")


@plant
def we_hold_it_as_failed(ground: Field) -> Planted:
    _, line = ground.fresh(status="failed")
    return one(line, "failed_here")


@plant
def they_call_it_failed(ground: Field) -> Planted:
    _, line = ground.fresh()
    return one(line.but(status="FAILED"), "not_there_as_paid")


@plant
def they_call_it_pending(ground: Field) -> Planted:
    _, line = ground.fresh()
    return one(line.but(status="PENDING"), "waiting_there")


@plant
def the_mapping_says_that_a_strangers_money_did_not_move(ground: Field) -> Planted:
    stray = Written(DAY + timedelta(hours=5), "9000012", "order-of-nobody", "260971111112", Decimal("77.77"))
    return one(stray.but(status="REJECTED"), "called_unmoved")


@plant
def the_mapping_says_so_of_what_we_hold_as_failed(ground: Field) -> Planted:
    _, line = ground.fresh(status="failed")
    return one(line.but(status="EXPIRED"), "called_unmoved")


@plant
def the_mapping_says_so_of_a_second_attempt(ground: Field) -> Planted:
    _, line = ground.fresh()
    first = line.but(provider_reference="9000013", status="FAILED")
    return Planted([first, line], {"9000013": ["called_unmoved"], line.provider_reference: ["agrees"]})


@plant
def a_settlement_of_another_period(ground: Field) -> Planted:
    bank = Written(DAY - timedelta(hours=2), "9000014", "", "", Decimal(-300), fee=Decimal(0), type="Settlement")
    return one(bank, "outside_period")


@plant
def they_took_it_back(ground: Field) -> Planted:
    _, line = ground.fresh()
    back = line.but(type="Reversal", amount=-line.amount, fee=Decimal(0), provider_reference="9000006")
    return Planted([line, back], {line.provider_reference: ["agrees"], "9000006": ["reversed"]})


@plant
def the_ledger_does_not_have_it(ground: Field) -> Planted:
    _, line = ground.fresh(booked=False)
    return one(line, "not_booked")


@plant
def the_ledger_has_another_amount(ground: Field) -> Planted:
    payment, line = ground.fresh()
    for entry in ground.books.entries:
        if entry.posting == f"{payment.pk}:succeeded":
            entry.amount += Decimal(3) if entry.amount > 0 else Decimal(-3)
    return one(line, "books_differ")


@plant
def the_phone_is_another(ground: Field) -> Planted:
    _, line = ground.fresh()
    return one(line.but(phone="260970000999"), "phone_differs")


@plant
def its_references_name_two_payments(ground: Field) -> Planted:
    _, line = ground.fresh()
    _, other = ground.fresh()
    ours_of_one = line.but(provider_reference="", our_reference=line.our_reference)
    mixed = other.but(our_reference=line.our_reference, amount=line.amount, phone=line.phone)
    right = Written(other.at, "9000007", other.our_reference, other.phone, other.amount)
    assert ours_of_one
    return Planted([mixed, right], {mixed.provider_reference: ["references_disagree"], "9000007": ["agrees"]})


@plant
def it_belongs_to_the_other_mode(ground: Field) -> Planted:
    payment = ground.other_mode.add()
    line = ground.other_mode.line_of[payment.pk].but(provider_reference="9000008", our_reference=payment.pk)
    return one(line, "other_mode")


@plant
def it_was_made_with_another_account(ground: Field) -> Planted:
    _, line = ground.fresh(account_id="pa_retired")
    return one(line, "other_account")


@plant
def it_lies_outside_the_period(ground: Field) -> Planted:
    _, line = ground.fresh()
    return one(line.but(at=DAY + timedelta(days=2)), "outside_period")


@plant
def no_reference_but_amount_phone_and_time(ground: Field) -> Planted:
    _, line = ground.fresh(amount=Decimal("4321.09"))
    return one(line.but(our_reference="", provider_reference="9000009"), "suggested")


@plant
def no_reference_and_two_that_fit(ground: Field) -> Planted:
    """Same payer, same amount, an hour apart; one of the two has a line of its own only in our dreams."""
    first, line = ground.fresh(amount=Decimal("66.60"), phone="260966000777")
    second, _ = ground.fresh(amount=Decimal("66.60"), phone="260966000777")
    return Planted(
        [line.but(our_reference="", provider_reference="9000010")],
        {"9000010": ["ambiguous"], first.pk: ["missing_there"], second.pk: ["missing_there"]},
    )


@plant
def money_went_to_the_bank(ground: Field) -> Planted:
    bank = Written(DAY + timedelta(hours=20), "9000011", "", "", Decimal(-500), fee=Decimal(0), type="Settlement")
    return one(bank, "settlement")
