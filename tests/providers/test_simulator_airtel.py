"""The simulated Airtel collects: as strict as the real one, and as vague in what it says."""

import json
from decimal import Decimal
from typing import Any

import pytest

from providers.simulator.airtel.scenarios import COLLECTIONS
from providers.simulator.server import Simulator
from tests.providers.control import call
from tests.providers.simulated_airtel import CLIENT, AirtelCaller, codes, new_id, push

ACK = (200, "200", "DP00800001006")


@pytest.fixture
def airtel(simulator: Simulator) -> AirtelCaller:
    return AirtelCaller(simulator.url)


def skip(simulator: Simulator, seconds: float = 60) -> None:
    call(simulator.url, "POST", "/_control/clock", {"advance_seconds": seconds})


def movements(simulator: Simulator, query: str = "?network=airtel") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(simulator.url, "GET", f"/_control/ledger{query}").json()["movements"]
    return found


# --- signing in


def test_a_token_lives_for_three_minutes_and_says_so_in_text(simulator: Simulator, airtel: AirtelCaller) -> None:
    token = call(simulator.url, "POST", "/auth/oauth2/token", CLIENT).json()
    assert (token["expires_in"], token["token_type"]) == ("180", "bearer")
    assert airtel.collect().status == 200
    skip(simulator, 181)
    late = airtel.collect()
    assert (late.status, late.json()["error"]) == (401, "invalid_token")


def test_wrong_credentials_get_no_token(simulator: Simulator, airtel: AirtelCaller, faults: Any) -> None:
    sign_in = lambda **changes: call(simulator.url, "POST", "/auth/oauth2/token", CLIENT | changes)  # noqa: E731
    assert sign_in(client_secret="another").json()["error"] == "invalid_client"
    assert sign_in(client_id="app-2", client_secret="wrong").status == 401
    assert sign_in(grant_type="password").json()["error"] == "unsupported_grant_type"
    faults(strict_credentials=True)
    assert sign_in(client_id="app-3").status == 401


def test_a_request_without_a_token_is_turned_away_by_the_gateway(simulator: Simulator) -> None:
    reply = call(simulator.url, "GET", "/standard/v1/payments/x")
    assert (reply.status, reply.json()) == (
        401, {"error_description": "The access token is missing", "error": "invalid_request"}
    )  # fmt: skip
    assert call(simulator.url, "GET", "/standard/v9/x").json() == {"message": "no Route matched with those values"}


# --- orders


def test_a_push_is_acknowledged_and_paid_later(simulator: Simulator, airtel: AirtelCaller, faults: Any) -> None:
    reference = new_id()
    faults(approve_seconds=30)
    reply = airtel.collect(id=reference)
    assert codes(reply) == ACK
    assert reply.json()["data"]["transaction"] == {"id": reference, "status": "SUCCESS"}
    assert airtel.word(reference) == "TIP"
    assert movements(simulator) == []
    skip(simulator)
    paid = airtel.enquire(reference)["data"]["transaction"]
    [moved] = movements(simulator)
    assert (paid["status"], paid["airtel_money_id"]) == ("TS", moved["financial_transaction_id"])
    assert (moved["network"], moved["phone"], moved["amount"]) == ("airtel", "260977000123", "150.50")
    assert (moved["external_id"], moved["reference"]) == ("INV1001", reference)


@pytest.mark.parametrize(("header", "code"), [("X-Country", "ESB000008"), ("X-Currency", "ESB000008")])
def test_a_header_of_the_country_must_be_there(airtel: AirtelCaller, header: str, code: str) -> None:
    del airtel.headers[header]
    assert codes(airtel.collect()) == (200, "400", code)


