"""Time zones of `pytz` for where it is not installed: a start date needs a real one."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


class Zone(ZoneInfo):
    """A zone with what `pytz` adds to one."""

    @property
    def zone(self) -> str:
        """Its name."""
        return self.key

    def localize(self, moment: datetime, **options: Any) -> datetime:
        """The moment as one of this zone."""
        return moment.replace(tzinfo=self)

    def normalize(self, moment: datetime, **options: Any) -> datetime:
        """The moment in this zone."""
        return moment.astimezone(self)


ZONES = {"pytz.timezone": Zone, "pytz.utc": Zone("UTC"), "pytz.UTC": Zone("UTC")}
