"""Freshness: a policy, the last materialization and the time now give a verdict. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from bridge.errors import DefinitionError

FreshnessState: TypeAlias = Literal["pass", "warn", "fail", "unknown"]
_SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class FreshnessVerdict:
    """How fresh an asset is.

    `due` is when it turns to fail, None where it was never materialized.
    """

    state: FreshnessState
    due: datetime | None


@dataclass(frozen=True, slots=True)
class TimeWindowFreshnessPolicy:
    """Fail once the last materialization is `fail_window` old, warn once it is `warn_window`."""

    fail_window: timedelta
    warn_window: timedelta | None = None

    def __post_init__(self) -> None:
        if self.fail_window < _SHORTEST:
            raise DefinitionError(
                f"fail_window is {self.fail_window}; give at least one minute, the shortest that "
                "is watched."
            )
        if self.warn_window is not None and not _SHORTEST <= self.warn_window < self.fail_window:
            raise DefinitionError(
                f"warn_window is {self.warn_window}; it must be at least one minute and shorter "
                f"than fail_window, {self.fail_window}."
            )

    def verdict(self, last_materialized: datetime | None, now: datetime) -> FreshnessVerdict:
        """Pass, warn or fail by age at `now`; unknown if it was never materialized.

        Edges count as late.
        """
        if last_materialized is None:
            return FreshnessVerdict("unknown", None)
        age, due = now - last_materialized, last_materialized + self.fail_window
        if age >= self.fail_window:
            return FreshnessVerdict("fail", due)
        if self.warn_window is not None and age >= self.warn_window:
            return FreshnessVerdict("warn", due)
        return FreshnessVerdict("pass", due)


class FreshnessPolicy:
    """How policies are made: `FreshnessPolicy.time_window(fail_window=timedelta(hours=24))`."""

    @staticmethod
    def time_window(
        fail_window: timedelta, warn_window: timedelta | None = None
    ) -> TimeWindowFreshnessPolicy:
        """Fail (or warn) when the last materialization is that old.

        Raises DefinitionError under a minute.
        """
        return TimeWindowFreshnessPolicy(fail_window, warn_window)
