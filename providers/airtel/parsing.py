"""Where Airtel puts what it says: a transaction inside `data`, and an envelope called `status` beside it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from providers.parsing import amount_of, key_of, parse_object, word_of

NO_ID = "NA"  # what `airtel_money_id` says where there is none
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})*(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One answer, taken apart. What is not there is ""."""

    state: str  # data.transaction.status, as our tables spell it
    transaction_id: str
    money_id: str  # Airtel's own number of the transaction
    reference_id: str
    response_code: str
    result_code: str  # the deprecated one
    code: str  # an HTTP status inside the body, as a rule
    message: str  # as our tables spell it, without its gaps: "TransactionNot Found" is TRANSACTIONNOTFOUND

    @property
    def words(self) -> tuple[str, ...]:
        """The code words, the one that counts first."""
        return tuple(word for word in (self.response_code, self.result_code, self.code) if word)


def read_envelope(body: bytes) -> Envelope:
    """Of any body; a gateway's HTML has nothing in it."""
    found = parse_object(body)
    transaction = object_in(object_in(found, "data"), "transaction")
    status = object_in(found, "status") or found
    return Envelope(
        state=key_of(word_of(transaction.get("status"))),
        transaction_id=word_of(transaction.get("id")),
        money_id=id_of(transaction.get("airtel_money_id")),
        reference_id=id_of(transaction.get("reference_id")),
        response_code=word_of(status.get("response_code")),
        result_code=word_of(status.get("result_code")),
        code=word_of(status.get("code")) or word_of(status.get("status_code")) or word_of(status.get("error")),
        message=key_of(word_of(status.get("message"))).replace("_", ""),
    )


def object_in(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object under a name, or {}."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def id_of(value: Any) -> str:
    """A number of Airtel's, or "" for its placeholder."""
    word = word_of(value)
    return "" if word.upper() == NO_ID else word


def grouped_amount_of(value: Any) -> Decimal | None:
    """An amount in which commas may separate thousands: "37,600.00"."""
    text = word_of(value)
    return amount_of(text.replace(",", "")) if _GROUPED.fullmatch(text) else amount_of(value)
