"""What Zamtel's answers mean, read strictly: its answer to the order is final, and there is no other.

Only a documented code in a complete HTTP 200 that speaks of our own order ends a payment. Whatever else comes is
UNKNOWN, and stays so until a person or the statement says more: Zamtel can be asked nothing.
"""

from collections.abc import Callable
from dataclasses import replace

from providers.base import Account, Instruction, Outcome
from providers.http import Answer
from providers.verdicts import not_now, pending, refused, unknown
from providers.zamtel.codes import CODES, OTHER_CODE
from providers.zamtel.credentials import NEEDED, SHAPE, unusable
from providers.zamtel.shapes import Said

CURRENCY = "ZMW"

NOTHING_SENT = not_now("Zamtel could not be reached; nothing was sent.", trouble=True)
CUT_OFF = unknown("The connection failed after the request was sent; Zamtel may have carried it out.", trouble=True)
SILENT = unknown("Zamtel's answer does not say what became of it.")
REDIRECT = unknown("Zamtel's address sent us elsewhere, where we do not follow.", alarm=True)
FORBIDDEN = unknown("Zamtel's gateway did not let the request through, or does not know its address.", alarm=True)
NOT_OURS = unknown("Zamtel's answer speaks of another transaction.", alarm=True)
NO_ENQUIRIES = unknown(
    "Zamtel answers no enquiries: what became of this, Zamtel's statement settles, or two people.", alarm=True
)

NO_REFUNDS = refused("provider_rejected", "Zamtel has no refunds, only payouts; nothing was sent.", alarm=True)
OTHER_CURRENCY = refused("currency_not_supported", f"Zamtel moves {CURRENCY} only; nothing was sent.")
UNKNOWN_SHAPE = refused(
    "credentials_rejected", f"The Zamtel account's {SHAPE} is neither a nor b; nothing was sent.", alarm=True
)


def unsendable(account: Account, order: Instruction) -> Outcome | None:
    """Why an order must not even be written; None when nothing is in its way."""
    if order.operation not in NEEDED:
        return NO_REFUNDS
    if names := unusable(account.credentials, order.operation):
        message = f"The Zamtel account lacks {', '.join(names)}, or it holds what cannot be sent; nothing was sent."
        return refused("credentials_rejected", message, alarm=True)
    return None if order.currency == CURRENCY else OTHER_CURRENCY


def read(answer: Answer, order: Instruction, said_in: Callable[[bytes], Said]) -> Outcome:
    """What the answer to an order says. said_in: how its shape is read."""
    if answer.error or answer.status is None:
        return CUT_OFF if answer.sent else NOTHING_SENT
    said = said_in(answer.body)
    outcome = _by_code(said, order) if answer.status == 200 else _by_status(answer.status)
    return replace(
        outcome,
        provider_code=said.code or f"HTTP {answer.status}",
        provider_reference="" if outcome is NOT_OURS else said.provider_reference,
        trouble=outcome.trouble or _is_trouble(answer, outcome),
    )


def read_probe(answer: Answer) -> Outcome:
    if answer.error or answer.status is None or answer.status >= 500:
        return unknown("Zamtel does not answer.", trouble=True)
    return pending("Zamtel answered.", provider_code=f"HTTP {answer.status}")


def _by_code(said: Said, order: Instruction) -> Outcome:
    if not said.code:
        return SILENT
    if said.reference and said.reference != order.reference:
        return NOT_OURS
    return CODES[order.operation].get(said.code, OTHER_CODE)


def _by_status(status: int) -> Outcome:
    if 300 <= status < 400:
        return REDIRECT
    return FORBIDDEN if status in {401, 403, 404, 405} else SILENT


def _is_trouble(answer: Answer, outcome: Outcome) -> bool:
    """Whether Zamtel, or what stands before it, did not do its job. Saying no is doing it."""
    status = answer.status or 0
    is_page = answer.headers.get("content-type", "").lower().startswith("text/html")
    is_understood = status == 200 and outcome is not SILENT
    return status >= 500 or (not is_understood and status != 429 and (status < 400 or is_page))
