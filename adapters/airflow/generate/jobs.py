"""Jobs as DAGs, their schedules as data intervals, and what of both is left to the daemon. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from adapters.airflow.generate import ids
from adapters.airflow.generate.bundles import (
    Bundle,
    each,
    on_the_clock,
    one_interval_a_partition,
    schedulable,
)
from adapters.airflow.generate.schedule import Schedule
from adapters.airflow.generate.timing import timed
from bridge.automation.jobs import ResolvedJob
from bridge.automation.location import Automation, ResolvedSchedule
from bridge.automation.schedules import DefaultScheduleStatus
from bridge.findings import Finding
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.partitions import TimeWindowPartitionsDefinition

_LAST_DAY_OF_ALL_MONTHS = 28


def job_bundles(graph: AssetGraph, automation: Automation) -> tuple[list[Bundle], list[Finding]]:
    """One for each job, and for each schedule that starts assets without a named job.

    The only schedule of a job is its DAG's; of several, each has a DAG of its own.
    """
    schedules = list(automation.schedules.values())
    timings = {s.definition.name: timing_of(s) for s in schedules}
    bundles: list[Bundle] = []
    findings: list[Finding] = []
    for schedule in schedules:
        name = schedule.definition.name
        timing = timings[name]
        if isinstance(timing, str):
            findings.append(_left("Schedule", name, timing))
    findings += [
        _left("Sensor", name, "what it looks at is no schedule") for name in automation.sensors
    ]
    for job in automation.jobs.values():
        own = [s for s in schedules if any(each_job is job for each_job in s.jobs)]
        timed = [s for s in own if isinstance(timings[s.definition.name], Schedule)]
        only = timed[0] if len(timed) == 1 else None
        bundles.append(
            _bundle(
                graph,
                job,
                ids.job_dag_id(job.name or ""),
                only,
                notes=(*_notes(own, timings, only), *_sensor_notes(job, automation)),
            )
        )
        if only is None:
            bundles += [_of_schedule(graph, job, schedule) for schedule in timed]
    for schedule in schedules:
        for job in schedule.jobs:
            if job.name is None and isinstance(timings[schedule.definition.name], Schedule):
                bundles.append(_of_schedule(graph, job, schedule))
    return bundles, findings


def condition_findings(graph: AssetGraph, carried: Collection[AssetKey]) -> list[Finding]:
    """That conditions are asked by the daemon, in one finding; not those that a DAG asks."""
    names = [
        str(node.key)
        for node in graph
        if node.spec.automation_condition is not None and node.key not in carried
    ]
    if not names:
        return []
    shown = ", ".join(sorted(names)[:3]) + (f" and {len(names) - 3} more" if names[3:] else "")
    return [_left("Automation condition of", shown, "no DAG asks what it asks")]


def carried_schedules(automation: Automation) -> frozenset[str]:
    """The names of the schedules that are schedules of DAGs."""
    found = automation.schedules.items()
    return frozenset(name for name, each in found if isinstance(timing_of(each), Schedule))


def timing_of(schedule: ResolvedSchedule) -> Schedule | str:
    """The schedule as data intervals, or why Airflow cannot have it."""
    definition, cadence = schedule.definition, schedule.cadence
    if definition.function is not None:
        return "its function says at each tick what to run"
    if definition.partition_ticks is None:
        return timed(cadence.cron_schedules, cadence.timezone, makes_up=definition.catchup)
    windows = schedulable(schedule.jobs[0].partitions_def)
    if windows is None:
        return "its partitions are no data intervals"
    return _timing_of_windows(schedule, windows)


def _timing_of_windows(
    schedule: ResolvedSchedule, windows: TimeWindowPartitionsDefinition
) -> Schedule | str:
    ticks, crons = schedule.definition.partition_ticks, schedule.cadence.cron_schedules
    if crons == (windows.cron_schedule,) and schedule.cadence.timezone == windows.timezone:
        return one_interval_a_partition(windows, makes_up=schedule.definition.catchup)
    if schedule.definition.cron_schedule:
        return "its ticks are not the ends of its partitions"
    if windows.end_offset:
        return "its ticks are later than its partitions, and those have an end_offset"
    if windows.exclusions:
        return "its ticks are later than its partitions, and those have exclusions"
    if ((ticks and ticks.day_of_month) or 1) > _LAST_DAY_OF_ALL_MONTHS:
        return "not every month has its day"
    return _later(schedule, windows)


def _later(schedule: ResolvedSchedule, windows: TimeWindowPartitionsDefinition) -> Schedule:
    """One tick a window, at some time after its end: the interval before begins in that window."""
    zone, cadence = windows.timezone, schedule.cadence
    first = next(cadence.since(windows.edge(windows.start, 0)))
    last = None if windows.end is None else next(cadence.since(windows.edge(windows.end, -1)))
    return timed(
        cadence.cron_schedules,
        zone,
        start=on_the_clock(first, zone),
        end=None if last is None else on_the_clock(last, zone),
        makes_up=schedule.definition.catchup,
    )


def _of_schedule(graph: AssetGraph, job: ResolvedJob, schedule: ResolvedSchedule) -> Bundle:
    return _bundle(graph, job, ids.schedule_dag_id(schedule.definition.name), schedule, ())


def _bundle(
    graph: AssetGraph,
    job: ResolvedJob,
    dag_id: str,
    schedule: ResolvedSchedule | None,
    notes: tuple[str, ...],
) -> Bundle:
    tags, config = dict(job.definition.tags), dict(job.definition.run_config)
    said = job.definition.description
    if schedule is not None:
        tags |= schedule.definition.tags
        config |= schedule.definition.run_config
        said = said or schedule.definition.description
    called = f"The job {job.name}" if job.name else f"What a schedule computes: {job.selection}"
    return Bundle(
        dag_id=dag_id,
        description=_one_line(said) or f"{called}{each(job.partitions_def)}",
        nodes=tuple(graph.nodes[key] for key in job.keys),
        partitions_def=job.partitions_def,
        schedule=_timing(schedule),
        is_paused=None if schedule is None else not _is_running(schedule),
        tags=tuple(f"{name}:{value}" if value else name for name, value in sorted(tags.items())),
        run_config=config,
        notes=notes,
        job=job.name,
    )


def _timing(schedule: ResolvedSchedule | None) -> Schedule:
    timing = None if schedule is None else timing_of(schedule)
    return timing if isinstance(timing, Schedule) else Schedule()


def _is_running(schedule: ResolvedSchedule) -> bool:
    return schedule.definition.default_status is DefaultScheduleStatus.RUNNING


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split()).rstrip(".")


def _notes(
    own: Iterable[ResolvedSchedule],
    timings: Mapping[str, Schedule | str],
    only: ResolvedSchedule | None,
) -> list[str]:
    notes = []
    for schedule in own:
        name = schedule.definition.name
        timing = timings[name]
        if isinstance(timing, str):
            notes.append(f"The schedule {name} is left to `bridge daemon`: {timing}.")
        elif only is None:
            notes.append(f"The schedule {name} is the DAG {ids.schedule_dag_id(name)}.")
    return notes


def _sensor_notes(job: ResolvedJob, automation: Automation) -> list[str]:
    names = [
        n for n, s in automation.sensors.items() if any(each_job is job for each_job in s.jobs)
    ]
    return [f"The sensor {name} is left to `bridge daemon`." for name in sorted(names)]


def _left(kind: str, name: str, why: str) -> Finding:
    return Finding(
        level="warning",
        code="left-to-daemon",
        about=name,
        message=f"{kind} {name} is left to `bridge daemon`: {why}.",
    )
