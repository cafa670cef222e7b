"""A range of partitions of a whole DAG as one backfill of Airflow's own (3.x)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from pydantic import JsonValue

from adapters.airflow.api import control
from adapters.airflow.api.connection import Connection
from adapters.airflow.api.parsing import Json
from adapters.airflow.asked import RUN
from adapters.airflow.generate.manifest import Manifest
from adapters.airflow.launch.parts import DagShare, assets_of
from bridge.errors import RefusedError, RemoteUnreachableError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.partitions import TimeWindowPartitionsDefinition
from bridge.runs import RemotePart

TICKS = ("cron", "ticks")
HELD = "held with the backfill that it belongs to"


def is_range(manifest: Manifest, keys: frozenset[AssetKey]) -> bool:
    """Whether these are all assets of one DAG that ticks once for each of its partitions."""
    return any(
        keys == frozenset(assets_of(dag)) and dag.schedule.kind in TICKS and dag.partitions
        for dag in manifest.dags
    )


class Ranges:
    """Backfills of one Airflow, each of which stands for one part of a run of ours."""

    def __init__(self, connection: Connection, graph: AssetGraph) -> None:
        self._connection = connection
        self._graph = graph

    def fit(self, share: DagShare) -> bool:
        """Whether Airflow's backfill of these dates would run just these partitions."""
        definition = self._graph.nodes[share.assets[0]].spec.partitions_def
        if (
            not share.is_whole
            or len(share.partitions) < 2  # noqa: PLR2004 - one is a run
            or share.dag.schedule.kind not in TICKS
            or not isinstance(definition, TimeWindowPartitionsDefinition)
            or definition.end_offset
        ):
            return False
        names = [name for name in share.partitions if name is not None]
        if names != definition.range(names[0], names[-1]):
            return False
        try:
            runs = control.backfill_runs(
                self._connection, self._body(share.dag.dag_id, names[0], names[-1], definition)
            )
        except RemoteUnreachableError:  # 422: it does not take these dates
            return False
        return names == [
            run.partition_key or (run.logical_date and definition.key_for(run.logical_date))
            for run in runs
        ]

    def begun(self, part: RemotePart, conf: Mapping[str, JsonValue], at_most: int) -> RemotePart:
        """The part once its backfill was started, by us or by who was killed then."""
        known = self._known(part, conf)
        if known is None:
            first, _, last = (part.partition or "").partition("...")
            definition = self._definition(part)
            body = self._body(part.name, first, last, definition)
            body |= {"max_active_runs": at_most, "dag_run_conf": dict(conf)}
            try:
                known = control.start_backfill(self._connection, body)
            except RefusedError:
                message = f"Airflow has another backfill of the DAG {part.name} under way."
                return replace(part, message=message)
        elif not known.has_ended and not self._unfinished(part, conf):
            # whoever asked for it was killed, and its runs come with the end of that request
            return replace(part, message=f"Airflow is at the begin or end of backfill {known.id}.")
        return replace(part, id=str(known.id), state="running", message=None)

    def looked(
        self, part: RemotePart, conf: Mapping[str, JsonValue], *, is_held: bool
    ) -> RemotePart:
        """The part as its backfill is now, which is held where all of it is to wait.

        It is over with its last run: Airflow notes that half a minute later.
        """
        found = control.backfill_now(self._connection, part.id)
        if found is None:
            message = f"The backfill {part.id} of the DAG {part.name} was deleted in Airflow."
            return replace(part, state="failed", message=message)
        if found.has_ended or not self._unfinished(part, conf):
            return replace(part, state="succeeded", message=None)
        if is_held and not found.is_paused:
            self._turn(found, "pause")
        elif not is_held and found.is_paused and part.message == HELD:
            self._turn(found, "unpause")
        elif not is_held and found.is_paused:
            message = f"The backfill {part.id} of the DAG {part.name} is paused in Airflow."
            return replace(part, message=message)
        return replace(part, message=HELD if is_held else None)

    def cancel(self, part: RemotePart, conf: Mapping[str, JsonValue]) -> None:
        """End the backfill if there is one, and its runs that have begun."""
        known = self._known(part, conf)
        if known is None:
            return
        if not known.has_ended:
            self._turn(known, "cancel")
        for run_id in self._unfinished(part, conf):
            control.fail_run(self._connection, part.name, run_id)

    def _unfinished(self, part: RemotePart, conf: Mapping[str, JsonValue]) -> list[str]:
        """The runs of a backfill that wait or go on."""
        return control.running_ids(self._connection, part.name, {RUN: conf[RUN]})

    def _turn(self, backfill: control.RemoteBackfill, verb: str) -> None:
        with suppress(RefusedError):  # it has ended in this moment
            control.turn_backfill(self._connection, str(backfill.id), verb)

    def _known(
        self, part: RemotePart, conf: Mapping[str, JsonValue]
    ) -> control.RemoteBackfill | None:
        return next(
            (
                found
                for found in control.backfills(self._connection, part.name)
                if found.conf.get(RUN) == conf[RUN]
            ),
            None,
        )

    def _definition(self, part: RemotePart) -> TimeWindowPartitionsDefinition:
        definition = self._graph.nodes[part.assets[0]].spec.partitions_def
        assert isinstance(definition, TimeWindowPartitionsDefinition)  # noqa: S101 - see `fit`
        return definition

    def _body(
        self, dag_id: str, first: str, last: str, definition: TimeWindowPartitionsDefinition
    ) -> Json:
        """From the begin of the first window to the last moment of the last one."""
        end = definition.window(last).end - timedelta(seconds=1)
        return {
            "dag_id": dag_id,
            "from_date": definition.window(first).start.isoformat(),
            "to_date": end.isoformat(),
            "run_backwards": False,
            "reprocess_behavior": "completed",  # what was asked for is computed, as here
        }
