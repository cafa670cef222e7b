"""Hours, days, weeks and months as partitions: time windows with offsets instead of a cron."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from bridge.errors import PartitionError
from bridge.partitions.time import TimeWindowPartitionsDefinition

_HOURLY_FORMAT, _DATE_FORMAT = "%Y-%m-%d-%H:%M", "%Y-%m-%d"


class HourlyPartitionsDefinition(TimeWindowPartitionsDefinition):
    """One partition an hour of the clock, from `start_date` on.

    An hour that clocks show twice is two partitions, the second with its UTC offset in the key.
    `minute_offset` moves the edge of the hour; the rest is as in TimeWindowPartitionsDefinition.
    """

    __slots__ = ()
    kind: ClassVar[str] = "hourly"
    unit: ClassVar[str] = "hour"

    def __init__(  # noqa: PLR0917 - as in Dagster
        self,
        start_date: str | date | datetime,
        end_date: str | date | datetime | None = None,
        minute_offset: int = 0,
        timezone: str | None = None,
        fmt: str | None = None,
        end_offset: int = 0,
        exclusions: Sequence[str | datetime] | None = None,
    ) -> None:
        _require_offsets("An hour", minute_offset)
        self._settle(
            start_date,
            end_date,
            cron_schedule=f"{minute_offset} * * * *",
            timezone=timezone,
            fmt=fmt or _HOURLY_FORMAT,
            end_offset=end_offset,
            exclusions=exclusions,
        )

    @property
    def minute_offset(self) -> int:
        """The minute at which an hour begins."""
        return _field(self.cron_schedule, 0)

    def _offsets(self) -> dict[str, str | int]:
        return {"minute_offset": self.minute_offset}


class DailyPartitionsDefinition(TimeWindowPartitionsDefinition):
    """One partition a local day, from `start_date` on; 23 or 25 hours long when clocks change.

    `hour_offset` and `minute_offset` move the edge of the day; the rest is as in
    TimeWindowPartitionsDefinition.
    """

    __slots__ = ()
    kind: ClassVar[str] = "daily"
    unit: ClassVar[str] = "day"

    def __init__(  # noqa: PLR0917 - as in Dagster
        self,
        start_date: str | date | datetime,
        end_date: str | date | datetime | None = None,
        minute_offset: int = 0,
        hour_offset: int = 0,
        timezone: str | None = None,
        fmt: str | None = None,
        end_offset: int = 0,
        exclusions: Sequence[str | datetime] | None = None,
    ) -> None:
        _require_offsets("A day", minute_offset, hour_offset)
        self._settle(
            start_date,
            end_date,
            cron_schedule=f"{minute_offset} {hour_offset} * * *",
            timezone=timezone,
            fmt=fmt or _DATE_FORMAT,
            end_offset=end_offset,
            exclusions=exclusions,
        )

    @property
    def minute_offset(self) -> int:
        """The minute at which a day begins."""
        return _field(self.cron_schedule, 0)

    @property
    def hour_offset(self) -> int:
        """The hour at which a day begins."""
        return _field(self.cron_schedule, 1)

    def _offsets(self) -> dict[str, str | int]:
        return {"minute_offset": self.minute_offset, "hour_offset": self.hour_offset}


class WeeklyPartitionsDefinition(TimeWindowPartitionsDefinition):
    """One partition a week, from `start_date` on; a week begins on `day_offset`, 0 for Sunday.

    `hour_offset` and `minute_offset` move the edge further; the rest is as in
    TimeWindowPartitionsDefinition.
    """

    __slots__ = ()
    kind: ClassVar[str] = "weekly"
    unit: ClassVar[str] = "week"

    def __init__(  # noqa: PLR0917 - as in Dagster
        self,
        start_date: str | date | datetime,
        end_date: str | date | datetime | None = None,
        minute_offset: int = 0,
        hour_offset: int = 0,
        day_offset: int = 0,
        timezone: str | None = None,
        fmt: str | None = None,
        end_offset: int = 0,
        exclusions: Sequence[str | datetime] | None = None,
    ) -> None:
        _require_offsets("A week", minute_offset, hour_offset)
        if day_offset not in range(7):
            raise PartitionError(
                f"A week cannot begin on day {day_offset}. "
                "day_offset goes from 0, Sunday, to 6, Saturday."
            )
        self._settle(
            start_date,
            end_date,
            cron_schedule=f"{minute_offset} {hour_offset} * * {day_offset}",
            timezone=timezone,
            fmt=fmt or _DATE_FORMAT,
            end_offset=end_offset,
            exclusions=exclusions,
        )

    def _offsets(self) -> dict[str, str | int]:
        return _offsets(self.cron_schedule, day_field=4)


class MonthlyPartitionsDefinition(TimeWindowPartitionsDefinition):
    """One partition a month, from `start_date` on; a month begins on its day `day_offset`.

    Months without that day begin no partition. `hour_offset` and `minute_offset` move the edge
    further; the rest is as in TimeWindowPartitionsDefinition.
    """

    __slots__ = ()
    kind: ClassVar[str] = "monthly"
    unit: ClassVar[str] = "month"

    def __init__(  # noqa: PLR0917 - as in Dagster
        self,
        start_date: str | date | datetime,
        end_date: str | date | datetime | None = None,
        minute_offset: int = 0,
        hour_offset: int = 0,
        day_offset: int = 1,
        timezone: str | None = None,
        fmt: str | None = None,
        end_offset: int = 0,
        exclusions: Sequence[str | datetime] | None = None,
    ) -> None:
        _require_offsets("A month", minute_offset, hour_offset)
        if day_offset not in range(1, 32):
            raise PartitionError(
                f"A month cannot begin on day {day_offset}. day_offset goes from 1 to 31."
            )
        self._settle(
            start_date,
            end_date,
            cron_schedule=f"{minute_offset} {hour_offset} {day_offset} * *",
            timezone=timezone,
            fmt=fmt or _DATE_FORMAT,
            end_offset=end_offset,
            exclusions=exclusions,
        )

    def _offsets(self) -> dict[str, str | int]:
        return _offsets(self.cron_schedule, day_field=2)


def _require_offsets(period: str, minute: int, hour: int = 0) -> None:
    if hour not in range(24) or minute not in range(60):
        raise PartitionError(
            f"{period} cannot begin at {hour}:{minute:02}. "
            "hour_offset goes from 0 to 23, minute_offset from 0 to 59."
        )


def _field(schedule: str, number: int) -> int:
    return int(schedule.split()[number])


def _offsets(schedule: str, *, day_field: int) -> dict[str, str | int]:
    return {
        "minute_offset": _field(schedule, 0),
        "hour_offset": _field(schedule, 1),
        "day_offset": _field(schedule, day_field),
    }
