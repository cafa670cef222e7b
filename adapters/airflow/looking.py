"""One look of a task that waits: which upstream partitions are missing, and who writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
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
from adapters.airflow.compat import AirflowFailException, conf
from adapters.airflow.environment import Environment
from adapters.airflow.hosts import require_shared_store
from adapters.airflow.telling import log
from bridge.errors import BridgeError, DefinitionError, StoreUnreachableError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey

_MOST_IN_A_TRIGGER = 500
_SHOWN = 3


def look(
    asset_keys: Sequence[str],
    waits_for: Mapping[str, str],
    context: Mapping[str, Any],
    *,
    environment: Environment,
) -> tuple[str | None, list[list[object]]]:
    """Why the run's partition of these assets has to wait, None if it has not, and for what.

    A store that does not answer is asked again later. Raises AirflowFailException where it cannot
    be said.
    """
    here, now = environment, datetime.now(timezone.utc)
    awaited: list[Awaited] = []
    try:
        require_shared_store(here.project.store_url, conf.get("core", "executor"))
        graph = here.graph
        asked = asked_assets(context)
        readers = [AssetKey.parse(key) for key in asset_keys]
        readers = [key for key in readers if asked is None or key in asked]
        if not readers:
            log.info("Nothing to wait for: this run was not asked for what reads it.")
            return None, []
        upstream = [AssetKey.parse(key) for key in waits_for]
        partition = _partition(readers, upstream, graph, context, now)
        awaited = awaited_by(readers, partition, upstream, graph, now)
        missed = missing(here.store, awaited)
    except StoreUnreachableError as error:
        return str(error).rstrip("."), plain(awaited, _MOST_IN_A_TRIGGER)
    except BridgeError as error:
        raise AirflowFailException(str(error)) from error
    if not missed:
        count = sum(len(each.partitions) for each in awaited)
        log.info("All is there that %s reads: %d partitions.", ", ".join(asset_keys), count)
        return None, []
    left = plain(still_missing(awaited, missed), _MOST_IN_A_TRIGGER)
    return _in_words(missed, waits_for), left


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
