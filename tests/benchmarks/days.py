"""What both sides get to plan: five assets in a row, cut by the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

FIRST = "2020-01-01"
CHAIN = [(f"asset_{n}", [f"asset_{n - 1}"] if n else []) for n in range(5)]


def end(count: int) -> datetime:
    """The moment at which so many days have ended."""
    return datetime(2020, 1, 1, tzinfo=timezone.utc) + timedelta(days=count)


def nothing() -> Callable[[], None]:
    """A function of its own for each asset."""

    def compute() -> None:
        return None

    return compute
