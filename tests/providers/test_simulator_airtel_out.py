"""The simulated Airtel pays out and pays back, with real keys, and answers about wallets."""

import base64
import json
import secrets
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from providers.simulator.airtel.scenarios import TRANSFERS
from providers.simulator.server import Simulator
from tests.providers.control import call
from tests.providers.simulated_airtel import CLIENT, AirtelCaller, codes, new_id, payout, push

DONE = (200, "200", "DP00900001001")


@pytest.fixture
def airtel(simulator: Simulator) -> AirtelCaller:
    return AirtelCaller(simulator.url)


def skip(simulator: Simulator, seconds: float = 60) -> None:
    call(simulator.url, "POST", "/_control/clock", {"advance_seconds": seconds})


def ledger(simulator: Simulator) -> Any:
    return call(simulator.url, "GET", "/_control/ledger?network=airtel").json()


def word(airtel: AirtelCaller, reference: str) -> str:
    return str(airtel.get(f"/standard/v3/disbursements/{reference}").json()["data"]["transaction"]["status"])


# --- payouts


def test_a_payout_is_carried_out_while_its_caller_waits(simulator: Simulator, airtel: AirtelCaller) -> None:
    reference = new_id()
    reply = airtel.pay_out(id=reference)
    told = reply.json()["data"]["transaction"]
    [moved] = ledger(simulator)["movements"]
    assert codes(reply) == DONE
    assert (told["id"], told["status"], "Your balance is" in told["message"]) == (reference, "TS", True)
    assert told["airtel_money_id"] == moved["financial_transaction_id"]
    assert (moved["direction"], moved["kind"], moved["amount"]) == ("out", "transfer", "200.00")
    assert word(airtel, reference) == "TS"


@pytest.mark.parametrize("path", ["/standard/v1/disbursements/", "/standard/v2/disbursements/"])
def test_older_versions_pay_out_too(airtel: AirtelCaller, path: str) -> None:
    assert codes(airtel.post(path, payout(airtel.sealed("1234"), amount="200"))) == DONE


ENDS = {
    "450": ("TF", "DP00900001007"), "451": ("TF", "DP00900001013"), "452": ("TA", "DP00900001014"),
    "453": ("TIP", "DP00900001006"), "454": ("TIP", "DP00900001006"), "455": ("TF", "DP00900001012"),
    "456": ("TF", "DP00900001003"), "457": ("TF", "DP00900001010"), "458": ("TA", "DP00900001000"),
    "459": ("TA", "DP00900001000"), "460": ("TF", "DP00900001004"), "461": ("TF", "DP00900001009"),
    "465": ("TF", "DP00900001019"), "467": ("TA", "DP00900001000"),
}  # fmt: skip
LATER = {"452": "TS", "453": "TS", "454": "TIP", "458": "TS", "459": "TF", "467": "TA"}


@pytest.mark.parametrize("ending", ENDS)
def test_a_number_decides_how_a_payout_ends(
    simulator: Simulator, airtel: AirtelCaller, faults: Any, ending: str
) -> None:
    reference = new_id()
    faults(ongoing_seconds=30)
    reply = airtel.pay_out(id=reference, phone=f"977000{ending}")
    assert (reply.json()["data"]["transaction"]["status"], codes(reply)[2]) == ENDS[ending]
    skip(simulator)
    assert word(airtel, reference) == LATER.get(ending, ENDS[ending][0])
    assert ledger(simulator)["count"] == (LATER.get(ending) == "TS")


@pytest.mark.parametrize(("ending", "code", "moves"), [("462", "400", 0), ("463", "500", 0), ("464", "500", 1)])
def test_a_number_is_answered_badly_at_the_door(
    simulator: Simulator, airtel: AirtelCaller, ending: str, code: str, moves: int
) -> None:
    assert codes(airtel.pay_out(phone=f"977000{ending}")) == (200, code, "DP00900001005")
    assert ledger(simulator)["count"] == moves


def test_every_number_has_an_expected_end() -> None:
    assert {*ENDS, "462", "463", "464"} == set(TRANSFERS)


