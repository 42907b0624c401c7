"""What every adapter owes the engine, whatever its network does: the same cases for all of them, over real HTTP.

A new provider joins by a line in NETWORKS and its part in the simulator.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

import pytest

from providers.base import Account, Instruction, Kind, Operation, Outcome, Provider, Timeouts
from providers.registry import PROVIDERS, get_provider
from providers.simulator.server import Simulator
from providers.simulator.switches import FAULTS
from tests.providers.control import call
from tests.world import airtel_credentials, mtn_credentials, zamtel_credentials

COLLECT, TRANSFER = Operation.COLLECT, Operation.TRANSFER
TIMEOUTS = Timeouts(connect_seconds=2, read_seconds=2, total_seconds=2, token_seconds=2)
HASTY = Timeouts(connect_seconds=0.5, read_seconds=0.3, total_seconds=0.6, token_seconds=2)
# What stands before a network says these; nothing that got them ever reached it.
AT_THE_DOOR = {"html_403", "ip_403", "not_entitled_403", "no_route_404", "rate_limited"}
CASES = [
    (fault, executes)
    for fault, executes in product(FAULTS, ("now", "never"))
    if executes == "never" or fault not in AT_THE_DOOR
]

Put = Callable[..., None]


@dataclass(frozen=True)
class Network:
    """One of them as the engine sees it: its adapter, an account there and a number that pays."""

    adapter: Provider
    account: Account
    phone: str
    url: str

    def order(self, operation: Operation) -> Instruction:
        return Instruction(
            operation=operation, reference=self.adapter.new_reference(), amount=Decimal("15.50"), currency="ZMW",
            phone=self.phone, external_id="pay_1", payer_message="Order 1001", payee_note="Shop A", callback_url="",
        )  # fmt: skip

    def send(self, order: Instruction, *, hasty: bool = False) -> Outcome:
        account = replace(self.account, timeouts=HASTY) if hasty else self.account
        return self.adapter.send(account, order)

    def orders_received(self, operation: Operation) -> int:
        requests = call(self.url, "GET", "/_control/requests").json()["requests"]
        return sum(each["operation"] == operation for each in requests)

    def movements(self) -> int:
        return len(call(self.url, "GET", "/_control/ledger").json()["movements"])

    def final(self, order: Instruction) -> Outcome:
        """What a look-up says once the network has decided."""
        give_up_at = time.monotonic() + 5
        while True:
            outcome = self.adapter.lookup(self.account, order.operation, order.reference)
            if outcome.kind is not Kind.PENDING or time.monotonic() > give_up_at:
                return outcome
            time.sleep(0.02)


CREDENTIALS = {"mtn": mtn_credentials, "airtel": airtel_credentials, "zamtel": zamtel_credentials}
PHONES = {"mtn": "260966000123", "airtel": "260977000123", "zamtel": "260955000123"}
PATHS = {"zamtel": "/ZampayRestProd"}


@pytest.fixture(params=sorted(PROVIDERS))
def network(request: pytest.FixtureRequest, simulator: Simulator) -> Network:
    name = request.param
    account = Account("pa_1", simulator.url + PATHS.get(name, ""), CREDENTIALS[name]("contract"), TIMEOUTS)
    get_provider.cache_clear()  # no token of another world
    return Network(get_provider(name), account, PHONES[name], simulator.url)


@pytest.fixture
def simulator(network_simulator: Simulator) -> Simulator:
    """The one simulator of these tests, empty and quick."""
    call(network_simulator.url, "POST", "/_control/reset")
    network_simulator.faults.replace({"set": {"approve_seconds": 0.02}})
    return network_simulator


@pytest.fixture(scope="module")
def network_simulator() -> Iterator[Simulator]:
    with Simulator(seed=1) as running:
        yield running


@pytest.fixture
def faults(simulator: Simulator) -> Put:
    def put(operation: str, **switches: object) -> None:
        simulator.faults.replace(
            {"set": {"approve_seconds": 0.02}, "rules": [{"match": {"operation": operation}, "set": switches}]}
        )

    return put


def may_be_repeated(network: Network, operation: Operation, outcome: Outcome) -> bool:
    """The engine sends it again under the same reference, and the network then says that it has it."""
    is_not_now = outcome.kind is Kind.REFUSED and outcome.retry_after_seconds is not None
    return is_not_now and outcome.low_trust and network.adapter.refuses_duplicates(operation)


@pytest.mark.parametrize("operation", [COLLECT, TRANSFER])
class TestOrders:
    def test_a_good_order_moves_the_money_once(self, network: Network, operation: Operation) -> None:
        order = network.order(operation)
        outcome = network.send(order)
        assert outcome.kind in {Kind.PENDING, Kind.SUCCEEDED}
        if network.adapter.answers_lookups(operation):
            assert network.final(order).kind is Kind.SUCCEEDED
        assert network.movements() == 1

    @pytest.mark.parametrize(("fault", "executes"), CASES)
    def test_no_fault_makes_it_say_what_is_not_so(
        self, network: Network, faults: Put, operation: Operation, fault: str, executes: str
    ) -> None:
        faults(operation, answer=fault, executes=executes, hang_seconds=3)
        order = network.order(operation)
        outcome = network.send(order, hasty=fault == "hang")
        assert outcome.kind is not Kind.FAILED, "a network in trouble has not refused the payer"
        if executes == "now":
            assert outcome.kind in {Kind.UNKNOWN, Kind.PENDING} or may_be_repeated(network, operation, outcome)
        else:
            assert outcome.kind is not Kind.SUCCEEDED
        assert network.orders_received(operation) == 1, "an adapter repeats nothing by itself"
        assert all(exchange.duration_ms < 5000 for exchange in outcome.exchanges)

    @pytest.mark.parametrize(("fault", "executes"), [("reset", "now"), ("timeout_504", "now"), ("reset", "never")])
    def test_a_look_up_by_our_reference_tells_what_became_of_it(
        self, network: Network, faults: Put, operation: Operation, fault: str, executes: str
    ) -> None:
        faults(operation, answer=fault, executes=executes)
        order = network.order(operation)
        network.send(order)
        told = network.final(order).kind
        if network.adapter.answers_lookups(operation):
            assert told is (Kind.SUCCEEDED if executes == "now" else Kind.NOT_FOUND)
        else:
            assert told is Kind.UNKNOWN

    def test_a_repeat_under_the_same_reference_moves_nothing_where_it_is_promised(
        self, network: Network, operation: Operation
    ) -> None:
        if not network.adapter.refuses_duplicates(operation):
            pytest.skip("the engine never repeats it")
        order = network.order(operation)
        for _ in range(2):
            outcome = network.send(order)
            assert outcome.kind in {Kind.PENDING, Kind.SUCCEEDED}
            network.final(order)
        assert network.movements() == 1

    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_look_up_in_trouble_teaches_nothing(
        self, network: Network, faults: Put, operation: Operation, fault: str
    ) -> None:
        order = network.order(operation)
        network.send(order)
        faults("lookup", answer=fault, hang_seconds=3)
        account = replace(network.account, timeouts=HASTY)
        assert network.adapter.lookup(account, operation, order.reference).kind is Kind.UNKNOWN

    def test_nothing_leaves_after_its_time(self, network: Network, operation: Operation) -> None:
        outcome = network.send(replace(network.order(operation), send_before=0.0))
        assert (outcome.kind, outcome.retry_after_seconds) == (Kind.REFUSED, 0.0)
        assert network.orders_received(operation) == 0

    def test_an_account_without_credentials_sends_nothing(self, network: Network, operation: Operation) -> None:
        outcome = network.adapter.send(replace(network.account, credentials={}), network.order(operation))
        assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.REFUSED, "credentials_rejected", True)
        assert network.orders_received(operation) == 0

    def test_a_server_that_is_not_there_has_received_nothing(
        self, network: Network, operation: Operation, closed_port: str
    ) -> None:
        outcome = network.adapter.send(replace(network.account, base_url=closed_port), network.order(operation))
        assert (outcome.kind, outcome.trouble) == (Kind.REFUSED, True)
        assert outcome.retry_after_seconds is not None
        assert not outcome.low_trust

    def test_no_secret_is_in_what_was_recorded(self, network: Network, operation: Operation) -> None:
        recorded = str(network.send(network.order(operation)).exchanges)
        secrets = [each for name, each in network.account.credentials.items() if name not in PUBLIC]
        assert recorded
        assert [each for each in secrets if each in recorded] == []


PUBLIC = {"api_user", "disbursement_api_user", "target_environment", "disbursement_target_environment", "client_id",
          "shortcode", "initiator"}  # fmt: skip


def test_references_are_unlike_each_other_and_fit_their_column(network: Network) -> None:
    made = {network.adapter.new_reference() for _ in range(1000)}
    assert len(made) == 1000
    assert max(map(len, made)) <= 64


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b"\xff\xfe", b"<html>", b'{"a":' * 500, b"9" * 5000])
def test_a_callback_that_is_none_is_refused_in_words(network: Network, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        network.adapter.read_callback(body)


def test_probing_moves_nothing(network: Network) -> None:
    for operation in (COLLECT, TRANSFER):
        assert network.adapter.probe(network.account, operation).kind is Kind.PENDING
    assert network.movements() == 0
