"""Who gets in: the key alone decides merchant and mode, and stops working when it should."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from api.key_cache import keys
from payments.keys import SCOPES, checksum, issue_key, revoke_key
from payments.models import ApiKey, AuditEntry
from tenants.models import Tenant
from tests.api.conftest import assert_problem


def new_key(merchant, **options):
    with merchant.entered():
        return issue_key(livemode=False, name="till 4", actor="test", **options)


def denials(merchant):
    with merchant.entered():
        return list(AuditEntry.objects.filter(result="denied").order_by("position"))


def test_a_key_says_whose_it_is_and_what_it_may_do(acme):
    me = acme.api("GET", "/v1/me").json()
    assert me["merchant"] == {"id": acme.tenant.public_id, "name": "Acme", "slug": "acme"}
    assert (me["mode"], me["livemode"]) == ("test", False)
    assert me["scopes"] == sorted(SCOPES)
    assert me["providers"] == ["mtn"]
    assert acme.api("GET", "/v1/me", key=acme.live_key).json()["mode"] == "live"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer abc", "Token x", "Bearer a b c", "Bearer ndl_test_é"]
)
def test_what_is_no_bearer_key_is_refused_without_any_sql(acme, header, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Client().get("/v1/me", headers={"Authorization": header} if header else {})
    assert_problem(answer, 401, "invalid_api_key")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_mistyped_key_is_refused_without_any_sql(acme, monkeypatch):
    monkeypatch.setattr("api.auth.fetch_one", None)  # any statement would be an error
    key = acme.test_key
    for typo in (key[:-1], key + "x", key[:20] + ("a" if key[20] != "a" else "b") + key[21:], key.upper()):
        assert_problem(acme.api("GET", "/v1/me", key=typo), 401, "invalid_api_key")


def test_a_well_formed_key_that_nobody_was_given_is_refused(acme):
    body = acme.test_key[:-38] + "A" * 32
    assert_problem(acme.api("GET", "/v1/me", key=body + checksum(body)), 401, "invalid_api_key")


def test_a_key_of_a_merchant_that_does_not_exist_is_refused(acme):
    body = "ndl_test_zzzzzzzz" + "A" * 32
    assert_problem(acme.api("GET", "/v1/me", key=body + checksum(body)), 401, "invalid_api_key")


def test_a_test_key_cannot_be_turned_into_a_live_one(acme):
    body = acme.test_key[:-6].replace("ndl_test_", "ndl_live_")
    assert_problem(acme.api("GET", "/v1/me", key=body + checksum(body)), 401, "invalid_api_key")


def test_the_scheme_may_be_written_in_any_case(acme):
    assert Client().get("/v1/me", headers={"Authorization": f"bearer {acme.test_key}"}).status_code == 200


def test_no_parameter_header_or_field_can_choose_another_merchant(acme, globex):
    headers = {"X-Merchant": globex.slug, "X-Tenant": globex.tenant.public_id, "Host": "testserver"}
    assert acme.api("GET", "/v1/me", **headers).json()["merchant"]["slug"] == "acme"


def test_a_revoked_key_stops_working_within_a_second(acme):
    key, text = new_key(acme)
    assert acme.api("GET", "/v1/me", key=text).status_code == 200
    with acme.entered():
        revoke_key(key_id=key.id, livemode=False, actor="test")
    time.sleep(0.9)
    assert_problem(acme.api("GET", "/v1/me", key=text), 401, "invalid_api_key")
    assert denials(acme)[-1].actor == f'key:{key.id} "till 4"'


def test_a_key_ends_at_its_expiry_even_while_it_is_remembered(acme, monkeypatch):
    _, text = new_key(acme, expires_at=timezone.now() + timedelta(seconds=0.3))
    assert acme.api("GET", "/v1/me", key=text).status_code == 200
    monkeypatch.setattr("api.key_cache.settings.API_KEY_CACHE_SECONDS", 60)
    time.sleep(0.3)
    assert_problem(acme.api("GET", "/v1/me", key=text), 401, "invalid_api_key")


def test_a_key_from_before_events_could_be_read_is_told_how_to_get_there(acme, db):
    _, text = new_key(acme, scopes=[scope for scope in SCOPES if scope != "events:read"])
    problem = assert_problem(acme.api("GET", "/v1/events", key=text), 403, "insufficient_scope")
    assert problem["detail"].startswith("This needs the scope events:read, which the key ")
    guide = Client().get("/docs/guides/authentication").content.decode()
    assert "make a new one with it" in guide


def test_the_scope_that_is_missing_is_named(acme):
    _, text = new_key(acme, scopes=["payments:read"])
    problem = assert_problem(acme.pay(key=text), 403, "insufficient_scope")
    assert "payments:write" in problem["detail"]
    assert "make a new key that has it, in the dashboard under API keys" in problem["detail"]
    assert acme.api("GET", "/v1/payments", key=text).status_code == 200


def test_a_key_that_only_writes_cannot_read(acme):
    _, text = new_key(acme, scopes=["payments:write"])
    payment_id = acme.pay(key=text).json()["id"]
    for path in ("", f"/{payment_id}", f"/{payment_id}/timeline"):
        assert_problem(acme.api("GET", f"/v1/payments{path}", key=text), 403, "insufficient_scope")


def test_a_key_works_only_from_the_addresses_it_allows(acme):
    _, text = new_key(acme, allowed_ips=["203.0.113.0/24", "2001:db8::/32"])
    assert_problem(acme.api("GET", "/v1/me", key=text), 403, "ip_not_allowed")
    for ip in ("203.0.113.9", "2001:db8::1", "::ffff:203.0.113.9"):
        client = Client(REMOTE_ADDR=ip)
        assert client.get("/v1/me", headers={"Authorization": f"Bearer {text}"}).status_code == 200


def test_a_forwarded_address_is_not_believed_without_a_proxy_of_ours(acme):
    _, text = new_key(acme, allowed_ips=["203.0.113.0/24"])
    answer = acme.api("GET", "/v1/me", key=text, **{"X-Forwarded-For": "203.0.113.9"})
    assert_problem(answer, 403, "ip_not_allowed")


def test_a_suspended_merchant_is_told_so(acme):
    Tenant.objects.filter(pk=acme.tenant.pk).update(suspended_at=timezone.now())
    assert_problem(acme.api("GET", "/v1/me"), 403, "merchant_suspended")
    assert_problem(acme.pay(), 403, "merchant_suspended")
    assert denials(acme)[0].reason.startswith("merchant_suspended")


def test_a_denial_is_in_the_audit_trail_with_who_where_and_why(acme):
    key, text = new_key(acme, scopes=["payments:read"])
    answer = acme.pay(key=text)
    entry = denials(acme)[0]
    assert (entry.actor, entry.target) == (f'key:{key.id} "till 4"', "POST /v1/payments")
    assert entry.reason.startswith("insufficient_scope")
    assert (entry.ip, entry.request_id) == ("127.0.0.1", answer.headers["X-Request-ID"])


def test_a_flood_of_denials_leaves_one_entry_and_a_count(acme, monkeypatch):
    _, text = new_key(acme, scopes=["payments:read"])
    for _ in range(20):
        acme.pay(key=text)
    assert len(denials(acme)) == 1
    monkeypatch.setattr("api.denials.SECONDS_BETWEEN", 0)
    acme.pay(key=text)
    assert denials(acme)[-1].after == {"left_out_before": 19}


def test_the_last_use_of_a_key_is_noted_at_most_once_a_minute(acme):
    key, text = new_key(acme)
    acme.api("GET", "/v1/me", key=text)
    with acme.entered():
        first = ApiKey.objects.get(pk=key.pk)
        ApiKey.objects.filter(pk=key.pk).update(last_used_ip="elsewhere")
    assert first.last_used_at is not None
    assert first.last_used_ip == "127.0.0.1"
    acme.api("GET", "/v1/me", key=text)
    with acme.entered():
        assert ApiKey.objects.get(pk=key.pk).last_used_ip == "elsewhere"


def test_an_unknown_key_is_remembered_too(acme, monkeypatch):
    body = acme.test_key[:-38] + "B" * 32
    text = body + checksum(body)
    assert acme.api("GET", "/v1/me", key=text).status_code == 401
    monkeypatch.setattr("api.auth.fetch_one", None)
    assert acme.api("GET", "/v1/me", key=text).status_code == 401


def test_what_is_remembered_of_keys_is_bounded(monkeypatch):
    monkeypatch.setattr("api.key_cache.MOST_ENTRIES", 10)
    for number in range(50):
        keys.get(str(number), lambda: None)
    assert len(keys._entries) == 10


def test_no_cookie_is_set_and_nothing_is_cached(acme):
    answer = acme.api("GET", "/v1/me")
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_session_is_no_way_into_the_api(acme):
    assert_problem(acme.browser().get("/v1/me"), 401, "invalid_api_key")


def test_a_valid_request_id_is_kept_and_another_one_replaced(acme):
    assert acme.api("GET", "/v1/me", **{"X-Request-ID": "till-3.17"}).headers["X-Request-ID"] == "till-3.17"
    assert acme.api("GET", "/v1/me", **{"X-Request-ID": "a b\x7f"}).headers["X-Request-ID"].startswith("req_")
