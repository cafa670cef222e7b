"""What the rest of the house may ask of the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bridge.store.keeping import KeepsTicks

if TYPE_CHECKING:
    from bridge.events import AssetEvent, EventKind, RecordedEvent
    from bridge.keys import AssetKey
    from bridge.runs import ProcessIdentity, RemoteRun, Run, RunStatus, StepRecord, StepText
    from bridge.store.backfilling import Made
    from bridge.store.backfills import Backfill, BackfillStatus
    from bridge.store.claims import Claim, ClaimMode
    from bridge.store.following import Changes
    from bridge.store.retention import Pruned, RetentionPolicy
    from bridge.store.routes import Route, RouteChange
    from bridge.store.state import AssetState, CheckState, DataState, PartitionState
    from bridge.store.summaries import Merge, PartitionSummary


class Store(KeepsTicks, Protocol):
    """Facts, latest state, claims, runs, routes and cursors. Every method is one transaction.

    All raise StoreUnreachableError where the database does not answer.
    """

    url: str

    def record(
        self,
        events: Iterable[AssetEvent],
        *,
        claim: Claim | Sequence[Claim] | None = None,
        release: bool = False,
    ) -> int:
        """Add facts and return how many were new; known ids change nothing.

        Many thousands without a claim are several transactions, so that others can write between;
        who was interrupted tells all of them again.

        With `claim`, one or several, raises ClaimLostError, recording nothing, if a generation is
        no longer the newest; with `release`, they are given back in the same transaction.
        """
        ...

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
        ...

    def changes(self, after: int | None) -> Changes:
        """Materializations, observations and answers learned after a position of an earlier call.

        None gives the position only. Each event is in just one of consecutive calls.
        """
        ...

    def version_before(self, key: AssetKey, partition: str | None, position: int) -> str | None:
        """The data version that was the newest at a position, None where nobody gave one."""
        ...

    def asset_states(self, keys: Iterable[AssetKey] | None = None) -> dict[AssetKey, AssetState]:
        """Latest state of these assets, or of all that anything is known of."""
        ...

    def data_states(self, keys: Iterable[AssetKey]) -> dict[AssetKey, DataState]:
        """The newest data of those of these assets of which anything is known."""
        ...

    def partition_data_states(
        self, key: AssetKey, partitions: Collection[str] | None = None
    ) -> dict[str, DataState]:
        """The newest data of these partitions of one asset, or of all that are materialized."""
        ...

    def suspect_partitions(
        self, key: AssetKey, code_version: str | None, inputs: Mapping[AssetKey, str | None]
    ) -> list[str]:
        """Materialized partitions that may have been made by other code or of other inputs.

        `inputs` are the versions of all upstream now, None where the partition of the same name is
        read. Some of these may be right after all; the others are.
        """
        ...

    def partition_states(self, key: AssetKey) -> dict[str, PartitionState]:
        """Latest state of each partition of one asset of which anything is known."""
        ...

    def partition_summaries(self, cuts: Mapping[AssetKey, str]) -> dict[AssetKey, PartitionSummary]:
        """What is known of the partitions of these assets, each at one moment.

        A cut says how partitions are numbered: a text written for another is not given, everything
        counts as changed then. `bridge.materialized` makes sets of this.
        """
        ...

    def summarise_partitions(self, key: AssetKey, cut: str, merge: Merge) -> None:
        """Write the texts, for a cut, that `merge` makes of what is known, in one transaction."""
        ...

    def unsummarised_counts(self) -> dict[AssetKey, int]:
        """How many partitions of each asset have changed since they were summarised; no zeros."""
        ...

    def check_states(self, keys: Iterable[AssetKey] | None = None) -> list[CheckState]:
        """The newest answer of each check of these assets, over their partitions."""
        ...

    def failed_check_states(self, keys: Iterable[AssetKey] | None = None) -> list[CheckState]:
        """Every check and partition of these assets whose newest answer is a failure.

        An answer about the whole asset counts for each partition answered before it.
        """
        ...

    def partition_check_states(self, key: AssetKey) -> list[CheckState]:
        """The newest answer of each check of an asset for each partition, by name and partition."""
        ...

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
        """Take the right to write; the same owner and attempt take it up with generation and mode.

        `announce` are facts (that it starts) recorded in the same transaction.

        Raises ClaimRefusedError while another owner's lease lives.
        """
        ...

    def claim_all(
        self,
        places: Sequence[tuple[AssetKey, str | None]],
        *,
        owner: str,
        attempt: int = 1,
        lease_s: float = 60.0,
        announce: Iterable[AssetEvent] = (),
    ) -> list[Claim]:
        """Take the right to write several assets or partitions, all or none; claims in that order.

        Raises ClaimRefusedError, taking none, while another owner's lease on one lives.
        """
        ...

    def renew(self, claim: Claim, lease_s: float = 60.0) -> Claim:
        """Prolong the lease. Raises ClaimLostError if another writer took over."""
        ...

    def holds(self, claims: Sequence[Claim], for_s: float) -> bool:
        """Whether nobody took one over and all leases live that long; cheap, nothing is written."""
        ...

    def renew_all(self, claims: Sequence[Claim], lease_s: float = 60.0) -> list[Claim]:
        """Prolong the leases of those that still hold; what was lost is returned."""
        ...

    def release(self, *claims: Claim) -> None:
        """Give rights back; nothing happens where one was lost already."""
        ...

    def claims(self) -> list[Claim]:
        """All claims whose lease lives."""
        ...

    def start_run(self, run: Run, lease_s: float = 60.0) -> None:
        """Note that a run of ours begins."""
        ...

    def enqueue(self, runs: Iterable[Run]) -> int:
        """Add runs that wait to be done and return how many were new; a known id changes nothing.

        Ids from `bridge.runs.derived_run_id` make asking twice ask once.
        """
        ...

    def begin_run(
        self, run_id: str, process: ProcessIdentity, *, now: datetime, lease_s: float = 60.0
    ) -> bool:
        """Take a run out of the queue to do it; False where another did, or it was canceled."""
        ...

    def renew_run(self, run_id: str, lease_s: float = 60.0) -> bool:
        """Say that a run of ours still lives; False where somebody wants it to stop."""
        ...

    def cancel_run(self, run_id: str, *, now: datetime) -> bool:
        """End a run that waits, ask one that runs to stop; False where it has ended already."""
        ...

    def is_cancel_requested(self, run_id: str) -> bool:
        """Whether somebody wants a run to end; cheap, writes nothing."""
        ...

    def finish_run(self, run: Run) -> None:
        """Note how a run ended; a run that is not running any more is left alone."""
        ...

    def begin_remote_run(self, run_id: str, remote_run: RemoteRun, *, now: datetime) -> bool:
        """Take a run out of the queue for another system to do; False where it is not there.

        It lives until `end_remote_run`, whoever looks after it meanwhile.
        """
        ...

    def note_remote_run(self, run: Run) -> None:
        """Note `remote` and `message` of a run that another system does, unless it has ended."""
        ...

    def end_remote_run(self, run: Run, *, now: datetime) -> bool:
        """Note how a run of another system ended; what it had begun and not ended has failed.

        Claims of that are given back. False where it had ended already.
        """
        ...

    def fail_dead_run(self, run: Run, *, now: datetime) -> int:
        """End a run whose process is gone: what it had started failed.

        Returns how many assets that were.
        """
        ...

    def run(self, run_id: str) -> Run | None:
        """One run of ours."""
        ...

    def runs(
        self,
        *,
        statuses: Sequence[RunStatus] = (),
        origin: str | None = None,
        limit: int = 20,
    ) -> list[Run]:
        """Runs of ours, newest first; of these statuses and of this origin, where given."""
        ...

    def runs_reaching(self, status: RunStatus, since: datetime) -> list[Run]:
        """Runs of ours that reached a status at or after a moment, oldest first."""
        ...

    def add_backfill(self, backfill: Backfill) -> None:
        """Note a new backfill."""
        ...

    def change_backfill(self, backfill: Backfill, *, enqueue: Iterable[Run] = ()) -> bool:
        """Note how far a backfill has come, and add the runs it asks for, or neither.

        False, changing nothing, where somebody else changed it since it was read.
        """
        ...

    def backfill(self, backfill_id: str) -> Backfill | None:
        """One backfill."""
        ...

    def backfills(
        self, *, statuses: Sequence[BackfillStatus] = (), limit: int = 20
    ) -> list[Backfill]:
        """Backfills, newest first; of these statuses, where given."""
        ...

    def ended_runs(self, run_ids: Collection[str]) -> tuple[list[Run], set[str]]:
        """Those of these runs that have ended, and the ids of those that are not known."""
        ...

    def waiting_runs(self, origin: str, *, limit: int = 20) -> list[str]:
        """The runs of an origin that wait, by id; what was asked for first comes first."""
        ...

    def made_by(self, run_ids: Collection[str]) -> list[Made]:
        """What these runs computed, each partition of an asset once a run."""
        ...

    def cancel_runs(self, origin: str, *, now: datetime, stop_running: bool) -> int:
        """End all runs of an origin that wait; with `stop_running`, ask the others to stop.

        Returns how many that were.
        """
        ...

    def take_slot(self, pool: str, limit: int, *, owner: str, lease_s: float = 60.0) -> int | None:
        """One of the `limit` slots of a pool, None where all are taken.

        `renew_run` of the run that owns it (`bridge:<run>`) prolongs it as well.
        """
        ...

    def release_slot(self, pool: str, slot: int, *, owner: str) -> None:
        """Give a slot back; nothing happens where it was lost already."""
        ...

    def note_steps(self, records: Iterable[StepRecord], texts: Iterable[StepText] = ()) -> None:
        """Keep what the log does not tell of a run's steps; what is known already stays."""
        ...

    def steps(self, run_id: str) -> list[StepRecord]:
        """What became of each asset in a run, in order of begin; what never began comes last."""
        ...

    def step_texts(self, run_id: str, key: AssetKey | None = None) -> list[StepText]:
        """What the calls of a run said and printed; those that were silent are left out."""
        ...

    def expired_runs(self) -> list[Run]:
        """Runs not ended whose lease has run out, wherever they ran."""
        ...

    def cursor(self, name: str) -> str | None:
        """A position noted by `set_cursor`."""
        ...

    def set_cursor(self, name: str, value: str) -> None:
        """Note a position."""
        ...

    def dynamic_partitions(self, name: str) -> list[str]:
        """The dynamic partitions of this name, in the order in which they were added."""
        ...

    def add_dynamic_partitions(self, name: str, keys: Sequence[str]) -> int:
        """Add those that are not there yet, in this order, and return how many that were.

        Raises PartitionError, adding none, for one that cannot be written down.
        """
        ...

    def delete_dynamic_partition(self, name: str, key: str) -> bool:
        """Take one away; False where it was not there. What is known of its data stays."""
        ...

    def route(self, unit: str) -> Route | None:
        """Who owns one legacy task."""
        ...

    def routes(self) -> list[Route]:
        """All routes, by unit."""
        ...

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
        """Set a route and note who did it and why, in one transaction.

        Raises RefusedError if the route is no longer `expected`: somebody else changed it
        meanwhile.
        """
        ...

    def route_changes(self, unit: str | None = None, *, limit: int = 100) -> list[RouteChange]:
        """Changes of routes, newest first."""
        ...

    @property
    def is_in_memory(self) -> bool:
        """Whether it ends with this process, so that no other process can see it."""
        ...

    def detached(self) -> AbstractContextManager[None]:
        """No connection of this process is open meanwhile, so that it may be forked.

        Raises RefusedError while another thread is in the middle of a call.
        """
        ...

    def reopened(self) -> Store:
        """Another store on the same database: what a forked process uses instead of this one."""
        ...

    def prune(self, policy: RetentionPolicy, *, now: datetime, dry_run: bool = False) -> Pruned:
        """Delete what a policy does not keep of events, runs and logs, or only count it.

        The latest state stays, as do the newest materializations of each asset; a fact delivered
        again from before what was deleted is not new.
        """
        ...

    def close(self) -> None:
        """Give back connections."""
        ...
