"""The decision of an attempt: asking for the route, and taking the claims, before anything runs."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from adapters.airflow.compat import AirflowException, conf
from adapters.airflow.cutover.attempt import TaskAttempt, attempt_of, decided, held_by
from adapters.airflow.cutover.guard import Guard, Held
from adapters.airflow.cutover.guarded import STORE, GuardedTask, UnreadTask
from adapters.airflow.environment import Environment
from adapters.airflow.hosts import require_shared_store
from adapters.airflow.steps import run_asset
from bridge.errors import BridgeError, DefinitionError, PartitionError, RefusedError
from bridge.execution.heartbeat import LEASE_S
from bridge.keys import AssetKey
from bridge.project import find_project
from bridge.store import Claim, ClaimMode, Route, Store, open_store

# Propagates to the handlers of the task's own log on both versions.
log = logging.getLogger("airflow.task.bridge")

Place: TypeAlias = tuple[AssetKey, "str | None"]


def begin(rule: GuardedTask | UnreadTask, context: Mapping[str, Any]) -> Guard:
    """The guard of this attempt, which holds its claims.

    Raises AirflowException, having run nothing, where the store does not answer or another writer
    is at work; the task's own retries apply.
    """
    try:
        if isinstance(rule, UnreadTask):
            return _guard_of_unread(rule)
        return _guard(rule, attempt_of(context), context)
    except BridgeError as error:
        raise AirflowException(f"{rule.name} was not run. {error}") from error


def _guard(task: GuardedTask, attempt: TaskAttempt, context: Mapping[str, Any]) -> Guard:
    here = Environment.open()
    require_shared_store(here.project.store_url, conf.get("core", "executor"))
    store = here.store
    route = store.route(task.name)
    mode = decided(route, held_by(attempt, store.claims()))
    if mode == "nothing":
        return Guard("nothing")
    if mode == "legacy" or route is None:
        return Guard("legacy", _take(store, _places_of_legacy(task, attempt), attempt, "legacy"))
    environment = Environment.open(locations=route.locations)
    places = _places_of_assets(task, attempt, route, environment)
    held = _take(store, places, attempt, "asset")

    def compute() -> None:
        for claim in held.claims:
            run_asset(
                claim.key,
                context,
                environment=environment,
                checks="all",
                partition=claim.partition,
                claim=claim,
                owner=attempt.owner,
                attempt=attempt.number,
            )

    log.info("%s is migrated: it computes %s", task.name, ", ".join(map(str, route.assets)))
    return Guard("asset", held, compute)


def _places_of_legacy(task: GuardedTask, attempt: TaskAttempt) -> list[Place]:
    """What the legacy code writes; the whole assets where its run has no partition."""
    partition = attempt.partition(task.assets, task.partitions, task.partition_by)
    if partition.why_none is not None:
        log.warning("%s claims its assets as a whole: %s", task.name, partition.why_none)
    return [(key, partition.key) for key in sorted(task.assets, key=str)]


def _places_of_assets(
    task: GuardedTask, attempt: TaskAttempt, route: Route, environment: Environment
) -> list[Place]:
    """What is to be computed, upstream first. Raises BridgeError where that cannot be done."""
    if task.is_mapped or attempt.is_shared:
        raise RefusedError(
            "It is dynamically mapped, and only a task that runs once can compute its assets: "
            f"`bridge migrate rollback {task.name.partition(':')[2]}`."
        )
    graph = environment.graph
    places = []
    for key in (key for key in graph.order if key in route.assets):
        partitions = graph.nodes[key].spec.partitions_def
        found = attempt.partition((key,), partitions, route.partition_by)
        if found.why_none is not None:
            raise PartitionError(
                f"{key} is computed a partition at a time, and {found.why_none}. "
                "Run the DAG with a logical date, or with a partition key."
            )
        places.append((key, found.key))
    missing = set(route.assets) - {key for key, _ in places}
    if missing:
        raise DefinitionError(
            f"Its route computes {', '.join(sorted(map(str, missing)))}, which "
            f"{', '.join(environment.locations)} does not define."
        )
    return places


def _take(store: Store, places: Iterable[Place], attempt: TaskAttempt, mode: ClaimMode) -> Held:
    """All of the claims, or none. Raises ClaimRefusedError, naming who holds one."""
    taken: list[Claim] = []
    try:
        for key, partition in places:
            claim = store.claim(
                key,
                partition,
                owner=attempt.owner,
                attempt=attempt.number,
                mode=mode,
                lease_s=LEASE_S,
            )
            taken.append(claim)
    except BridgeError:
        Held(store, tuple(taken), is_shared=attempt.is_shared).give_back()
        raise
    return Held(store, tuple(taken), is_shared=attempt.is_shared)


def _guard_of_unread(task: UnreadTask) -> Guard:
    """Nothing but the store can tell whether a task is guarded whose mapping cannot be read."""
    if not task.is_named:
        store = open_store(os.environ.get(STORE) or find_project().store_url)
        try:
            route = store.route(task.name)
        finally:
            store.close()
        if route is None:
            log.warning("%s runs unguarded: %s", task.name, task.why)
            return Guard("legacy")
    raise RefusedError(f"It is guarded, but nobody can say how: {task.why}")
