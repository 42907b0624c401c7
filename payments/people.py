"""Who acts where two people are needed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """The user's id, by which two people are told apart, and what the audit trail records."""

    user_id: int
    actor: str
    ip: str = ""
    request_id: str = ""

    @property
    def name(self) -> str:
        """`user:42 mary@acme.test` → "mary@acme.test"."""
        return self.actor.partition(" ")[2] or self.actor
