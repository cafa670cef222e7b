"""The `schedule=` of a DAG as the calls that make it: the loader does them, files hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias, Union

from adapters.airflow.generate.schedule import Schedule

OURS = frozenset({"TickTimetable"})  # classes that are not Airflow's

Value: TypeAlias = Union[str, int, "Call", list["Value"], None]


class Call(NamedTuple):
    """A class of Airflow or of ours, by its name, and what it is called with."""

    name: str
    args: tuple[Value, ...] = ()
    kwargs: Mapping[str, Value] = {}


def schedule_call(schedule: Schedule) -> Value:
    """What a DAG takes as its `schedule`."""
    zone = schedule.timezone
    if schedule.kind == "cron":
        return Call("CronDataIntervalTimetable", schedule.crons, {"timezone": zone})
    if schedule.kind == "ticks":
        said: dict[str, Value] = {"timezone": zone}
        if schedule.exclusions:
            said["exclusions"] = [*schedule.exclusions]
        if schedule.makes_up:
            said["makes_up"] = True
        return Call("TickTimetable", schedule.crons, said)
    if schedule.kind == "assets":
        return [Call("Asset", kwargs={"uri": uri}) for uri in schedule.assets]
    return None


def names_in(value: Value) -> Iterator[str]:
    """The names of all that is called."""
    if isinstance(value, list):
        for each in value:
            yield from names_in(each)
    elif isinstance(value, Call):
        yield value.name
        for each in (*value.args, *value.kwargs.values()):
            yield from names_in(each)
