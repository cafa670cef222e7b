"""One try of a task that waits for upstream partitions: look, and wait, give up or go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from adapters.airflow.asked import asked_assets
from adapters.airflow.attempt import partition_of
from adapters.airflow.awaited import (
    Awaited,
    Missing,
    awaited_by,
    missing,
    plain,
    still_missing,
)
from adapters.airflow.compat import (
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSkipException,
    first_rescheduled,
)
from adapters.airflow.environment import Environment
from adapters.airflow.telling import log
from bridge.errors import BridgeError, DefinitionError, StoreUnreachableError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey

# The longest that a trigger waits before the task looks itself, and so the longest that it takes to
# notice that the triggerer is gone.
_LONGEST_STINT_S = 3600.0
_HOUR_S = 3600
# A triggerer that has not taken a trigger up by then is taken for gone.
_PATIENCE = 2  # poke intervals
_MOST_IN_A_TRIGGER = 500
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Stint:
    """How long one trigger waits, and when Airflow ends the deferral if nobody took it up."""

    project: str
    awaited: list[list[object]]
    since: datetime
    until: datetime
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look brought: why the task has to wait, None if it has not, and for what."""

    why: str | None
    left: list[list[object]]


def stint_or_none(
    sensor: Any,
    context: Mapping[str, Any],
    here: Environment,
    *,
    since: str | None = None,
    defers: bool = True,
) -> Stint | None:
    """Look once: None where all is there, else how to wait on. `since`: as a trigger told.

    Raises AirflowRescheduleException to wait without a triggerer, AirflowFailException (or
    AirflowSkipException) where it has waited long enough or what it waits for cannot be said.
    """
    now = datetime.now(timezone.utc)
    rescheduled = first_rescheduled(context)
    said = None if since is None else datetime.fromisoformat(since)
    began = said or rescheduled or getattr(context["ti"], "start_date", None) or now
    look = _look(sensor, context, here, now)
    if look.why is None:
        return None
    log.info("Waiting: %s.", look.why)
    end = began + timedelta(seconds=sensor.timeout)
    if now >= end:
        message = f"Waited {_hours(sensor.timeout)} in vain: {look.why}. {_what_to_do(sensor)}"
        raise (AirflowSkipException if sensor.soft_fail else AirflowFailException)(message)
    if rescheduled or not defers or not look.left:
        pause = min(sensor.poke_interval, (end - now).total_seconds())
        raise AirflowRescheduleException(now + timedelta(seconds=pause))
    # It has no more faith in a triggerer than it has seen of it: twice as long each time.
    seconds = max(sensor.poke_interval, (now - began).total_seconds())
    until = min(now + timedelta(seconds=min(seconds, _LONGEST_STINT_S)), end)
    patience = timedelta(seconds=_PATIENCE * sensor.poke_interval)
    return Stint(str(here.project.root), look.left, began, until, until - now + patience)


def _look(sensor: Any, context: Mapping[str, Any], here: Environment, now: datetime) -> _Look:
    """A store that does not answer is asked again later."""
    awaited: list[Awaited] = []
    try:
        graph = here.graph
        asked = asked_assets(context)
        readers = [AssetKey.parse(key) for key in sensor.asset_keys]
        readers = [key for key in readers if asked is None or key in asked]
        if not readers:
            log.info("Nothing to wait for: this run was not asked for what reads it.")
            return _Look(None, [])
        upstream = [AssetKey.parse(key) for key in sensor.waits_for]
        partition = _partition(readers, upstream, graph, context, now)
        awaited = awaited_by(readers, partition, upstream, graph, now)
        missed = missing(here.store, awaited)
    except StoreUnreachableError as error:
        return _Look(str(error).rstrip("."), plain(awaited, _MOST_IN_A_TRIGGER))
    except BridgeError as error:
        raise AirflowFailException(str(error)) from error
    if not missed:
        count = sum(len(each.partitions) for each in awaited)
        log.info("All is there that %s reads: %d partitions.", ", ".join(sensor.asset_keys), count)
        return _Look(None, [])
    left = plain(still_missing(awaited, missed), _MOST_IN_A_TRIGGER)
    return _Look(_in_words(missed, sensor.waits_for), left)


def _partition(
    readers: list[AssetKey],
    upstream: list[AssetKey],
    graph: AssetGraph,
    context: Mapping[str, Any],
    now: datetime,
) -> str:
    unknown = [key for key in (*readers, *upstream) if key not in graph.nodes]
    definition = None if unknown else graph.nodes[readers[0]].spec.partitions_def
    partition = partition_of(context, definition, readers[0])
    if definition is None or partition is None:
        what = f"has no asset {unknown[0]}" if unknown else f"{readers[0]} has no partitions"
        raise DefinitionError(f"The definitions have changed: {what}. Generate the DAG again.")
    definition.require(partition, now, readers[0])
    return partition


def _in_words(missed: list[Missing], writers: Mapping[str, str]) -> str:
    shown = "; ".join(f"{each} ({writers[str(each.key)]})" for each in missed[:_SHOWN])
    more = f"; and {len(missed) - _SHOWN} more" if len(missed) > _SHOWN else ""
    return f"{shown}{more}"


def _what_to_do(sensor: Any) -> str:
    return (
        "Materialize it, or let `bridge observe` or `bridge report` tell of it, and clear this "
        f"task. To wait longer, or with 0 not at all, give {', '.join(sensor.asset_keys)} the tag "
        "airflow/wait_timeout_s."
    )


def _hours(seconds: float) -> str:
    return f"{seconds / _HOUR_S:g} h" if seconds >= _HOUR_S else f"{seconds:g} s"
