"""The port: the few shapes that payments and every provider adapter agree on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import inf, isfinite
from typing import Protocol


class Kind(StrEnum):
    """What one answer proves about the money. Anything that is not proven is UNKNOWN."""

    SUCCEEDED = "succeeded"  # final: the money moved
    FAILED = "failed"  # final: the provider took the request and says that nothing moved
    PENDING = "pending"  # the provider has it and has not decided
    UNKNOWN = "unknown"  # from a send: money may have moved; from a lookup: nothing was learned
    REFUSED = "refused"  # never accepted, so nothing can have moved; only from a send
    NOT_FOUND = "not_found"  # the provider knows no such reference (yet); only from a lookup


class Operation(StrEnum):
    """What a provider can be asked to do with money."""

    COLLECT = "collect"  # from a payer to the merchant
    TRANSFER = "transfer"  # from the merchant to anybody: a payout
    REFUND = "refund"  # back to the payer of an earlier collection


class HolderStatus(StrEnum):
    """What a provider says about the wallet behind a phone number."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


class CallbackProof(StrEnum):
    """What the signature inside a callback proves. Whatever it says, only a lookup is believed about the money."""

    NONE = "none"  # none is expected: the provider, or this account, does not sign
    FITS = "fits"
    MISFITS = "misfits"  # one is expected, and it is missing or wrong


class CallsBack(StrEnum):
    """Where a provider sends its callbacks."""

    PER_OPERATION = "operation"  # to the address that each instruction carries
    PER_ACCOUNT = "account"  # to one address, entered once in the provider's own portal; the body names the operation
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Balance:
    """What a merchant's wallet at a provider holds, as the provider says."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP call as it is recorded for people: every secret is already redacted."""

    operation: str  # "token" | an Operation | "lookup" | "account_holder" | "probe"
    method: str
    url: str
    request_headers: dict[str, str]
    request_body: str
    status: int | None  # None: no HTTP answer
    response_headers: dict[str, str]
    response_body: str  # cut to 8 kB
    started_at: datetime  # aware, UTC
    duration_ms: int
    error: str  # "" or e.g. "read timeout after 30.0 s"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one provider operation came to.

    REFUSED with `retry_after_seconds` means: not now. The *same* reference may be sent again after that
    pause. REFUSED without it is for good. `low_trust` asks for one more lookup before the word is believed.
    """

    kind: Kind
    code: str = ""  # our failure code (CONTRACT.md section 4); "" when this is not a failure
    provider_code: str = ""  # the provider's own word, raw; "HTTP 502" where it had none
    message: str = ""  # a plain sentence for people
    provider_reference: str = ""  # MTN: financialTransactionId
    retry_safe: bool = False  # may the merchant start a new payment without the risk of a double charge?
    low_trust: bool = False
    alarm: bool = False  # configuration or partner trouble that somebody must look at
    trouble: bool = False  # the provider did not do its job: no connection, no answer, 5xx. Circuit breakers count it
    retry_after_seconds: float | None = None
    amount: Decimal | None = None  # amount, currency, phone: as echoed by a lookup, for the caller to compare
    currency: str = ""
    phone: str = ""
    exchanges: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Bounds of one HTTP call, in seconds. `total_seconds` is hard: slow drips cannot stretch it."""

    connect_seconds: float
    read_seconds: float  # the longest silence
    total_seconds: float
    token_seconds: float = 30.0  # MTN's newer gateway takes 10 to 20 s to mint a token

    def __post_init__(self) -> None:
        """No call without an end: ValueError for a bound that is missing, and for a part longer than the whole."""
        bounds = (self.connect_seconds, self.read_seconds, self.total_seconds, self.token_seconds)
        if not all(isfinite(seconds) and seconds > 0 for seconds in bounds):
            raise ValueError("every phase of a call needs a time-out")
        if max(self.connect_seconds, self.read_seconds) > self.total_seconds:
            raise ValueError("no phase of a call may take longer than all of it")

    @property
    def longest_operation_seconds(self) -> float:
        """Upper bound of one port call: a rejected token makes an adapter go through token and call twice.

        A job's lease must be longer than this.
        """
        return 2 * (self.token_seconds + self.total_seconds)


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """A merchant's account at one provider. Its repr shows which credentials exist, never their values."""

    id: str
    base_url: str
    credentials: Mapping[str, str]
    timeouts: Timeouts

    def __repr__(self) -> str:
        names = ", ".join(sorted(self.credentials))
        return f"Account(id={self.id!r}, base_url={self.base_url!r}, credentials=<{names}>)"


