"""The simulated Airtel calls back: with or without a hash, once, twice, early, late, wrongly or never."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from providers.simulator.airtel.callbacks import written
from providers.simulator.server import Simulator
from providers.simulator.switches import DEFAULTS
from tests.providers.callback_server import CallbackServer
from tests.providers.control import call
from tests.providers.simulated_airtel import AirtelCaller, new_id

SECRET = "a4f48f692d2b4df9acbad7dff60a32a6"


def skip(simulator: Simulator, seconds: float = 60) -> None:
    call(simulator.url, "POST", "/_control/clock", {"advance_seconds": seconds})


@pytest.fixture
def called_back(simulator: Simulator, callback_server: CallbackServer) -> AirtelCaller:
    """An application with an address for callbacks and a secret for their hash."""
    portal = {"callback_url": f"{callback_server.url}/cb/airtel/x", "callback_secret": SECRET}
    account = {"network": "airtel", "client_id": "app-1", "client_secret": "secret-1", **portal}
    assert call(simulator.url, "POST", "/_control/accounts", account).status == 201
    return AirtelCaller(simulator.url)


def hash_over(text: str) -> str:
    return base64.b64encode(hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()).decode()


def test_the_end_is_called_back_with_a_hash(called_back: AirtelCaller, callback_server: CallbackServer) -> None:
    reference = new_id()
    called_back.collect(id=reference)
    [(method, path, body)] = callback_server.wait_for(1)
    told = json.loads(body)
    assert (method, path) == ("POST", "/cb/airtel/x")
    assert (told["transaction"]["id"], told["transaction"]["status_code"]) == (reference, "TS")
    assert told["transaction"]["airtel_money_id"].startswith("MP")
    del told["hash"]
    assert json.loads(body)["hash"] == hash_over(json.dumps(told, separators=(",", ":")))


@pytest.mark.parametrize("form", ["compact", "spaced", "indented", "inner", "raw"])
def test_the_hash_may_be_over_any_writing_of_the_same(
    called_back: AirtelCaller, callback_server: CallbackServer, faults: Any, form: str
) -> None:
    faults(callback_hash_over=form)
    called_back.collect()
    [(_, _, body)] = callback_server.wait_for(1)
    told = json.loads(body)
    stated, whole = told.pop("hash"), body.decode()
    fitting = {
        "compact": json.dumps(told, separators=(",", ":")),
        "spaced": json.dumps(told),
        "indented": json.dumps(told, indent=2),
        "inner": json.dumps(told["transaction"], separators=(",", ":")),
        "raw": whole.replace(f',"hash":"{stated}"', ""),
    }
    assert [name for name, text in fitting.items() if hash_over(text) == stated][-1:] == [form]


def test_the_published_example_of_a_hash_is_made_from_indented_json() -> None:
    transaction = {
        "id": "BBZMiscxy",
        "message": "Paid UGX 5,000 to TECH LIMITED, Trans ID MP210603.1234.L06941.",
        "status_code": "TS",
        "airtel_money_id": "MP210603.1234.L06941",
    }
    body = written(transaction, SECRET, DEFAULTS | {"callback_hash_over": "indented"})
    assert json.loads(body)["hash"] == "zITVAAGYSlzl1WkUQJn81kbpT5drH3koffT8jCkcJJA="


@pytest.mark.parametrize(("switch", "stated"), [("wrong", True), ("none", False)])
def test_the_hash_may_be_wrong_or_missing(
    called_back: AirtelCaller, callback_server: CallbackServer, faults: Any, switch: str, *, stated: bool
) -> None:
    faults(callback_hash=switch)
    called_back.collect()
    told = json.loads(callback_server.wait_for(1)[0][2])
    assert ("hash" in told) is stated
    transaction = {"transaction": told["transaction"]}
    assert told.get("hash") != hash_over(json.dumps(transaction, separators=(",", ":")))


def test_an_intermediate_callback_comes_first(
    called_back: AirtelCaller, callback_server: CallbackServer, faults: Any
) -> None:
    faults(intermediate_callback=True, approve_seconds=0.2)
    called_back.collect()
    words = [json.loads(body)["transaction"]["status_code"] for _, _, body in callback_server.wait_for(2)]
    assert words == ["TIP", "TS"]


def test_callbacks_lie_come_twice_or_early_or_not_at_all(
    called_back: AirtelCaller, callback_server: CallbackServer, faults: Any, simulator: Simulator
) -> None:
    faults(callback="lying", callback_copies=2)
    called_back.collect()
    words = [json.loads(body)["transaction"]["status_code"] for _, _, body in callback_server.wait_for(2)]
    assert (words, simulator.books.counts("airtel")["movements"]) == (["TF", "TF"], 1)
    faults(callback_before_answer=True)
    called_back.collect()
    assert len(callback_server.received) == 3
    faults(callback="lost")
    called_back.collect()
    skip(simulator)
    assert len(callback_server.received) == 3


def test_a_late_callback_comes_in_skipped_time(
    called_back: AirtelCaller, callback_server: CallbackServer, faults: Any, simulator: Simulator
) -> None:
    faults(callback_delay_seconds=300)
    called_back.collect()
    skip(simulator)
    assert callback_server.received == []
    skip(simulator, 400)
    assert len(callback_server.wait_for(1)) == 1


def test_the_books_and_the_portal_survive_a_restart(tmp_path: Path, callback_server: CallbackServer) -> None:
    state, reference = tmp_path / "sim.jsonl", new_id()
    account = {"network": "airtel", "client_id": "app-1", "callback_url": callback_server.url}
    with Simulator(state=state) as simulator:
        call(simulator.url, "POST", "/_control/accounts", account)
        simulator.faults.replace({"set": {"approve_seconds": 3600}})
        AirtelCaller(simulator.url).collect(id=reference)
    with Simulator(state=state) as simulator:
        skip(simulator, 4000)
        assert AirtelCaller(simulator.url).word(reference) == "TS"
        assert len(callback_server.wait_for(1)) == 1
        AirtelCaller(simulator.url).collect()
        skip(simulator)
        assert len(callback_server.wait_for(2)) == 2
