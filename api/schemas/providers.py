"""Networks and how well they serve, as they are answered."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.fields import Page, ProviderName

State = Literal["operational", "degraded", "down"]
_SHARE = "From 0 to 1; null when nothing was sent."


class RecentTraffic(BaseModel):
    """Your orders of the last 15 minutes."""

    sent: int = Field(description="Sends, repeats under the same reference included.", examples=[42])
    success_share: float | None = Field(
        description=(
            "How many of them the network served. Saying no is serving: a payer who declines counts as a success, "
            f"a broken or missing answer does not. {_SHARE}"
        ),
        examples=[0.9762],
    )


class DailyTraffic(BaseModel):
    """Your orders of the last 24 hours."""

    sent: int = Field(description="Sends, repeats under the same reference included.", examples=[1240])
    success_share: float | None = Field(description=f"As in the last 15 minutes. {_SHARE}", examples=[0.9944])
    latency_p50_ms: int | None = Field(
        description="Half of the answers to a send came within so many milliseconds. Null without an answer.",
        examples=[118],
    )
    latency_p95_ms: int | None = Field(description="19 of 20 answers did.", examples=[640])
    callback_share: float | None = Field(
        description=(
            "Of the orders that the network had taken and that have ended: how many it called back about. From 0 to 1; "
            "null when none has ended, and where the network never calls back."
        ),
        examples=[0.9991],
    )
    callback_lag_seconds: float | None = Field(
        description="Median time from the send to the first callback, a payer's own time included.", examples=[6.4]
    )


class ProviderOperation(BaseModel):
    """What one account is used for, and how that goes. The first fields are those of the events about it."""

    object: Literal["provider_operation"]
    livemode: bool
    provider: ProviderName
    account: str = Field(examples=["pa_01kbqh1f7e3c9w2y5k8m0t4s6v"])
    operation: Literal["collect", "transfer", "refund"] = Field(
        description="`collect` is for payments, `transfer` for payouts, `refund` for refunds."
    )
    state: State = Field(
        description=(
            "`down`: it is not called; payments are refused, payouts and refunds wait. `degraded`: it is called, but "
            "fails too often or answers too slowly."
        )
    )
    since: datetime | None = Field(description="When it went down; null while it is not.")
    reason: str | None = Field(description="A sentence for people; null while it is operational.")
    last_15_minutes: RecentTraffic
    last_24_hours: DailyTraffic


class Provider(BaseModel):
    """A network that you are connected to in this mode."""

    object: Literal["provider"]
    livemode: bool
    provider: ProviderName
    account: str = Field(examples=["pa_01kbqh1f7e3c9w2y5k8m0t4s6v"])
    state: State = Field(description="`down` when no operation can be used, `degraded` when not all are operational.")
    operations: list[ProviderOperation]


class ProviderList(Page[Provider]):
    """All of them: there is one account per network, and no second page."""
