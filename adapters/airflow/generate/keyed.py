"""Runs that Airflow 3 names by partition key, where the project asks for that (AIP-76). Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta, timezone

from adapters.airflow.generate.airflow_cron import LAST_YEAR, first_difference, is_read_alike
from adapters.airflow.generate.mappers import Mapper, mapper_of
from adapters.airflow.generate.schedule import Schedule
from adapters.airflow.uris import asset_uri
from bridge.calendar import changing_days, instant, local_time, tick_after, ticks
from bridge.errors import ConfigError, DefinitionError
from bridge.keys import AssetKey
from bridge.nodes import AssetNode
from bridge.partitions import (
    PartitionsDefinition,
    TimeWindow,
    TimeWindowPartitionsDefinition,
    inferred_mapping,
)
from bridge.project import Project

_SOME_DAYS, _INSTANT = timedelta(days=2), timedelta(microseconds=1)


def wants_keys(project: Project) -> bool:
    """Whether runs are to have partition keys. Raises ConfigError where Airflow 2 is to do so."""
    settings = project.generate
    if settings.partitions == "keys" and settings.target != "3":
        raise ConfigError(
            f'Settings in {project.file} ask for partitions = "keys" and target = '
            f'"{settings.target}", but Airflow 2 knows no partition keys. Set target = "3" (3.3 or '
            'later) in [tool.bridge.generate], or leave partitions at "intervals".'
        )
    return settings.partitions == "keys"


def keyed_schedule(
    nodes: Sequence[AssetNode], of: PartitionsDefinition, intervals: Schedule
) -> Schedule:
    """The runs of a schedule of data intervals, each with the key of its partition.

    By hand where it has none. Raises DefinitionError, with file and line, where Airflow would write
    other keys.
    """
    if not intervals.is_timed or not isinstance(of, TimeWindowPartitionsDefinition):
        return Schedule(kind="key by hand")
    why = _why_other_keys(of, intervals)
    if why is not None:
        node = next(node for node in nodes if node.spec.partitions_def == of)
        raise DefinitionError(
            f"Asset {node.key} has partitions whose keys Airflow cannot write: {why}. Set "
            f'partitions = "intervals" in [tool.bridge.generate]. At {node.spec.place}'
        )
    return intervals._replace(
        kind="keys",
        start=_tick_after(intervals.start, intervals),
        end=None if intervals.end is None else _tick_after(intervals.end, intervals),
        key_format=of.fmt,
        run_offset=of.end_offset - 1,
        makes_up=False,
    )


def _tick_after(local: str, intervals: Schedule) -> str:
    """The end of the interval that begins at a local time: a run with a key is dated by that."""
    begin = instant(datetime.fromisoformat(local), intervals.timezone)
    end = tick_after(intervals.crons[0], intervals.timezone, begin)
    return local_time(end, intervals.timezone).isoformat()


def refuse_past(nodes: Sequence[AssetNode], past: Collection[AssetKey]) -> None:
    """Raise DefinitionError where runs would have to wait for the run before."""
    for node in nodes:
        if node.key in past:
            raise DefinitionError(
                f"Another run reads partitions of {node.key} from before its own, but runs with "
                "partition keys have no order in Airflow, so that none can wait for the one "
                f'before. Set partitions = "intervals" in [tool.bridge.generate]. At '
                f"{node.spec.place}"
            )


def after_partitions(nodes: Sequence[AssetNode], outside: Sequence[AssetNode]) -> Schedule | None:
    """A run for each partition that all of `outside` have what it reads of; None if not told so.

    An unpartitioned DAG runs when each of them has news of any partition.
    """
    of = nodes[0].spec.partitions_def
    mappers: dict[str, Mapper] = {}
    for upstream in outside:
        theirs = upstream.spec.partitions_def
        uri = asset_uri(upstream.key, upstream.spec.uri)
        for node in nodes:
            if upstream.key not in node.spec.deps or theirs is None:
                continue
            mapping = node.spec.mappings.get(upstream.key) or inferred_mapping(theirs, of)
            mapper = mapper_of(mapping, theirs, of)
            if mapper is None or mappers.setdefault(uri, mapper) != mapper:
                return None
    if len(mappers) < len(outside) or not mappers:
        return None
    return Schedule(kind="keyed assets", assets=tuple(mappers), mappers=mappers)


def _why_other_keys(of: TimeWindowPartitionsDefinition, intervals: Schedule) -> str | None:
    """In what, or None where Airflow's keys are ours."""
    (cron, *others), zone = intervals.crons, of.timezone
    if of.exclusions:
        return "it knows no exclusions"
    if others or not is_read_alike(cron):
        return f"it might read {' and '.join(intervals.crons)} in another way"
    first_year = of.start.year
    if first_difference(cron, zone, first_year) is not None:
        return f"it ticks at other times than {cron} where clocks in {zone} change"
    changes = [d for y in range(first_year, LAST_YEAR + 1) for d in sorted(changing_days(zone, y))]
    for day in (of.start.date() + _SOME_DAYS, *changes):
        noon = datetime.combine(day, time(12), tzinfo=timezone.utc)
        for tick in ticks(cron, zone).since(max(of.start, noon - _SOME_DAYS)):
            if tick >= noon + _SOME_DAYS:
                break
            window = of.window_around(tick)
            [key] = of.keys_of_windows(TimeWindow(window.start, window.start + _INSTANT))
            written = local_time(tick, zone).strftime(of.fmt)
            if key != written:
                return f"it would write {written} for {key}"
    return None
