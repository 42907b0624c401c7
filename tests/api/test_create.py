"""POST /v1/payments: what it takes, what it answers, what it writes."""

import pytest

from payments.models import AuditEntry, Event, IdempotencyKey, Payment
from tenants.models import Job
from tests.api.conftest import assert_problem, fields_of


def test_an_accepted_payment_is_answered_whole(acme):
    answer = acme.pay(reference="INV-1", description="School fees", metadata={"order": "1"})
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/payments/{body['id']}"
    assert body | {"id": "", "created_at": "", "updated_at": ""} == {
        "id": "", "object": "payment", "livemode": False, "amount": "150.00", "currency": "ZMW",
        "amount_refunded": "0.00", "status": "pending", "phone": "+260966000123", "provider": "mtn",
        "reference": "INV-1", "description": "School fees", "metadata": {"order": "1"}, "failure": None,
        "provider_reference": None, "version": 1, "created_at": "", "updated_at": "", "completed_at": None,
    }  # fmt: skip


def test_payment_key_event_audit_entry_and_job_are_written_together(acme):
    payment_id = acme.pay().json()["id"]
    with acme.entered():
        assert Payment.objects.filter(pk=payment_id).count() == 1
        assert IdempotencyKey.objects.filter(object_id=payment_id).count() == 1
        assert Event.objects.filter(object_id=payment_id, type="payment.created").count() == 1
        assert AuditEntry.objects.filter(target=payment_id, action="payment.created").count() == 1
    assert Job.objects.filter(kind="dispatch", subject=payment_id).count() == 1


def test_the_audit_entry_names_the_key_and_the_request(acme):
    answer = acme.pay()
    with acme.entered():
        entry = AuditEntry.objects.get(target=answer.json()["id"])
    assert entry.actor.startswith("key:key_")
    assert entry.actor.endswith('"till 3"')
    assert (entry.ip, entry.request_id) == ("127.0.0.1", answer.headers["X-Request-ID"])


@pytest.mark.parametrize("phone", ["+260966000123", "0966000123", "966000123", "260 96 600-0123", "00260966000123"])
def test_a_phone_number_may_be_written_in_any_usual_way(acme, phone):
    assert acme.pay(phone=phone).json()["phone"] == "+260966000123"


@pytest.mark.parametrize(
    "phone", ["", "12345", "+4912345678", "+260966000", "096600012x", "\u0660\u0669\u0666\u0666000123", "+260211123456"]
)
def test_what_is_no_zambian_mobile_number_is_refused(acme, phone):
    answer = acme.pay(phone=phone)
    assert_problem(answer, 422, "validation_failed")
    assert fields_of(answer) == {"phone": "invalid"}


def test_the_sandbox_numbers_of_mtn_are_for_test_mode_only(acme):
    assert acme.pay(phone="46733123450", currency="EUR").status_code == 201
    answer = acme.pay(phone="46733123450", currency="EUR", key=acme.live_key)
    assert fields_of(answer) == {"phone": "invalid", "currency": "not_supported"}


def test_a_live_key_makes_a_live_payment(acme):
    assert acme.pay(key=acme.live_key).json()["livemode"] is True


@pytest.mark.parametrize(
    "amount", ["0", "0.00", "-1.00", "1.234", "1e3", "1,000.00", " 1.00", "", "NaN", "\u0661\u0665\u0660", "1" * 11]
)
def test_what_is_no_positive_decimal_with_two_places_is_refused(acme, amount):
    answer = acme.pay(amount=amount)
    assert_problem(answer, 422, "validation_failed")
    assert fields_of(answer) == {"amount": "invalid"}


@pytest.mark.parametrize("amount", [150, 150.0, None, True, ["150.00"], {"value": "150.00"}])
def test_an_amount_that_is_no_string_is_refused(acme, amount):
    answer = acme.pay(amount=amount)
    assert_problem(answer, 422, "validation_failed")
    assert fields_of(answer) == {"amount": "invalid_type"}


