"""The store on SQLite or PostgreSQL.

Each method opens one transaction around the SQL in its neighbours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bridge.later import Later
from bridge.store import answers, claiming, dynamic, log, summaries
from bridge.store.claims import Claim, ClaimMode
from bridge.store.engine import Database
from bridge.store.ticking import SqlTicks, TickStatements

if TYPE_CHECKING:
    from bridge.events import AssetEvent, EventKind, RecordedEvent
    from bridge.keys import AssetKey
    from bridge.partitions import keyed
    from bridge.runs import ProcessIdentity, RemoteRun, Run, RunStatus, StepRecord, StepText
    from bridge.store import (
        backfilling,
        comparing,
        following,
        history,
        pools,
        remote,
        retention,
        running,
        switching,
    )
    from bridge.store.backfilling import Made
    from bridge.store.backfills import Backfill, BackfillStatus
    from bridge.store.following import Changes
    from bridge.store.protocol import Store
    from bridge.store.retention import Pruned, RetentionPolicy
    from bridge.store.routes import Route, RouteChange
    from bridge.store.state import AssetState, CheckState, DataState, PartitionState
    from bridge.store.summaries import Merge, PartitionSummary
else:
    backfilling = Later("bridge.store.backfilling")
    comparing = Later("bridge.store.comparing")
    following = Later("bridge.store.following")
    history = Later("bridge.store.history")
    keyed = Later("bridge.partitions.keyed")
    pools = Later("bridge.store.pools")
    remote = Later("bridge.store.remote")
    retention = Later("bridge.store.retention")
    running = Later("bridge.store.running")
    switching = Later("bridge.store.switching")

# Others write between: on SQLite, so many facts hold them up for a tenth of a second.
_MOST_AT_ONCE = 4000


def open_store(url: str) -> Store:
    """The store at a SQLAlchemy URL, its schema made or brought up to date.

    Raises StoreUnreachableError, StoreVersionError, or ConfigError for a URL we do not support.
    """
    return SqlStore(url)


class SqlStore(SqlTicks):
    """See `bridge.store.protocol.Store` for what each method promises."""

    def __init__(self, url: str) -> None:
        self._own_url = url  # with the password, so never shown
        self._database = Database(url)
        self.url = self._database.shown_url
        dialect = self._database.engine.dialect.name
        self._log = log.LogStatements(dialect)
        self._claims = claiming.ClaimStatements(dialect)
        self._dialect = dialect
        self._summaries = summaries.SummaryStatements(dialect)
        self._ticks = TickStatements(dialect)

    @cached_property
    def _pools(self) -> pools.PoolStatements:
        return pools.PoolStatements(self._dialect)

    @cached_property
    def _history(self) -> history.HistoryStatements:
        return history.HistoryStatements(self._dialect)

    def record(
        self,
        events: Iterable[AssetEvent],
        *,
        claim: Claim | Sequence[Claim] | None = None,
        release: bool = False,
    ) -> int:
        """Add facts.

        With `claim` only if nobody took over, with `release` giving it back at once.
        """
        now = datetime.now(timezone.utc)
        rows = log.event_rows(events, now)
        if claim is None and len(rows) > _MOST_AT_ONCE:
            return sum(
                self._record(rows[start : start + _MOST_AT_ONCE])
                for start in range(0, len(rows), _MOST_AT_ONCE)
            )
        return self._record(rows, claim, release=release)

    def _record(
        self,
        rows: list[dict[str, Any]],
        claim: Claim | Sequence[Claim] | None = None,
        *,
        release: bool = False,
    ) -> int:
        with self._database.plain("BEGIN IMMEDIATE") as connection:
            if isinstance(claim, Claim):
                claiming.require_newest(connection, self._claims, claim, release=release)
            elif claim:
                for each in claiming.in_turn(claim):
                    claiming.require_newest(connection, self._claims, each, release=release)
            return log.record_rows(connection, self._log, rows)

    def events(
        self,
        key: AssetKey | None = None,
        *,
        partition: str | None = None,
        kinds: Sequence[EventKind] = (),
        run_id: str | None = None,
        limit: int = 100,
    ) -> list[RecordedEvent]:
        """Facts, what happened last first."""
        with self._database.read() as connection:
            return log.events(connection, key, partition, kinds, run_id, limit)

    def changes(self, after: int | None) -> Changes:
        """What was learned after a position."""
        with self._database.read() as connection:
            return following.changes(connection, after)

    def version_before(self, key: AssetKey, partition: str | None, position: int) -> str | None:
        """The data version that was the newest at a position."""
        with self._database.read() as connection:
            return following.version_before(connection, key, partition, position)

    def asset_states(self, keys: Iterable[AssetKey] | None = None) -> dict[AssetKey, AssetState]:
        """Latest state of these assets, or of all."""
        with self._database.plain("BEGIN") as connection:
            return log.asset_states(connection, self._log, keys)

    def data_states(self, keys: Iterable[AssetKey]) -> dict[AssetKey, DataState]:
        """The newest data of these assets, and what it was made from."""
        with self._database.plain("BEGIN") as connection:
            return log.data_states(connection, self._log, keys)

    def partition_data_states(
        self, key: AssetKey, partitions: Collection[str] | None = None
    ) -> dict[str, DataState]:
        """The newest data of these partitions of one asset, or of all."""
        with self._database.plain("BEGIN") as connection:
            return log.partition_data_states(connection, self._log, key, partitions)

    def suspect_partitions(
        self, key: AssetKey, code_version: str | None, inputs: Mapping[AssetKey, str | None]
    ) -> list[str]:
        """Materialized partitions that may have been made by other code or of other inputs."""
        with self._database.read() as connection:
            return comparing.suspects(connection, self._dialect, key, code_version, inputs)

    def partition_states(self, key: AssetKey) -> dict[str, PartitionState]:
        """Latest state of each partition of one asset."""
        with self._database.read() as connection:
            return log.partition_states(connection, key)

    def partition_summaries(self, cuts: Mapping[AssetKey, str]) -> dict[AssetKey, PartitionSummary]:
        """What is known of the partitions of these assets."""
        with self._database.read() as connection:
            return summaries.summaries(connection, self._summaries, cuts)

    def summarise_partitions(self, key: AssetKey, cut: str, merge: Merge) -> None:
        """Write the texts that `merge` makes of what is known."""
        with self._database.write() as connection:
            summaries.summarise(connection, self._summaries, key, cut, merge)

    def unsummarised_counts(self) -> dict[AssetKey, int]:
        """How many partitions of each asset no summary knows."""
        with self._database.read() as connection:
            return summaries.unsummarised_counts(connection, self._summaries)

    def check_states(self, keys: Iterable[AssetKey] | None = None) -> list[CheckState]:
        """The newest answer of each check."""
        with self._database.read() as connection:
            return answers.check_states(connection, keys)

    def failed_check_states(self, keys: Iterable[AssetKey] | None = None) -> list[CheckState]:
        """Every check and partition whose newest answer is a failure."""
        with self._database.read() as connection:
            return answers.failed_check_states(connection, keys)

    def partition_check_states(self, key: AssetKey) -> list[CheckState]:
        """The newest answer of each check of an asset for each partition."""
        with self._database.read() as connection:
            return answers.partition_check_states(connection, key)

    def claim(
        self,
        key: AssetKey,
        partition: str | None,
        *,
        owner: str,
        attempt: int = 1,
        mode: ClaimMode = "asset",
        lease_s: float = 60.0,
        announce: Iterable[AssetEvent] = (),
    ) -> Claim:
        """Take the right to write and, in the same transaction, record that it begins."""
        with self._database.plain("BEGIN IMMEDIATE") as connection:
            claim = claiming.take(
                connection,
                self._claims,
                key=key,
                partition=partition,
                owner=owner,
                attempt=attempt,
                mode=mode,
                lease_s=lease_s,
            )
            log.record(connection, self._log, announce, datetime.now(timezone.utc))
            return claim

    def claim_all(
        self,
        places: Sequence[tuple[AssetKey, str | None]],
        *,
        owner: str,
        attempt: int = 1,
        lease_s: float = 60.0,
        announce: Iterable[AssetEvent] = (),
    ) -> list[Claim]:
        """Take the right to write several, all or none, and record that they begin."""
        with self._database.write() as connection:
            taken = {
                (key, partition): claiming.take(
                    connection,
                    self._claims,
                    key=key,
                    partition=partition,
                    owner=owner,
                    attempt=attempt,
                    mode="asset",
                    lease_s=lease_s,
                )
                for key, partition in sorted(places, key=claiming.turn)
            }
            log.record(connection, self._log, announce, datetime.now(timezone.utc))
        return [taken[place] for place in places]

    def renew(self, claim: Claim, lease_s: float = 60.0) -> Claim:
        """Prolong the lease."""
        with self._database.write() as connection:
            return claiming.renew(connection, self._claims, claim, lease_s)

    def holds(self, claims: Sequence[Claim], for_s: float) -> bool:
        """Whether nobody took over, without a write."""
        with self._database.read() as connection:
            return all(claiming.holds(connection, self._claims, each, for_s) for each in claims)

    def renew_all(self, claims: Sequence[Claim], lease_s: float = 60.0) -> list[Claim]:
        """Prolong leases; what was lost is returned."""
        with self._database.write() as connection:
            return claiming.renew_all(connection, self._claims, claims, lease_s)

    def release(self, *claims: Claim) -> None:
        """Give rights back."""
        with self._database.write() as connection:
            for claim in claiming.in_turn(claims):
                claiming.release(connection, self._claims, claim)

    def claims(self) -> list[Claim]:
        """All claims whose lease lives."""
        with self._database.read() as connection:
            return claiming.living(connection, self._claims)

    def start_run(self, run: Run, lease_s: float = 60.0) -> None:
        """Note that a run of ours begins."""
        with self._database.write() as connection:
            running.start(connection, self._claims, run, lease_s)

    def enqueue(self, runs: Iterable[Run]) -> int:
        """Add runs that wait to be done."""
        with self._database.write() as connection:
            return running.enqueue(connection, self._runs, runs)

    def begin_run(
        self, run_id: str, process: ProcessIdentity, *, now: datetime, lease_s: float = 60.0
    ) -> bool:
        """Take a run out of the queue to do it."""
        with self._database.write() as connection:
            return running.begin(connection, self._claims, run_id, process, now, lease_s)

    def renew_run(self, run_id: str, lease_s: float = 60.0) -> bool:
        """Say that a run of ours still lives."""
        with self._database.write() as connection:
            pools.renew(connection, self._pools, f"bridge:{run_id}", lease_s)
            return running.renew(connection, self._claims, run_id, lease_s)

    def cancel_run(self, run_id: str, *, now: datetime) -> bool:
        """End a run that waits, ask one that runs to stop."""
        with self._database.write() as connection:
            return running.cancel(connection, run_id, now)

    def is_cancel_requested(self, run_id: str) -> bool:
        """Whether somebody wants a run to end."""
        with self._database.read() as connection:
            return running.is_cancel_requested(connection, run_id)

    def finish_run(self, run: Run) -> None:
        """Note how a run ended."""
        with self._database.write() as connection:
            running.finish(connection, run)

    def begin_remote_run(self, run_id: str, remote_run: RemoteRun, *, now: datetime) -> bool:
        """Take a run out of the queue for another system to do."""
        with self._database.write() as connection:
            return remote.begin(connection, run_id, remote_run, now)

    def note_remote_run(self, run: Run) -> None:
        """Note how far the other system is."""
        with self._database.write() as connection:
            remote.note(connection, run)

    def end_remote_run(self, run: Run, *, now: datetime) -> bool:
        """Note how a run of another system ended."""
        with self._database.write() as connection:
            failures = []
            if run.status != "succeeded":
                why = run.message or f"The run ended as {run.status} before this was done."
                failures = running.unfinished(connection, run, now, why)
            remote.note(connection, run)
            if not running.finish(connection, run):
                return False
            log.record(connection, self._log, failures, now)
            remote.release_claims(connection, failures)
            return True

    def fail_dead_run(self, run: Run, *, now: datetime) -> int:
        """End a run whose process is gone."""
        with self._database.write() as connection:
            failures = running.unfinished(connection, run, now)
            if not running.finish(connection, running.died(run, now)):
                return 0
            log.record(connection, self._log, failures, now)
            running.release_claims(connection, run)
            pools.release(connection, f"bridge:{run.id}", None, None)
            return len(failures)

    def run(self, run_id: str) -> Run | None:
        """One run of ours."""
        with self._database.read() as connection:
            return running.one(connection, run_id)

    def runs(
        self,
        *,
        statuses: Sequence[RunStatus] = (),
        origin: str | None = None,
        limit: int = 20,
    ) -> list[Run]:
        """Runs of ours, newest first."""
        with self._database.read() as connection:
            return running.recent(connection, statuses, origin, limit)

    def runs_reaching(self, status: RunStatus, since: datetime) -> list[Run]:
        """Runs of ours that reached a status at or after a moment, oldest first."""
        with self._database.read() as connection:
            return running.reaching(connection, status, since)

    def add_backfill(self, backfill: Backfill) -> None:
        """Note a new backfill."""
        with self._database.write() as connection:
            backfilling.add(connection, backfill)

    def change_backfill(self, backfill: Backfill, *, enqueue: Iterable[Run] = ()) -> bool:
        """Note how far a backfill has come, and add the runs it asks for."""
        with self._database.write() as connection:
            if not backfilling.change(connection, backfill):
                return False
            running.enqueue(connection, self._runs, enqueue)
            return True

    def backfill(self, backfill_id: str) -> Backfill | None:
        """One backfill."""
        with self._database.read() as connection:
            return backfilling.one(connection, backfill_id)

    def backfills(
        self, *, statuses: Sequence[BackfillStatus] = (), limit: int = 20
    ) -> list[Backfill]:
        """Backfills, newest first."""
        with self._database.read() as connection:
            return backfilling.recent(connection, statuses, limit)

    def ended_runs(self, run_ids: Collection[str]) -> tuple[list[Run], set[str]]:
        """Those of these runs that have ended, and the ids of those that are not known."""
        with self._database.read() as connection:
            return backfilling.ended_runs(connection, list(run_ids))

    def waiting_runs(self, origin: str, *, limit: int = 20) -> list[str]:
        """The runs of an origin that wait, by id."""
        with self._database.read() as connection:
            return backfilling.waiting(connection, origin, limit)

    def made_by(self, run_ids: Collection[str]) -> list[Made]:
        """What these runs computed."""
        with self._database.read() as connection:
            return backfilling.made(connection, list(run_ids))

    def cancel_runs(self, origin: str, *, now: datetime, stop_running: bool) -> int:
        """End all runs of an origin that wait, or all."""
        with self._database.write() as connection:
            return backfilling.cancel_runs(connection, origin, now, stop_running=stop_running)

    def take_slot(self, pool: str, limit: int, *, owner: str, lease_s: float = 60.0) -> int | None:
        """One of the slots of a pool."""
        with self._database.write() as connection:
            return pools.take(connection, self._pools, pool, limit, owner, lease_s)

    def release_slot(self, pool: str, slot: int, *, owner: str) -> None:
        """Give a slot back."""
        with self._database.write() as connection:
            pools.release(connection, owner, pool, slot)

    def note_steps(self, records: Iterable[StepRecord], texts: Iterable[StepText] = ()) -> None:
        """Keep what the log does not tell of a run's steps."""
        with self._database.write() as connection:
            history.note(connection, self._history, records, texts)

    def steps(self, run_id: str) -> list[StepRecord]:
        """What became of each asset in a run."""
        with self._database.read() as connection:
            recorded = log.events(connection, None, None, (), run_id, None)
            recorded.sort(key=lambda each: each.sequence)
            return history.steps(connection, run_id, (each.event for each in recorded))

    def step_texts(self, run_id: str, key: AssetKey | None = None) -> list[StepText]:
        """What the calls of a run said and printed."""
        with self._database.read() as connection:
            return history.texts(connection, run_id, key)

    def expired_runs(self) -> list[Run]:
        """Runs not ended whose lease has run out, wherever they ran."""
        with self._database.read() as connection:
            return running.expired(connection, self._claims)

    def cursor(self, name: str) -> str | None:
        """A position noted by `set_cursor`."""
        with self._database.read() as connection:
            return switching.cursor(connection, name)

    def set_cursor(self, name: str, value: str) -> None:
        """Note a position."""
        with self._database.write() as connection:
            switching.set_cursor(connection, name, value)

    def dynamic_partitions(self, name: str) -> list[str]:
        """The dynamic partitions of this name, in the order in which they were added."""
        with self._database.read() as connection:
            return dynamic.keys(connection, name)

    def add_dynamic_partitions(self, name: str, keys: Sequence[str]) -> int:
        """Add those that are not there yet."""
        wanted = keyed.require_partition_names(keys)
        with self._database.write() as connection:
            return dynamic.add(connection, name, wanted)

    def delete_dynamic_partition(self, name: str, key: str) -> bool:
        """Take one away."""
        with self._database.write() as connection:
            return dynamic.delete(connection, name, key)

    def route(self, unit: str) -> Route | None:
        """Who owns one legacy task."""
        with self._database.read() as connection:
            return switching.route(connection, unit)

    def routes(self) -> list[Route]:
        """All routes, by unit."""
        with self._database.read() as connection:
            return switching.routes(connection)

    def change_route(
        self,
        route: Route,
        *,
        actor: str,
        reason: str,
        now: datetime,
        expected: Route | None = None,
        reverts: str | None = None,
    ) -> RouteChange:
        """Set a route and note who did it and why."""
        with self._database.write() as connection:
            return switching.change(
                connection,
                route,
                actor=actor,
                reason=reason,
                now=now,
                expected=expected,
                reverts=reverts,
            )

    def route_changes(self, unit: str | None = None, *, limit: int = 100) -> list[RouteChange]:
        """Changes of routes, newest first."""
        with self._database.read() as connection:
            return switching.changes(connection, unit, limit)

    @property
    def is_in_memory(self) -> bool:
        """Whether it ends with this process."""
        return self._database.is_in_memory

    def detached(self) -> AbstractContextManager[None]:
        """No connection of this process is open meanwhile."""
        return self._database.detached()

    def reopened(self) -> Store:
        """Another store on the same database."""
        return SqlStore(self._own_url)

    def prune(self, policy: RetentionPolicy, *, now: datetime, dry_run: bool = False) -> Pruned:
        """Delete what a policy does not keep of the past, or only count it."""
        if dry_run:
            with self._database.read() as connection:
                return retention.counted(connection, policy, now)
        return retention.prune(self._database.read, self._database.write, policy, now)

    def close(self) -> None:
        """Give back connections."""
        self._database.close()
