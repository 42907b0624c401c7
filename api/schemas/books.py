"""Balances, ledger entries and events as they are answered."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas.fields import Page, ProviderName

LedgerAccount = Literal["provider_balance", "collected", "refunded", "paid_out", "fees", "settled"]


class AccountBalance(BaseModel):
    """One currency of one provider account. `available` is `collected` less the other four, always."""

    provider: ProviderName
    provider_account: str = Field(examples=["pa_01kbqh2m4d8n3v6x9c1z5t7r0w"])
    currency: str = Field(examples=["ZMW"])
    available: str = Field(description="What the network holds for you, by our books.", examples=["1270.50"])
    collected: str = Field(description="By payments that succeeded.", examples=["2000.00"])
    refunded: str = Field(description="By refunds that succeeded.", examples=["150.00"])
    paid_out: str = Field(description="By payouts that succeeded.", examples=["500.00"])
    fees: str = Field(description="What the operations cost, by your fee schedule.", examples=["29.50"])
    settled: str = Field(description="What the network transferred to your bank.", examples=["50.00"])


class Balance(BaseModel):
    """What is where, by the double-entry ledger."""

    object: Literal["balance"]
    livemode: bool
    data: list[AccountBalance] = Field(description="One per currency and provider account; empty before the first.")


class LedgerEntry(BaseModel):
    """One line of the ledger. It never changes, and the lines of a posting sum to zero."""

    id: str = Field(examples=["le_01kbrz3w9xf3k2r8s5y1b4m7qe"])
    object: Literal["ledger_entry"]
    livemode: bool
    posting: str = Field(
        description="What was booked; the lines of one posting share it.",
        examples=["pay_01kbrz3w9xe5v8m4t2n6c7d0fg:succeeded"],
    )
    account: LedgerAccount
    amount: str = Field(
        description="Signed. `provider_balance` grows with what comes in; the others take the opposite sign.",
        examples=["150.00"],
    )
    currency: str = Field(examples=["ZMW"])
    provider: ProviderName
    provider_account: str = Field(examples=["pa_01kbqh2m4d8n3v6x9c1z5t7r0w"])
    source: str = Field(
        description="The payment, payout, refund or statement that it was booked for.",
        examples=["pay_01kbrz3w9xe5v8m4t2n6c7d0fg"],
    )
    description: str
    created_at: datetime


class LedgerEntryList(Page[LedgerEntry]):
    """One page of ledger entries, newest first."""


class EventData(BaseModel):
    """What the event is about."""

    object: dict[str, Any] = Field(description="The object as the API showed it right after the change.")


class Event(BaseModel):
    """A change of state, kept for good."""

    id: str = Field(examples=["evt_01kbrz3w9xf3k2r8s5y1b4m7qe"])
    object: Literal["event"]
    type: str = Field(examples=["payment.succeeded"])
    created_at: datetime
    sequence: int | None = Field(
        description="Gapless per merchant and mode. Null for the moment in which it is not numbered yet.",
        examples=[41],
    )
    livemode: bool
    data: EventData


class EventList(Page[Event]):
    """One page of events: newest first, or oldest first after a sequence."""
