"""The truth about money: whole, in pieces, and after the simulator was killed."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from providers.base import Account, Kind, Operation
from providers.mtn.adapter import MtnAdapter
from providers.simulator.server import Simulator
from tests.providers.control import call


def ledger(url: str, query: str = "") -> Any:
    return call(url, "GET", f"/_control/ledger{query}").json()


@pytest.fixture
def busy(collected: Any, adapter: MtnAdapter, account: Account, make_refund: Any, final_outcome: Any) -> Any:
    """Three collections, and a refund of the last."""
    paid = [collected(external_id=f"pay_{number}") for number in range(3)][-1]
    refund = make_refund(paid)
    adapter.send(account, refund)
    final_outcome(refund.reference, Operation.REFUND)
    return refund


def test_each_movement_says_which_way_the_money_went(simulator: Simulator, busy: Any) -> None:
    truth = ledger(simulator.url)
    assert [(each["direction"], each["kind"]) for each in truth["movements"]] == [("in", "collection")] * 3 + [
        ("out", "refund")
    ]
    assert (truth["totals"], truth["totals_out"]) == ({"ZMW": "450.00"}, {"ZMW": "150.00"})
    assert truth["movements"][-1]["original_reference"] == busy.original_reference
    assert (truth["doubles"], truth["over_refunded"]) == ({}, {})


def test_the_ledger_can_be_read_in_pieces(simulator: Simulator, busy: Any) -> None:
    pieces, position = [], 0
    while (piece := ledger(simulator.url, f"?since={position}&limit=3"))["movements"]:
        pieces += piece["movements"]
        position = piece["next"]
        assert piece["count"] == 4
    assert pieces == ledger(simulator.url)["movements"]


def test_the_compact_ledger_has_rows_in_place_of_objects(simulator: Simulator, busy: Any) -> None:
    compact, whole = ledger(simulator.url, "?compact=1"), ledger(simulator.url)
    rows = [dict(zip(compact["columns"], row, strict=True)) for row in compact["movements"]]
    assert [row["reference"] for row in rows] == [each["reference"] for each in whole["movements"]]
    assert "by_reference" not in compact


def test_the_newest_payments_come_first_and_the_waiting_ones_alone(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, busy: Any
) -> None:
    adapter.send(account, make_request(phone="260966000454"))
    shown = lambda query: call(simulator.url, "GET", f"/_control/payments{query}").json()["payments"]  # noqa: E731
    assert [each["kind"] for each in shown("?limit=2")] == ["collection", "refund"]
    assert [each["phone"] for each in shown("?waiting=1")] == ["260966000454"]


def test_a_journal_from_before_payouts_is_read(tmp_path: Path) -> None:
    state = tmp_path / "sim.jsonl"
    payment: dict[str, Any] = dict.fromkeys(
        ("reference", "api_user", "phone", "party_type", "external_id", "payer_message", "payee_note", "callback_url"),
        "x",
    )
    payment |= {"amount": "5.00", "currency": "ZMW", "accepted_at": 1.0, "settle_at": 2.0}
    payment |= {"plan_status": "SUCCESSFUL", "plan_reason": ""}
    settled = {"event": "settled", "reference": "x", "status": "SUCCESSFUL", "reason": "", "at": 2.0}
    lines = [{"event": "accepted", "payment": payment}, settled | {"financial_id": "1"}]
    state.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with Simulator(state=state) as simulator:
        (movement,) = ledger(simulator.url)["movements"]
        assert (movement["kind"], movement["direction"], movement["amount"]) == ("collection", "in", "5.00")


@pytest.mark.processes
def test_money_that_moved_survives_a_kill(
    tmp_path: Path, adapter: MtnAdapter, make_account: Any, make_request: Any, make_payout: Any, make_refund: Any
) -> None:
    script = tmp_path / "faults.json"
    script.write_text('{"set": {"approve_seconds": 0}}')
    command = [sys.executable, "-m", "providers.simulator", "--port", "0", "--state", str(tmp_path / "sim.jsonl")]
    root = Path(__file__).resolve().parents[2]

    def start() -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen([*command, "--script", str(script)], stdout=subprocess.PIPE, text=True, cwd=root)
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        return process, found[0]

    process, url = start()
    paid = make_request()
    account = make_account(url)
    for order in (paid, make_payout(), make_refund(paid, external_id="ref_1"), make_refund(paid, external_id="ref_2")):
        assert adapter.send(account, order).kind is Kind.PENDING
        while adapter.lookup(account, order.operation, order.reference).kind is Kind.PENDING:
            continue
    before = ledger(url)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=5)
    process, url = start()
    after = ledger(url)
    process.terminate()
    process.communicate(timeout=5)
    assert after == before
    assert (after["count"], list(after["over_refunded"])) == (4, [paid.reference])
