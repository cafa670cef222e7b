"""The mapping that a snapshot and its lineage propose; a person confirms or changes it in the
mapping file.
"""

import re
from collections.abc import Collection, Iterable
from collections.abc import Mapping as MappingType

from adapters.airflow.legacy.about import about_task
from adapters.airflow.legacy.asset_keys import assign_keys
from adapters.airflow.legacy.datasets import DatasetRef, TaskLineage, TaskPlace
from adapters.airflow.legacy.freshness_suggestion import suggested_freshness
from adapters.airflow.legacy.mapping import (
    Mapping,
    PartitionBy,
    ReadEntry,
    SourceEntry,
    Thing,
    UnitEntry,
    WriteEntry,
    thing_of,
)
from adapters.airflow.legacy.schedule_partitions import partitions_of
from adapters.airflow.legacy.snapshot import Dag, DagSnapshot, Finding, Task
from bridge.migration.units import Granularity
from bridge.uris import canonical

_INTERVAL_NAMES = frozenset({"data_interval_start", "data_interval_end"})
_WORDS = re.compile(r"[A-Za-z]{3,}")
_FILLER = frozenset(
    {
        "stg",
        "stage",
        "staging",
        "load",
        "build",
        "task",
        "run",
        "table",
        "raw",
        "data",
        "the",
        "and",
        "for",
    }
)


def mapping_of(
    snapshot: DagSnapshot,
    lineage: MappingType[TaskPlace, TaskLineage],
    *,
    granularity: Granularity = "dataset",
    held: MappingType[Thing, str] | None = None,
) -> Mapping:
    """An entry for every task, and what it writes: its datasets, the task or the DAG as an asset.

    Where its datasets are not known, the task itself is the asset in any case. A task that moves no
    data (a branch, a sensor, an EmptyOperator) has an entry that writes nothing; but it may be the
    last of a DAG that is one asset. `held`: keys that are taken, and by what.
    """
    dags = _one_per_id(snapshot)
    tasks = [
        (dag, task, lineage[dag.file, dag.dag_id, task.task_id])
        for dag in dags
        for task in dag.tasks
    ]
    written = {ref.uri for _, _, found in tasks for ref in found.writes}
    read = {ref.uri for _, _, found in tasks for ref in found.reads} - written
    last = {dag.dag_id: _last(dag) for dag in dags} if granularity == "dag" else {}
    units = []
    for dag, task, found in tasks:
        writes = _writes(task, found, last.get(dag.dag_id, ()))
        units.append(_unit(dag, task, found, writes, last.get(dag.dag_id, ()), lineage))
    things = {
        thing_of(unit, write, granularity): None for unit in units for write in unit.writes
    } | {("uri", uri): None for uri in read}
    keys = assign_keys(things, snapshot.instance, held)
    named = [
        unit.model_copy(
            update={
                "writes": tuple(
                    write.model_copy(
                        update={"asset": str(keys[thing_of(unit, write, granularity)])}
                    )
                    for write in unit.writes
                )
            }
        )
        for unit in units
    ]
    return Mapping(
        instance=snapshot.instance,
        folder=snapshot.folder,
        granularity=granularity,
        units=tuple(sorted(named, key=lambda unit: (unit.dag, unit.task))),
        sources=tuple(SourceEntry(asset=str(keys["uri", uri]), uri=uri) for uri in sorted(read)),
    )


def _one_per_id(snapshot: DagSnapshot) -> list[Dag]:
    """Of two DAGs with one id the first; the snapshot's findings name the other."""
    found: dict[str, Dag] = {}
    for dag in snapshot.dags:
        found.setdefault(dag.dag_id, dag)
    return list(found.values())


def _is_own_asset(found: TaskLineage) -> bool:
    return found.nature != "quiet" and not found.writes and not found.writes_known


def _last(dag: Dag) -> tuple[str, ...]:
    """The tasks that end the DAG: as Airflow has it, a run has succeeded when they have."""
    followed = {name for task in dag.tasks for name in task.upstream if not task.teardown}
    return tuple(
        task.task_id for task in dag.tasks if task.task_id not in followed and not task.teardown
    )


def _writes(task: Task, found: TaskLineage, last: Collection[str]) -> tuple[WriteEntry, ...]:
    """What the task writes; the assets have no names yet."""
    writes = tuple(_write(ref, found) for ref in found.writes)
    if writes:
        return writes
    if _is_own_asset(found):
        return (WriteEntry(asset="", evidence="task", confidence=0.0),)
    return (WriteEntry(asset="", evidence="dag"),) if task.task_id in last else ()