@pytest.mark.parametrize(("amount", "shown"), [("150", "150.00"), ("0.5", "0.50"), ("9999999999.99", "9999999999.99")])
def test_an_amount_is_shown_with_the_decimals_of_its_currency(acme, amount, shown):
    assert acme.pay(amount=amount).json()["amount"] == shown


@pytest.mark.parametrize("currency", ["USD", "zmw", "", "ZMWW"])
def test_a_currency_that_is_not_known_is_refused(acme, currency):
    assert fields_of(acme.pay(currency=currency)) == {"currency": "not_supported"}


def test_every_field_that_is_wrong_is_named_at_once(acme):
    answer = acme.api("POST", "/v1/payments", {"amount": 1, "colour": "red", "metadata": {"a": 1}})
    assert fields_of(answer) == {
        "amount": "invalid_type", "currency": "required", "phone": "required", "colour": "unknown_field",
        "metadata.a": "invalid_type",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("reference", "", "invalid"),
        ("reference", "r" * 65, "too_long"),
        ("description", "d" * 256, "too_long"),
        ("provider", "vodafone", "not_supported"),
        ("metadata", {f"k{n}": "" for n in range(51)}, "too_long"),
        ("metadata", ["order"], "invalid_type"),
    ],
)
def test_limits_of_fields(acme, field, value, code):
    assert fields_of(acme.pay(**{field: value})) == {field: code}


def test_limits_of_metadata_are_named_by_key(acme):
    answer = acme.pay(metadata={"k" * 41: "x", "v": "x" * 501})
    assert fields_of(answer) == {"metadata." + "k" * 41: "too_long", "metadata.v": "too_long"}


def test_fields_may_be_as_long_as_promised(acme):
    metadata = {f"{n:02d}".ljust(40, "k"): "v" * 500 for n in range(50)}
    assert acme.pay(reference="r" * 64, description="d" * 255, metadata=metadata).json()["metadata"] == metadata


@pytest.mark.parametrize("field", ["reference", "description", "phone", "amount", "currency"])
def test_a_nul_character_is_refused_in_every_text(acme, field):
    assert fields_of(acme.pay(**{field: "a\x00b"})) == {field: "invalid"}


def test_a_nul_character_is_refused_in_metadata(acme):
    assert set(fields_of(acme.pay(metadata={"a\x00": "b", "c": "\x00"})).values()) == {"invalid"}


def test_text_of_every_language_comes_back_as_it_was(acme):
    assert acme.pay(description="Ndalama 💸 ŵ ﷽ \u202e").json()["description"] == "Ndalama 💸 ŵ ﷽ \u202e"


def test_a_number_of_a_network_without_wallet_has_no_route(acme):
    assert_problem(acme.pay(phone="+260981234567"), 422, "no_route")


def test_a_network_that_is_not_connected_has_no_route(acme):
    problem = assert_problem(acme.pay(phone="+260971234567"), 422, "no_route")
    assert "Airtel" in problem["detail"]


def test_a_named_provider_wins_over_the_number(acme):
    assert acme.pay(phone="+260971234567", provider="mtn").json()["provider"] == "mtn"


def test_a_taken_reference_names_the_payment_that_has_it(committed):
    first = committed.pay(reference="INV-1").json()
    problem = assert_problem(committed.pay(reference="INV-1"), 409, "duplicate_reference")
    assert problem["existing_id"] == first["id"]


def test_test_and_live_each_have_their_own_references(acme):
    acme.pay(reference="INV-1")
    assert acme.pay(reference="INV-1", key=acme.live_key).status_code == 201


def test_a_refusal_writes_nothing(acme):
    acme.pay(amount="1.234")
    acme.pay(phone="+260971234567")
    with acme.entered():
        assert not Payment.objects.exists()
        assert not IdempotencyKey.objects.exists()
    assert not Job.objects.filter(kind="dispatch").exists()
