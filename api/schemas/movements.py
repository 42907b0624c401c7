"""Payments, payouts and refunds as they are answered, and what is recorded about one."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas.fields import Page, ProviderName
from payments.states import Status


class Failure(BaseModel):
    """Why it failed."""

    code: str = Field(description="One of our failure codes, the same for every network.", examples=["payer_declined"])
    message: str = Field(description="A sentence for people.")
    provider_code: str | None = Field(description="The network's own word.", examples=["APPROVAL_REJECTED"])
    retry_safe: bool = Field(description="Whether a new one can be started without a risk of moving the money twice.")


class Movement(BaseModel):
    """What payments, payouts and refunds have in common."""

    id: str
    object: str
    livemode: bool = Field(description="False for everything made with a test key.")
    amount: str = Field(examples=["150.00"])
    currency: str = Field(examples=["ZMW"])
    status: Status = Field(description="See the guide on statuses; three of them are final.")
    phone: str = Field(examples=["+260961234567"])
    provider: ProviderName
    reference: str | None = Field(examples=["INV-1001"])
    metadata: dict[str, str] = Field(examples=[{"order": "1001"}])
    failure: Failure | None
    provider_reference: str | None = Field(description="The network's number for the movement of money.")
    version: int = Field(description="Raised by one with every change of status.", examples=[1])
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = Field(description="When the status became final.")


class Payment(Movement):
    """Money in: asked for by the merchant, approved by the payer on the phone."""

    id: str = Field(examples=["pay_01kbrz3w9xe5v8m4t2n6c7d0fg"])
    object: Literal["payment"]
    amount_refunded: str = Field(
        description="What refunds that succeeded have paid back of it. Refunds under way are not in it yet.",
        examples=["0.00"],
    )
    description: str


class Payout(Movement):
    """Money out: from the merchant's wallet to somebody's."""

    id: str = Field(examples=["out_01kbrz3w9xe5v8m4t2n6c7d0fg"])
    object: Literal["payout"]
    description: str
    held_since: datetime | None = Field(description="Since when it waits for a network that is down; nothing was sent.")


class Refund(Movement):
    """Money back: part or all of a payment, to the wallet that paid."""

    id: str = Field(examples=["ref_01kbrz3w9xe5v8m4t2n6c7d0fg"])
    object: Literal["refund"]
    payment: str = Field(description="The payment that is paid back.", examples=["pay_01kbrz3w9xe5v8m4t2n6c7d0fg"])
    reason: str
    held_since: datetime | None = Field(description="Since when it waits for a network that is down; nothing was sent.")


class PaymentList(Page[Payment]):
    """One page of payments, newest first."""


class PayoutList(Page[Payout]):
    """One page of payouts, newest first."""


class RefundList(Page[Refund]):
    """One page of refunds, newest first."""


class TimelineEntry(BaseModel):
    """One recorded fact."""

    id: str
    object: Literal["timeline_entry"]
    kind: Literal["state", "call", "callback", "person"] = Field(
        description="A change of state, a call to the network, a message from it, or something a person or key did."
    )
    what: str = Field(description="What it was, within its kind.", examples=["succeeded"])
    at: datetime
    actor: str | None = Field(description="Who did it, as the audit trail names them.")
    status: str | None = Field(description="The status after a change of state.")
    detail: str | None
    request_id: str | None
    verdict: str | None = Field(description="What was made of a call's answer or of a message.")
    count: int = Field(description="How many like it in a row are folded into this one.")
    call: dict[str, Any] | None = Field(description="The call as it was made, secrets blanked out.")
    callback: dict[str, Any] | None = Field(description="The message as it came.")


class Timeline(BaseModel):
    """Every recorded fact, oldest first."""

    object: Literal["list"]
    data: list[TimelineEntry]
    has_more: Literal[False]
    next_cursor: None
