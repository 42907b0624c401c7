"""GET /v1/events: every change of state in an order without gaps, to catch up with or to look back on."""

import pytest

from payments.keys import issue_key
from payments.sealer import seal_batch
from tests.api.conftest import assert_problem, fields_of
from tests.world import run_jobs


def listed(merchant, query="", **options):
    answer = merchant.api("GET", f"/v1/events{query}", **options)
    assert answer.status_code == 200, answer.content
    return answer.json()


def sequences(page):
    return [event["sequence"] for event in page["data"]]


def seal(merchant):
    with merchant.entered():
        seal_batch()


@pytest.fixture
def story(acme, mtn):
    """The events of a payment, from its creation to its success, oldest first."""
    payment = acme.pay(reference="INV-1").json()
    run_jobs(rounds=3)
    seal(acme)
    events = listed(acme, "?limit=100")["data"]
    return [event for event in events if event["data"]["object"]["id"] == payment["id"]][::-1]


def test_an_event_holds_the_object_as_it_was_after_the_change(acme, story):
    assert [event["type"] for event in story] == ["payment.created", "payment.processing", "payment.succeeded"]
    assert [event["data"]["object"]["status"] for event in story] == ["pending", "processing", "succeeded"]
    now = acme.api("GET", f"/v1/payments/{story[0]['data']['object']['id']}").json()
    assert story[-1]["data"]["object"] == now
    assert (story[0]["object"], story[0]["livemode"]) == ("event", False)
    assert set(story[0]) == {"id", "object", "type", "created_at", "sequence", "livemode", "data"}


def test_an_event_can_be_read_alone(acme, story):
    assert acme.api("GET", f"/v1/events/{story[1]['id']}").json() == story[1]


def test_an_event_is_readable_but_not_listed_before_it_has_its_number(acme):
    payment = acme.pay().json()
    timeline = acme.api("GET", f"/v1/payments/{payment['id']}/timeline").json()["data"]
    assert acme.api("GET", f"/v1/events/{timeline[0]['id']}").json()["sequence"] is None
    assert listed(acme)["data"] == []


def test_sequences_have_no_gaps_and_go_on_where_one_left_off(acme, mtn, story):
    last = story[-1]["sequence"]
    acme.pay_out()
    run_jobs(rounds=3)
    seal(acme)
    caught_up = listed(acme, f"?after={last}")
    assert sequences(caught_up) == list(range(last + 1, last + 4))
    assert [event["type"] for event in caught_up["data"]] == ["payout.created", "payout.processing", "payout.succeeded"]
    assert listed(acme, f"?after={last + 3}")["data"] == []


def test_catching_up_page_by_page_misses_nothing(acme, story):
    first = listed(acme, "?after=0&limit=2")
    second = listed(acme, f"?after=0&limit=2&cursor={first['next_cursor']}")
    assert sequences(first) + sequences(second) == [1, 2, 3]
    assert (first["has_more"], second["has_more"], second["next_cursor"]) == (True, False, None)


def test_without_after_the_newest_come_first(acme, story):
    first = listed(acme, "?limit=2")
    second = listed(acme, f"?limit=2&cursor={first['next_cursor']}")
    assert sequences(first) + sequences(second) == [3, 2, 1]


def test_a_cursor_of_one_order_does_not_lead_on_in_the_other(acme, story):
    newest, ascending = (listed(acme, query)["next_cursor"] for query in ("?limit=1", "?limit=1&after=0"))
    assert_problem(acme.api("GET", f"/v1/events?after=0&cursor={newest}"), 400, "validation_failed")
    assert_problem(acme.api("GET", f"/v1/events?cursor={ascending}"), 400, "validation_failed")


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=9223372036854775808", "after=", "type=x", "limit=0"])
def test_a_parameter_that_makes_no_sense_is_400_and_named(acme, query):
    answer = acme.api("GET", f"/v1/events?{query}")
    assert_problem(answer, 400, "validation_failed")
    assert list(fields_of(answer)) == [query.partition("=")[0]]


def test_events_need_a_scope_of_their_own(acme, story):
    scopes = ("payments:read", "payouts:read", "refunds:read", "ledger:read")
    with acme.entered():
        _, narrow = issue_key(livemode=False, name="narrow", actor="test", scopes=scopes)
        _, wide = issue_key(livemode=False, name="wide", actor="test", scopes=("events:read",))
    for path in ("/v1/events", f"/v1/events/{story[0]['id']}"):
        assert_problem(acme.api("GET", path, key=narrow), 403, "insufficient_scope")
        assert acme.api("GET", path, key=wide).status_code == 200


def test_modes_and_merchants_never_see_each_others_events(acme, globex, story):
    for key in (acme.live_key, globex.test_key, globex.live_key):
        assert listed(acme, key=key)["data"] == listed(acme, "?after=0", key=key)["data"] == []
        assert_problem(acme.api("GET", f"/v1/events/{story[0]['id']}", key=key), 404, "not_found")


@pytest.mark.parametrize("event_id", ["evt_1", "pay_01kbrz3w9xe5v8m4t2n6c7d0fg", "evt_" + "0" * 26, "%00"])
def test_what_is_no_event_is_not_found(acme, event_id):
    assert_problem(acme.api("GET", f"/v1/events/{event_id}"), 404, "not_found")