@pytest.mark.parametrize(("ending", "end"), [("089", "TF"), ("119", "TF"), ("129", "TIP"), ("789", "TS")])
def test_numbers_of_pawapay_work_too(airtel: AirtelCaller, ending: str, end: str) -> None:
    assert airtel.pay_out(phone=f"973456{ending}").json()["data"]["transaction"]["status"] == end


def test_a_payout_id_is_taken_once(simulator: Simulator, airtel: AirtelCaller) -> None:
    reference = new_id()
    airtel.pay_out(id=reference)
    assert codes(airtel.pay_out(id=reference)) == (200, "400", "DP00900001017")
    assert ledger(simulator)["count"] == 1


def test_the_echoed_id_may_be_cut_short(airtel: AirtelCaller, faults: Any) -> None:
    faults(truncated_id=True)
    told = airtel.pay_out(id="PGW01HZX7PAYOUT1").json()["data"]["transaction"]
    assert told["id"] == "PGW01HZX7PAY"
    assert word(airtel, "PGW01HZX7PAYOUT1") == "TS"


def test_a_person_may_decide_a_payout(simulator: Simulator, airtel: AirtelCaller, faults: Any) -> None:
    reference = new_id()
    faults(approve_seconds=None)
    assert codes(airtel.pay_out(id=reference)) == (200, "200", "DP00900001006")
    call(simulator.url, "POST", f"/_control/approve/{reference}")
    assert word(airtel, reference) == "TS"


def test_a_payout_is_done_although_the_gateway_gave_up(simulator: Simulator, airtel: AirtelCaller, faults: Any) -> None:
    faults({"match": {"operation": "transfer"}, "set": {"answer": "timeout_504", "executes": "now"}})
    assert airtel.pay_out().status == 504
    assert ledger(simulator)["count"] == 1


def test_a_payout_arrives_late(simulator: Simulator, airtel: AirtelCaller) -> None:
    reference = new_id()
    with pytest.raises(ConnectionError):
        airtel.pay_out(id=reference, phone="977000712")
    path = f"/standard/v3/disbursements/{reference}"
    assert codes(airtel.get(path)) == (200, "400", "DP00900001005")
    skip(simulator)
    assert word(airtel, reference) == "TS"


def test_the_float_is_finite(airtel: AirtelCaller, faults: Any) -> None:
    faults(float=300)
    assert codes(airtel.pay_out()) == DONE
    assert codes(airtel.pay_out())[2] == "DP00900001007"
    assert airtel.get("/standard/v1/users/balance").json()["data"]["balance"] == "100.00"


def test_collections_and_payouts_are_looked_up_apart(airtel: AirtelCaller) -> None:
    reference = new_id()
    airtel.pay_out(id=reference)
    assert airtel.enquire(reference)["status"]["message"] == "TransactionNot Found"


# --- the PIN


@pytest.mark.parametrize(
    ("pin", "code"), [("wrong", "ROUTER115"), ("0000", "ROUTER115"), ("", "ROUTER114"), ("é", "ROUTER116")]
)
def test_a_wrong_pin_is_refused(simulator: Simulator, airtel: AirtelCaller, pin: str, code: str) -> None:
    assert codes(airtel.pay_out(pin=pin)) == (200, "400", code)
    assert simulator.books.payments() == []


def test_a_pin_must_be_encrypted_with_this_key(airtel: AirtelCaller) -> None:
    other = base64.b64encode(secrets.token_bytes(128)).decode()
    for pin in ("1234", other, other[:-4], "???"):
        assert codes(airtel.post("/standard/v3/disbursements", payout(pin)))[2] == "ROUTER116"
    assert codes(airtel.post("/standard/v3/disbursements", payout("")))[2] == "ROUTER003"


def test_the_key_comes_with_its_end(airtel: AirtelCaller) -> None:
    reply = airtel.get("/v1/rsa/encryption-keys")
    assert codes(reply) == (200, "200", "DP02010001001")
    assert len(reply.json()["data"]["valid_upto"]) == len("12-08-2030 21:29:26")


# --- signed messages


