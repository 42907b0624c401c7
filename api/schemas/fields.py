"""The kinds of fields that several requests and answers have in common."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

MOST_METADATA = 50


def _storable(text: str) -> str:
    # PostgreSQL's text and jsonb cannot hold it, and nobody means it.
    if "\x00" in text:
        raise PydanticCustomError("invalid", "must not contain the character U+0000")
    return text


Text = Annotated[str, AfterValidator(_storable)]
Words = Annotated[Text, StringConstraints(max_length=255)]
Reference = Annotated[Text, StringConstraints(min_length=1, max_length=64)]
Metadata = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(_storable)],
        Annotated[str, StringConstraints(max_length=500), AfterValidator(_storable)],
    ],
    Field(max_length=MOST_METADATA),
]
ProviderName = Literal["mtn", "airtel", "zamtel"]


class Page[Item](BaseModel):
    """One page of a list."""

    object: Literal["list"]
    data: list[Item]
    has_more: bool
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last one.")


class Request(BaseModel):
    """A body: no field that the call does not know, and no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)
