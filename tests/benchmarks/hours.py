"""What both sides get of partitions by the hour: when they begin, and which of them are there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

FIRST = "2014-01-01-00:00"
_GAP = "-07:00"  # one hour of each day was never materialized


def end(count: int) -> datetime:
    """The moment at which so many hours have ended."""
    return datetime(2014, 1, 1, tzinfo=timezone.utc) + timedelta(hours=count)


def materialized(keys: Iterable[str]) -> list[str]:
    """Those that are there."""
    return [key for key in keys if not key.endswith(_GAP)]


def missing(count: int) -> int:
    """How many of the first hours are not."""
    return (count + 16) // 24
