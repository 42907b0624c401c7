"""The bodies of the calls that move money."""

from pydantic import Field

from api.schemas.fields import Metadata, ProviderName, Reference, Request, Text, Words

AMOUNT_PATTERN = r"^[0-9]{1,10}(\.[0-9]{1,2})?$"


class NewMovement(Request):
    """What a wish for money from or to a phone always has."""

    amount: Text = Field(
        description="A decimal string, never a number, with no more decimals than the currency has.",
        examples=["150.00"],
        json_schema_extra={"pattern": AMOUNT_PATTERN},
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
    reference: Reference | None = Field(
        default=None, description="Your own number for it; unique per mode, for ever.", examples=["INV-1001"]
    )
    description: Words | None = Field(
        default=None, description="Words for the payer, as far as the network shows them."
    )
    metadata: Metadata | None = Field(
        default=None,
        description="Up to 50 values of your own; keys of at most 40 characters, values of at most 500.",
        examples=[{"order": "1001"}],
    )


class NewPayment(NewMovement):
    """A wish for money from a payer's wallet."""


class NewPayout(NewMovement):
    """A wish to send money from your wallet to somebody's."""

    phone: Text = Field(
        description="The recipient's mobile number in any usual notation. In test mode also MTN's sandbox numbers.",
        examples=["+260961234567"],
    )
    description: Words | None = Field(
        default=None, description="Words for the recipient, as far as the network shows them."
    )


class NewRefund(Request):
    """A wish to pay back part or all of a payment, to the wallet that paid, in the payment's currency."""

    amount: Text | None = Field(
        default=None,
        description="A decimal string in the payment's currency. Default: all that is left to refund.",
        examples=["50.00"],
        json_schema_extra={"pattern": AMOUNT_PATTERN},
    )
    reason: Words | None = Field(
        default=None, description="Why, in words for the payer, as far as the network shows them."
    )
    reference: Reference | None = Field(
        default=None, description="Your own number for it; unique among refunds of a mode, for ever.",
        examples=["RMA-31"],
    )  # fmt: skip
    metadata: Metadata | None = Field(
        default=None,
        description="Up to 50 values of your own; keys of at most 40 characters, values of at most 500.",
    )