@pytest.mark.parametrize(
    ("header", "value", "code"), [("X-Country", "UG", "ROUTER006"), ("X-Currency", "UGX", "ROUTER112")]
)
def test_a_header_of_the_country_must_fit(airtel: AirtelCaller, header: str, value: str, code: str) -> None:
    airtel.headers[header] = value
    assert codes(airtel.collect()) == (200, "400", code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"phone": "260977000123"}, ("400", "ESB000033")),
        ({"phone": "0977000123"}, ("400", "ESB000033")),
        ({"phone": "111000123"}, ("400", "DP00800001005")),
        ({"id": "a" * 25}, ("500", "DP00800001005")),
        ({"id": "8f4b7f1e-6a6c"}, ("500", "DP00800001005")),
        ({"reference": "Order 1001"}, ("500", "DP00800001005")),
        ({"id": ""}, ("400", "ROUTER003")),
        ({"amount": 0}, ("400", "DP00800001004")),
        ({"amount": -1}, ("400", "DP00800001004")),
        ({"amount": 150.499999}, ("400", "DP00800001004")),
        ({"amount": True}, ("400", "DP00800001004")),
        ({"amount": "much"}, ("400", "DP00800001004")),
    ],
)
def test_orders_are_checked(
    simulator: Simulator, airtel: AirtelCaller, changes: dict[str, Any], code: tuple[str, str]
) -> None:
    assert codes(airtel.collect(**changes)) == (200, *code)
    assert simulator.books.payments() == []


def test_a_body_must_be_whole(airtel: AirtelCaller) -> None:
    path, order = "/merchant/v1/payments", push()
    for body in (b"[]", b"{", {"reference": "INV1"}, {**order, "subscriber": "977000123"}):
        assert codes(airtel.post(path, body)) == (200, "400", "ROUTER003")
    elsewhere = {**order, "transaction": {**order["transaction"], "currency": "UGX"}}
    assert codes(airtel.post(path, elsewhere)) == (200, "400", "ESB000035")


def test_only_production_minds_long_ids(airtel: AirtelCaller, faults: Any) -> None:
    faults(production_strictness=False)
    assert codes(airtel.collect(id="8f4b7f1e-6a6c-4a07-8a50-1a3d9d0a5b21")) == ACK


@pytest.mark.parametrize("amount", ["200", 200, 200.1, "200.10"])
def test_an_amount_is_a_number_or_its_text(simulator: Simulator, airtel: AirtelCaller, amount: Any) -> None:
    assert codes(airtel.collect(amount=amount)) == ACK
    assert Decimal(simulator.books.payments()[0].amount) == Decimal(str(amount))


def test_an_id_is_taken_once(simulator: Simulator, airtel: AirtelCaller) -> None:
    reference = new_id()
    airtel.collect(id=reference)
    again = airtel.collect(id=reference)
    assert codes(again) == (200, "400", "ESB000041")
    assert "response_code" not in again.json()["status"]
    skip(simulator)
    assert len(movements(simulator)) == 1


def test_what_is_unknown_is_said_in_several_words(airtel: AirtelCaller, faults: Any) -> None:
    ask = lambda: airtel.get("/standard/v1/payments/nothing")  # noqa: E731
    assert (codes(ask()), ask().json()["status"]["message"]) == ((200, "400", "DP00800001005"), "TransactionNot Found")
    for code in ("DP00800001025", "ESB000045"):
        faults(not_found_code=code)
        assert codes(ask()) == (200, "400", code)
    faults(failures_as_http_200=False)
    assert ask().status == 400


def test_an_order_is_seen_by_its_own_application_only(simulator: Simulator, airtel: AirtelCaller) -> None:
    reference = new_id()
    airtel.collect(id=reference)
    other = AirtelCaller(simulator.url, client=CLIENT | {"client_id": "app-2"})
    assert codes(other.get(f"/standard/v1/payments/{reference}"))[1] == "400"


# --- outcomes by number

ENDS = {
    "450": ("TF", "DP00800001007"), "451": ("TF", "DP00800001002"), "452": ("TE", "DP00800001029"),
    "453": ("TS", "DP00800001001"), "454": ("TIP", "DP00800001006"), "455": ("TF", "DP00800001010"),
    "456": ("TF", "DP00800001003"), "457": ("TF", "DP00800001008"), "458": ("TS", "DP00800001001"),
    "459": ("TF", "DP00800001013"), "460": ("TF", "DP00800001004"), "461": ("TF", "DP00800001005"),
    "465": ("TF", "DP00800001013"), "466": ("TF", "DP008001021"), "467": ("TA", "DP00800001000"),
}  # fmt: skip
PAWAPAY = {"019": "TF", "039": "TF", "049": "TF", "069": "TF", "129": "TIP", "789": "TS"}


