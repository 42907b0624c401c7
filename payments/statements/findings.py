"""What can come out when a line and our books are compared: one table, from code to tab and who has to act."""

from dataclasses import dataclass

MATCHED, MISSING_THERE, MISSING_HERE, AMOUNT = "matched", "missing_there", "missing_here", "amount"
LATE, SUGGESTED, SETTLEMENTS = "late", "suggested", "settlements"
# Of a payment of an earlier period, which counts in this one; and of what the ledger alone knows.
ADJUSTED, REST = "unseen_after_close", "ledger_rest"
TABS = (MATCHED, MISSING_THERE, MISSING_HERE, AMOUNT, LATE, SUGGESTED, SETTLEMENTS)


@dataclass(frozen=True, slots=True)
class Finding:
    """`needs_person`: the period cannot be closed before it is linked, accepted, written off or has gone away.

    `may_ask`: the provider's own word on the payment could settle it.
    """

    tab: str
    meaning: str
    needs_person: bool = True
    may_ask: bool = False


FINDINGS: dict[str, Finding] = {
    "agrees": Finding(MATCHED, "Reference, amount, kind and fee agree with our books.", needs_person=False),
    "nothing_moved": Finding(MATCHED, "The provider lists an attempt that moved no money.", needs_person=False),
    "fee_not_stated": Finding(
        MATCHED,
        "It agrees without the fee: the statement does not state one, so ours is the difference.",
        needs_person=False,
    ),
    "settled": Finding(SETTLEMENTS, "Money moved to the bank, booked as settled.", needs_person=False),
    "settlement": Finding(SETTLEMENTS, "Money moved to the bank that is not in our books yet."),
    # Known here, not there.
    "missing_there": Finding(MISSING_THERE, "We booked it in this period; the statement does not have it."),
    "not_there_as_paid": Finding(
        MISSING_THERE, "The statement calls it failed; our books have it as succeeded.", may_ask=True
    ),
    "waiting_there": Finding(
        MISSING_THERE, "The statement calls it pending; our books have it as succeeded.", may_ask=True
    ),
    # Known there, not here.
    "missing_here": Finding(MISSING_HERE, "No payment, payout or refund of ours has this reference."),
    "open_here": Finding(
        MISSING_HERE, "The statement says it ended; we still wait for the provider's word.", may_ask=True
    ),
    "failed_here": Finding(
        MISSING_HERE, "The statement says the money moved; we hold it as failed or canceled.", may_ask=True
    ),
    "called_unmoved": Finding(
        MISSING_HERE, "By the chosen mapping it moved no money. The layout is unproven, so two people have to agree."
    ),
    "not_booked": Finding(MISSING_HERE, "The payment succeeded here, but the ledger does not have it."),
    "duplicate": Finding(MISSING_HERE, "The same line stands in this statement before."),
    "seen_before": Finding(MISSING_HERE, "The same line stood in an earlier statement."),
    "charged_twice": Finding(
        MISSING_HERE, "A second movement with another provider reference for one payment of ours."
    ),
    "reversed": Finding(MISSING_HERE, "The provider took a payment of ours back; our books do not know it."),
    "fee_alone": Finding(MISSING_HERE, "A fee that belongs to no payment of ours."),
    "other_mode": Finding(MISSING_HERE, "The reference belongs to a payment of the other mode."),
    "other_account": Finding(MISSING_HERE, "The payment was made with another account at the provider."),
    # Both have it, and not alike.
    "amount_differs": Finding(AMOUNT, "Same reference, other amount."),
    "fee_differs": Finding(AMOUNT, "Same amount, other fee."),
    "kind_differs": Finding(AMOUNT, "Money went the other way, or is of another kind than ours."),
    "currency_differs": Finding(AMOUNT, "The line is in another currency."),
    "books_differ": Finding(AMOUNT, "Payment and statement agree; the ledger has another amount."),
    "split": Finding(AMOUNT, "One payment of ours came as several lines, which add up to it."),
    "phone_differs": Finding(AMOUNT, "Reference and amount agree; the phone number is another."),
    "references_disagree": Finding(AMOUNT, "Its two references belong to two different payments of ours."),
    # Neither has it.
    "ledger_rest": Finding(
        AMOUNT,
        "Our ledger moved by this much in the period, and no payment or settlement of the comparison explains it.",
    ),
    # Both have it, at different times. They explain themselves: the amounts are alike, the periods are not.
    "late": Finding(LATE, "Our books have it in an earlier period.", needs_person=False),
    "early": Finding(LATE, "Our books have it in a later period.", needs_person=False),
    "in_other_statement": Finding(LATE, "The statement of another period has it.", needs_person=False),
    "after_close": Finding(
        LATE, "An adjustment: it came into our books after its period was closed.", needs_person=False
    ),
    "unseen_after_close": Finding(
        LATE, "An adjustment: it came into a closed period of our books, and no statement has it."
    ),
    "outside_period": Finding(LATE, "The line lies outside the period of this statement."),
    # Perhaps the same.
    "linked_by_hand": Finding(
        SUGGESTED, "A person says which payment it is, and no reference does. Two people have to agree."
    ),
    "suggested": Finding(SUGGESTED, "No reference fits; amount, phone and time do."),
    "ambiguous": Finding(SUGGESTED, "No reference fits; several payments of ours would."),
}
