"""Freshness: a policy, the last materialization and the time now give a verdict. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal, TypeAlias

from bridge.calendar import shortest_interval, tick_after
from bridge.errors import DefinitionError, PartitionError

FreshnessState: TypeAlias = Literal["pass", "warn", "fail", "unknown"]
_SHORTEST = timedelta(minutes=1)
_SOME_DAY = datetime(2024, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class FreshnessVerdict:
    """How fresh an asset is.

    `due` is when it turns to fail, None where it was never materialized.
    """

    state: FreshnessState
    due: datetime | None


class FreshnessPolicy(ABC):
    """When an asset counts as fresh, made by `FreshnessPolicy.time_window(…)` or `.cron(…)`."""

    __slots__ = ()

    @abstractmethod
    def verdict(self, last_materialized: datetime | None, now: datetime) -> FreshnessVerdict:
        """Pass, warn or fail at `now`; unknown if it was never materialized."""

    @staticmethod
    def time_window(
        fail_window: timedelta, warn_window: timedelta | None = None
    ) -> TimeWindowFreshnessPolicy:
        """Fail (or warn) when the last materialization is that old.

        Raises DefinitionError under a minute.
        """
        return TimeWindowFreshnessPolicy(fail_window, warn_window)

    @staticmethod
    def cron(
        deadline_cron: str, lower_bound_delta: timedelta, timezone: str = "UTC"
    ) -> CronFreshnessPolicy:
        """Fail where a deadline finds no materialization of the `lower_bound_delta` before it.

        Raises DefinitionError for what is no schedule or zone, and for a span of less than a minute
        or more than the shortest time between two deadlines.
        """
        return CronFreshnessPolicy(deadline_cron, lower_bound_delta, timezone)


@dataclass(frozen=True, slots=True)
class TimeWindowFreshnessPolicy(FreshnessPolicy):
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


@dataclass(frozen=True, slots=True)
class CronFreshnessPolicy(FreshnessPolicy):
    """Fail from a deadline on unless it was materialized at most `lower_bound_delta` before, or
    later. The deadlines are the ticks of `deadline_cron` in `timezone`.
    """

    deadline_cron: str
    lower_bound_delta: timedelta
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        try:
            longest = shortest_interval(self.deadline_cron)
            tick_after(self.deadline_cron, self.timezone, _SOME_DAY)
        except PartitionError as error:
            raise DefinitionError(f"A freshness policy cannot be read: {error}") from error
        if not _SHORTEST <= self.lower_bound_delta <= longest:
            raise DefinitionError(
                f"lower_bound_delta is {self.lower_bound_delta}; it must be at least one minute "
                f"and at most {longest}, the shortest time between two deadlines of "
                f"{self.deadline_cron!r}."
            )

    def verdict(self, last_materialized: datetime | None, now: datetime) -> FreshnessVerdict:
        """Pass, or fail from the first deadline on for which the last materialization is too old;
        unknown if it was never materialized.
        """
        if last_materialized is None:
            return FreshnessVerdict("unknown", None)
        due = tick_after(
            self.deadline_cron, self.timezone, last_materialized + self.lower_bound_delta
        )
        return FreshnessVerdict("fail" if now >= due else "pass", due)
