"""The control page: plain HTML forms that work without JavaScript."""

from typing import Any
from urllib.parse import urlencode

import pytest

from providers.base import Account, Kind, Operation
from providers.mtn.adapter import MtnAdapter
from providers.simulator.server import Simulator
from tests.providers.control import Reply, call


def page(simulator: Simulator, path: str = "/") -> str:
    reply = call(simulator.url, "GET", path)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return reply.body.decode()


def post(simulator: Simulator, form: str, headers: Any = None, **fields: object) -> Reply:
    return call(simulator.url, "POST", f"/page/{form}", urlencode(fields).encode(), headers)


def test_an_empty_world_says_so(simulator: Simulator) -> None:
    html = page(simulator)
    assert "No order waits for a decision." in html
    assert "Nobody has asked anything yet." in html
    assert "<script" not in html


@pytest.mark.parametrize(("verdict", "kind"), [("approve", Kind.SUCCEEDED), ("decline", Kind.FAILED)])
def test_a_waiting_order_is_decided_by_a_button(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, verdict: str, kind: Kind
) -> None:
    request = make_request(phone="260966000454")
    adapter.send(account, request)
    assert request.reference in page(simulator)
    reply = post(simulator, "decide", verdict=verdict, reference=request.reference)
    assert (reply.status, reply.headers["location"]) == (303, "/?done=decide")
    assert adapter.lookup(account, Operation.COLLECT, request.reference).kind is kind
    assert "The order has ended." in page(simulator, "/?done=decide")
    again = post(simulator, "decide", verdict=verdict, reference=request.reference)
    assert (again.status, b"ended before" in again.body) == (400, True)


def test_the_mix_and_the_seed_are_edited_in_per_cent(simulator: Simulator) -> None:
    before = simulator.faults.as_json()["seed"]
    assert post(simulator, "mix", seed=42, html_403="2.5", rate_limited="", no_callback="0").status == 303
    faults = simulator.faults.as_json()
    assert (faults["seed"], faults["mix"]) == (42, {"html_403": 0.025})
    assert 'name="html_403" value="2.5"' in page(simulator)
    for wrong in ({"html_403": "200"}, {"html_403": "much"}, {"seed": "x"}, {"html_403": "60", "rate_limited": "60"}):
        assert post(simulator, "mix", **wrong).status == 400
    assert simulator.faults.as_json() == faults
    simulator.faults.replace({"seed": before})


def test_rules_are_added_and_removed(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any
) -> None:
    post(simulator, "add_rule", script="accept_then_reset", by="phone", value="+260961234567", times="1")
    assert "for phone 260961234567" in page(simulator)
    assert adapter.send(account, make_request()).kind is Kind.UNKNOWN
    post(simulator, "add_rule", script="html_403", by="", value="", times="", probability="50")
    rules = simulator.faults.as_json()["rules"]
    assert [(rule["script"], rule["used"]) for rule in rules] == [("accept_then_reset", 1), ("html_403", 0)]
    for wrong in ({"script": "nothing"}, {"script": "html_403", "by": "phone"}, {"script": "html_403", "times": "-1"}):
        assert post(simulator, "add_rule", **wrong).status == 400
    post(simulator, "clear_rules")
    assert simulator.faults.as_json()["rules"] == []


def test_a_rule_for_no_one_in_particular_says_what_it_covers(simulator: Simulator) -> None:
    for script in ("refuse_with_503", "lookup_503", "no_callback", "token_503", "clock_skew"):
        post(simulator, "add_rule", script=script, by="", value="", times="")
    html = page(simulator)
    post(simulator, "clear_rules")
    for code, covered in {
        "refuse_with_503": "orders", "lookup_503": "lookups", "no_callback": "callbacks", "token_503": "sign-ins",
        "clock_skew": "orders and lookups",
    }.items():  # fmt: skip
        assert f"<code>{code}</code> for all {covered}, hit 0" in html
    assert "Refuse with 503 (orders)</option>" in html
    assert "everything</option>" not in html


def test_the_clock_the_tokens_and_the_world_have_their_buttons(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any
) -> None:
    adapter.send(account, make_request())
    assert post(simulator, "clock", seconds=3600).status == 303
    assert "1 h skipped" in page(simulator)
    assert post(simulator, "clock", seconds="").status == 400
    assert post(simulator, "revoke_tokens").status == 303
    assert post(simulator, "reset").status == 303
    assert simulator.books.payments() == []


def test_what_callers_send_is_shown_as_text(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any
) -> None:
    adapter.send(account, make_request(external_id='<img src=x onerror="alert(1)">'))
    call(simulator.url, "GET", "/collection/v1_0/requesttopay/<script>")
    html = page(simulator)
    assert "<img" not in html
    assert "<script" not in html


def test_another_site_cannot_post_the_forms(simulator: Simulator) -> None:
    assert post(simulator, "reset", {"Origin": "https://evil.example"}).status == 403
    assert post(simulator, "reset", {"Origin": simulator.url}).status == 303


def test_unknown_forms_are_not_found(simulator: Simulator) -> None:
    assert post(simulator, "explode").status == 404


def test_a_double_is_shown_in_red(simulator: Simulator, adapter: MtnAdapter, account: Account, collected: Any) -> None:
    assert '<div class="good"><dt>Moved twice</dt><dd>0</dd>' in page(simulator)
    for _ in range(2):
        collected(external_id="pay_twice")
    assert '<div class="bad"><dt>Moved twice</dt><dd>1</dd>' in page(simulator)
