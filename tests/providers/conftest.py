"""The world of the provider tests: a simulator, an adapter, and accounts and requests for them."""

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from providers.base import Account, Instruction, Kind, Operation, Outcome, Timeouts
from providers.http import HttpClient
from providers.mtn.adapter import MtnAdapter
from providers.simulator.server import Simulator
from tests.providers.callback_server import CallbackServer
from tests.providers.control import call
from tests.providers.raw_server import Behaviour, RawServer

QUICK = {"approve_seconds": 0.02, "ongoing_seconds": 0.06}


@pytest.fixture(scope="session")
def network() -> Iterator[Simulator]:
    with Simulator(seed=1) as running:
        yield running


@pytest.fixture
def simulator(network: Simulator) -> Simulator:
    """The one simulator, with an empty world."""
    call(network.url, "POST", "/_control/reset")
    network.faults.replace({"set": QUICK})
    return network


@pytest.fixture
def faults(simulator: Simulator) -> Callable[..., None]:
    """Set switches for all requests, or by rules, on top of the quick timing."""

    def put(*rules: dict[str, Any], **switches: Any) -> None:
        simulator.faults.replace({"set": QUICK | switches, "rules": list(rules)})

    return put


@pytest.fixture
def client() -> Iterator[HttpClient]:
    client = HttpClient()
    yield client
    client.close()


@pytest.fixture
def adapter(client: HttpClient) -> MtnAdapter:
    return MtnAdapter(client=client)


@pytest.fixture
def timeouts() -> Timeouts:
    return Timeouts(connect_seconds=0.5, read_seconds=0.3, total_seconds=0.6, token_seconds=0.6)


@pytest.fixture
def make_account(timeouts: Timeouts) -> Callable[..., Account]:
    def make(base_url: str, **credentials: str) -> Account:
        defaults = {
            "subscription_key": "subscription-0123456789",
            "api_user": "5b8f2c9e-user",
            "api_key": "api-key-0123456789",
            "target_environment": "mtnzambia",
            "disbursement_subscription_key": "disbursement-subscription-0123456789",
            "disbursement_api_user": "7d1e4b0a-payer",
            "disbursement_api_key": "disbursement-key-0123456789",
            "disbursement_target_environment": "mtnzambia",
        }
        return Account("pa_1", base_url, defaults | credentials, timeouts)

    return make


@pytest.fixture
def account(simulator: Simulator, make_account: Callable[..., Account]) -> Account:
    return make_account(simulator.url)


@pytest.fixture
def make_request() -> Callable[..., Instruction]:
    def make(**changes: Any) -> Instruction:
        request = Instruction(
            operation=Operation.COLLECT,
            reference=str(uuid.uuid4()),
            amount=Decimal("150.00"),
            currency="ZMW",
            phone="260961234567",
            external_id="pay_1",
            payer_message="Order 1001",
            payee_note="Shop A",
            callback_url="",
        )
        return replace(request, **changes)

    return make


@pytest.fixture
def collected(
    adapter: MtnAdapter,
    account: Account,
    make_request: Callable[..., Instruction],
    final_outcome: Callable[..., Outcome],
) -> Callable[..., Instruction]:
    """A collection that succeeded."""

    def collect(**changes: Any) -> Instruction:
        request = make_request(**changes)
        adapter.send(account, request)
        assert final_outcome(request.reference).kind is Kind.SUCCEEDED
        return request

    return collect


@pytest.fixture
def make_payout(make_request: Callable[..., Instruction]) -> Callable[..., Instruction]:
    def make(**changes: Any) -> Instruction:
        return make_request(**{"operation": Operation.TRANSFER, "external_id": "out_1", **changes})

    return make


@pytest.fixture
def make_refund(make_request: Callable[..., Instruction]) -> Callable[..., Instruction]:
    def make(original: Instruction, **changes: Any) -> Instruction:
        facts = {"phone": original.phone, "amount": original.amount, "original_reference": original.reference}
        return make_request(**{"operation": Operation.REFUND, "external_id": "ref_1", **facts, **changes})

    return make


@pytest.fixture
def raw_server() -> Iterator[Callable[[Behaviour], RawServer]]:
    servers: list[RawServer] = []

    def start(behaviour: Behaviour) -> RawServer:
        servers.append(RawServer(behaviour))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def callback_server() -> Iterator[CallbackServer]:
    server = CallbackServer()
    yield server
    server.stop()


@pytest.fixture
def final_outcome(adapter: MtnAdapter, account: Account) -> Callable[..., Outcome]:
    """Look an order up until it has ended."""

    def wait(reference: str, operation: Operation = Operation.COLLECT) -> Outcome:
        for _ in range(200):
            outcome = adapter.lookup(account, operation, reference)
            if outcome.kind not in {Kind.PENDING, Kind.NOT_FOUND}:
                return outcome
            time.sleep(0.01)
        raise AssertionError("the payment did not end")

    return wait
