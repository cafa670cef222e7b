"""Carrying a backfill on: look how its runs ended, ask for the next; stop it and take it up again.

Each step is one transaction that changes the backfill only as it was read, and adds its runs with
it. So whoever is killed wherever, and however many do this at once, each run is asked for once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from bridge.backfill_policy import BackfillPolicy
from bridge.backfills import accounting
from bridge.backfills.accounting import Ledger, as_plain, union
from bridge.backfills.cut import WHOLE, Cut, Subsets
from bridge.backfills.packing import PlannedRun
from bridge.backfills.targets import size
from bridge.backfills.waves import Progress, blocked_by, computed, next_wave
from bridge.errors import DefinitionError, PartitionError, RefusedError, SelectionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.partitions import (
    PartitionsSubset,
    TimeWindowPartitionsDefinition,
    subset_from_value,
)
from bridge.runs import Run, RunTarget, derived_run_id, new_run_id
from bridge.store import Backfill, BackfillCounts, BackfillProgress, BackfillStatus, Store
from bridge.store.known import with_known_partitions

_ID_LENGTH = 8
_TRIES = 10
_MOST_OPEN = 1000  # runs at once in the queue: each look at a backfill asks how they are


def new_backfill(
    target: Subsets,
    now: datetime,
    *,
    selection: str = "",
    policy: BackfillPolicy | None = None,
    parallel: int | None = None,
    tags: Mapping[str, str] | None = None,
) -> Backfill:
    """A backfill of these partitions, to be put into the store with `store.add_backfill`."""
    return Backfill(
        id=new_run_id()[:_ID_LENGTH],
        status="requested",
        created_at=now,
        target=as_plain(target),
        selection=selection,
        policy=policy,
        parallel=parallel,
        tags=tags or {},
        counts=BackfillCounts(total=size(target)),
    )


def advance(backfill: Backfill, store: Store, graph: AssetGraph, now: datetime) -> Backfill:
    """Note which of its runs have ended and ask for those that can come next.

    Returns it as it is then. Of a paused one only what ended is noted; one that is being canceled
    ends with its last run. Where its target makes no sense any more it ends as failed.
    """
    if backfill.has_ended:
        return backfill
    waits = bool(backfill.progress.open_runs) or backfill.status == "paused"
    ended, unknown = store.ended_runs(backfill.progress.open_runs)
    if waits and not ended and not unknown:
        return backfill
    cut = Cut(with_known_partitions(graph, store), backfill.created_at, backfill.policy)
    gone = {run.id for run in ended} | unknown
    still_open = tuple(each for each in backfill.progress.open_runs if each not in gone)
    try:
        target = _subsets(cut, backfill.target)
        ledger = _ledger(cut, backfill.progress)
        is_stopping = backfill.status in ("paused", "canceling")
        made = store.made_by([run.id for run in ended])
        account = accounting.entered(cut, ledger, ended, made, is_stopping=is_stopping)
        ledger = account.ledger if still_open else accounting.given_up(account.ledger)
        seen = replace(
            backfill,
            attempt=backfill.attempt + account.asks_again,
            progress=replace(backfill.progress, open_runs=still_open),
        )
        return _carried_on(seen, store, cut, target, ledger, now)
    except (DefinitionError, PartitionError, SelectionError) as error:
        failed = replace(backfill, status="failed", ended_at=now, message=str(error))
        store.cancel_runs(backfill.origin, now=now, stop_running=False)
        return _kept(store, failed)


def pause(backfill: Backfill, store: Store, graph: AssetGraph, now: datetime) -> Backfill:
    """Ask for no more runs, and take those back that wait; those that run go on."""
    paused = _turned(
        store, backfill, ("requested", "in_progress"), lambda seen: replace(seen, status="paused")
    )
    store.cancel_runs(paused.origin, now=now, stop_running=False)
    return advance(paused, store, graph, now)


def cancel(backfill: Backfill, store: Store, graph: AssetGraph, now: datetime) -> Backfill:
    """Take back the runs that wait and ask those that run to stop; it ends with the last."""
    before: tuple[BackfillStatus, ...] = ("requested", "in_progress", "paused", "canceling")
    canceling = _turned(store, backfill, before, lambda seen: replace(seen, status="canceling"))
    store.cancel_runs(canceling.origin, now=now, stop_running=True)
    return advance(canceling, store, graph, now)


def resume(backfill: Backfill, store: Store, graph: AssetGraph, now: datetime) -> Backfill:
    """Go on with one that was paused, or that nobody carries on any more.

    What a killed run left undone gets another chance.
    """
    seen = advance(backfill, store, graph, now) if backfill.status == "paused" else backfill
    return _turned(
        store,
        seen,
        ("requested", "in_progress", "paused"),
        lambda found: replace(
            found, status="in_progress", progress=replace(found.progress, interrupted={})
        ),
    )


def is_paused(store: Store, origin: str) -> bool:
    """Whether a run's origin is a backfill that waits for `resume`."""
    kind, _, backfill_id = origin.partition(":")
    found = store.backfill(backfill_id) if kind == "backfill" else None
    return found is not None and found.status == "paused"


