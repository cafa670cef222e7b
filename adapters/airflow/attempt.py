"""One try of a task that is about assets: its names, what its run asks, and who writes for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from adapters.airflow.asked import PARTITION, RUN_CONFIG, asked_assets, run_asking
from adapters.airflow.compat import AirflowException, AirflowFailException, conf
from adapters.airflow.environment import Environment
from adapters.airflow.fingerprint import fingerprint as fingerprint_of
from adapters.airflow.hosts import require_shared_store
from adapters.airflow.source import task_source
from adapters.airflow.telling import facts_of, log
from bridge.errors import (
    BridgeError,
    ConfigError,
    DefinitionError,
    LoadError,
    PartitionError,
    StoreVersionError,
)
from bridge.events import PlainValue
from bridge.execution import Writer
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.later import Later
from bridge.nodes import AssetNode

if TYPE_CHECKING:
    from bridge import partitions
    from bridge.partitions import PartitionsDefinition
else:
    partitions = Later("bridge.partitions")

_NO_USE_RETRYING = (ConfigError, DefinitionError, LoadError, PartitionError, StoreVersionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Names of one try: `source` signs its events, `owner` holds its claims.

    `run_id` is the same for all events of a DAG run that no run of ours started. A retry and a
    cleared task have the same owner, and another number.
    """

    source: str
    owner: str
    run_id: str
    number: int


def attempt_of(context: Mapping[str, Any], instance: str) -> Attempt:
    """The try that an Airflow context is about."""
    ti = context["ti"]
    source = task_source(instance, ti.dag_id, ti.run_id, ti.task_id, ti.map_index, ti.try_number)
    task, map_index, _ = source.rsplit("/", 2)
    return Attempt(
        source=source,
        owner=task if map_index == "-1" else f"{task}/{map_index}",
        run_id=task.rpartition("/")[0],
        number=ti.try_number,
    )


def partition_of(
    context: Mapping[str, Any],
    partitions_def: PartitionsDefinition | None,
    of: object = "This DAG",
) -> str | None:
    """The partition that a run is about, None without `partitions_def`; it need not exist.

    The run's own partition key (Airflow 3), else what its configuration says, else the one in which
    its data interval begins; a run triggered by hand for a date has the last interval that had
    ended then. Raises PartitionError where the run says nothing.
    """
    if partitions_def is None:
        return None
    dag_run = context["dag_run"]
    said = (
        context.get("partition_key")
        or getattr(dag_run, "partition_key", None)
        or (dag_run.conf or {}).get(PARTITION)
    )
    if said:
        return str(said)
    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    if (
        not isinstance(partitions_def, partitions.TimeWindowPartitionsDefinition)
        or start is None
        or end is None
    ):
        example = partitions_def.latest(datetime.now(timezone.utc)) or "its key"
        raise PartitionError(
            f"{of} has {partitions_def.kind} partitions, and the run {dag_run.run_id} has no date "
            "to tell which. "
            f"Trigger it with a logical date, or with the configuration "
            f'{{"{PARTITION}": "{example}"}}.'
        )
    if not partitions_def.end_offset:
        return partitions_def.key_for(start)
    latest = partitions_def.latest(end)
    if latest is None:
        raise PartitionError(f"{of} has no partition yet at {end.isoformat()}.")
    return latest


def run_config_of(context: Mapping[str, Any]) -> dict[str, Any]:
    """What a run sets, by name of the function: the job's, and over it the run's configuration."""
    said = [context.get("params") or {}, context["dag_run"].conf or {}]
    return {name: value for each in said for name, value in (each.get(RUN_CONFIG) or {}).items()}


def warn_of_change(graph: AssetGraph, nodes: Sequence[AssetNode], made_from: str | None) -> None:
    """Say in the task's log that the definitions are others than the DAG was made from."""
    if made_from is not None and made_from != fingerprint_of(graph, nodes):
        log.warning(
            "%s: the definitions have changed since this DAG was generated. `bridge generate` "
            "writes it anew.",
            ", ".join(str(node.key) for node in nodes),
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which assets of a task the run was asked for, and which it was not."""

    keys: tuple[AssetKey, ...]
    others: tuple[AssetKey, ...]


def asked_of(names: Sequence[AssetKey | str], context: Mapping[str, Any]) -> Wanted:
    keys = dict.fromkeys(AssetKey.parse(n) if isinstance(n, str) else n for n in names)
    asked = asked_assets(context)
    return Wanted(
        keys=tuple(key for key in keys if asked is None or key in asked),
        others=tuple(key for key in keys if asked is not None and key not in asked),
    )


@contextmanager
def told_to_airflow() -> Iterator[None]:
    """Raise what is wrong as Airflow's own errors: without a retry where that is of no use."""
    try:
        yield
    except _NO_USE_RETRYING as error:
        raise AirflowFailException(str(error)) from error
    except BridgeError as error:
        raise AirflowException(str(error)) from error


def asset_of(
    key: AssetKey | str, context: Mapping[str, Any], here: Environment, partition: str | None
) -> tuple[AssetNode, str | None]:
    """The asset and the partition. Raises DefinitionError or PartitionError for an unknown one."""
    wanted = AssetKey.parse(key) if isinstance(key, str) else key
    node = here.graph.nodes.get(wanted)
    if node is None:
        raise DefinitionError(
            f"{', '.join(here.locations)} has no asset {wanted}: the definitions have changed. "
            "Generate the DAG again."
        )
    partitions_def = node.spec.partitions_def
    name = partition or partition_of(context, partitions_def, wanted)
    if partitions_def is None:
        return node, None
    if partition is not None:
        # Said by a cut-over legacy task, which writes the day of its run: on Airflow 3, `@daily`
        # runs as that day begins.
        if partitions.window_of(partitions_def, partition) is None:
            partitions_def.require(partition, datetime.now(timezone.utc), wanted)
    elif name is not None:
        partitions_def.require(name, datetime.now(timezone.utc), wanted)
    return node, name


def writer_of(
    context: Mapping[str, Any],
    here: Environment,
    *,
    attempt: int | None = None,
    owner: str | None = None,
) -> Writer:
    require_shared_store(here.project.store_url, conf.get("core", "executor"))
    names = attempt_of(context, here.instance)
    asking = None if owner else run_asking(context, here.store, here.instance)
    return Writer(
        store=here.store,
        graph=here.graph,
        resources=here.resources,
        owner=owner or names.owner,
        source=names.source,
        run_id=names.run_id if asking is None else asking.id,
        attempt=names.number if attempt is None else attempt,
        log=log,
        run_config={} if owner else run_config_of(context),
    )


def recorded(key: AssetKey, partition: str | None, writer: Writer) -> dict[str, PlainValue]:
    """What this DAG run recorded of the asset before, for the task that announces it."""
    found = writer.store.events(
        key, partition=partition, kinds=("materialization",), run_id=writer.run_id, limit=1
    )
    return facts_of(found[0].event) if found else {"asset": str(key)}