@dataclass(frozen=True, slots=True)
class Instruction:
    """An order to move money. `reference` is ours, a UUIDv4 committed before this is sent."""

    operation: Operation
    reference: str
    amount: Decimal
    currency: str
    phone: str  # E.164 digits without "+": 260961234567
    external_id: str
    payer_message: str
    payee_note: str
    callback_url: str  # "" = no callback wanted
    original_reference: str = ""  # REFUND: our reference of the collection that is paid back
    original_provider_reference: str = ""  # and the provider's own
    send_before: float = inf  # by providers.clock: not a byte of it may leave after that


@dataclass(frozen=True, slots=True)
class CallbackClaim:
    """What a callback *claims*. It proves nothing: only a lookup does."""

    kind: Kind
    provider_code: str
    external_id: str
    amount: Decimal | None
    currency: str
    phone: str
    provider_reference: str
    reference: str = ""  # ours, where the body names it


class Provider(Protocol):
    """An adapter. It never raises for provider trouble: every fault comes back as an Outcome."""

    name: str
    settle_seconds: float  # a NOT_FOUND younger than this proves nothing: the request may still arrive
    calls_back: CallsBack
    echoes_amounts: bool  # whether its answers repeat amount and currency, so that they can be compared with ours
    required_credentials: tuple[str, ...]
    optional_credentials: tuple[str, ...]
    # Which of them name the account at the provider. With another one, our references mean nothing there.
    identity_credentials: tuple[str, ...]

    def operations(self, credentials: Mapping[str, str]) -> frozenset[Operation]:
        """What an account with these credentials can be asked to do; only the names that are present count."""
        ...

    def new_reference(self) -> str:
        """Ours, unlike any other, in the form that the provider takes; at most 64 characters."""
        ...

    def refund_operation(self, *, is_partial: bool) -> Operation:
        """By what money goes back to a payer: REFUND, or TRANSFER where the provider has no such refund."""
        ...

    def refuses_duplicates(self, operation: Operation) -> bool:
        """Whether the same reference may be sent again, because the provider then answers "duplicate"."""
        ...

    def answers_lookups(self, operation: Operation) -> bool:
        """Whether the provider can be asked about an operation by our reference. If not, `lookup` is UNKNOWN."""
        ...

    def send(self, account: Account, instruction: Instruction) -> Outcome: ...

    def lookup(self, account: Account, operation: Operation, reference: str) -> Outcome: ...

    def probe(self, account: Account, operation: Operation) -> Outcome:
        """Whether the provider serves this operation now, asked by a call that moves nothing.

        PENDING: it answered, whatever it said. UNKNOWN with `trouble`: it did not.
        """
        ...

    def account_holder(self, account: Account, phone: str) -> HolderStatus: ...

    def balance(self, account: Account, operation: Operation) -> Balance | None:
        """Of the wallet that this operation uses; None when the provider does not tell."""
        ...

    def read_report(self, operation: Operation, body: bytes) -> Outcome | None:
        """What a recorded answer to a lookup said about the money, for people to see; None when it said nothing."""
        ...

    def read_callback(self, body: bytes) -> CallbackClaim:
        """Raises ValueError when the body is not a callback of this provider."""
        ...

    def prove_callback(self, credentials: Mapping[str, str], body: bytes) -> CallbackProof:
        """Checks the signature inside a callback to this account, in constant time."""
        ...
