"""One look at a run that another system does: begin it, follow it, note how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bridge.automation.location import Automation
from bridge.backfills import is_paused
from bridge.capabilities import Launcher, Launches
from bridge.errors import BridgeError, ConfigError, RemoteUnreachableError, StoreUnreachableError
from bridge.execution import Plan, planned
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.launching.places import Place, found_place, place_of
from bridge.project import Project
from bridge.runs import RemoteRun, Run, RunStatus, StepRecord
from bridge.store import Store

_SHOWN = 3
_Step = tuple[AssetKey, "str | None"]


class Attendance:
    """Looks after runs that other systems do, over connections that stay open until `close`.

    However many look after the same run, and whoever is killed wherever: it is started once.
    """

    def __init__(
        self,
        project: Project,
        store: Store,
        graph: Callable[[], AssetGraph],
        automation: Callable[[], Automation],
        adapters: Iterable[object],
    ) -> None:
        self._project = project
        self._store = store
        self._graph = graph
        self._automation = automation
        self._adapters = tuple(adapters)
        self._launchers: dict[str, Launcher] = {}

    def close(self) -> None:
        """Close the connections."""
        for launcher in self._launchers.values():
            launcher.close()
        self._launchers.clear()

    def launcher(self, place: str) -> Launcher:
        """What does runs at a place. Raises ConfigError and RemoteUnreachableError."""
        return self._launcher_at(found_place(place, self._project, self._adapters))

    def look_after(
        self, run_id: str, now: datetime, *, default: str, at_most: int | None = None
    ) -> Run | None:
        """Begin a run that waits, carry on one that was begun; returns it as it is then.

        `default` is the place of a run that names none, `at_most` how many of its parts may go on
        at a time. What cannot be begun there ends it as failed. Raises RemoteUnreachableError where
        the other system does not answer, ConfigError where it cannot be asked from here: nothing is
        lost, look again.
        """
        run = self._store.run(run_id)
        if run is None or run.has_ended or (run.status == "running" and run.remote is None):
            return run
        try:
            place = found_place(place_of(run, default), self._project, self._adapters)
        except ConfigError as error:
            if run.remote is not None:
                raise
            return self._failed(run, place_of(run, default), str(error), now)
        launcher = self._launcher_at(place)
        if run.remote is None:
            run = self._begun(run, place, launcher, now)
        if run is None or run.remote is None or run.has_ended:
            return run
        is_held = is_paused(self._store, run.origin)
        remote = launcher.carry_on(run, is_held=is_held, at_most=at_most)
        return self._noted(run, remote, now)

    def _launcher_at(self, place: Place) -> Launcher:
        name = str(place)
        if name not in self._launchers:
            adapter = next(
                each
                for each in self._adapters
                if isinstance(each, Launches) and each.name == place.system
            )
            self._launchers[name] = adapter.launcher(
                self._project, self._graph(), self._automation(), instance=place.instance
            )
        return self._launchers[name]

    def _begun(self, run: Run, place: Place, launcher: Launcher, now: datetime) -> Run | None:
        """The run with its parts written down, before anything of them is started."""
        try:
            parts = launcher.parts(run, planned(run, self._graph(), self._store, now))
        except (RemoteUnreachableError, StoreUnreachableError):
            raise
        except BridgeError as error:
            return self._failed(run, str(place), str(error), now)
        self._store.begin_remote_run(run.id, RemoteRun(place=str(place), parts=parts), now=now)
        return self._store.run(run.id)

    def _failed(self, run: Run, place: str, why: str, now: datetime) -> Run | None:
        remote = RemoteRun(place=place, parts=())
        if self._store.begin_remote_run(run.id, remote, now=now):
            failed = replace(run, remote=remote, status="failed", message=why, ended_at=now)
            self._store.end_remote_run(failed, now=now)
        return self._store.run(run.id)

    def _noted(self, run: Run, remote: RemoteRun, now: datetime) -> Run | None:
        waits_for = next((part.message for part in remote.parts if part.message), None)
        seen = replace(run, remote=remote, message=waits_for)
        if any(part.state == "running" for part in remote.parts) or not _is_over(seen):
            if (seen.remote, seen.message) != (run.remote, run.message):
                self._store.note_remote_run(seen)
            return seen
        steps = self._asked_for(seen, now)
        status, why = self._verdict(seen, steps)
        records = list(self._told_nowhere(seen, steps))
        if records:
            self._store.note_steps(records)
        self._store.end_remote_run(replace(seen, status=status, message=why, ended_at=now), now=now)
        return self._store.run(run.id)

    def _asked_for(self, run: Run, now: datetime) -> list[_Step]:
        """What a run was to compute; nothing where its definitions have changed since."""
        try:
            return _steps(planned(run, self._graph(), self._store, now))
        except StoreUnreachableError:
            raise
        except BridgeError:
            return []

    def _verdict(self, run: Run, steps: Sequence[_Step]) -> tuple[RunStatus, str | None]:
        """How a run ended of which all parts have; a success counts where the store knows of it."""
        assert run.remote is not None  # noqa: S101 - all its parts have ended
        if run.cancel_requested:
            return "canceled", "canceled on request"
        failed = next((part for part in run.remote.parts if part.state == "failed"), None)
        if failed is not None:
            return "failed", failed.message
        known = {(step.key, step.partition): step for step in self._store.steps(run.id)}
        broken = [_named(step.key, step.partition) for step in known.values() if step.is_failure]
        if broken:
            return "failed", f"{_listed(broken)} failed."
        missing = [_named(*step) for step in steps if step not in known]
        if missing:
            return "failed", (
                f"{run.remote.place} says that it succeeded, and nothing was recorded of "
                f"{_listed(missing)}. Are its DAGs of other definitions (bridge generate), or do "
                "its tasks use another store (BRIDGE_STORE)?"
            )
        return "succeeded", None

    def _told_nowhere(self, run: Run, steps: Sequence[_Step]) -> Iterator[StepRecord]:
        """What the events do not tell of a run that ended: what never began, and was left out."""
        assert run.remote is not None  # noqa: S101 - all its parts have ended
        known = {(step.key, step.partition): step for step in self._store.steps(run.id)}
        is_done = all(part.state == "succeeded" for part in run.remote.parts)
        for key, partition in steps:
            step = known.get((key, partition))
            if step is None:
                yield StepRecord(
                    run_id=run.id,
                    key=key,
                    partition=partition,
                    status="canceled" if run.cancel_requested else "skipped",
                    message=f"{run.remote.place} did not begin it",
                )
            elif step.status == "running" and is_done:
                yield replace(step, status="omitted", message="left out by its function")


def _is_over(run: Run) -> bool:
    """Whether nothing more will happen: all parts ended, or one failed and none goes on."""
    parts = () if run.remote is None else run.remote.parts
    return all(part.has_ended for part in parts) or any(part.state == "failed" for part in parts)


def _named(key: AssetKey, partition: str | None) -> str:
    return f"{key} {partition}" if partition else str(key)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _steps(todo: Plan) -> list[_Step]:
    """What a plan computes, each partition of an asset once."""
    return list(
        dict.fromkeys(
            (key, partition)
            for step in todo.steps
            if step.definition is not None
            for key in step.keys
            for partition in step.partitions
        )
    )
