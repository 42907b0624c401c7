"""GET /v1/events: every change of state, in an order without gaps."""

import re

from django.http import HttpResponse
from django_tenants.utils import tenant_context
from ninja import Query, Router
from pydantic import Field

from api.access import ApiRequest
from api.cursors import page_answer, read_cursor
from api.movement_list import PageParameters
from api.movements import json_answer
from api.parameters import only_parameters
from api.problems import Problem
from api.schemas.books import Event, EventList
from api.specification import call
from api.validation import model_fields
from payments.representation import represent_event
from payments.selectors.events import events_after, get_event, newest_events
from payments.selectors.keyset import Page

LARGEST_SEQUENCE = 2**63 - 1
NEWEST, ASCENDING = "events", "events.after"
_EVENT_ID = re.compile(r"evt_[0-9a-z]{26}")

router = Router(tags=["Events"])


class EventParameters(PageParameters):
    after: int | None = Field(
        None, ge=0, le=LARGEST_SEQUENCE, description="Only events after this sequence, oldest first: to catch up."
    )


@router.get(
    "",
    response={200: EventList},
    operation_id="list_events",
    **call("events:read", "validation_failed"),
)
def list_events(request: ApiRequest, filters: Query[EventParameters]) -> HttpResponse:
    """List events.

    Newest first; with `after` everything after that sequence, oldest first. Keep the last `sequence` you have handled
    and ask for what came after it: sequences have no gaps, so nothing can be missed. An event has its number a moment
    after the change, and is listed from then on.
    """
    only_parameters(request, model_fields(EventParameters))
    access = request.access
    listed = NEWEST if filters.after is None else ASCENDING
    cursor = read_cursor(access, listed, filters.cursor)
    with tenant_context(access.tenant()):
        if filters.after is None:
            page = newest_events(livemode=access.livemode, cursor=cursor, limit=filters.limit)
        else:
            after = int(cursor or filters.after)
            page = events_after(livemode=access.livemode, sequence=after, limit=filters.limit)
    shown = Page([represent_event(event) for event in page.rows], page.next_cursor)
    return json_answer(page_answer(access, listed, shown))


@router.get(
    "/{event_id}",
    response={200: Event},
    operation_id="get_event",
    **call("events:read", "not_found"),
)
def read_event(request: ApiRequest, event_id: str) -> HttpResponse:
    """Read an event."""
    only_parameters(request)
    access = request.access
    if _EVENT_ID.fullmatch(event_id):
        with tenant_context(access.tenant()):
            event = get_event(livemode=access.livemode, event_id=event_id)
        if event is not None:
            return json_answer(represent_event(event))
    raise Problem("not_found", f"There is no event {event_id[:40]}.")
