"""Who did it and from where, as the audit trail records it."""

from typing import TypedDict

from django.http import HttpRequest

from payments.people import Person
from tenants.client_ip import client_ip


class Origin(TypedDict):
    actor: str
    ip: str
    request_id: str


def origin(request: HttpRequest) -> Origin:
    """For the verbs of payments: `cancel_payment(..., **origin(request))`."""
    return Origin(
        actor=f"user:{request.user.pk} {request.user}",
        ip=client_ip(request),
        request_id=getattr(request, "request_id", ""),
    )


def person(request: HttpRequest) -> Person:
    """For verbs that tell two people apart."""
    return Person(user_id=int(request.user.pk or 0), **origin(request))
