"""The simulated Zamtel, shape A: one GET, and the answer is what became of the money."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from providers.simulator.server import Simulator
from providers.simulator.zamtel.scenarios import SCENARIOS
from tests.providers.control import Reply, call

CALLER = {"ThirdPartyID": "SHOP_Caller", "Password": "secret & more", "Shortcode": "000001"}
INITIATOR = {"identifier": "shop_operator", "credential": "initiator-secret"}
Get = Callable[..., Reply]


@pytest.fixture
def collect(simulator: Simulator) -> Get:
    return lambda **changes: order(simulator.url, "ZampayRestProd/Req", **changes)


@pytest.fixture
def pay_out(simulator: Simulator) -> Get:
    return lambda **changes: order(simulator.url, "ZampayRestProd/B2CReq", **INITIATOR | changes)


def order(url: str, path: str, **changes: str) -> Reply:
    facts = CALLER | {"Amount": "150.50", "Msisdn": "260955000123", "ConversationId": "PGW01HZX7"} | changes
    return call(url, "GET", f"/{path}?{urlencode(facts)}")


def ledger(simulator: Simulator) -> Any:
    return call(simulator.url, "GET", "/_control/ledger?network=zamtel").json()


def test_the_answer_says_that_the_money_moved(simulator: Simulator, collect: Get) -> None:
    reply = collect(Reference="INV1001")
    [moved] = ledger(simulator)["movements"]
    number = moved["financial_transaction_id"]
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert reply.json() == {
        "Conversation id": "PGW01HZX7", "message": "Success", "status": "0", "TransactionId": number,
        "Transaction id": number,
    }  # fmt: skip
    assert (len(number), moved["network"], moved["amount"], moved["external_id"]) == (12, "zamtel", "150.50", "INV1001")
    assert (moved["reference"], moved["api_user"], moved["kind"]) == ("PGW01HZX7", "SHOP_Caller", "collection")


def test_a_payout_moves_money_the_other_way(simulator: Simulator, pay_out: Get) -> None:
    assert pay_out().json()["status"] == "0"
    [moved] = ledger(simulator)["movements"]
    assert (moved["kind"], moved["direction"]) == ("transfer", "out")


def test_the_test_application_has_an_address_of_its_own(simulator: Simulator) -> None:
    assert order(simulator.url, "ZampayRest/Req").json()["status"] == "0"
    assert call(simulator.url, "GET", "/ZampayRestProd").status == 404
    assert call(simulator.url, "POST", "/ZampayRestProd/Req", b"").status == 404


ENDS = {
    "450": ("2006", 0), "451": ("E8003", 0), "452": ("-1", 0), "453": ("0", 1), "455": ("E8036", 0),
    "456": ("2005", 0), "457": ("2004", 0), "458": ("E8027", 0), "459": ("E8027", 1), "460": ("-1", 1),
    "461": ("E9999", 0), "462": ("E9999", 1), "463": ("2001", 0),
}  # fmt: skip


@pytest.mark.parametrize("path", ["ZampayRestProd/Req", "ZampayRestProd/B2CReq"])
@pytest.mark.parametrize("ending", ENDS)
def test_a_number_decides_how_an_order_ends(simulator: Simulator, path: str, ending: str) -> None:
    told = order(simulator.url, path, Msisdn=f"260955000{ending}", **INITIATOR).json()
    assert (told["status"], ledger(simulator)["count"]) == ENDS[ending]
    assert ("TransactionId" in told) is (told["status"] == "0")


def test_the_code_may_have_another_name(collect: Get) -> None:
    told = collect(Msisdn="260955000464").json()
    assert (told["StatusCode"], "status" in told) == ("0", False)


def test_every_number_has_an_expected_end() -> None:
    assert {*ENDS, "454", "464"} == set(SCENARIOS)


@pytest.mark.parametrize(("ending", "code"), [("704", "2006"), ("712", "E9999"), ("700", "0")])
def test_numbers_of_pawapay_work_too(collect: Get, ending: str, code: str) -> None:
    assert collect(Msisdn=f"260953456{ending}").json()["status"] == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Password": "wrong"}, "E8027"),
        ({"ThirdPartyID": ""}, "E8027"),
        ({"ConversationId": ""}, "E8027"),
        ({"Amount": "0"}, "2004"),
        ({"Amount": "1.999"}, "2004"),
        ({"Amount": "1e3"}, "2004"),
        ({"Msisdn": "955000123"}, "E8036"),
    ],
)
def test_what_is_wrong_moves_nothing(simulator: Simulator, collect: Get, changes: dict[str, str], code: str) -> None:
    assert collect(**changes).json()["status"] == code
    assert simulator.books.payments() == []


@pytest.mark.parametrize("changes", [{"Password": "wrong-1"}, {"credential": "wrong-1"}])
def test_an_initiator_who_is_not_known_is_told_so(pay_out: Get, changes: dict[str, str]) -> None:
    assert pay_out(**changes).json()["status"] == "2001"


def test_a_payout_needs_an_initiator(pay_out: Get) -> None:
    assert pay_out(identifier="").json()["status"] == "E8027"


def test_the_float_is_finite(pay_out: Get, faults: Any) -> None:
    faults(float=200)
    assert [pay_out(ConversationId=each).json()["status"] for each in ("one", "two")] == ["0", "2006"]


# --- one reference twice


def test_one_reference_charges_twice(simulator: Simulator, collect: Get) -> None:
    assert [collect().json()["status"] for _ in range(3)] == ["0", "0", "0"]
    truth = ledger(simulator)
    assert (truth["count"], truth["doubles"], truth["by_reference"]) == (3, {"PGW01HZX7": 3}, {"PGW01HZX7": 3})
    assert len({each["financial_transaction_id"] for each in truth["movements"]}) == 3


def test_a_switch_refuses_a_reference_that_was_seen(simulator: Simulator, collect: Get, faults: Any) -> None:
    faults(refuse_duplicates=True)
    assert [collect().json()["status"] for _ in range(2)] == ["0", "E8888"]
    assert ledger(simulator)["doubles"] == {}


def test_two_orders_with_one_text_are_no_double(simulator: Simulator, collect: Get) -> None:
    for reference in ("one", "two"):
        collect(ConversationId=reference, Reference="INV1001")
    assert (ledger(simulator)["count"], ledger(simulator)["doubles"]) == (2, {})


# --- time


def test_the_answer_waits_for_the_payer(collect: Get, faults: Any) -> None:
    faults(approve_seconds=0.4)
    began = time.monotonic()
    assert collect().json()["status"] == "0"
    assert time.monotonic() - began > 0.35


def in_background(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def until_waiting(simulator: Simulator) -> None:
    for _ in range(300):
        if simulator.books.latest(1, waiting=True):
            return
        time.sleep(0.01)
    raise AssertionError("no order came")


@pytest.mark.parametrize(("verdict", "code"), [("approve", "0"), ("decline", "E8003")])
def test_a_person_ends_the_wait(simulator: Simulator, collect: Get, verdict: str, code: str) -> None:
    told: list[str] = []
    asking = in_background(lambda: told.append(collect(Msisdn="260955000454").json()["status"]))
    until_waiting(simulator)
    assert call(simulator.url, "POST", f"/_control/{verdict}/PGW01HZX7").status == 200
    asking.join(timeout=5)
    assert told == [code]


def test_the_clock_ends_the_wait(simulator: Simulator, collect: Get, faults: Any) -> None:
    faults(approve_seconds=120)
    told: list[str] = []
    asking = in_background(lambda: told.append(collect().json()["status"]))
    until_waiting(simulator)
    call(simulator.url, "POST", "/_control/clock", {"advance_seconds": 130})
    asking.join(timeout=5)
    assert told == ["0"]


@pytest.mark.parametrize("end", ["reset", "stop"])
def test_nobody_waits_for_a_world_that_is_gone(end: str) -> None:
    lost: list[bool] = []

    def ask() -> None:
        with pytest.raises(ConnectionError):
            order(simulator.url, "ZampayRestProd/Req", Msisdn="260953456789")
        lost.append(True)

    with Simulator() as simulator:
        asking = in_background(ask)
        until_waiting(simulator)
        if end == "reset":
            call(simulator.url, "POST", "/_control/reset")
            asking.join(timeout=5)
    asking.join(timeout=5)
    assert lost == [True]


# --- misfortunes


@pytest.mark.parametrize(
    ("script", "is_taken"),
    [
        ("accept_then_reset", True), ("reset_before_accepting", False), ("accept_then_504", True),
        ("accept_then_garbage", True), ("accept_then_500", True), ("html_403", False), ("rate_limited", False),
        ("refuse_with_503", False),
    ],
)  # fmt: skip
def test_an_answer_says_nothing_about_what_was_taken(
    simulator: Simulator, collect: Get, faults: Any, script: str, *, is_taken: bool
) -> None:
    faults({"match": {"network": "zamtel"}, "script": script})
    try:
        assert "status" not in collect().body.decode()
    except ConnectionError:
        assert "reset" in script
    call(simulator.url, "POST", "/_control/clock", {"advance_seconds": 10})
    assert ledger(simulator)["count"] == is_taken


@pytest.mark.parametrize(("script", "is_taken"), [("accept_then_hang_for_ever", True), ("hang_for_ever", False)])
def test_it_hangs_for_ever(simulator: Simulator, collect: Get, faults: Any, script: str, *, is_taken: bool) -> None:
    faults({"match": {"phone": "260955000123"}, "script": script})
    with pytest.raises(TimeoutError):
        collect()
    assert ledger(simulator)["count"] == is_taken


def test_an_order_arrives_late_and_a_second_time(simulator: Simulator, collect: Get, faults: Any) -> None:
    faults({"match": {"operation": "collect"}, "script": "late_execution", "times": 1})
    with pytest.raises(ConnectionError):
        collect()
    assert collect().json()["status"] == "0"
    call(simulator.url, "POST", "/_control/clock", {"advance_seconds": 60})
    assert ledger(simulator)["doubles"] == {"PGW01HZX7": 2}


@pytest.mark.parametrize("executes", ["now", "never"])
def test_any_code_may_be_told(simulator: Simulator, collect: Get, faults: Any, executes: str) -> None:
    faults({"match": {"reference": "PGW01HZX7"}, "set": {"answer_code": "E7777", "executes": executes}})
    assert collect().json()["status"] == "E7777"
    call(simulator.url, "POST", "/_control/clock", {"advance_seconds": 10})
    assert ledger(simulator)["count"] == (executes == "now")


def test_the_password_is_not_remembered(simulator: Simulator, pay_out: Get) -> None:
    pay_out()
    seen = call(simulator.url, "GET", "/_control/requests").json()["requests"]
    assert (seen[-1]["network"], seen[-1]["query"]["Msisdn"]) == ("zamtel", "260955000123")
    assert CALLER["Password"] not in str(seen)
    assert INITIATOR["credential"] not in str(seen)


def test_charges_survive_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "sim.jsonl"
    with Simulator(state=state) as simulator:
        simulator.faults.replace({"set": {"approve_seconds": 0}})
        for _ in range(2):
            order(simulator.url, "ZampayRestProd/Req")
        before = ledger(simulator)
    with Simulator(state=state) as simulator:
        assert ledger(simulator) == before
        assert before["doubles"] == {"PGW01HZX7": 2}
