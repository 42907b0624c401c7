"""GET /v1/payments and GET /v1/payments/{id}: pages, filters, cursors."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest

from tests.api.conftest import assert_problem, fields_of
from tests.world import run_jobs


@pytest.fixture(autouse=True)
def roomy_limit(settings):
    settings.THROTTLE_LIMIT = 100_000


def listed(merchant, key="", **query):
    answer = merchant.api("GET", f"/v1/payments?{urlencode(query)}", key=key)
    assert answer.status_code == 200, answer.content
    return answer.json()


def ids(page):
    return [payment["id"] for payment in page["data"]]


def made(merchant, count, **fields):
    """Ids of new payments, newest first."""
    return [merchant.pay(**fields).json()["id"] for _ in range(count)][::-1]


def test_a_payment_reads_as_it_was_answered(acme):
    created = acme.pay(reference="INV-1", metadata={"a": "b"})
    assert acme.api("GET", f"/v1/payments/{created.json()['id']}").json() == created.json()


def test_a_list_has_the_shape_of_all_lists(acme):
    payment = acme.pay().json()
    assert listed(acme) == {"object": "list", "data": [payment], "has_more": False, "next_cursor": None}


def test_a_page_has_20_payments_newest_first_and_leads_to_the_next(acme):
    newest_first = made(acme, 25)
    first = listed(acme)
    assert (ids(first), first["has_more"]) == (newest_first[:20], True)
    second = listed(acme, cursor=first["next_cursor"])
    assert (ids(second), second["has_more"], second["next_cursor"]) == (newest_first[20:], False, None)


def test_new_payments_do_not_shift_the_next_page(acme):
    newest_first = made(acme, 4)
    cursor = listed(acme, limit=2)["next_cursor"]
    made(acme, 3)
    assert ids(listed(acme, limit=2, cursor=cursor)) == newest_first[2:]


def test_a_page_that_ends_exactly_has_no_next(acme):
    made(acme, 3)
    assert listed(acme, limit=3)["has_more"] is False


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5", ""])
def test_a_limit_is_1_to_100(acme, limit):
    answer = acme.api("GET", f"/v1/payments?limit={limit}")
    assert_problem(answer, 400, "validation_failed")
    assert fields_of(answer) == {"limit": "invalid"}


@pytest.mark.parametrize("cursor", ["x", "cGF5XzE", "%00", "é", "a" * 201, "cGF5XzE6QUJD"])
def test_a_cursor_that_we_did_not_make_is_refused(acme, cursor):
    answer = acme.api("GET", f"/v1/payments?cursor={cursor}")
    assert_problem(answer, 400, "validation_failed")
    assert "cursor" in fields_of(answer)


def test_a_cursor_belongs_to_its_mode_and_merchant(acme, globex):
    made(acme, 2)
    cursor = listed(acme, limit=1)["next_cursor"]
    assert_problem(acme.api("GET", f"/v1/payments?cursor={cursor}", key=acme.live_key), 400, "validation_failed")
    assert_problem(globex.api("GET", f"/v1/payments?cursor={cursor}"), 400, "validation_failed")


def test_a_cursor_does_not_show_the_id_it_stands_for(acme):
    made(acme, 2)
    assert "pay_" not in listed(acme, limit=1)["next_cursor"]


def test_payments_are_filtered_by_status(acme, mtn):
    done = acme.pay().json()["id"]
    run_jobs(rounds=3)
    waiting = acme.pay().json()["id"]
    assert ids(listed(acme, status="pending")) == [waiting]
    assert ids(listed(acme, status="succeeded")) == [done]


def test_payments_are_filtered_by_phone_in_any_notation(acme):
    wanted = acme.pay(phone="+260961111111").json()["id"]
    acme.pay(phone="+260962222222")
    assert ids(listed(acme, phone="096 111 1111")) == [wanted]


def test_payments_are_filtered_by_reference_and_provider(acme):
    wanted = acme.pay(reference="INV-1").json()["id"]
    acme.pay(reference="INV-2")
    assert ids(listed(acme, reference="INV-1", provider="mtn")) == [wanted]
    assert ids(listed(acme, provider="airtel")) == []


def test_payments_are_filtered_by_amount_both_ends_included(acme):
    low, middle, high = (acme.pay(amount=amount).json()["id"] for amount in ("10.00", "20.00", "30.00"))
    assert ids(listed(acme, amount_min="20")) == [high, middle]
    assert ids(listed(acme, amount_max="20.00")) == [middle, low]
    assert ids(listed(acme, amount_min="15", amount_max="25")) == [middle]


def test_payments_are_filtered_by_time_both_ends_included(acme):
    payment = acme.pay().json()
    made_at, id_ = datetime.fromisoformat(payment["created_at"]), payment["id"]
    before, after = made_at - timedelta(microseconds=1), made_at + timedelta(microseconds=1)
    assert ids(listed(acme, created_from=made_at.isoformat(), created_to=made_at.isoformat())) == [id_]
    assert ids(listed(acme, created_from=after.isoformat())) == []
    assert ids(listed(acme, created_to=before.isoformat())) == []


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "1969-12-31T00:00:00Z"])
def test_times_before_all_times_select_everything_or_nothing(acme, moment):
    id_ = acme.pay().json()["id"]
    assert ids(listed(acme, created_from=moment)) == [id_]
    assert ids(listed(acme, created_to=moment)) == []


def test_payments_are_filtered_by_metadata(acme):
    wanted = acme.pay(metadata={"order": "1", "shop": "a"}).json()["id"]
    acme.pay(metadata={"order": "2", "shop": "a"})
    assert ids(listed(acme, **{"metadata[order]": "1"})) == [wanted]
    assert len(ids(listed(acme, **{"metadata[shop]": "a"}))) == 2
    assert ids(listed(acme, **{"metadata[shop]": "a", "metadata[order]": "3"})) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=done", "status"),
        ("provider=vodafone", "provider"),
        ("phone=x", "phone"),
        ("amount_min=x", "amount_min"),
        ("amount_max=NaN", "amount_max"),
        ("amount_min=-1", "amount_min"),
        ("created_from=yesterday", "created_from"),
        ("created_to=2026-01-31T09:00:00", "created_to"),
        ("reference=%00", "reference"),
        ("reference=" + "r" * 65, "reference"),
        ("metadata[a]=%00", "metadata[a]"),
        ("colour=red", "colour"),
        ("metadata=x", "metadata"),
        ("metadata[]=x", "metadata[]"),
        ("limit=1&limit=2", "limit"),
        ("Status=pending", "Status"),
        ("page=2", "page"),
        ("created_from=99999999999999999999", "created_from"),
    ],
)
def test_a_filter_that_makes_no_sense_is_400_and_named(acme, query, field):
    answer = acme.api("GET", f"/v1/payments?{query}")
    assert_problem(answer, 400, "validation_failed")
    assert list(fields_of(answer)) == [field]


def test_there_is_an_end_to_metadata_filters(acme):
    query = "&".join(f"metadata[k{n}]=1" for n in range(6))
    assert fields_of(acme.api("GET", f"/v1/payments?{query}")) == {"metadata": "too_long"}


def test_ten_thousand_parameters_are_no_500(acme):
    answer = acme.api("GET", "/v1/payments?" + "&".join(f"a{n}=1" for n in range(10_000)))
    assert_problem(answer, 400, "validation_failed")


def test_modes_and_merchants_never_see_each_other(acme, globex):
    test, live = acme.pay().json()["id"], acme.pay(key=acme.live_key).json()["id"]
    assert ids(listed(acme)) == [test]
    assert ids(listed(acme, key=acme.live_key)) == [live]
    assert ids(listed(globex)) == []
    for key in (acme.live_key, globex.test_key, globex.live_key):
        assert_problem(acme.api("GET", f"/v1/payments/{test}", key=key), 404, "not_found")


def test_a_list_costs_as_many_statements_for_100_as_for_one(acme, django_assert_max_num_queries):
    made(acme, 5)
    listed(acme)
    with django_assert_max_num_queries(5):
        assert len(ids(listed(acme, limit=100))) == 5
