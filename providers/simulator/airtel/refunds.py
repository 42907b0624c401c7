"""Airtel's refunds: of a whole collection, by Airtel's own id of it, with no id of ours and no enquiry."""

from providers.simulator.airtel import messages
from providers.simulator.airtel.access import Access
from providers.simulator.airtel.clients import Client
from providers.simulator.airtel.scenarios import scenario
from providers.simulator.books import Books, Payment
from providers.simulator.messages import Answer, Refusal, Request
from providers.simulator.networks import Context
from providers.simulator.settlement import Settlement
from providers.simulator.switches import Switches

FAILED = "DP00100001005"


class Refunds:
    def __init__(self, access: Access, books: Books, settlement: Settlement) -> None:
        self._access, self._books, self._settlement = access, books, settlement

    def take(self, request: Request, context: Context) -> Answer:
        """An amount in the body is not looked at, since there is no field for one: all of it goes back."""
        switches = context.switches
        client = self._access.may_order(request, switches, code=FAILED)
        original = self._original(request, client)
        if original is None:
            raise Refusal(messages.failure(FAILED, "TransactionNot Found", switches))
        planned = scenario("refund", original.phone)
        if planned.on_post == "down":
            raise _something_went_wrong(switches)
        refund = self._refund(original, switches)
        if switches["executes"] == "late":
            self._settlement.accept_later(refund, switches["late_seconds"], again=True)
        else:
            self._settlement.accept_again(refund)
            self._settlement.finish(refund.key, refund.plan_status, refund.plan_reason)
        if planned.on_post:
            raise _something_went_wrong(switches)
        return _told(refund, switches)

    def _original(self, request: Request, client: Client) -> Payment | None:
        """The collection of this application that moved under the id in the body."""
        transaction = (request.json_object() or {}).get("transaction")
        number = transaction.get("airtel_money_id") if isinstance(transaction, dict) else None
        found = self._books.find_by_receipt("airtel", number) if isinstance(number, str) else None
        if found is None or found.kind != "collection" or found.api_user != client.client_id:
            return None
        return found

    def _refund(self, original: Payment, switches: Switches) -> Payment:
        now, planned = self._settlement.now(), scenario("refund", original.phone)
        limit = switches["float"]
        return Payment(
            network="airtel",
            reference=f"refund-{original.reference}",
            api_user=original.api_user,
            phone=original.phone,
            party_type="MSISDN",
            amount=original.amount,
            currency=original.currency,
            external_id=original.external_id,
            payer_message="",
            payee_note="",
            callback_url="",
            accepted_at=now,
            plan_status=planned.status,
            plan_reason=planned.reason,
            settle_at=now,
            kind="refund",
            original_reference=original.reference,
            float_limit="" if limit is None else str(limit),
            refund_limited=switches["refuse_second_refunds"],
        )


def _told(refund: Payment, switches: Switches) -> Answer:
    data = {"airtel_money_id": switches["money_id"] or refund.financial_id}
    if refund.status == "FAILED":
        failed = {"transaction": {**data, "status": "FAILED"}}
        return messages.failure(FAILED, "Refund Failed", switches, data=failed)
    return messages.success({"transaction": {**data, "status": "SUCCESS"}}, "DP00800001006")


def _something_went_wrong(switches: Switches) -> Refusal:
    return Refusal(messages.failure(FAILED, "Something Went Wrong", switches, http=500))
