"""All that the simulator holds, for those who look after it from outside: the control API and the control page."""

import time
from dataclasses import dataclass, field

from providers.simulator.airtel.clients import Clients
from providers.simulator.books import Books
from providers.simulator.callbacks import Callbacks
from providers.simulator.clock import Clock
from providers.simulator.faults import Faults
from providers.simulator.mtn.accounts import Accounts
from providers.simulator.request_log import RequestLog
from providers.simulator.settlement import Settlement
from providers.simulator.timers import Timers

LONGEST_SKIP_SECONDS = 10 * 365 * 86400.0


@dataclass(frozen=True, slots=True)
class World:
    accounts: Accounts
    books: Books
    callbacks: Callbacks
    clients: Clients  # Airtel's applications; `accounts` are MTN's users
    clock: Clock
    faults: Faults
    requests: RequestLog
    settlement: Settlement
    timers: Timers
    started_at: float = field(default_factory=time.monotonic)

    def uptime_seconds(self) -> float:
        return time.monotonic() - self.started_at

    def advance(self, seconds: float) -> None:
        """Skip time; what is due within it (settlements, late callbacks, expiring tokens) has happened on return."""
        if not 0 <= seconds <= LONGEST_SKIP_SECONDS:
            raise ValueError("the clock goes forward, and by ten years at most")
        self.clock.skip(seconds)
        self.books.note_clock(self.clock.skipped_seconds)
        if not self.timers.catch_up():
            raise ValueError("the clock was put forward, but what was due has not all happened yet")

    def revoke_tokens(self) -> int:
        """How many there were."""
        return self.accounts.revoke_tokens() + self.clients.revoke_tokens()

    def reset(self) -> None:
        """Back to an empty world, its journal included."""
        for part in (
            self.faults, self.timers, self.books, self.settlement, self.accounts, self.clients, self.callbacks,
            self.requests, self.clock,
        ):  # fmt: skip
            part.clear()
