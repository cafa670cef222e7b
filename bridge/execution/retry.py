"""Doing a run again, but only what did not succeed in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bridge.execution.plan import Plan, Step, narrowed
from bridge.keys import AssetKey
from bridge.runs import Run
from bridge.store import Store

_OVER = ("succeeded", "checked", "omitted")
Done = tuple[AssetKey, "str | None", tuple[str, ...]]


def retry_of(run: Run, run_id: str, now: datetime) -> Run:
    """A run for the queue that does what `run` did not: of the same target, with the same settings.

    It knows what is left when it begins.
    """
    return replace(
        run,
        id=run_id,
        status="queued",
        created_at=now,
        retry_of=run.id,
        process=None,
        started_at=None,
        ended_at=None,
        cancel_requested=False,
        message=None,
    )


def succeeded_in(run: Run, store: Store) -> set[Done]:
    """What succeeded in a run, or in one that it retries: asset, partition, checks asked apart."""
    done: set[Done] = set()
    seen: set[str] = set()
    here: Run | None = run
    while here is not None and here.id not in seen:
        seen.add(here.id)
        steps = store.steps(here.id)
        left_out = {step.key for step in steps if step.status == "omitted"}
        for step in steps:
            is_over = step.status in _OVER or step.cause in left_out
            if is_over and not step.is_failure:
                done.add((step.key, step.partition, step.checks))
        here = None if here.retry_of is None else store.run(here.retry_of)
    return done


def remaining(todo: Plan, done: Collection[Done]) -> Plan:
    """The plan without what is done; a function that cannot compute a part computes all again."""
    steps = (left for step in todo.steps for left in _remaining(step, done))
    return replace(todo, steps=tuple(steps))


def _remaining(step: Step, done: Collection[Done]) -> list[Step]:
    checks = () if step.definition else tuple(s.name for check in step.checks for s in check.specs)
    undone = {
        (key, name)
        for key in step.keys
        for name in step.partitions
        if (key, name, checks) not in done
    }
    left = tuple(key for key in step.keys if any((key, name) in undone for name in step.partitions))
    names = {name for _, name in undone}
    return [_with_keys(part, left) for part in narrowed(step, names)]


def _with_keys(step: Step, left: tuple[AssetKey, ...]) -> Step:
    if step.definition is None or not step.definition.can_subset or left == step.keys:
        return step
    checks = tuple(c for c in step.checks if any(s.asset_key in left for s in c.specs))
    return replace(step, keys=left, checks=checks)
