"""Zamtel Money as a provider: one call an order, whose answer is final, and nothing to ask afterwards."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import replace

from providers import verdicts
from providers.base import (
    Account,
    Balance,
    CallbackClaim,
    CallbackProof,
    CallsBack,
    HolderStatus,
    Instruction,
    Operation,
    Outcome,
)
from providers.clock import steady_seconds
from providers.http import HttpClient, get_client
from providers.recording import Request
from providers.zamtel import wire
from providers.zamtel.credentials import CALLER, INITIATOR, NEEDED, SHAPE, secrets_of
from providers.zamtel.records import clean, spellings
from providers.zamtel.shape_a import SHAPE_A
from providers.zamtel.shape_b import SHAPE_B
from providers.zamtel.shapes import OWN_CONNECTION, Shape

SHAPES: Mapping[str, Shape] = {"a": SHAPE_A, "b": SHAPE_B}
DEFAULT_SHAPE = "a"
RANDOM_BYTES = 14  # 112 bits make 23 characters of base 32; with the N before them, 24


class ZamtelAdapter:
    """Stateless. What Zamtel does with a repeated reference is not known, so nothing that may have left is repeated."""

    name = "zamtel"
    settle_seconds = 60.0  # Zamtel never says "not found"; this only bounds how late an order may still leave
    calls_back = CallsBack.NEVER
    echoes_amounts = False
    required_credentials = CALLER
    optional_credentials = (*INITIATOR, SHAPE)
    identity_credentials: tuple[str, ...] = ("third_party_id", "shortcode")

    def __init__(self, *, client: HttpClient | None = None) -> None:
        self._own_client = client

    @property
    def _client(self) -> HttpClient:
        """Asked for each time: after a fork, the process has a new one."""
        return self._own_client or get_client()

    def operations(self, credentials: Mapping[str, str]) -> frozenset[Operation]:
        return frozenset(
            operation for operation, names in NEEDED.items() if all(credentials.get(name) for name in names)
        )

    def new_reference(self) -> str:
        """24 letters and digits, for want of a limit that Zamtel names."""
        return "N" + base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode().rstrip("=")

    def refund_operation(self, *, is_partial: bool) -> Operation:
        return Operation.TRANSFER

    def refuses_duplicates(self, operation: Operation) -> bool:
        return False

    def answers_lookups(self, operation: Operation) -> bool:
        return False

    def send(self, account: Account, instruction: Instruction) -> Outcome:
        """Blocks while the payer enters a PIN: 90 s and more. It goes out once, whatever comes back."""
        if refusal := wire.unsendable(account, instruction):
            return refusal
        shape = SHAPES.get(account.credentials.get(SHAPE) or DEFAULT_SHAPE)
        if shape is None:
            return wire.UNKNOWN_SHAPE
        if steady_seconds() > instruction.send_before:
            return verdicts.TOO_LATE
        answer = self._client.send(shape.message(account, instruction), account.timeouts)
        return replace(wire.read(answer, instruction, shape.said), exchanges=(clean(answer.exchange),))

    def lookup(self, account: Account, operation: Operation, reference: str) -> Outcome:
        """Always UNKNOWN, and no call is made."""
        return wire.NO_ENQUIRIES

    def probe(self, account: Account, operation: Operation) -> Outcome:
        """The bare address: no credential, no parameter, so that nothing can move."""
        hidden = spellings(secrets_of(account.credentials))
        request = Request("probe", "GET", account.base_url, OWN_CONNECTION, secrets=hidden)
        answer = self._client.send(request, account.timeouts)
        return replace(wire.read_probe(answer), exchanges=(clean(answer.exchange),))

    def account_holder(self, account: Account, phone: str) -> HolderStatus:
        return HolderStatus.UNKNOWN

    def balance(self, account: Account, operation: Operation) -> Balance | None:
        return None

    def read_report(self, operation: Operation, body: bytes) -> Outcome | None:
        """Of a look-up there is none, and what answered an order is no report."""
        return None

    def read_callback(self, body: bytes) -> CallbackClaim:
        raise ValueError("Zamtel calls nobody back")

    def prove_callback(self, credentials: Mapping[str, str], body: bytes) -> CallbackProof:
        return CallbackProof.NONE
