"""Questions about wallets: is a number active, whose is it, and what does the merchant's own hold."""

from decimal import Decimal

from providers.simulator.books import Books
from providers.simulator.messages import Answer, Refusal, Request, json_answer
from providers.simulator.mtn import scenarios
from providers.simulator.mtn.access import Access, currency_of
from providers.simulator.mtn.messages import NOT_FOUND, api_error
from providers.simulator.networks import Context

HOLDER = {
    "name": "Mwansa Banda",
    "given_name": "Mwansa",
    "family_name": "Banda",
    "birthdate": "1990-01-31",
    "locale": "en_ZM",
    "gender": "FEMALE",
    "updated_at": 1769850000,
}
BOTTOMLESS = "999999999.00"  # what a disbursement wallet shows while it has no limit


class Wallets:
    def __init__(self, access: Access, books: Books) -> None:
        self._access, self._books = access, books

    def is_active(self, request: Request, context: Context) -> Answer:
        self._access.signed_in(request, context.arguments["product"])
        status, code = scenarios.account_holder(context.arguments["phone"]) or (200, "active")
        return api_error(status, code) if status != 200 else json_answer(200, {"result": bool(code)})

    def user_info(self, request: Request, context: Context) -> Answer:
        self._access.signed_in(request, context.arguments["product"])
        if scenarios.account_holder(context.arguments["phone"]) == scenarios.ACCOUNT_HOLDERS["450"]:
            raise Refusal(api_error(404, "RESOURCE_NOT_FOUND", NOT_FOUND))
        return json_answer(200, {"sub": context.arguments["phone"], **HOLDER})

    def balance(self, request: Request, context: Context) -> Answer:
        """Collections fill one wallet; payouts and refunds empty another, which holds `float` at first."""
        product = context.arguments["product"]
        user, currency = self._access.signed_in(request, product), currency_of(request)
        balance = str(self._books.moved(user.api_user, "in", currency))
        if product != "collection":
            limit = context.switches["float"]
            spent = self._books.moved(user.api_user, "out", currency)
            balance = BOTTOMLESS if limit is None else str(Decimal(str(limit)) - spent)
        return json_answer(200, {"availableBalance": balance, "currency": currency})