def retry(backfill: Backfill, store: Store) -> Backfill:
    """Ask anew for all that is not materialized of one that has ended.

    Raises RefusedError where it has not, or where nothing is left to do.
    """
    before: tuple[BackfillStatus, ...] = ("completed_failed", "failed", "canceled")
    if backfill.counts.materialized == backfill.counts.total:
        raise RefusedError(f"Backfill {backfill.id} has nothing left to do: all is materialized.")
    return _turned(store, backfill, before, _begun_again)


def _begun_again(backfill: Backfill) -> Backfill:
    done, counts = backfill.progress.materialized, backfill.counts
    return replace(
        backfill,
        status="in_progress",
        progress=BackfillProgress(requested=done, materialized=done),
        counts=BackfillCounts(total=counts.total, materialized=counts.materialized),
        attempt=backfill.attempt + 1,
        ended_at=None,
        message=None,
    )


def counts_by_asset(
    backfill: Backfill, store: Store, graph: AssetGraph
) -> dict[AssetKey, BackfillCounts]:
    """How many partitions of each asset are in which state, upstream first.

    Raises DefinitionError or PartitionError where the target makes no sense any more.
    """
    cut = Cut(with_known_partitions(graph, store), backfill.created_at, backfill.policy)
    target, ledger = _subsets(cut, backfill.target), _ledger(cut, backfill.progress)
    blocked = blocked_by(cut, target, union(ledger.failed, ledger.omitted))
    return {
        key: accounting.counts({key: subset}, ledger.of(key), accounting.of(blocked, key))
        for key, subset in target.items()
    }


def failed_by_asset(
    backfill: Backfill, store: Store, graph: AssetGraph
) -> dict[AssetKey, list[str]]:
    """Which partitions of each asset failed, as partitions and ranges; none for a whole asset.

    Raises like `counts_by_asset`.
    """
    cut = Cut(with_known_partitions(graph, store), backfill.created_at, backfill.policy)
    return {
        key: [
            first if first == last else f"{first}...{last}"
            for first, last in subset.ranges(cut.now)
            if first != WHOLE
        ]
        for key, subset in _subsets(cut, backfill.progress.failed).items()
    }


def _carried_on(
    backfill: Backfill,
    store: Store,
    cut: Cut,
    target: Subsets,
    ledger: Ledger,
    now: datetime,
) -> Backfill:
    still_open = backfill.progress.open_runs
    held = union(ledger.failed, ledger.omitted)
    progress = Progress(ledger.requested, ledger.materialized, held)
    wave = next_wave(cut, target, progress, at_most=max(0, _MOST_OPEN - len(still_open)))
    runs: list[Run] = []
    if backfill.status in ("requested", "in_progress"):
        runs = [
            _run(backfill, each, now + timedelta(microseconds=number))
            for number, each in enumerate(wave.runs)
        ]
        ledger = replace(ledger, requested=union(ledger.requested, computed(cut, wave.runs)))
    counts = accounting.counts(target, ledger, wave.blocked)
    changed = replace(
        backfill,
        progress=BackfillProgress(
            **{each.name: as_plain(getattr(ledger, each.name)) for each in fields(Ledger)},
            open_runs=(*still_open, *(run.id for run in runs)),
        ),
        counts=counts,
        **_ending(backfill, counts, now, is_idle=not still_open and not runs),
    )
    return _kept(store, changed, runs)


