"""What both shapes of Zamtel's interface do: check an order, carry it out, and wait for how it ends."""

import re
from dataclasses import dataclass

from providers.simulator.books import Books, Payment, key_of
from providers.simulator.settlement import Settlement
from providers.simulator.switches import Switches
from providers.simulator.zamtel import codes
from providers.simulator.zamtel.scenarios import scenario

# A password or credential that begins so is always refused: a handy way to play wrong credentials.
WRONG_PREFIX = "wrong"
CURRENCY = "ZMW"
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_NUMBER = re.compile(r"260[579][5-8][0-9]{7}")


@dataclass(frozen=True, slots=True)
class Order:
    """What a caller asked for, in whatever shape. credential: of the initiator of a payout."""

    kind: str  # "collection" | "transfer"
    third_party_id: str
    password: str
    amount: str
    phone: str
    shortcode: str
    conversation_id: str
    text: str = ""
    identifier: str = ""
    credential: str = ""

    def is_whole(self) -> bool:
        wanted = (self.third_party_id, self.password, self.amount, self.phone, self.shortcode, self.conversation_id)
        return all(wanted) and (self.kind == "collection" or bool(self.identifier and self.credential))


@dataclass(frozen=True, slots=True)
class Result:
    """What the caller is told; transaction_id is "" where nothing moved as far as it shall know."""

    code: str
    conversation_id: str
    transaction_id: str = ""
    old_name: bool = False


class Orders:
    def __init__(self, books: Books, settlement: Settlement) -> None:
        self._books, self._settlement = books, settlement

    def carry_out(self, order: Order, switches: Switches) -> Result | None:
        """Returns when the order has ended. None: it goes on, and nobody will ever hear how it ends."""
        if code := self._refusal(order, switches):
            return Result(code, order.conversation_id)
        payment = self._payment(order, switches)
        if switches["executes"] == "late":
            self._settlement.accept_later(payment, switches["late_seconds"], again=True)
            return None
        self._settlement.accept_again(payment)
        if switches["answer"] != "normal" or switches["answer_code"]:
            return None  # what is answered has nothing to do with how it ends
        return self._told(payment) if self._settlement.wait_until_ended(payment) else None

    def _refusal(self, order: Order, switches: Switches) -> str:
        """The code for an order that is not taken, or ""."""
        if order.password.startswith(WRONG_PREFIX):
            return codes.UNABLE if order.kind == "collection" else codes.INITIATOR
        if order.credential.startswith(WRONG_PREFIX):
            return codes.INITIATOR
        if not order.is_whole():
            return codes.UNABLE
        if not _AMOUNT.fullmatch(order.amount) or float(order.amount) == 0:
            return codes.INVALID_AMOUNT
        if not _NUMBER.fullmatch(order.phone):
            return codes.NOT_REGISTERED
        is_known = self._books.find(key_of("zamtel", order.conversation_id)) is not None
        return codes.DUPLICATE if is_known and switches["refuse_duplicates"] else ""

    def _payment(self, order: Order, switches: Switches) -> Payment:
        now, planned, limit = self._settlement.now(), scenario(order.phone), switches["float"]
        return Payment(
            network="zamtel",
            reference=order.conversation_id,
            api_user=order.third_party_id,
            phone=order.phone,
            party_type="MSISDN",
            amount=order.amount,
            currency=CURRENCY,
            external_id=order.text,
            payer_message="",
            payee_note="",
            callback_url="",
            accepted_at=now,
            plan_status=planned.status,
            plan_reason=planned.reason,
            settle_at=now + switches[planned.timing]
            if planned.timing and switches[planned.timing] is not None
            else None,
            kind=order.kind,
            float_limit="" if order.kind == "collection" or limit is None else str(limit),
        )

    def _told(self, payment: Payment) -> Result:
        planned = scenario(payment.phone)
        is_as_planned = (payment.status, payment.reason) == (planned.status, planned.reason)
        true_code = codes.BY_REASON.get(payment.reason, codes.BY_REASON["UNSPECIFIED"])
        code = planned.code if is_as_planned and planned.code else true_code
        number = payment.financial_id if code == codes.SUCCESS else ""
        return Result(code, payment.reference, number, old_name=planned.old_name)