@pytest.mark.parametrize("ending", ENDS)
def test_a_number_decides_how_a_collection_ends(
    simulator: Simulator, airtel: AirtelCaller, faults: Any, ending: str
) -> None:
    reference = new_id()
    faults(approve_seconds=30, ongoing_seconds=30)
    assert codes(airtel.collect(id=reference, phone=f"977000{ending}")) == ACK
    first = airtel.word(reference)
    assert first == ("TA" if COLLECTIONS[ending].pending == "TA" else "TIP")
    skip(simulator)
    told = airtel.enquire(reference)
    assert (told["data"]["transaction"]["status"], told["status"]["response_code"]) == ENDS[ending]
    assert bool(movements(simulator)) is (ENDS[ending][0] == "TS")


@pytest.mark.parametrize(("ending", "word"), PAWAPAY.items())
def test_numbers_of_pawapay_work_too(simulator: Simulator, airtel: AirtelCaller, ending: str, word: str) -> None:
    reference = new_id()
    airtel.collect(id=reference, phone=f"973456{ending}")
    skip(simulator)
    assert airtel.word(reference) == word


@pytest.mark.parametrize(
    ("ending", "code", "moves"), [("462", "400", False), ("463", "500", False), ("464", "500", True)]
)
def test_a_number_is_answered_badly_at_the_door(
    simulator: Simulator, airtel: AirtelCaller, ending: str, code: str, *, moves: bool
) -> None:
    assert codes(airtel.collect(phone=f"977000{ending}")) == (200, code, "DP00800001005")
    skip(simulator)
    assert bool(movements(simulator)) is moves


def test_every_number_has_an_expected_end() -> None:
    assert {*ENDS, "462", "463", "464"} == set(COLLECTIONS)


# --- what it says


def test_the_envelope_may_say_the_opposite(simulator: Simulator, airtel: AirtelCaller, faults: Any) -> None:
    paid, failed = new_id(), new_id()
    airtel.collect(id=paid)
    airtel.collect(id=failed, phone="977000450")
    skip(simulator)
    faults(contradictory_envelope=True)
    told = [airtel.enquire(each) for each in (paid, failed)]
    assert [each["data"]["transaction"]["status"] for each in told] == ["TS", "TF"]
    assert [each["status"]["success"] for each in told] == [False, True]
    assert told[0]["status"]["response_code"] == "DP00800001006"


def test_a_money_id_may_be_no_id(simulator: Simulator, airtel: AirtelCaller, faults: Any) -> None:
    reference = new_id()
    airtel.collect(id=reference)
    skip(simulator)
    faults(money_id="NA")
    assert airtel.enquire(reference)["data"]["transaction"]["airtel_money_id"] == "NA"


@pytest.mark.parametrize("word", ["TI", "TA"])
def test_what_goes_on_may_be_called_otherwise(airtel: AirtelCaller, faults: Any, word: str) -> None:
    reference = new_id()
    faults(approve_seconds=None, status_while_pending=word)
    airtel.collect(id=reference)
    assert airtel.word(reference) == word


def test_a_person_decides_by_the_reference(simulator: Simulator, airtel: AirtelCaller, faults: Any) -> None:
    yes, no = new_id(), new_id()
    faults(approve_seconds=None)
    for reference in (yes, no):
        airtel.collect(id=reference)
    assert call(simulator.url, "POST", f"/_control/approve/{yes}").status == 200
    assert call(simulator.url, "POST", f"/_control/decline/{no}").status == 200
    assert (airtel.word(yes), airtel.word(no)) == ("TS", "TF")


# --- misfortunes

