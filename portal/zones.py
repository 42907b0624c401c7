"""The clock a merchant lives by. Days, quick ranges and date filters are meant in it; exact times are shown in UTC."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

LAST_DAY = date(9998, 12, 31)


@dataclass(frozen=True, slots=True)
class Zone:
    """Fixed offsets do: none of these countries changes its clocks, and no time zone database is needed."""

    name: str
    offset: timezone

    def today(self, now: datetime) -> date:
        return now.astimezone(self.offset).date()

    def midnight(self, day: date) -> datetime:
        """The moment that day begins."""
        return datetime.combine(day, time.min, tzinfo=self.offset)

    def end_of(self, day: date) -> datetime:
        """The moment that the next day begins; the last days of all time have none."""
        return self.midnight(min(day, LAST_DAY) + timedelta(days=1))


_CENTRAL_AFRICA = timezone(timedelta(hours=2))
ZONES: dict[str, Zone] = {
    "ZM": Zone("Lusaka time", _CENTRAL_AFRICA),
    "MW": Zone("Lilongwe time", _CENTRAL_AFRICA),
}
UTC = Zone("UTC", timezone(timedelta(0)))


def zone_of(country: str) -> Zone:
    return ZONES.get(country, UTC)