def _unit(
    dag: Dag,
    task: Task,
    found: TaskLineage,
    writes: tuple[WriteEntry, ...],
    last: tuple[str, ...],
    lineage: MappingType[TaskPlace, TaskLineage],
) -> UnitEntry:
    consumers = sorted(other.task_id for other in dag.tasks if task.task_id in other.uses_xcom_of)
    owners = [owner for owner in [task.owner] if owner] or list(dag.owners)
    return UnitEntry(
        dag=dag.dag_id,
        task=task.task_id,
        operator=task.operator.rpartition(".")[2],
        at=_at(task.file or dag.file, task.line),
        group=task.group,
        owners=tuple(owners),
        writes=writes,
        reads=tuple(
            ReadEntry(
                uri=ref.uri,
                evidence=ref.evidence,
                confidence=ref.confidence,
                at=_at(ref.file, ref.line),
            )
            for ref in found.reads
        ),
        after=() if found.reads_known or not writes else tuple(_before(dag, task, lineage)),
        together=last if writes else (),
        partition_by=_partition_by(task),
        partitions=partitions_of(dag),
        freshness=suggested_freshness(dag, task, is_whole_dag=bool(last)) if writes else None,
        mapped=task.mapped,
        xcom_consumers=tuple(consumers),
    )


def _at(file: str | None, line: int | None) -> str | None:
    return file if file is None or line is None else f"{file}:{line}"


def _write(ref: DatasetRef, found: TaskLineage) -> WriteEntry:
    every = {read.uri for read in found.reads}
    narrower = ref.derived_from is not None and set(ref.derived_from) != every
    return WriteEntry(
        asset="",
        uri=ref.uri,
        evidence=ref.evidence,
        confidence=ref.confidence,
        at=_at(ref.file, ref.line),
        made_from=ref.derived_from if narrower else None,
    )


def _before(dag: Dag, task: Task, lineage: MappingType[TaskPlace, TaskLineage]) -> list[str]:
    """The nearest earlier tasks that write something, seen through those that move no data."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = list(task.upstream)
    while waiting:
        task_id = waiting.pop()
        earlier = dag.task(task_id)
        if task_id in seen or earlier is None:
            continue
        seen.add(task_id)
        what = lineage[dag.file, dag.dag_id, task_id]
        if what.writes or _is_own_asset(what):
            found.add(task_id)
        else:
            waiting += earlier.upstream
    return sorted(found)


def _partition_by(task: Task) -> PartitionBy:
    """Which time of the run the task is about: the start of the interval only where it uses that
    and nothing else.
    """
    used = set(task.context_used)
    if "partition_key" in used:
        return "partition_key"
    return (
        "data_interval_start"
        if used & _INTERVAL_NAMES and not used - _INTERVAL_NAMES
        else "logical_date"
    )


def mapping_findings(
    snapshot: DagSnapshot, lineage: MappingType[TaskPlace, TaskLineage]
) -> tuple[Finding, ...]:
    """Who may write what nobody is known to write."""
    written = {ref.uri for found in lineage.values() for ref in found.writes}
    return tuple(
        finding for dag in _one_per_id(snapshot) for finding in _perhaps(dag, lineage, written)
    )


def _perhaps(
    dag: Dag, lineage: MappingType[TaskPlace, TaskLineage], written: Collection[str]
) -> Iterable[Finding]:
    """A dataset nobody writes, read right after a task that does not say what it writes, and alike
    in name.
    """
    for task in dag.tasks:
        earlier = [one for name in task.upstream if (one := dag.task(name)) is not None]
        unknown = [
            one for one in earlier if _is_own_asset(lineage[dag.file, dag.dag_id, one.task_id])
        ]
        for ref in lineage[dag.file, dag.dag_id, task.task_id].reads:
            if ref.uri in written:
                continue
            words = _words(canonical(ref.uri).name)
            alike = [one for one in unknown if words & _words(one.task_id)]
            if len(alike) == 1:
                message = (
                    f"perhaps it writes {ref.uri}, which {task.task_id} reads "
                    "and no known task writes"
                )
                yield about_task(
                    dag, alike[0], code="perhaps_writes", message=message, severity="info"
                )


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(name.replace("_", " "))} - _FILLER
