"""AirflowLauncher: has one Airflow do runs of ours, started once and followed by REST."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cached_property
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from adapters.airflow.api import control
from adapters.airflow.api.instances import connect
from adapters.airflow.api.pages import backfills_page, run_page
from adapters.airflow.api.rest import AirflowRest
from adapters.airflow.asked import ASSETS, PARTITION, RUN, RUN_CONFIG
from adapters.airflow.generate.manifest import Manifest
from adapters.airflow.generate.plan import plan_dags
from adapters.airflow.launch.parts import dags_of, part_of_range, part_runs, shares
from adapters.airflow.launch.ranges import Ranges, is_range
from bridge.automation.location import Automation
from bridge.errors import RefusedError
from bridge.execution import Plan
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.project import Project
from bridge.runs import RemotePart, RemoteRun, Run

AT_ONCE = 4  # DAG runs of one run of ours; a generated DAG has as many at most
_TOLD_TASKS = 3
_HOUR_US = 3_600_000_000


class AirflowLauncher:
    """Runs of ours on one Airflow. Any call may be repeated: what was started is not again."""

    def __init__(
        self, rest: AirflowRest, graph: AssetGraph, project: Project, automation: Automation
    ) -> None:
        self._rest = rest
        self._connection = rest.connection
        self._graph = graph
        self._project = project
        self._automation = automation

    @classmethod
    def connect(
        cls, project: Project, instance: str, graph: AssetGraph, automation: Automation
    ) -> AirflowLauncher:
        """Raises ConfigError and RemoteUnreachableError."""
        return cls(connect(project, instance), graph, project, automation)

    def close(self) -> None:
        """Close the connection."""
        self._rest.close()

    def takes_ranges(self, keys: Sequence[AssetKey]) -> bool:
        """Whether a range of partitions of these assets can be one backfill of Airflow's own."""
        return self._rest.api == "v2" and is_range(self._manifest, frozenset(keys))

    def require_ready(self, keys: Sequence[AssetKey]) -> None:
        """Raises RefusedError where a DAG of these is not there, or paused."""
        for dag_id in dict.fromkeys(dag.dag_id for dag in dags_of(self._manifest, keys).values()):
            if self._require(dag_id).is_paused:
                raise RefusedError(self._paused(dag_id))

    def parts(self, run: Run, todo: Plan) -> tuple[RemotePart, ...]:
        """The DAG runs that a run becomes, each after the stage before; nothing is started.

        Raises DefinitionError for what no DAG can do, RefusedError where Airflow does not have the
        DAG.
        """
        found: list[RemotePart] = []
        for share in shares(todo, self._manifest, run.job_name):
            self._require(share.dag.dag_id)
            stage = 1 + max((part.stage for part in found), default=-1)
            if self._rest.api == "v2" and not run.target.run_config:
                ranges = Ranges(self._connection, self._graph)
                if ranges.fit(share):
                    found.append(part_of_range(share, stage))
                    continue
            one_by_one = share.dag.max_active_runs == 1
            found += part_runs(run, share, stage, one_by_one=one_by_one)
        return tuple(found)

    def carry_on(self, run: Run, *, is_held: bool = False, at_most: int | None = None) -> RemoteRun:
        """Look at what was started, and start what can be, `at_most` DAG runs at a time.

        Where the run is to be canceled, all that was started is ended. With `is_held` nothing new
        begins.
        """
        assert run.remote is not None  # noqa: S101 - it was begun there
        at_once = at_most or AT_ONCE
        parts = [
            self._looked(run, part, is_held=is_held) if part.state == "running" else part
            for part in run.remote.parts
        ]
        if run.cancel_requested:
            parts = [self._ended(run, part) for part in parts]
        elif not is_held and all(part.state != "failed" for part in parts):
            parts = self._begun(run, parts, at_once)
        return replace(run.remote, parts=tuple(parts))

    @cached_property
    def _manifest(self) -> Manifest:
        return plan_dags(self._graph, self._project, self._automation).manifest

    def _begun(self, run: Run, parts: list[RemotePart], at_once: int) -> list[RemotePart]:
        """Start the parts whose turn it is."""
        stage = min((part.stage for part in parts if part.state != "succeeded"), default=0)
        free = at_once - sum(part.state == "running" for part in parts)
        found = []
        for part in parts:
            if part.state == "waiting" and part.stage == stage and free > 0:
                begun = self._begin(run, part, at_once)
                free -= begun.state == "running"
                found.append(begun)
            else:
                found.append(part)
        return found

    def _begin(self, run: Run, part: RemotePart, at_once: int) -> RemotePart:
        why = self._why_not(part.name)
        if why is not None:
            return replace(part, message=why)
        if part.is_range:
            ranges = Ranges(self._connection, self._graph)
            return self._linked(ranges.begun(part, _conf(run, part), at_once))
        key = None
        if part.partition is not None and self._rest.api == "v2":
            dag = control.dag_now(self._connection, part.name)
            key = part.partition if dag is not None and dag.takes_keys else None
        try:
            self._rest.trigger(
                part.name,
                logical_date=self._date(part),
                conf=_conf(run, part),
                run_id=part.id,
                partition_key=key,
            )
        except RefusedError:  # 409: it is there from before we were killed, or 2.11's moment is
            if control.run_state(self._connection, part.name, part.id) is None:
                return part  # taken by another run; in the next look it is another moment
        return self._linked(replace(part, state="running", message=None))

    def _date(self, part: RemotePart) -> datetime | None:
        """A date of its own before the end of a DAG that has ended, None elsewhere.

        A run dated after that end succeeds without its tasks on 2.11, where one without a date is
        dated now, and no two runs of a DAG may have the same date.
        """
        end = self._ends.get(part.name)
        if self._rest.api == "v2" or end is None or end > datetime.now(timezone.utc):
            return None
        number = int.from_bytes(hashlib.sha256(part.id.encode()).digest()[:8], "big")
        return end - timedelta(microseconds=number % _HOUR_US)

    @cached_property
    def _ends(self) -> dict[str, datetime]:
        """When the last data interval of each DAG that ends begins."""
        return {
            dag.dag_id: datetime.fromisoformat(dag.schedule.end).replace(
                tzinfo=ZoneInfo(dag.schedule.timezone)
            )
            for dag in self._manifest.dags
            if dag.schedule.end is not None
        }

    def _looked(self, run: Run, part: RemotePart, *, is_held: bool) -> RemotePart:
        if part.is_range:
            ranges = Ranges(self._connection, self._graph)
            return ranges.looked(part, {RUN: run.id}, is_held=is_held)
        state = control.run_state(self._connection, part.name, part.id)
        if state is None:
            message = f"The run {part.id} of the DAG {part.name} was deleted in Airflow."
            return replace(part, state="failed", message=message)
        if state == "success":
            return replace(part, state="succeeded", message=None)
        if state == "failed":
            return replace(part, state="failed", message=self._why_failed(part))
        return replace(part, message=self._why_not(part.name))

    def _ended(self, run: Run, part: RemotePart) -> RemotePart:
        """The part of a run that is canceled, ended as failed if it was begun."""
        if part.has_ended:
            return part
        if part.is_range:
            ranges = Ranges(self._connection, self._graph)
            ranges.cancel(part, {RUN: run.id})
        elif control.run_state(self._connection, part.name, part.id) in ("queued", "running"):
            control.fail_run(self._connection, part.name, part.id)
        return replace(part, state="failed", message="canceled")

    def _why_not(self, dag_id: str) -> str | None:
        """Why nothing of a DAG runs now, None where it does."""
        dag = control.dag_now(self._connection, dag_id)
        if dag is None:
            return self._not_there(dag_id)
        return self._paused(dag_id) if dag.is_paused else None

    def _require(self, dag_id: str) -> control.DagNow:
        dag = control.dag_now(self._connection, dag_id)
        if dag is None:
            raise RefusedError(self._not_there(dag_id))
        if dag.has_import_errors:
            raise RefusedError(
                f"Airflow at {self._rest.url} cannot read the file of the DAG {dag_id}; its import "
                "errors say why."
            )
        return dag

    def _not_there(self, dag_id: str) -> str:
        return (
            f"Airflow at {self._rest.url} has no DAG {dag_id}. Put the generated files "
            f"({self._project.generated}) into its DAGs folder, and wait until it has read them."
        )

    def _paused(self, dag_id: str) -> str:
        return (
            f"The DAG {dag_id} is paused in Airflow at {self._rest.url}, so that its runs would "
            f"wait. Let it run: airflow dags unpause {dag_id}"
        )

    def _why_failed(self, part: RemotePart) -> str:
        tasks = control.broken_tasks(self._connection, part.name, part.id)
        first = [task.task_id for task in tasks if task.state == "failed"]
        told = ", ".join(first[:_TOLD_TASKS])
        more = f" and {len(first) - _TOLD_TASKS} more" if len(first) > _TOLD_TASKS else ""
        which = f": {told}{more} failed" if told else ""
        return f"The run {part.id} of the DAG {part.name} failed{which}."

    def _linked(self, part: RemotePart) -> RemotePart:
        if part.link is not None or not part.id:
            return part
        if part.is_range:
            link = backfills_page(part.name, self._rest.url)
        else:
            link = run_page(part.name, part.id, self._rest.url, is_v3=self._rest.api == "v2")
        return replace(part, link=link)


def _conf(run: Run, part: RemotePart) -> dict[str, JsonValue]:
    conf: dict[str, JsonValue] = {RUN: run.id}
    if part.partition is not None and not part.is_range:
        conf[PARTITION] = part.partition
    if part.assets and not part.is_range:
        conf[ASSETS] = [str(key) for key in part.assets]
    if run.target.run_config:
        conf[RUN_CONFIG] = dict(run.target.run_config)
    return conf
