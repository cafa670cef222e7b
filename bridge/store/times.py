"""Instants as whole microseconds since 1970 UTC: exact, sortable, the same in every database."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC of an aware time."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """The instant, in UTC."""
    return _EPOCH + value * _MICROSECOND


def optional_micros(moment: datetime | None) -> int | None:
    """As `to_micros`; None stays None."""
    return None if moment is None else to_micros(moment)


def optional_time(value: int | None) -> datetime | None:
    """As `from_micros`; None stays None."""
    return None if value is None else from_micros(value)
