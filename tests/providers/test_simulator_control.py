"""The control API: what moved, what was asked, and what shall go wrong."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from providers.base import Account, Kind, Operation
from providers.mtn.adapter import MtnAdapter
from providers.simulator.faults import Faults
from providers.simulator.server import Simulator, serve
from providers.simulator.timers import Timers
from tests.providers.control import call


def control(simulator: Simulator, method: str, path: str, body: Any = None) -> Any:
    return call(simulator.url, method, f"/_control/{path}", body)


def test_the_ledger_shows_each_movement_and_every_double(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, final_outcome: Any
) -> None:
    twice = [make_request(external_id="pay_2") for _ in range(2)]
    for request in (make_request(), make_request(phone="260966000451"), *twice):
        adapter.send(account, request)
        final_outcome(request.reference)
    ledger = control(simulator, "GET", "ledger").json()
    assert (ledger["count"], ledger["totals"], ledger["doubles"]) == (3, {"ZMW": "450.00"}, {"pay_2": 2})
    assert ledger["by_reference"][twice[0].reference] == 1
    assert {each["phone"] for each in ledger["movements"]} == {"260961234567"}
    assert len(control(simulator, "GET", "ledger?external_id=pay_2").json()["movements"]) == 2


def test_requests_are_remembered_without_secrets(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any
) -> None:
    adapter.send(account, make_request())
    seen = control(simulator, "GET", "requests").json()
    assert seen["counts"] == {"token": 1, "collect": 1}
    last = seen["requests"][-1]
    assert (last["operation"], last["answer"], last["headers"]["authorization"]) == ("collect", 202, "…")
    assert json.loads(last["body"])["payer"]["partyId"] == "260961234567"
    assert "x-callback-url" not in last["headers"]
    health = control(simulator, "GET", "health").json()
    assert (health["status"], health["requests"], health["payments"]) == ("ok", 2, 1)
    assert health["connections"] >= 1


def test_a_waiting_payment_is_approved_or_declined_by_hand(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, faults: Any
) -> None:
    faults(approve_seconds=None)
    yes, no = make_request(), make_request()
    for request in (yes, no):
        adapter.send(account, request)
    assert control(simulator, "POST", f"approve/{yes.reference}").json()["status"] == "SUCCESSFUL"
    assert control(simulator, "POST", f"decline/{no.reference}").json()["reason"] == "APPROVAL_REJECTED"
    assert control(simulator, "POST", f"approve/{no.reference}").status == 409
    assert control(simulator, "POST", "approve/nothing").status == 404
    assert adapter.lookup(account, Operation.COLLECT, yes.reference).kind is Kind.SUCCEEDED
    assert len(control(simulator, "GET", "payments").json()["payments"]) == 2


def test_a_reset_empties_the_world(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, final_outcome: Any
) -> None:
    request = make_request()
    adapter.send(account, request)
    final_outcome(request.reference)
    control(simulator, "PUT", "faults", {"set": {"answer": "reset"}})
    assert control(simulator, "POST", "reset").status == 200
    assert control(simulator, "GET", "ledger").json()["count"] == 0
    assert control(simulator, "GET", "requests").json()["requests"] == []
    assert control(simulator, "GET", "faults").json()["set"]["answer"] == "normal"
    assert control(simulator, "GET", "callbacks").json() == {"callbacks": []}


def test_tokens_can_be_revoked(simulator: Simulator, adapter: MtnAdapter, account: Account) -> None:
    adapter.account_holder(account, "260961234567")
    assert control(simulator, "POST", "revoke_tokens").json() == {"revoked": 1}


@pytest.mark.parametrize(
    "wanted",
    [
        [], {"sett": {}}, {"set": {"anwser": "reset"}}, {"set": {"answer": "explode"}},
        {"set": {"approve_seconds": "1"}}, {"set": {"approve_seconds": -1}}, {"set": {"ongoing_seconds": None}},
        {"set": {"strict_credentials": 1}}, {"rules": [{"match": {"color": "red"}}]},
        {"rules": [{"match": {"operation": "refunds"}}]}, {"rules": [{"times": "3"}]}, {"rules": ["x"]},
    ],
)  # fmt: skip
def test_a_mistaken_fault_is_refused_and_changes_nothing(simulator: Simulator, wanted: Any) -> None:
    before = control(simulator, "GET", "faults").json()
    refused = control(simulator, "PUT", "faults", wanted)
    assert refused.status == 400
    assert refused.json()["error"]
    assert control(simulator, "GET", "faults").json() == before


def test_an_unknown_control_is_not_found(simulator: Simulator) -> None:
    assert control(simulator, "GET", "everything").status == 404


def test_a_forged_callback_to_nowhere_reports_the_error(simulator: Simulator) -> None:
    for url in ("http://127.0.0.1:9/", "nonsense"):
        result = control(simulator, "POST", "callbacks", {"url": url, "body": "{}"}).json()
        assert result["status"] is None
        assert result["error"]
    assert control(simulator, "POST", "callbacks", {}).status == 400


def test_rules_count_only_the_requests_that_they_act_on() -> None:
    faults = Faults(seed=1)
    faults.replace({"set": {"callback_copies": 2}, "rules": [{"times": 2, "set": {"callback": "lost"}}]})
    assert faults.switches("collect")["callback"] == "normal"
    assert [faults.switches("callback")["callback"] for _ in range(3)] == ["lost", "lost", "normal"]
    assert faults.as_json()["rules"][0]["used"] == 2
    assert faults.switches("callback")["callback_copies"] == 2


def test_rules_match_a_number_or_a_payment_and_later_rules_win() -> None:
    faults = Faults(seed=1)
    faults.replace(
        {
            "rules": [
                {"match": {"phone": "260961"}, "set": {"answer": "reset"}},
                {"match": {"external_id": "pay_1"}, "set": {"answer": "hang"}},
            ]
        }
    )
    assert faults.switches("collect", phone="260961")["answer"] == "reset"
    assert faults.switches("collect", phone="260961", external_id="pay_1")["answer"] == "hang"
    assert faults.switches("collect", phone="260962")["answer"] == "normal"


def test_chance_is_repeatable_by_seed() -> None:
    def draw(seed: int) -> list[str]:
        faults = Faults(seed)
        faults.replace({"rules": [{"probability": 0.5, "set": {"answer": "reset"}}]})
        return [faults.switches("collect")["answer"] for _ in range(50)]

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    assert {"reset", "normal"} == set(draw(3))


def test_a_failing_timer_does_not_stop_the_others() -> None:
    timers, done, said = Timers(), [], []
    listener = logging.Handler()
    listener.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("providers.simulator.timers").addHandler(listener)
    timers.after(0.01, lambda: 1 / 0)
    timers.after(0.02, lambda: done.append("later"))
    timers.after(60, lambda: done.append("never"))
    for _ in range(100):
        if done:
            break
        time.sleep(0.01)
    timers.stop()
    assert done == ["later"]
    logging.getLogger("providers.simulator.timers").removeHandler(listener)
    assert said == ["a timed action failed"]


# --- restarts


@pytest.fixture
def restart(tmp_path: Path) -> Callable[[], Simulator]:
    return lambda: Simulator(state=tmp_path / "sim" / "ledger.jsonl", fsync=True)


def test_what_moved_survives_a_restart_and_what_was_pending_goes_on(
    restart: Any, adapter: MtnAdapter, make_account: Any, make_request: Any
) -> None:
    done, waiting, declined = make_request(), make_request(), make_request()
    with restart() as simulator:
        simulator.faults.replace({"set": {"approve_seconds": 0.2}})
        account = make_account(simulator.url)
        for request in (done, waiting, declined):
            adapter.send(account, request)
        simulator.settlement.finish(done.reference, "SUCCESSFUL", "")
        simulator.settlement.finish(declined.reference, "FAILED", "EXPIRED")
    with restart() as simulator:
        account = make_account(simulator.url)
        assert adapter.lookup(account, Operation.COLLECT, done.reference).kind is Kind.SUCCEEDED
        assert adapter.lookup(account, Operation.COLLECT, declined.reference).code == "payer_timeout"
        assert adapter.send(account, done).provider_code == "RESOURCE_ALREADY_EXIST"
        for _ in range(100):
            if adapter.lookup(account, Operation.COLLECT, waiting.reference).kind is Kind.SUCCEEDED:
                break
            time.sleep(0.01)
        ledger = simulator.books.ledger()
        assert ledger["by_reference"] == {done.reference: 1, waiting.reference: 1}
        assert len({each["financial_transaction_id"] for each in ledger["movements"]}) == 2


def test_a_line_cut_short_by_a_crash_is_dropped(
    restart: Any, adapter: MtnAdapter, make_account: Any, make_request: Any, tmp_path: Path
) -> None:
    with restart() as simulator:
        adapter.send(make_account(simulator.url), make_request())
    journal = tmp_path / "sim" / "ledger.jsonl"
    journal.write_bytes(journal.read_bytes() + b'{"event":"acc')
    with restart() as simulator:
        assert len(simulator.books.payments()) == 1
        adapter.send(make_account(simulator.url), make_request())
        control(simulator, "POST", "reset")
    with restart() as simulator:
        assert simulator.books.payments() == []


def test_serving_ends_on_a_signal_and_gives_the_handlers_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    urls: list[str] = []

    def ready(url: str) -> None:
        urls.append(call(url, "GET", "/_control/health").json()["status"])
        os.kill(os.getpid(), signal.SIGTERM)

    serve(port=0, ready=ready)
    assert urls == ["ok"]
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.processes
def test_the_simulator_runs_as_a_process_and_stops_on_request(tmp_path: Path) -> None:
    script = tmp_path / "faults.json"
    script.write_text('{"set": {"approve_seconds": 0.5}}')
    command = [sys.executable, "-m", "providers.simulator", "--port", "0", "--script", str(script), "--seed", "7"]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        assert call(url, "GET", "/_control/faults").json()["set"]["approve_seconds"] == 0.5
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
