"""Events in order of their gapless sequence, for whoever catches up or looks back."""

from payments.models import Event
from payments.selectors.keyset import Page, newest_first


def newest_events(*, livemode: bool, cursor: str, limit: int) -> Page[Event]:
    """One page, newest first; the cursor is a sequence. What has no number yet is not in it: it comes in a moment."""
    rows = Event.objects.filter(livemode=livemode, sequence__isnull=False)
    return newest_first(rows, key="sequence", cursor=cursor, limit=limit, convert=lambda event: event)


def events_after(*, livemode: bool, sequence: int, limit: int) -> Page[Event]:
    """One page of what came after, oldest first. The cursor is the last sequence on it."""
    rows = Event.objects.filter(livemode=livemode, sequence__gt=sequence).order_by("sequence")
    found = list(rows[: limit + 1])
    has_more = len(found) > limit
    found = found[:limit]
    return Page(found, str(found[-1].sequence) if has_more else "")


def get_event(*, livemode: bool, event_id: str) -> Event | None:
    return Event.objects.filter(livemode=livemode, id=event_id).first()
