"""Airtel's endpoints: which address does what, and what a fault rule can match there."""

from collections.abc import Mapping
from typing import Any

from providers.simulator.airtel.access import Access
from providers.simulator.airtel.disbursements import Disbursements
from providers.simulator.airtel.messages import FAULTY_ANSWERS, NO_ROUTE, coded
from providers.simulator.airtel.pushes import Pushes
from providers.simulator.airtel.refunds import Refunds
from providers.simulator.airtel.wallets import Wallets
from providers.simulator.books import Books, key_of
from providers.simulator.messages import Request
from providers.simulator.networks import Network, route
from providers.simulator.settlement import Settlement

_REFERENCE = "/(?P<reference>[^/]+)/?"


def airtel(access: Access, books: Books, settlement: Settlement) -> Network:
    """Every address works with and without a slash at its end."""
    pushes, payouts = Pushes(access, books, settlement), Disbursements(access, books, settlement)
    refunds, wallets = Refunds(access, books, settlement), Wallets(access, books, settlement)
    return Network(
        "airtel",
        prefix="/+(?:auth|merchant|standard|v1/rsa)/",
        routes=(
            route("POST", "/auth/oauth2/token/?", "token", access.token),
            route("POST", "/merchant/v(?P<version>[12])/payments/?", "collect", pushes.take),
            route("GET", f"/standard/v[12]/payments{_REFERENCE}", "lookup", pushes.status),
            route("POST", "/standard/v[12]/payments/refund/?", "refund", refunds.take),
            route("POST", "/standard/v[123]/disbursements/?", "transfer", payouts.take),
            route("GET", f"/standard/v[123]/disbursements{_REFERENCE}", "lookup", payouts.status),
            route("GET", "/standard/v[12]/users/balance/?", "balance", wallets.balance),
            route("GET", "/standard/v[12]/users/(?P<phone>[^/]+)/?", "account_holder", wallets.customer),
            route("GET", "/v1/rsa/encryption-keys/?", "key", wallets.key),
        ),
        facts=lambda request, arguments: _facts(books, request, arguments),
        faulty_answers=FAULTY_ANSWERS,
        coded_answer=coded,
        unknown_path=NO_ROUTE,
    )


def _facts(books: Books, request: Request, arguments: Mapping[str, str]) -> Mapping[str, str]:
    """Phones have twelve digits here; an external id is the text of the goods."""
    body = request.json_object() or {}
    transaction, party = _part(body, "transaction"), _part(body, "subscriber") or _part(body, "payee")
    reference = arguments.get("reference") or _text(transaction.get("id"))
    if payment := books.find(key_of("airtel", reference)):
        return {"phone": payment.phone, "external_id": payment.external_id, "reference": reference}
    if number := _text(transaction.get("airtel_money_id")):
        paid = books.find_by_receipt("airtel", number)
        return {"phone": paid.phone if paid else "", "reference": number}
    phone = arguments.get("phone") or _text(party.get("msisdn"))
    return {
        "phone": f"260{phone}" if phone else "",
        "external_id": _text(body.get("reference")),
        "reference": reference,
    }


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""
