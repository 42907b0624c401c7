"""Airtel Money as a provider: each operation is a message out and a table that reads the answer."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import replace

from providers.airtel import callbacks, enquiry, holders, messages, wire
from providers.airtel.asking import Line
from providers.airtel.codes import KEY_REFUSALS
from providers.airtel.credentials import IDENTITY, NEEDED, OPTIONAL, REQUIRED, missing, needs_public_key
from providers.airtel.encryption import UnusableKeyError
from providers.airtel.keys import KeyCache
from providers.airtel.parsing import id_of
from providers.airtel.privacy import without_balance
from providers.airtel.tokens import TokenCache
from providers.base import (
    Account,
    Balance,
    CallbackClaim,
    CallbackProof,
    CallsBack,
    HolderStatus,
    Instruction,
    Kind,
    Operation,
    Outcome,
)
from providers.http import HttpClient
from providers.tokens import Grant, Token

# No instruction has this reference; Airtel's "not found" is an answer like any other.
PROBE_REFERENCE = "NOBODYHASTHISREFERENCE00"

_NO_KEY_NEEDED = Grant(Token("", 0.0, 0.0), wire.UNUSABLE_KEY)


class AirtelAdapter:
    """Stateless but for tokens and Airtel's public key. A reference that exists already protects a re-send."""

    name = "airtel"
    calls_back = CallsBack.PER_ACCOUNT
    echoes_amounts = False
    required_credentials = REQUIRED
    optional_credentials = OPTIONAL
    identity_credentials = IDENTITY

    def __init__(
        self,
        *,
        client: HttpClient | None = None,
        tokens: TokenCache | None = None,
        keys: KeyCache | None = None,
        settle_seconds: float = 180.0,  # Airtel wants no enquiry earlier
    ) -> None:
        self.settle_seconds = settle_seconds
        self._line = Line(client, tokens or TokenCache(), keys or KeyCache())

    def operations(self, credentials: Mapping[str, str]) -> frozenset[Operation]:
        return frozenset(operation for operation in NEEDED if not missing(credentials, operation))

    def new_reference(self) -> str:
        """24 letters and digits, 115 bits of them random. Longer ones, and hyphens, are refused in production."""
        return "N" + base64.b32encode(secrets.token_bytes(15)).decode()[:23]

    def refund_operation(self, *, is_partial: bool) -> Operation:
        """Airtel's refund names no amount: it pays back all of it."""
        return Operation.TRANSFER if is_partial else Operation.REFUND

    def refuses_duplicates(self, operation: Operation) -> bool:
        """A refund carries no reference of ours."""
        return operation is not Operation.REFUND

    def answers_lookups(self, operation: Operation) -> bool:
        return operation in messages.ENQUIRIES

    def send(self, account: Account, instruction: Instruction) -> Outcome:
        """It goes out twice only after a 401, which proves that the first was not taken."""
        operation = instruction.operation
        if names := missing(account.credentials, operation):
            return wire.missing_credentials(names)
        if operation is Operation.REFUND and not id_of(instruction.original_provider_reference):
            return wire.NO_ORIGINAL
        wants_key = needs_public_key(account.credentials, operation)
        key = self._line.public_key(account) if wants_key else _NO_KEY_NEEDED
        if key.token is None:
            return replace(key.refusal, exchanges=key.exchanges)
        outcome = self._send(account, instruction, key.token)
        if outcome.provider_code in KEY_REFUSALS:
            self._line.reject_public_key(account, key.token)
        return replace(outcome, exchanges=key.exchanges + outcome.exchanges)

    def lookup(self, account: Account, operation: Operation, reference: str) -> Outcome:
        """The state of an earlier instruction. UNKNOWN: nothing was learned."""
        if not self.answers_lookups(operation):
            return enquiry.NO_ENQUIRIES
        reply = self._line.ask(account, lambda bearer: messages.lookup(account, bearer, operation, reference))
        told = enquiry.read_lookup(operation, reference, reply.answer) if reply.answer else None
        return _recorded(operation, replace(told or enquiry.unasked(reply.refusal), exchanges=reply.exchanges))

    def probe(self, account: Account, operation: Operation) -> Outcome:
        asked = operation if self.answers_lookups(operation) else Operation.COLLECT
        outcome = self.lookup(account, asked, PROBE_REFERENCE)
        return outcome if outcome.trouble else replace(outcome, kind=Kind.PENDING)

    def account_holder(self, account: Account, phone: str) -> HolderStatus:
        reply = self._line.ask(account, lambda bearer: messages.account_holder(account, bearer, phone))
        return holders.read_holder(reply.answer) if reply.answer else HolderStatus.UNKNOWN

    def balance(self, account: Account, operation: Operation) -> Balance | None:
        """Airtel tells one balance per application, whatever the operation."""
        reply = self._line.ask(account, lambda bearer: messages.balance(account, bearer))
        return holders.read_balance(reply.answer) if reply.answer else None

    def read_report(self, operation: Operation, body: bytes) -> Outcome | None:
        return enquiry.read_report(operation, body)

    def read_callback(self, body: bytes) -> CallbackClaim:
        return callbacks.read_callback(body)

    def prove_callback(self, credentials: Mapping[str, str], body: bytes) -> CallbackProof:
        """NONE without the secret: hashes are switched on per application in Airtel's portal."""
        secret = credentials.get("callback_secret")
        return callbacks.prove_callback(secret, body) if secret else CallbackProof.NONE

    def _send(self, account: Account, instruction: Instruction, key: Token) -> Outcome:
        try:
            order = messages.order(account, instruction, key.bearer)
        except UnusableKeyError:
            self._line.reject_public_key(account, key)
            return wire.UNUSABLE_KEY
        reply = self._line.ask(
            account, lambda bearer: order.request(account, bearer), send_before=instruction.send_before
        )
        outcome = wire.read_send(instruction.operation, reply.answer) if reply.answer else reply.refusal
        return _recorded(instruction.operation, replace(outcome, exchanges=reply.exchanges))


def _recorded(operation: Operation, outcome: Outcome) -> Outcome:
    """The outcome with its exchanges as people may see them."""
    if operation is not Operation.TRANSFER:
        return outcome
    return replace(outcome, exchanges=tuple(map(without_balance, outcome.exchanges)))
