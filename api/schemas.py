"""What requests and answers look like: validated here, and described from here in the OpenAPI document."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from payments.states import Status

MOST_METADATA = 50


def _storable(text: str) -> str:
    # PostgreSQL's text and jsonb cannot hold it, and nobody means it.
    if "\x00" in text:
        raise PydanticCustomError("invalid", "must not contain the character U+0000")
    return text


Text = Annotated[str, AfterValidator(_storable)]
Metadata = dict[
    Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(_storable)],
    Annotated[str, StringConstraints(max_length=500), AfterValidator(_storable)],
]
ProviderName = Literal["mtn", "airtel", "zamtel"]


class NewPayment(BaseModel):
    """A wish for money from a payer's wallet."""

    model_config = ConfigDict(extra="forbid", strict=True)

    amount: Text = Field(
        description="A decimal string, never a number, with no more decimals than the currency has.",
        examples=["150.00"],
        json_schema_extra={"pattern": r"^[0-9]{1,10}(\.[0-9]{1,2})?$"},
    )
    currency: Text = Field(
        description="ISO 4217. `ZMW`; in test mode also `EUR`, the only currency that MTN's own sandbox knows.",
        examples=["ZMW"],
        json_schema_extra={"pattern": "^[A-Z]{3}$"},
    )
    phone: Text = Field(
        description="The payer's mobile number in any usual notation. In test mode also MTN's sandbox numbers.",
        examples=["+260961234567"],
    )
    provider: ProviderName | None = Field(
        default=None,
        description="The network to ask; only `mtn` is connected today. Default: the one that the number belongs to.",
    )
    reference: Annotated[Text, StringConstraints(min_length=1, max_length=64)] | None = Field(
        default=None, description="Your own number for it; unique per mode, for ever.", examples=["INV-1001"]
    )
    description: Annotated[Text, StringConstraints(max_length=255)] | None = Field(
        default=None, description="Words for the payer, as far as the network shows them."
    )
    metadata: Annotated[Metadata, Field(max_length=MOST_METADATA)] | None = Field(
        default=None,
        description="Up to 50 values of your own; keys of at most 40 characters, values of at most 500.",
        examples=[{"order": "1001"}],
    )


class Failure(BaseModel):
    """Why a payment failed."""

    code: str = Field(description="One of our failure codes, the same for every network.", examples=["payer_declined"])
    message: str = Field(description="A sentence for people.")
    provider_code: str | None = Field(description="The network's own word.", examples=["APPROVAL_REJECTED"])
    retry_safe: bool = Field(description="Whether a new payment can be started without a risk of charging twice.")


class Payment(BaseModel):
    """Money in: asked for by the merchant, approved by the payer on the phone."""

    id: str = Field(examples=["pay_01kbrz3w9xe5v8m4t2n6c7d0fg"])
    object: Literal["payment"]
    livemode: bool = Field(description="False for everything made with a test key.")
    amount: str = Field(examples=["150.00"])
    currency: str = Field(examples=["ZMW"])
    amount_refunded: str = Field(examples=["0.00"])
    status: Status = Field(description="See the guide on statuses; three of them are final.")
    phone: str = Field(examples=["+260961234567"])
    provider: ProviderName
    reference: str | None = Field(examples=["INV-1001"])
    description: str
    metadata: dict[str, str] = Field(examples=[{"order": "1001"}])
    failure: Failure | None
    provider_reference: str | None = Field(description="The network's number for the movement of money.")
    version: int = Field(description="Raised by one with every change of status.", examples=[1])
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = Field(description="When the status became final.")


class PaymentList(BaseModel):
    """One page, newest first."""

    object: Literal["list"]
    data: list[Payment]
    has_more: bool
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last one.")


class TimelineEntry(BaseModel):
    """One recorded fact about a payment."""

    id: str
    object: Literal["timeline_entry"]
    kind: Literal["state", "call", "callback", "person"] = Field(
        description="A change of state, a call to the network, a message from it, or something a person or key did."
    )
    what: str = Field(description="What it was, within its kind.", examples=["succeeded"])
    at: datetime
    actor: str | None = Field(description="Who did it, as the audit trail names them.")
    status: str | None = Field(description="The payment's status after a change of state.")
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


class MerchantOfKey(BaseModel):
    id: str
    name: str
    slug: str


class KeyInUse(BaseModel):
    id: str
    name: str
    scopes: list[str]
    expires_at: datetime | None


class Me(BaseModel):
    """Whom the key belongs to and what it may do."""

    object: Literal["me"]
    merchant: MerchantOfKey
    mode: Literal["test", "live"]
    livemode: bool
    scopes: list[str]
    key: KeyInUse
    providers: list[str] = Field(description="Networks connected in this mode.")


class FieldProblem(BaseModel):
    """One field that is not valid."""

    field: str
    code: str
    message: str


class ProblemDocument(BaseModel):
    """RFC 9457, with our code, the request id, and the fields that are not valid."""

    model_config = ConfigDict(title="Problem", extra="allow")

    type: str = Field(description="The address of the code's page in the documentation.")
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldProblem] | None = Field(default=None, description="Only where fields are not valid.")