def signed(airtel: AirtelCaller, body: bytes, *, over: bytes = b"") -> dict[str, str]:
    """The headers of a signature over the body, or over something else."""
    key, vector = secrets.token_bytes(32), secrets.token_bytes(16)
    padder, encryptor = PKCS7(128).padder(), Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    padded = padder.update(over or body) + padder.finalize()
    sealed = airtel.sealed(f"{base64.b64encode(key).decode()}:{base64.b64encode(vector).decode()}")
    text = base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
    return {"x-signature": text, "x-key": sealed}


def test_version_2_of_the_push_must_be_signed(airtel: AirtelCaller) -> None:
    body = json.dumps(push()).encode()
    assert airtel.post("/merchant/v2/payments/", body).status == 403
    assert codes(airtel.post("/merchant/v2/payments/", body, **signed(airtel, body)))[2] == "DP00800001006"


def test_a_signature_must_fit_the_bytes(airtel: AirtelCaller) -> None:
    body = json.dumps(push()).encode()
    spaced = body.replace(b": ", b":")
    good = signed(airtel, body)
    for headers in (signed(airtel, body, over=spaced), good | {"x-key": "?"}, good | {"x-signature": "?"}):
        refused = airtel.post("/merchant/v1/payments/", body, **headers)
        assert (refused.status, refused.json()["status"]["response_code"]) == (403, "DP00800001026")
    assert airtel.post("/merchant/v1/payments/", body, **good).status == 200


def test_the_published_example_of_a_signature_fits(airtel: AirtelCaller) -> None:
    body = (
        b'{"reference":"1234","subscriber":{"country":"UG","currency":"UGX","msisdn":"752604392"},'
        b'"transaction":{"amount":"100","country":"UG","currency":"UGX","id":"test_id "}}'
    )
    signature = (
        "bDOsVGZzbK0P5jO/M5QVMH/qxSmRJLEvIPZCdW6H81xvsZNI6jZej54oBQlHZ38yy63QNeyyYcfEkGJ8f3f15wHWs86V9BCIpHSesS3S"
        "rhozE/gGA1fLydeSS26mw0jhyt9XIpabk1RjDH59SfsrkHKU38I5mRlthG/t2qXJck0FhNR64bgOExm9CsuxUlfpsSoW1g81g1u5a4yM"
        "FIHhp77f+h3EXNHzcEsdSWhqTho="
    )
    key = airtel.sealed("PSw37xtnShLl7zgWn4dLSnf1J5GRhRsOD4OfvJOuLIM=:gGIhDvCBnSBhBgYiXCyMnw==")
    past_the_signature = airtel.post("/merchant/v2/payments/", body, **{"x-signature": signature, "x-key": key})
    assert codes(past_the_signature) == (200, "400", "ESB000034")


def test_an_application_may_have_to_sign_everything(simulator: Simulator, airtel: AirtelCaller) -> None:
    account = {"network": "airtel", "client_id": "app-1", "client_secret": "secret-1", "message_signing": True}
    call(simulator.url, "POST", "/_control/accounts", account)
    airtel = AirtelCaller(simulator.url)
    body = json.dumps(payout(airtel.sealed("1234"))).encode()
    refused = airtel.post("/standard/v3/disbursements", body)
    assert refused.json()["status"]["response_code"] == "DP00900001016"
    assert codes(airtel.post("/standard/v3/disbursements", body, **signed(airtel, body))) == DONE


def test_a_switch_makes_everybody_sign(airtel: AirtelCaller, faults: Any) -> None:
    faults(message_signing=True)
    assert airtel.collect().status == 403


# --- refunds


def paid(simulator: Simulator, airtel: AirtelCaller, phone: str = "977000123") -> str:
    """Airtel's id of a collection that was paid."""
    reference = new_id()
    airtel.collect(id=reference, phone=phone)
    skip(simulator)
    return str(airtel.enquire(reference)["data"]["transaction"]["airtel_money_id"])


