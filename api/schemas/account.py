"""The key itself, and the shape of every error."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


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
