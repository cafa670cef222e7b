"""By whose timetable a cron schedule runs in Airflow, and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.airflow.generate.airflow_cron import first_difference, is_read_alike
from adapters.airflow.generate.schedule import BEFORE_ANY_RUN, Schedule
from bridge.calendar import zone
from bridge.findings import Finding

_RULES_OF_TODAY = 2025  # a schedule without a start ticks by these


def timed(
    crons: Sequence[str],
    timezone: str,
    *,
    start: str = BEFORE_ANY_RUN,
    end: str | None = None,
    exclusions: Sequence[str] = (),
    makes_up: bool = False,
) -> Schedule:
    """A schedule of ticks: by Airflow's own timetable, where that has the same runs."""
    by_ours = Schedule(
        kind="ticks",
        crons=tuple(crons),
        timezone=timezone,
        start=start,
        end=end,
        exclusions=tuple(exclusions),
        makes_up=makes_up,
    )
    needs_ours = len(crons) > 1 or exclusions or makes_up or why_not_airflows(by_ours) is not None
    return by_ours if needs_ours else by_ours._replace(kind="cron")


def why_not_airflows(schedule: Schedule) -> str | None:
    """In what Airflow's own timetable would differ, as the end of a sentence."""
    zone_name, begin = schedule.timezone, schedule.start
    first_year = _RULES_OF_TODAY if begin == BEFORE_ANY_RUN else int(begin[:4])
    for cron in schedule.crons:
        if not is_read_alike(cron):
            return f"which might read {cron} in another way"
        difference = first_difference(cron, zone_name, first_year)
        if difference is not None:
            ours, airflows = (
                moment.astimezone(zone(zone_name)).isoformat(" ", "minutes")
                for moment in difference.moments
            )
            return (
                f"which differs where clocks change: first, of {cron} in {zone_name}, with "
                f"{airflows} instead of {ours}"
            )
    return None


def about_timetable(schedule: Schedule) -> list[str]:
    """What a DAG's docs say of a timetable of ours."""
    if schedule.kind != "ticks":
        return []
    sentences = []
    why = why_not_airflows(schedule)
    if why is not None:
        sentences.append(f"Its timetable is not Airflow's, {why}.")
    if schedule.exclusions:
        sentences.append(f"No runs begin at: {', '.join(schedule.exclusions)}.")
    if schedule.makes_up:
        sentences.append("What passes while it is paused is made up for, from its first run on.")
    return sentences


def timetable_findings(dag_id: str, schedule: Schedule) -> list[Finding]:
    """That Airflow's own timetable would have other runs, so that the plugin's is generated."""
    why = why_not_airflows(schedule) if schedule.kind == "ticks" else None
    if why is None:
        return []
    return [
        Finding(
            level="note",
            code="own-timetable",
            about=dag_id,
            message=f"{dag_id} has the plugin's timetable instead of Airflow's, {why}.",
        )
    ]