def test_a_refund_gives_all_of_it_back_once(simulator: Simulator, airtel: AirtelCaller) -> None:
    money_id = paid(simulator, airtel)
    first, second = airtel.refund(money_id), airtel.refund(money_id)
    moved = ledger(simulator)["movements"][-1]
    assert (first["data"]["transaction"]["status"], first["status"]["success"]) == ("SUCCESS", True)
    assert first["data"]["transaction"]["airtel_money_id"] == moved["financial_transaction_id"] != money_id
    assert (second["data"]["transaction"]["status"], second["status"]["success"]) == ("FAILED", False)
    assert (moved["kind"], moved["amount"]) == ("refund", "150.50")
    assert (ledger(simulator)["count"], ledger(simulator)["over_refunded"]) == (2, {})


def test_a_second_refund_may_go_through(simulator: Simulator, airtel: AirtelCaller, faults: Any) -> None:
    money_id = paid(simulator, airtel)
    faults(refuse_second_refunds=False)
    assert [airtel.refund(money_id)["data"]["transaction"]["status"] for _ in range(2)] == ["SUCCESS", "SUCCESS"]
    truth = ledger(simulator)
    assert [each["refunded"] for each in truth["over_refunded"].values()] == ["301.00"]
    assert list(truth["doubles"].values()) == [2]


def test_what_was_not_collected_is_not_refunded(simulator: Simulator, airtel: AirtelCaller) -> None:
    payout_id = airtel.pay_out().json()["data"]["transaction"]["airtel_money_id"]
    other = AirtelCaller(simulator.url, client=CLIENT | {"client_id": "app-2"})
    money_id = paid(simulator, airtel)
    for refused in (airtel.refund("NA"), airtel.refund(payout_id), other.refund(money_id)):
        assert refused["status"]["response_code"] == "DP00100001005"
        assert refused["status"]["message"] == "TransactionNot Found"
    assert airtel.post("/standard/v1/payments/refund", b"{}").json()["status"]["code"] == "400"


@pytest.mark.parametrize(("ending", "code", "moves"), [("801", "400", 1), ("802", "500", 1), ("803", "500", 2)])
def test_a_payers_number_decides_how_a_refund_ends(
    simulator: Simulator, airtel: AirtelCaller, ending: str, code: str, moves: int
) -> None:
    refused = airtel.refund(paid(simulator, airtel, phone=f"977000{ending}"))
    assert (refused["status"]["code"], refused["status"]["success"]) == (code, False)
    assert ledger(simulator)["count"] == moves


def test_a_refund_is_carried_out_late_or_without_an_answer(
    simulator: Simulator, airtel: AirtelCaller, faults: Any
) -> None:
    first, second = paid(simulator, airtel), paid(simulator, airtel)
    faults({"match": {"reference": first}, "script": "accept_then_reset"}, {"script": "late_execution", "times": 1})
    for money_id in (second, first):
        with pytest.raises(ConnectionError):
            airtel.refund(money_id)
    assert ledger(simulator)["count"] == 3
    skip(simulator)
    assert ledger(simulator)["count"] == 4


# --- wallets


def test_kyc_tells_who_a_number_is(airtel: AirtelCaller) -> None:
    ask = lambda phone: airtel.get(f"/standard/v1/users/{phone}")  # noqa: E731
    assert ask("977000123").json()["data"]["is_barred"] is False
    assert ask("977000451").json()["data"]["is_barred"] is True
    assert ask("977000452").json()["data"]["registration"]["status"] == "NOT_REGISTERED"
    assert codes(ask("977000450")) == (200, "400", "DP02200000002")
    assert codes(ask("977000453")) == (200, "400", "DP02200000000")
    assert codes(ask("260977000123")) == (200, "400", "DP02200000005")


def test_a_balance_has_separators_and_calls_itself_no_success(airtel: AirtelCaller, faults: Any) -> None:
    faults(float=37600)
    told = airtel.get("/standard/v1/users/balance").json()
    assert told["data"] == {"balance": "37,600.00", "currency": "ZMW", "account_status": "Active"}
    assert (told["status"]["success"], told["status"]["response_code"]) == (False, "DP02100000001")
    faults(answer="not_entitled_403")
    refused = airtel.get("/standard/v1/users/balance")
    assert (refused.status, refused.json()["message"]) == (403, "You cannot consume this service")
