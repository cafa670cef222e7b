"""When a DAG runs, as one plain value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

# Airflow 2.11 wants a start on every DAG, and neither version runs tasks of a run dated before it.
BEFORE_ANY_RUN = "2000-01-01T00:00:00"

ScheduleKind: TypeAlias = Literal[
    "none", "cron", "ticks", "assets", "keys", "key by hand", "keyed assets"
]
_LISTS = ("crons", "exclusions", "assets")


class Schedule(NamedTuple):
    """What starts the runs of a DAG: nobody, the ticks of a cron schedule, or events of assets.

    cron: each interval between two ticks of the first of `crons`, on the clocks of `timezone`, is a
    run, by Airflow's own timetable. ticks: so it is by ours, which knows several crons, intervals
    that are no runs (`exclusions`), and to leave out none since the first run (`makes_up`).
    assets: a run begins when there are events of all of `assets`, which are URIs, or as `news`
    says of them: `{"any": [...]}`, `{"all": [...]}`, one in the other.
    Of Airflow 3 only, runs with partition keys. keys: each tick of the first of `crons` is a run
    with the tick `run_offset` ticks later, written as `key_format`. key by hand: who triggers it
    says. keyed assets: once all of `assets` have events whose keys become the same one by their
    `mappers` (see `generate.mappers`), as many as they ask for.
    `start` and `end` are ISO times on the clocks of `timezone`, without an offset; at the end
    begins the last interval.
    """

    kind: ScheduleKind = "none"
    timezone: str = "UTC"
    start: str = BEFORE_ANY_RUN
    end: str | None = None
    crons: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    makes_up: bool = False
    assets: tuple[str, ...] = ()
    news: Mapping[str, Any] | None = None
    key_format: str | None = None
    run_offset: int = 0
    mappers: Mapping[str, Any] = {}

    @property
    def is_timed(self) -> bool:
        """Whether runs come one after another in time."""
        return self.kind in ("cron", "ticks")

    def values(self) -> dict[str, Any]:
        """All that is not left at its default, as what JSON knows."""
        said = self._asdict()
        return {
            name: value
            for name, value in said.items()
            if name == "kind" or value != Schedule._field_defaults[name]
        }


def schedule_from(values: Mapping[str, Any]) -> Schedule:
    """What `values` wrote. Raises TypeError for what it did not."""
    lists = {name: tuple(values[name]) for name in _LISTS if name in values}
    return Schedule(**{**values, **lists})