TAKEN = {"executes": "now"}
TROUBLES = [
    ({"answer": "timeout_504", **TAKEN}, 504, True),
    ({"answer": "timeout_408", **TAKEN}, 408, True),
    ({"answer": "bad_gateway_502", "executes": "never"}, 502, False),
    ({"answer": "html_403"}, 403, False),
    ({"answer": "ip_403"}, 403, False),
    ({"answer": "not_entitled_403"}, 403, False),
    ({"answer": "no_route_404"}, 404, False),
    ({"answer": "rate_limited"}, 429, False),
    ({"answer": "garbage", **TAKEN}, 200, True),
    ({"answer": "empty_200", **TAKEN}, 200, True),
    ({"answer": "error_500", **TAKEN}, 500, True),
    ({"answer": "unavailable_503"}, 503, False),
    ({"answer_code": "ROUTER117", **TAKEN}, 200, True),
    ({"answer_code": "ESB000014"}, 200, False),
]


@pytest.mark.parametrize(("switches", "status", "is_taken"), TROUBLES)
def test_an_answer_says_nothing_about_what_was_taken(
    simulator: Simulator, airtel: AirtelCaller, faults: Any, switches: dict[str, Any], status: int, *, is_taken: bool
) -> None:
    faults({"match": {"network": "airtel", "operation": "collect"}, "set": switches})
    assert airtel.collect().status == status
    assert bool(simulator.books.payments("airtel")) is is_taken


@pytest.mark.parametrize(("ending", "is_taken"), [("701", True), ("714", False)])
def test_a_connection_is_reset_before_or_after(
    simulator: Simulator, airtel: AirtelCaller, ending: str, *, is_taken: bool
) -> None:
    with pytest.raises(ConnectionError):
        airtel.collect(phone=f"977000{ending}")
    assert bool(simulator.books.payments("airtel")) is is_taken


def test_an_order_arrives_late(simulator: Simulator, airtel: AirtelCaller) -> None:
    reference = new_id()
    with pytest.raises(ConnectionError):
        airtel.collect(id=reference, phone="977000712")
    assert codes(airtel.get(f"/standard/v1/payments/{reference}"))[1] == "400"
    skip(simulator)
    assert airtel.word(reference) == "TS"


def test_rules_of_another_network_leave_airtel_alone(airtel: AirtelCaller, faults: Any) -> None:
    faults({"match": {"network": "mtn"}, "set": {"answer": "rate_limited"}})
    assert codes(airtel.collect()) == ACK


@pytest.mark.parametrize("match", [{"phone": "260977000123"}, {"external_id": "INV1001"}, {"reference": "PGWX"}])
def test_a_rule_finds_an_order_by_what_it_says(airtel: AirtelCaller, faults: Any, match: dict[str, str]) -> None:
    faults({"match": match, "set": {"answer": "rate_limited"}})
    assert airtel.collect(id="PGWX").status == 429
    assert airtel.collect(id="PGWY", phone="977999999", reference="OTHER").status == 200


# --- the control API


def test_networks_are_told_apart_in_the_control_api(simulator: Simulator, airtel: AirtelCaller) -> None:
    airtel.collect()
    skip(simulator)
    assert len(movements(simulator, "")) == 1
    assert movements(simulator, "?network=mtn") == []
    payments = call(simulator.url, "GET", "/_control/payments?network=airtel").json()["payments"]
    assert [each["network"] for each in payments] == ["airtel"]
    assert call(simulator.url, "GET", "/_control/payments?network=vodacom").status == 400
    assert call(simulator.url, "GET", "/_control/accounts").json()["accounts"][0]["network"] == "airtel"
    assert call(simulator.url, "POST", "/_control/revoke_tokens").json() == {"revoked": 1}


def test_requests_are_remembered_without_secrets(simulator: Simulator, airtel: AirtelCaller) -> None:
    airtel.collect()
    seen = call(simulator.url, "GET", "/_control/requests").json()["requests"]
    assert [(each["network"], each["operation"]) for each in seen] == [("airtel", "token"), ("airtel", "collect")]
    assert "secret-1" not in json.dumps(seen)
    assert airtel.headers["Authorization"] not in json.dumps(seen)
