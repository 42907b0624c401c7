"""Commands to paste: each guide's run from top to bottom against this installation, once NDALAMA_KEY holds a key.

What a later command needs of an earlier answer goes into a variable of the shell, by the Python that is there anyway.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

KEY_HEADER = '  -H "Authorization: Bearer $NDALAMA_KEY"'
PAYER = "+260961234567"


def export_key() -> str:
    return "export NDALAMA_KEY=ndl_test_…"


def get(path: str, query: Mapping[str, str] | None = None) -> str:
    """A GET; parameters are handed to curl one by one, so that nobody has to escape them."""
    lines = [f"curl {settings.PUBLIC_URL}{path}"]
    if query:
        lines = [f"curl --get {settings.PUBLIC_URL}{path}", *(f'  -d "{key}={value}"' for key, value in query.items())]
    return _joined([*lines, KEY_HEADER])


def post(path: str, body: Mapping[str, Any] | None = None, *, idempotency_key: str = "") -> str:
    lines = [f"curl -X POST {settings.PUBLIC_URL}{path}", KEY_HEADER]
    if idempotency_key:
        lines.append(f'  -H "Idempotency-Key: {idempotency_key}"')
    if body is not None:
        data = json.dumps(body, indent=2, ensure_ascii=False).replace("\n", "\n  ")
        lines += ['  -H "Content-Type: application/json"', f"  -d '{data}'"]
    return _joined(lines)


def put_in(variable: str, command: str, *path: str | int) -> str:
    """The command, and what stands at `path` in its answer kept in a variable."""
    place = "".join(f"[{json.dumps(step)}]" for step in path)
    reader = f"import json, sys; print(json.load(sys.stdin){place})"
    quiet = command.replace("curl ", "curl -s ", 1)
    return f"{variable}=$({quiet} \\\n  | python3 -c '{reader}')\necho ${variable}"


def wait_for(words: str, command: str) -> str:
    """Ask every second until the answer has these words, and show them."""
    quiet = command.replace("curl ", "curl -s ", 1)
    return f"until {quiet} \\\n  | grep -o '{words}'; do sleep 1; done"


def create(*, idempotency_key: str, **fields: str) -> str:
    body = {"amount": "150.00", "currency": "ZMW", "phone": PAYER} | fields
    return post("/v1/payments", body, idempotency_key=idempotency_key)


def pay_out(*, idempotency_key: str, **fields: str) -> str:
    body = {"amount": "500.00", "currency": "ZMW", "phone": "+260967654321"} | fields
    return post("/v1/payouts", body, idempotency_key=idempotency_key)


def all_snippets() -> dict[str, str]:
    """The ones that guides name. Each has an Idempotency-Key of its own: all of them run one after the other."""
    return {
        "export_key": export_key(),
        "create": create(idempotency_key="first-payment-1", description="My first payment"),
        "create_once": create(idempotency_key="order-1002", description="Order 1002"),
        "create_declined": create(idempotency_key="declined-payment-1", phone="+260966000451"),
        "create_wrong": post("/v1/payments", {"amount": 150, "currency": "ZMW"}, idempotency_key="wrong-payment-1"),
        "newest": get("/v1/payments", {"limit": "1"}),
        "newest_id": put_in("PAYMENT_ID", get("/v1/payments", {"limit": "1"}), "data", 0, "id"),
        "succeeded_id": put_in(
            "PAYMENT_ID", get("/v1/payments", {"status": "succeeded", "limit": "1"}), "data", 0, "id"
        ),
        "first_page": put_in("NEXT_CURSOR", get("/v1/payments", {"limit": "1"}), "next_cursor"),
        "filtered": get("/v1/payments", {"status": "succeeded", "metadata[order]": "1001", "limit": "50"}),
        "next_page": get("/v1/payments", {"limit": "50", "cursor": "$NEXT_CURSOR"}),
        "me": get("/v1/me"),
        "headers": f"curl -i {settings.PUBLIC_URL}/v1/me \\\n{KEY_HEADER}",
        "check": post("/v1/payments/$PAYMENT_ID/check"),
        "pay_out": pay_out(idempotency_key="wages-2026-05-mwansa", reference="WAGES-2026-05-MWANSA"),
        "pay_out_empty": pay_out(idempotency_key="payout-without-float-1", phone="+260966000455"),
        "pending_payouts": get("/v1/payouts", {"status": "pending", "limit": "100"}),
        "create_refundable": put_in("PAYMENT_ID", create(idempotency_key="order-1003"), "id"),
        "until_succeeded": wait_for('"status":"succeeded"', get("/v1/payments/$PAYMENT_ID")),
        "refund_part": post(
            "/v1/payments/$PAYMENT_ID/refunds",
            {"amount": "50.00", "reason": "One item was broken"},
            idempotency_key="return-31",
        ),
        "refund_rest": post("/v1/payments/$PAYMENT_ID/refunds", {}, idempotency_key="return-32"),
        "refunds_of_payment": get("/v1/refunds", {"payment": "$PAYMENT_ID"}),
        "create_unknown": put_in(
            "PAYMENT_ID", create(idempotency_key="unknown-payment-1", phone="+260966000701"), "id"
        ),
        "unknown": get("/v1/payments", {"status": "unknown"}),
        "timeline": get("/v1/payments/$PAYMENT_ID/timeline"),
        "balance": get("/v1/balance"),
        "providers": get("/v1/providers"),
        "entries": get("/v1/ledger_entries", {"source": "$PAYMENT_ID"}),
        "events_after": get("/v1/events", {"after": "0", "limit": "100"}),
        **outage_snippets(),
    }


def outage_snippets() -> dict[str, str]:
    """An outage of the simulated network from its beginning to its end; only for an installation that talks to one."""
    events = get("/v1/events", {"after": "$SEQUENCE", "limit": "100"})
    first = pay_out(idempotency_key="outage-$(date +%s)-$n", amount="1.00").replace("curl ", "  curl -s ", 1)
    waiting = pay_out(idempotency_key="outage-$(date +%s)", amount="1.00")
    numbers = " ".join(str(number) for number in range(1, settings.CIRCUIT_FAILURES + 1))
    return {
        "last_sequence": put_in("SEQUENCE", get("/v1/events", {"limit": "1"}), "data", 0, "sequence"),
        "take_down": set_faults({"rules": [{"script": "refuse_with_503"}]}),
        "until_down": f"for n in {numbers}; do\n{first}\ndone\n" + wait_for('"type":"provider.down"', events),
        "payout_that_waits": put_in("PAYOUT_ID", waiting, "id"),
        "until_held": wait_for('"held_since":"[^"]*"', get("/v1/payouts/$PAYOUT_ID")),
        "cancel_payout": post("/v1/payouts/$PAYOUT_ID/cancel"),
        "bring_back": set_faults({}) + "\n" + wait_for('"type":"provider.recovered"', events),
    }


def set_faults(faults: Mapping[str, Any]) -> str:
    """Puts what goes wrong in the simulator in place of all that was set there."""
    url = f"{settings.PROVIDER_BASE_URLS['mtn']}/_control/faults"
    return _joined([f"curl -X PUT {url}", '  -H "Content-Type: application/json"', f"  -d '{json.dumps(faults)}'"])


def _joined(lines: list[str]) -> str:
    return " \\\n".join(lines)
