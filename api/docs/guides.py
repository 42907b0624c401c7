"""The guides, in the order in which a newcomer needs them; last, those for engineers of this code itself.

Each has a template of its own.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guide:
    slug: str
    title: str
    summary: str
    icon: str
    template: str
    is_for_callers: bool = True


GUIDES = (
    Guide(
        "authentication",
        "Authentication",
        "Keys, modes, scopes, and how to roll a key without downtime.",
        "key",
        "docs/guides/authentication.html",
    ),
    Guide(
        "idempotency",
        "Retrying safely",
        "One key per purchase, and no retry ever charges twice.",
        "refresh",
        "docs/guides/idempotency.html",
    ),
    Guide(
        "payouts",
        "Payouts",
        "Send money to a wallet, cancel it while it waits, and know that it went once.",
        "arrow-up-right",
        "docs/guides/payouts.html",
    ),
    Guide(
        "refunds",
        "Refunds",
        "Pay back all or part, as often as something is left, and never more.",
        "arrow-down-right",
        "docs/guides/refunds.html",
    ),
    Guide(
        "statuses",
        "Statuses",
        "What each status means, and why unknown is never guessed away.",
        "circle-check",
        "docs/guides/statuses.html",
    ),
    Guide(
        "unknown-outcomes",
        "Unknown outcomes",
        "When the line breaks in mid-sentence: what we do about it, and what you should.",
        "help-circle",
        "docs/guides/unknown-outcomes.html",
    ),
    Guide(
        "outages",
        "Provider outages",
        "A network goes down: payments are refused at once, payouts and refunds wait.",
        "server-2",
        "docs/guides/outages.html",
    ),
    Guide(
        "ledger",
        "Ledger and balance",
        "Double entry for every ngwee, and books that always sum to zero.",
        "book",
        "docs/guides/ledger.html",
    ),
    Guide(
        "errors",
        "Errors",
        "One shape for every error, and codes that stay the same.",
        "alert-triangle",
        "docs/guides/errors.html",
    ),
    Guide(
        "pagination",
        "Lists and filters",
        "Pages by cursor, newest first, and how to narrow them.",
        "list-details",
        "docs/guides/pagination.html",
    ),
    Guide(
        "rate-limits", "Rate limits", "How much is left is on every answer.", "clock", "docs/guides/rate-limits.html"
    ),
    Guide("testing", "Testing", "Numbers that decline, time out or never answer.", "flask", "docs/guides/testing.html"),
    Guide(
        "add-a-provider",
        "Add a provider",
        "For engineers of this code: what an adapter promises, and where it is entered.",
        "plus",
        "docs/guides/add-a-provider.html",
        is_for_callers=False,
    ),
)


def find_guide(slug: str) -> Guide | None:
    return next((guide for guide in GUIDES if guide.slug == slug), None)
