"""What an HTTP status of Airtel's gateway (a Kong) says, before the body of the API is looked at.

The rule behind every row: only an explicit word ends anything. REFUSED needs proof that the request was not passed on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from providers.base import Outcome
from providers.http import Answer
from providers.parsing import pause_of
from providers.verdicts import not_now, refused

ANY = "*"
IP_NOT_ALLOWED = "IP_NOT_ALLOWED"
NOT_ENABLED = "NOT_ENABLED"
NO_ROUTE = "NO_ROUTE"

# The gateway has no codes: these are the sentences that are documented.
SENTENCES: Mapping[tuple[int, bytes], str] = {
    (403, b"ip address not allowed"): IP_NOT_ALLOWED,
    (403, b"you cannot consume this service"): NOT_ENABLED,
    (404, b"no route matched with those values"): NO_ROUTE,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How one operation reads whatever came back. `rows` are tried by (status, sentence), then (status, ANY)."""

    rows: Mapping[tuple[int, str], Outcome]
    otherwise: Outcome
    nothing_sent: Outcome
    cut_off: Outcome  # sent, but no complete answer


def is_complete(answer: Answer) -> bool:
    """Whether the answer was read to its end, so that it may be interpreted."""
    return not answer.error and answer.status is not None


def unanswered(reading: Reading, answer: Answer) -> Outcome:
    """Of an answer that is not complete."""
    return replace(reading.cut_off if answer.sent else reading.nothing_sent, trouble=True)


def row_of(reading: Reading, answer: Answer) -> Outcome | None:
    """What the status alone, or the gateway's sentence with it, already says."""
    status = answer.status or 0
    return reading.rows.get((status, _sentence(status, answer.body))) or reading.rows.get((status, ANY))


def otherwise(reading: Reading, answer: Answer) -> Outcome:
    """Of an answer that says nothing. Outside of 200 and 5xx, something between us and Airtel is set up wrongly."""
    status = answer.status or 0
    is_ours = 300 <= status < 400 or is_objection(status)
    return replace(reading.otherwise, alarm=is_ours or reading.otherwise.alarm)


def is_objection(status: int) -> bool:
    """Whether something objects to our request. 408 does not: a gateway waited in vain for what stands behind it."""
    return 400 <= status < 500 and status != 408


def finished(outcome: Outcome, answer: Answer, *, word: str, understood: bool) -> Outcome:
    """The outcome with what every answer adds to it: the raw word, the pause asked for, and whether it was trouble."""
    return replace(
        outcome,
        provider_code=word or f"HTTP {answer.status}",
        retry_after_seconds=pause_of(answer.headers.get("retry-after", ""), outcome.retry_after_seconds),
        trouble=outcome.trouble or _is_trouble(answer, understood=understood),
    )


def _is_trouble(answer: Answer, *, understood: bool) -> bool:
    """Whether Airtel, or what stands before it, did not do its job. Saying no is doing it."""
    status = answer.status or 0
    if status >= 500 or status == 408:
        return True
    if status == 429 or (status == 200 and understood):
        return False
    is_page = answer.headers.get("content-type", "").lower().startswith("text/html")
    return is_page or (status < 400 and not understood)


def _sentence(status: int, body: bytes) -> str:
    text = body.lower()
    return next((word for (of, said), word in SENTENCES.items() if of == status and said in text), "")


def before_sending(what: str) -> Reading:
    """For a question that must be answered before money is asked for: whatever goes wrong, nothing was sent."""
    return Reading(
        rows={
            (400, ANY): refused("credentials_rejected", f"Airtel rejected {what}; nothing was sent.", alarm=True),
            (401, ANY): refused("credentials_rejected", f"Airtel rejected {what}; nothing was sent.", alarm=True),
            (403, IP_NOT_ALLOWED): refused("provider_rejected", "Airtel does not allow our IP address.", alarm=True),
            (403, ANY): refused("provider_rejected", f"Airtel forbade {what}; nothing was sent.", alarm=True),
            (404, NO_ROUTE): not_now("Airtel's gateway has no such address (now).", alarm=True, trouble=True),
            (404, ANY): refused("provider_rejected", f"Airtel's address for {what} was not found.", alarm=True),
        },
        otherwise=not_now(f"Airtel did not answer {what} as it should; nothing was sent."),
        nothing_sent=not_now("Airtel could not be reached; nothing was sent."),
        cut_off=not_now(f"Airtel did not answer {what}; nothing was sent.", trouble=True),
    )


def read(reading: Reading, answer: Answer, *, word: str) -> Outcome:
    """What an answer means where its status and the gateway's sentence say all."""
    if not is_complete(answer):
        return unanswered(reading, answer)
    row = row_of(reading, answer)
    return finished(row or otherwise(reading, answer), answer, word=word, understood=bool(row))
