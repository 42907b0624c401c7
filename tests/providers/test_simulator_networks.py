"""Three networks behind one port: one ledger, one clock and one page, and nothing of one seen by another."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from providers.base import Account, Kind
from providers.mtn.adapter import MtnAdapter
from providers.simulator.server import Simulator
from tests.providers.control import call
from tests.providers.simulated_airtel import AirtelCaller, new_id

ROOT = Path(__file__).resolve().parents[2]
ZAMTEL = "/ZampayRestProd/Req?ThirdPartyID=SHOP&Password=p&Amount=10&Msisdn=260955000123&Shortcode=1&ConversationId="


def ledger(url: str, query: str = "") -> Any:
    return call(url, "GET", f"/_control/ledger{query}").json()


def skip(url: str, seconds: float = 60) -> None:
    call(url, "POST", "/_control/clock", {"advance_seconds": seconds})


@pytest.fixture
def busy(simulator: Simulator, collected: Any) -> Simulator:
    """A world in which money moved on each network."""
    collected()
    AirtelCaller(simulator.url).collect()
    call(simulator.url, "GET", f"{ZAMTEL}PGWZ1")
    skip(simulator.url)
    return simulator


def test_the_ledger_is_whole_or_of_one_network(busy: Simulator) -> None:
    sums = {
        network: ledger(busy.url, f"?network={network}")["totals"]["ZMW"] for network in ("mtn", "airtel", "zamtel")
    }
    assert sums == {"mtn": "150.00", "airtel": "150.50", "zamtel": "10"}
    assert ledger(busy.url)["totals"] == {"ZMW": "310.50"}
    assert ledger(busy.url, "?network=vodacom").keys() == {"error"}
    piece = ledger(busy.url, "?network=airtel&since=0&limit=5&compact=1")
    assert [row[piece["columns"].index("network")] for row in piece["movements"]] == ["airtel"]


def test_one_reference_may_be_known_to_each_network(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, faults: Any
) -> None:
    request = make_request()
    faults(production_strictness=False)
    adapter.send(account, request)
    assert AirtelCaller(simulator.url).collect(id=request.reference).json()["status"]["success"] is True
    call(simulator.url, "GET", f"{ZAMTEL}{request.reference}")
    skip(simulator.url)
    assert {each["network"] for each in ledger(simulator.url)["movements"]} == {"mtn", "airtel", "zamtel"}
    assert ledger(simulator.url)["doubles"] == {}


def test_a_rule_for_one_network_leaves_the_others_alone(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, faults: Any
) -> None:
    faults({"match": {"network": "airtel"}, "script": "html_403"})
    assert AirtelCaller(simulator.url).collect().status == 403
    assert adapter.send(account, make_request()).kind is Kind.PENDING
    refused = call(simulator.url, "PUT", "/_control/faults", {"rules": [{"match": {"network": "vodacom"}}]})
    assert refused.status == 400


def test_an_old_journal_is_one_of_mtn(tmp_path: Path) -> None:
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
        assert [each["network"] for each in ledger(simulator.url, "?network=mtn")["movements"]] == ["mtn"]


def test_the_page_shows_one_network_or_all(busy: Simulator) -> None:
    page = lambda query: call(busy.url, "GET", f"/{query}").body.decode()  # noqa: E731
    everything, airtel = page(""), page("?network=airtel")
    for number in ("260961234567", "260977000123", "260955000123"):
        assert f"<td>{number}</td>" in everything
        assert (f"<td>{number}</td>" in airtel) is (number == "260977000123")
    assert '<a class="button" href="/?network=airtel" aria-current="page">Airtel</a>' in airtel
    assert "<dd>150.50 ZMW</dd>" in airtel
    assert page("?network=<script>") == everything


def test_an_order_of_any_network_is_decided_on_the_page(simulator: Simulator) -> None:
    airtel, reference = AirtelCaller(simulator.url), new_id()
    airtel.collect(id=reference, phone="977000454")
    [value] = re.findall(r'name="reference" value="([^"]+)"', call(simulator.url, "GET", "/").body.decode())
    form = urlencode({"verdict": "approve", "reference": value}).encode()
    assert call(simulator.url, "POST", "/page/decide", form).status == 303
    assert airtel.word(reference) == "TS"


def test_a_rule_for_a_network_is_added_on_the_page(simulator: Simulator) -> None:
    form = urlencode({"script": "html_403", "by": "network", "value": "zamtel"}).encode()
    assert call(simulator.url, "POST", "/page/add_rule", form).status == 303
    assert simulator.faults.as_json()["rules"][0]["match"] == {"network": "zamtel"}
    assert call(simulator.url, "GET", f"{ZAMTEL}one").status == 403


def test_the_help_names_every_number_and_script() -> None:
    command = [sys.executable, "-m", "providers.simulator", "--help"]
    words = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    for wanted in ("260977xxxNNN", "458 ambiguous, then done", "459 E8027, yet moved", "hang_for_ever", "B2CReq"):
        assert wanted in words


@pytest.mark.processes
def test_money_of_every_network_survives_a_kill(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "providers.simulator", "--port", "0", "--state", str(tmp_path / "sim.jsonl")]

    def start() -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        call(url, "PUT", "/_control/faults", {"set": {"approve_seconds": 0}})
        return process, url

    process, url = start()
    airtel, reference = AirtelCaller(url), new_id()
    airtel.collect(id=reference)
    while airtel.word(reference) != "TS":
        continue
    money_id = airtel.enquire(reference)["data"]["transaction"]["airtel_money_id"]
    airtel.pay_out()
    for _ in range(2):
        call(url, "GET", f"{ZAMTEL}PGWZ1")
    before = ledger(url)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=5)
    process, url = start()
    assert ledger(url) == before
    assert (before["count"], before["doubles"]) == (4, {"PGWZ1": 2})
    assert AirtelCaller(url).refund(money_id)["data"]["transaction"]["status"] == "SUCCESS"
    process.terminate()
    process.communicate(timeout=5)