def _ending(
    backfill: Backfill, counts: BackfillCounts, now: datetime, *, is_idle: bool
) -> dict[str, Any]:
    """The status that follows, and when and why it ended."""
    if backfill.status == "canceling":
        return {"status": "canceled", "ended_at": now} if is_idle else {}
    if backfill.status == "paused":
        return {}
    if not is_idle:
        return {"status": "in_progress"}
    if counts.left:
        said = f"{counts.left} partitions wait for others that this backfill never computes."
        return {"status": "completed_failed", "ended_at": now, "message": said}
    is_success = not counts.failed and not counts.blocked
    return {"status": "completed_success" if is_success else "completed_failed", "ended_at": now}


def _run(backfill: Backfill, planned: PlannedRun, created_at: datetime) -> Run:
    """A run that waits. Its id says what it computes, so that asking twice asks once."""
    names = ", ".join(map(str, planned.assets))
    request = f"{backfill.attempt}\n{names}\n{planned.partition}"
    return Run(
        id=derived_run_id(backfill.origin, request),
        status="queued",
        created_at=created_at,
        target=RunTarget(assets=planned.assets, partition=planned.partition),
        selection=names,
        origin=backfill.origin,
        tags={**backfill.tags, "backfill": backfill.id},
    )


def _ledger(cut: Cut, progress: BackfillProgress) -> Ledger:
    return Ledger(
        **{each.name: _subsets(cut, getattr(progress, each.name)) for each in fields(Ledger)}
    )


def _subsets(cut: Cut, plain: Mapping[str, Mapping[str, str | list[str]]]) -> Subsets:
    return {
        key: _subset(cut, key, value)
        for key, value in ((AssetKey.parse(text), value) for text, value in plain.items())
    }


def _subset(cut: Cut, key: AssetKey, value: Mapping[str, str | list[str]]) -> PartitionsSubset:
    """The stored set. Raises where the asset is gone, or is cut in another way since."""
    node = cut.graph.nodes.get(key)
    if node is None or not node.is_executable:
        raise DefinitionError(
            f"{key} is no asset that we compute any more; start a new backfill without it."
        )
    definition, names = cut.definition(key), value["partitions"]
    is_by_time = isinstance(definition, TimeWindowPartitionsDefinition)
    was_whole = names == [WHOLE]
    if is_by_time == isinstance(names, list) or was_whole == cut.is_partitioned(key):
        raise PartitionError(
            f"{key} is cut into other partitions than when the backfill was started; start anew."
        )
    return subset_from_value(definition, value)


def _turned(
    store: Store,
    backfill: Backfill,
    before: tuple[BackfillStatus, ...],
    change: Callable[[Backfill], Backfill],
) -> Backfill:
    """The backfill changed, whoever else carries it on meanwhile.

    Raises RefusedError where its status is none of `before`.
    """
    seen: Backfill | None = backfill
    for _ in range(_TRIES):
        if seen is None:
            break
        if seen.status not in before:
            raise RefusedError(
                f"Backfill {seen.id} is {seen.status}; this is for one that is "
                f"{' or '.join(before)}."
            )
        changed = change(seen)
        if store.change_backfill(changed):
            return replace(changed, version=changed.version + 1)
        seen = store.backfill(backfill.id)
    raise RefusedError(f"Backfill {backfill.id} changes all the time, or is gone; try again.")


def _kept(store: Store, changed: Backfill, runs: list[Run] | None = None) -> Backfill:
    """The backfill after the change was noted, or as somebody else left it meanwhile."""
    if store.change_backfill(changed, enqueue=runs or ()):
        return replace(changed, version=changed.version + 1)
    return store.backfill(changed.id) or changed
