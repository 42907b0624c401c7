"""MTN MoMo as a provider: each operation is a message out and a table that reads the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf
from uuid import uuid4

from providers import verdicts
from providers.base import (
    Account,
    Balance,
    CallbackClaim,
    CallbackProof,
    CallsBack,
    Exchange,
    HolderStatus,
    Instruction,
    Kind,
    Operation,
    Outcome,
)
from providers.clock import steady_seconds
from providers.http import Answer, HttpClient, get_client
from providers.mtn import messages, wire
from providers.mtn.products import COLLECTION, DISBURSEMENT, RESOURCES, Product
from providers.mtn.tokens import TokenCache
from providers.recording import Request

# No instruction has this reference; MTN's "not found" is an answer like any other.
PROBE_REFERENCE = "00000000-0000-4000-8000-000000000000"

# What makes the message, once there is a token to put into it.
Message = Callable[[str], Request]


@dataclass(frozen=True, slots=True)
class Reply:
    """What asking MTN came to: an answer, or the refusal that kept the message from being sent."""

    answer: Answer | None
    refusal: Outcome
    exchanges: tuple[Exchange, ...] = ()


class MtnAdapter:
    """Stateless but for the token cache. 409 protects a re-send, so duplicates are refused."""

    name = "mtn"
    calls_back = CallsBack.PER_OPERATION
    echoes_amounts = True
    required_credentials = COLLECTION.credential_names
    optional_credentials = DISBURSEMENT.credential_names
    identity_credentials: tuple[str, ...] = (
        "api_user",
        "target_environment",
        "disbursement_api_user",
        "disbursement_target_environment",
    )

    def __init__(
        self,
        *,
        client: HttpClient | None = None,
        tokens: TokenCache | None = None,
        settle_seconds: float = 60.0,
    ) -> None:
        self.settle_seconds = settle_seconds
        self._own_client = client
        self._tokens = tokens or TokenCache()

    @property
    def _client(self) -> HttpClient:
        """Asked for each time: after a fork, the process has a new one."""
        return self._own_client or get_client()

    def operations(self, credentials: Mapping[str, str]) -> frozenset[Operation]:
        return frozenset(
            operation for operation, resource in RESOURCES.items() if not resource.product.missing(credentials)
        )

    def new_reference(self) -> str:
        """MTN takes nothing but a UUID of version 4."""
        return str(uuid4())

    def refund_operation(self, *, is_partial: bool) -> Operation:
        return Operation.REFUND

    def refuses_duplicates(self, operation: Operation) -> bool:
        return True

    def answers_lookups(self, operation: Operation) -> bool:
        return True

    def send(self, account: Account, instruction: Instruction) -> Outcome:
        """It goes out twice only after a 401, which proves that the first was not taken."""
        reply = self._ask(
            account,
            RESOURCES[instruction.operation].product,
            lambda bearer: messages.instruction(account, bearer, instruction),
            send_before=instruction.send_before,
        )
        outcome = wire.read(wire.SENDING[instruction.operation], reply.answer) if reply.answer else reply.refusal
        return replace(outcome, exchanges=reply.exchanges)

    def lookup(self, account: Account, operation: Operation, reference: str) -> Outcome:
        """The state of an earlier instruction. UNKNOWN: nothing was learned."""
        reply = self._ask(
            account,
            RESOURCES[operation].product,
            lambda bearer: messages.lookup(account, bearer, operation, reference),
        )
        outcome = wire.read_lookup(reply.answer, operation) if reply.answer else wire.unasked(reply.refusal)
        return replace(outcome, exchanges=reply.exchanges)

    def probe(self, account: Account, operation: Operation) -> Outcome:
        outcome = self.lookup(account, operation, PROBE_REFERENCE)
        return outcome if outcome.trouble else replace(outcome, kind=Kind.PENDING)

    def account_holder(self, account: Account, phone: str) -> HolderStatus:
        """Asked with the collection product, or with the other one where that is all there is."""
        product = DISBURSEMENT if COLLECTION.missing(account.credentials) else COLLECTION
        reply = self._ask(account, product, lambda bearer: messages.account_holder(account, bearer, product, phone))
        return wire.read_holder(reply.answer) if reply.answer else HolderStatus.UNKNOWN

    def balance(self, account: Account, operation: Operation) -> Balance | None:
        product = RESOURCES[operation].product
        reply = self._ask(account, product, lambda bearer: messages.balance(account, bearer, product))
        return wire.read_balance(reply.answer) if reply.answer else None

    def read_report(self, operation: Operation, body: bytes) -> Outcome | None:
        return wire.read_report(operation, body)

    def read_callback(self, body: bytes) -> CallbackClaim:
        return wire.read_callback(body)

    def prove_callback(self, credentials: Mapping[str, str], body: bytes) -> CallbackProof:
        """MTN signs nothing; the address that we gave it is signed instead."""
        return CallbackProof.NONE

    def _ask(self, account: Account, product: Product, message: Message, *, send_before: float = inf) -> Reply:
        """Send a message, and once more with a fresh token when the first token was rejected."""
        if missing := product.missing(account.credentials):
            return Reply(None, wire.missing_credentials(missing))
        reply = Reply(None, wire.TOKEN.otherwise)
        for _ in range(2):
            grant = self._tokens.get(account, self._client, product)
            exchanges = reply.exchanges + grant.exchanges
            if grant.token is None:
                return Reply(None, grant.refusal, exchanges)
            # The token may have taken long, or the machine slept: see Instruction.send_before.
            if steady_seconds() > send_before:
                return Reply(None, verdicts.TOO_LATE, exchanges)
            answer = self._client.send(message(grant.token.bearer), account.timeouts)
            reply = Reply(answer, grant.refusal, (*exchanges, answer.exchange))
            if answer.error or answer.status != 401:
                break
            self._tokens.reject(account, grant.token, product)
        return reply
