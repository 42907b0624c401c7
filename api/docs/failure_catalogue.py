"""The failure codes with what leads to each: read from the very tables that the MTN adapter decides by."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from payments.failures import FAILURES
from payments.kinds import PaymentKind
from providers.base import Kind, Operation, Outcome
from providers.mtn.reasons import OTHER_REASON, REASONS_OF
from providers.mtn.wire import ANY, SENDING, TOKEN, Reading

# What to do about a code. Of a payout or refund, the payer of these words is whoever was to be paid.
ADVICE = {
    "payer_not_found": "Have the number checked. It may belong to another network, or have no wallet yet.",
    "payer_barred": "The owner of the wallet has to clear it up with the network; offer another way meanwhile.",
    "insufficient_funds": "Tell the payer, and let them try again once there is money in the wallet.",
    "limit_reached": "Wait for the next day or month, or use another wallet. Smaller amounts may still pass.",
    "payer_declined": "Ask whether it was meant. A new payment shows a new prompt.",
    "payer_timeout": "Have the phone at hand and start again: the prompt lives for a few minutes only.",
    "wrong_pin": "Start again. After several wrong PINs networks lock the wallet, and its owner has to call them.",
    "amount_out_of_range": "Keep to the smallest and largest amount that the network allows.",
    "currency_not_supported": "Use the currency of the account: `ZMW` for live accounts.",
    "merchant_funds_insufficient": "Top up your wallet for payouts at the network, then start a new one.",
    "credentials_rejected": "Have the account connected again with credentials that work. Nothing moved.",
    "provider_rejected": "Nothing the payer does will change it: the account's set-up at the network needs attention.",
    "provider_error": "Look at `retry_safe`. When it is false, wait for the last look before you start again.",
    "unspecified": "Look at `retry_safe` and `provider_code`, and ask the network's support with its reference.",
}
WHO = {
    "payer": ("The payer", "Of a payout or refund: whoever is paid."),
    "merchant": ("You", "Your account, your float or your request."),
    "provider": ("The network", "It did not do its part, or did not say why."),
    "us": ("We", "Write to us."),
}
_OBJECTS = {kind.operation: kind.object_name for kind in PaymentKind}
NO_CONNECTION, CUT_OFF, OTHER_ANSWER, OTHER_WORD = (
    "No connection", "No complete answer", "Any other answer", "Any other word"
)  # fmt: skip
WORDLESS = {NO_CONNECTION, CUT_OFF, OTHER_ANSWER, OTHER_WORD}
REASON, ANSWER, SIGN_IN = "the reason of a failure", "the answer to the request", "the answer to our sign-in"


@dataclass(frozen=True, slots=True)
class Cause:
    """A word of the network's that ends as the code. `objects`: of payment, payout and refund, those it is about."""

    word: str
    where: str
    objects: tuple[str, ...]
    message: str
    is_likely: bool  # a catch-all of the network's: the code is the best reading of it, not the only one
    is_asked_again: bool  # looked up for a while after the end, because the network has been known to revise it
    is_repeated: bool  # only when every try within the limits was answered like this
    retry_safe: bool

    @property
    def is_word(self) -> bool:
        """Whether it stands in `provider_code` like this, rather than for what the network left out."""
        return self.word not in WORDLESS


@dataclass(frozen=True, slots=True)
class Entry:
    code: str
    title: str
    meaning: str
    who: str
    who_is: str
    who_about: str
    advice: str
    causes: tuple[Cause, ...]

    @property
    def has_likely(self) -> bool:
        return any(cause.is_likely for cause in self.causes)

    @property
    def retry(self) -> str:
        """safe, unsafe, depends, or "" where no network that is connected says it."""
        verdicts = {cause.retry_safe for cause in self.causes}
        if len(verdicts) != 1:
            return "depends" if verdicts else ""
        return "safe" if True in verdicts else "unsafe"


@cache
def catalogue() -> tuple[Entry, ...]:
    """Every failure code, in the order of payments/failures.py."""
    found = _causes()
    return tuple(
        Entry(
            code, about.title, about.meaning, about.who_acts, *WHO[about.who_acts], ADVICE[code],
            tuple(found.get(code, ())),
        )
        for code, about in FAILURES.items()
    )  # fmt: skip


def find_entry(code: str) -> Entry | None:
    return next((entry for entry in catalogue() if entry.code == code), None)


def example(entry: Entry) -> dict[str, Any]:
    """The `failure` of an object that ended like this."""
    cause = entry.causes[0] if entry.causes else None
    return {
        "failure": {
            "code": entry.code,
            "message": cause.message if cause else entry.meaning,
            "provider_code": cause.word if cause and cause.is_word else None,
            "retry_safe": cause.retry_safe if cause else True,
        }
    }


def _causes() -> dict[str, list[Cause]]:
    """By code; what is the same for several kinds of objects is said once."""
    merged: dict[tuple[str, str, str, Outcome], list[str]] = {}
    for word, where, operation, outcome in _all_words():
        objects = merged.setdefault((outcome.code, word, where, outcome), [])
        objects += [_OBJECTS[operation]] if _OBJECTS[operation] not in objects else []
    by_code: dict[str, list[Cause]] = {}
    for (code, word, where, outcome), objects in merged.items():
        cause = Cause(
            word=word,
            where=where,
            objects=tuple(objects),
            message=outcome.message,
            is_likely=outcome.low_trust and not outcome.retry_safe,
            is_asked_again=outcome.low_trust and outcome.kind == Kind.FAILED,
            is_repeated=outcome.retry_after_seconds is not None,
            retry_safe=outcome.retry_safe,
        )
        by_code.setdefault(code, []).append(cause)
    return by_code


def _all_words() -> Iterator[tuple[str, str, Operation, Outcome]]:
    for operation in Operation:
        for word, outcome in REASONS_OF[operation].items():
            if outcome.kind == Kind.FAILED:
                yield word, REASON, operation, outcome
        yield OTHER_WORD, REASON, operation, OTHER_REASON
        for word, outcome in _refusals(SENDING[operation]):
            yield word, ANSWER, operation, outcome
        for word, outcome in _refusals(TOKEN):
            yield word, SIGN_IN, operation, outcome


def _refusals(reading: Reading) -> Iterator[tuple[str, Outcome]]:
    """What a table takes for a refusal; words that are also reasons of failures are told there."""
    for (status, word), outcome in reading.rows.items():
        if outcome.kind == Kind.REFUSED and (word == ANY or status != 500 or reading is TOKEN):
            yield f"HTTP {status}" if word == ANY else word, outcome
    unread = ((NO_CONNECTION, reading.nothing_sent), (CUT_OFF, reading.cut_off), (OTHER_ANSWER, reading.otherwise))
    for word, outcome in unread:
        if outcome.kind == Kind.REFUSED:
            yield word, outcome
