"""Questions to Airtel about wallets: whose a number is, what our own holds, and the key that PINs are sealed with."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from providers.simulator.airtel import messages
from providers.simulator.airtel.access import CURRENCY, Access
from providers.simulator.airtel.keys import public_key
from providers.simulator.airtel.scenarios import holder
from providers.simulator.books import Books
from providers.simulator.messages import Answer, Refusal, Request
from providers.simulator.networks import Context
from providers.simulator.settlement import Settlement

BOTTOMLESS = Decimal("999999999.00")  # what the wallet shows while it has no limit
KEY_LIVES = timedelta(days=365)


class Wallets:
    def __init__(self, access: Access, books: Books, settlement: Settlement) -> None:
        self._access, self._books, self._settlement = access, books, settlement

    def customer(self, request: Request, context: Context) -> Answer:
        switches, phone = context.switches, context.arguments["phone"]
        self._access.signed_in(request, switches)
        kind = holder(f"260{phone}")
        if kind == "not_found":
            raise Refusal(messages.failure("DP02200000002", "User not found", switches))
        if kind == "failed":
            raise Refusal(messages.failure("DP02200000000", "Failed", switches))
        if len(phone) != 9 or not phone.isdecimal():
            raise Refusal(
                messages.failure("DP02200000005", "Invalid MSISDN Length. MSISDN Length should be 9", switches)
            )
        data = {
            "first_name": "Mary",
            "last_name": "Banda",
            "grade": "SUBS",
            "is_barred": kind == "barred",
            "is_pin_set": True,
            "msisdn": phone,
            "registration": {"status": "NOT_REGISTERED" if kind == "not_registered" else "SUBS"},
        }
        return messages.success(data, "DP02200000001")

    def balance(self, request: Request, context: Context) -> Answer:
        """Thousands have separators, and a success calls itself none."""
        client, limit = self._access.signed_in(request, context.switches), context.switches["float"]
        spent = self._books.moved(client.client_id, "out", CURRENCY, network="airtel")
        left = BOTTOMLESS if limit is None else Decimal(str(limit)) - spent
        data = {"balance": f"{left:,.2f}", "currency": CURRENCY, "account_status": "Active"}
        return messages.answered(data, "DP02100000001", "Success", is_success=False)

    def key(self, request: Request, context: Context) -> Answer:
        self._access.signed_in(request, context.switches)
        ends_at = datetime.fromtimestamp(self._settlement.now(), UTC) + KEY_LIVES
        data = {"key_id": 100, "key": public_key(), "valid_upto": f"{ends_at:%d-%m-%Y %H:%M:%S}"}
        return messages.success(data, "DP02010001001")
