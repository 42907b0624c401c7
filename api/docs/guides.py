"""The guides, in the order in which a newcomer needs them. Each has a template of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guide:
    slug: str
    title: str
    summary: str
    icon: str
    template: str


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
        "statuses",
        "Statuses",
        "What each status means, and why unknown is never guessed away.",
        "circle-check",
        "docs/guides/statuses.html",
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
)


def find_guide(slug: str) -> Guide | None:
    return next((guide for guide in GUIDES if guide.slug == slug), None)
