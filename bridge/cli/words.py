"""Numbers, ages and durations in words. Pure: the time is an argument."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.freshness import FreshnessVerdict
    from bridge.keys import AssetKey
    from bridge.specs import AssetSpec

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_DATED_AFTER = timedelta(days=60)  # "73d ago" says less than the date


def duration(seconds: float) -> str:
    """The two largest units: `3m 58s`, `1h 05m`, `2d 4h`; below a minute one, `4s` or `120ms`."""
    if seconds < 1:
        return f"{max(0, round(seconds * 1000))}ms"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE:02}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02}m"
    return f"{whole // _DAY}d {whole % _DAY // _HOUR}h"


def span(length: timedelta) -> str:
    """A length of time as people wait for it: `21m`, `1h 12m`, `2d 4h`, at least `1m`."""
    seconds = max(length.total_seconds(), _MINUTE)
    return f"{seconds // _MINUTE:.0f}m" if seconds < _HOUR else duration(int(seconds))


def ago(moment: datetime, now: datetime) -> str:
    """How long `moment` is past: `now`, `34m ago`, `2h ago`, `3d ago`; its date after 60 days."""
    age = now - moment
    seconds = age.total_seconds()
    if seconds < _MINUTE:
        return "now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f}m ago"
    if seconds < _DAY:
        return f"{seconds // _HOUR:.0f}h ago"
    if age < _DATED_AFTER:
        return f"{age.days}d ago"
    return f"{moment:%Y-%m-%d}"


def freshness(verdict: FreshnessVerdict | None, now: datetime) -> str:
    """A freshness verdict at `now`: `due in 21m`, `late 1h 12m`; `-` without policy or past."""
    if verdict is None or verdict.due is None:
        return "-"
    if verdict.state == "fail":
        return f"late {span(now - verdict.due)}"
    return f"due in {span(verdict.due - now)}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 asset`, `2,014 assets`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(words: list[str], most: int = 5) -> str:
    """`a, b, c and 12 more`."""
    shown = ", ".join(words[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most:,} more"


def moment(when: datetime) -> str:
    """A time to the second, in UTC: `2026-11-22 05:58:12`."""
    return f"{when:%Y-%m-%d %H:%M:%S}"


def what_is_read(spec: AssetSpec, upstream: AssetKey) -> str:
    """What each partition of an asset reads of another, empty where nobody declared it."""
    from bridge.partitions import mapping_in_words

    mapping = spec.mappings.get(upstream)
    return mapping_in_words(mapping) if mapping else ""
