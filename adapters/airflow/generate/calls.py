"""The `schedule=` of a DAG as the calls that make it: the loader does them, files hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias, Union

from adapters.airflow.generate.schedule import Schedule

OURS = frozenset({"TickTimetable"})  # classes that are not Airflow's

Value: TypeAlias = Union[str, int, "Call", "Pairs", list["Value"], None]


class Call(NamedTuple):
    """A class of Airflow or of ours, by its name, and what it is called with."""

    name: str
    args: tuple[Value, ...] = ()
    kwargs: Mapping[str, Value] = {}


class Pairs(NamedTuple):
    """A dictionary, whose keys are calls too."""

    pairs: tuple[tuple[Value, Value], ...]


def schedule_call(schedule: Schedule) -> Value:
    """What a DAG takes as its `schedule`."""
    kind = schedule.kind
    if kind == "key by hand":
        return Call("PartitionedAtRuntime")
    if kind == "keyed assets":
        return _after_partitions(schedule)
    if kind == "assets":
        return _news(schedule.news) if schedule.news else [_asset(uri) for uri in schedule.assets]
    return _by_ticks(schedule) if schedule.crons else None


def _by_ticks(schedule: Schedule) -> Call:
    said: dict[str, Value] = {"timezone": schedule.timezone}
    if schedule.kind == "cron":
        return Call("CronDataIntervalTimetable", schedule.crons, said)
    if schedule.kind == "keys":
        said |= {"run_offset": schedule.run_offset, "key_format": schedule.key_format}
        return Call("CronPartitionTimetable", schedule.crons, said)
    if schedule.exclusions:
        said["exclusions"] = [*schedule.exclusions]
    if schedule.makes_up:
        said["makes_up"] = True
    return Call("TickTimetable", schedule.crons, said)


def _after_partitions(schedule: Schedule) -> Call:
    first, *others = assets = [_asset(uri) for uri in schedule.assets]
    said: dict[str, Value] = {"assets": Call("AssetAll", tuple(assets)) if others else first}
    mappers = [schedule.mappers[uri] for uri in schedule.assets]
    if any(mapper != mappers[0] for mapper in mappers):
        pairs = zip(assets, map(_mapper, mappers), strict=True)
        said["partition_mapper_config"] = Pairs(tuple(pairs))
    else:
        said["default_partition_mapper"] = _mapper(mappers[0])
    return Call("PartitionedAssetTimetable", kwargs=said)


def _news(said: Mapping[str, Any] | str) -> Call:
    """What `generate.news` writes as a URI, or as {"any": [...]}."""
    if isinstance(said, str):
        return _asset(said)
    [(quantifier, each)] = said.items()
    return Call(f"Asset{quantifier.title()}", tuple(map(_news, each)))


def _asset(uri: str) -> Call:
    return Call("Asset", kwargs={"uri": uri})


def _mapper(said: Any) -> Value:
    """The calls that `generate.mappers` writes as {class: arguments}."""
    if not isinstance(said, Mapping):
        value: Value = said
        return value
    [(name, arguments)] = said.items()
    return Call(name, kwargs={word: _mapper(value) for word, value in arguments.items()})


def names_in(value: Value) -> Iterator[str]:
    """The names of all that is called."""
    if isinstance(value, list):
        for each in value:
            yield from names_in(each)
    elif isinstance(value, Pairs):
        for pair in value.pairs:
            yield from names_in([*pair])
    elif isinstance(value, Call):
        yield value.name
        for each in (*value.args, *value.kwargs.values()):
            yield from names_in(each)
