"""Reading the lineage of every task of a snapshot: an explicit tuple of rules, the first that
applies decides.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from adapters.airflow.legacy.datasets import DatasetRef, TaskLineage, TaskPlace, is_name, is_uri
from adapters.airflow.legacy.snapshot import DagSnapshot, Finding, Task
from adapters.airflow.lineage.addresses import by_connection, kinds_of
from adapters.airflow.lineage.blanks import doubted
from adapters.airflow.lineage.certainty import rated
from adapters.airflow.lineage.context import LineageContext, Reading
from adapters.airflow.lineage.dbt.projects import DbtProjects
from adapters.airflow.lineage.declared_names import as_declared
from adapters.airflow.lineage.families import (
    bash,
    checks,
    containers,
    dbt,
    declared,
    executed,
    generated,
    listed,
    named,
    opaque,
    python,
    quiet,
    scripts,
    sensors,
    sql,
    transfers,
)
from adapters.airflow.lineage.handed_on import handed_on
from adapters.airflow.lineage.housekeeping import is_housekeeping
from adapters.airflow.lineage.routines import routines_of
from adapters.airflow.lineage.schemes import schemes_of
from adapters.airflow.lineage.spellings import joined
from adapters.airflow.lineage.templates import Connections
from adapters.airflow.lineage.usual_ports import with_ports
from adapters.airflow.lineage.web_addresses import with_numbers_joined, without_question
from bridge.capabilities import ConnectionAddress

_HOST_OF_CONNECTION = re.compile(r"(?<=://)([^/]*@)?\{conn\.([\w-]+)\.\w+\}(:[^/]*)?(?=/|$)")
# What `os.environ.get("BUCKET")` leaves in a text where nothing sets it.
_UNSET = re.compile(r"(?<=[/.@:])None(?=[/.@]|$)")


@dataclass(frozen=True, slots=True)
class Rule:
    """One operator family: which tasks it is about, and what they read and write.

    `is_code` says that its tasks run code, whose logs, locks and scripts are no data;
    `is_beginning` that there may be more in the arguments than the rule reads.
    """

    name: str
    applies: Callable[[Task], bool]
    read: Callable[[Task, LineageContext], Reading]
    is_code: bool = False
    is_beginning: bool = False


# From the particular to the general; the last one takes every task.
RULES: tuple[Rule, ...] = (
    Rule("listed", listed.applies, listed.read),
    Rule("generated", generated.applies, generated.read),
    Rule("dbt", dbt.applies, dbt.read),
    Rule("transfers", transfers.applies, transfers.read),
    Rule("checks", checks.applies, checks.read),
    Rule("sql", sql.applies, sql.read, is_beginning=True),
    Rule("bash", bash.applies, bash.read, is_code=True),
    Rule("containers", containers.applies, containers.read, is_code=True, is_beginning=True),
    Rule("sensors", sensors.applies, sensors.read),
    Rule("asking", python.asks, python.read_asked, is_code=True),
    Rule("quiet", quiet.applies, quiet.read, is_beginning=True),
    Rule("python", python.applies, python.read, is_code=True, is_beginning=True),
    Rule("opaque", opaque.applies, opaque.read, is_beginning=True),
)


def read_snapshot(
    snapshot: DagSnapshot, connections: Mapping[str, ConnectionAddress] | None = None
) -> dict[TaskPlace, TaskLineage]:
    """Lineage of every task. `connections` are those that are known, with where they lead."""
    known = connections or {}
    schemes, routines = schemes_of(snapshot, kinds_of(known)), routines_of(snapshot)
    projects = DbtProjects(snapshot.dbt_projects)
    found = {
        (dag.file, dag.dag_id, task.task_id): read_task(
            task,
            LineageContext(
                dag=dag,
                schemes=schemes,
                routines=routines,
                dbt=projects,
                connections=Connections(known),
            ),
        )
        for dag in snapshot.dags
        for task in dag.tasks
    }
    joint = joined(by_connection(with_ports(found), known, snapshot.folder), known)
    return as_declared(handed_on(joint, snapshot))


def read_task(task: Task, context: LineageContext) -> TaskLineage:
    """What one task reads and writes: declared first, then what its family's rule reads."""
    if task.pulled:
        task = task.model_copy(update={"arguments": {**task.arguments, **task.pulled}})
    inferred = _inferred(task, context)
    if not declared.applies(task):
        return _lineage(inferred)
    return _lineage(_beside_declared(inferred, task, context))


def _inferred(task: Task, context: LineageContext) -> Reading:
    """What the task's rule reads, and what its scripts and the names of its arguments add."""
    rule = next(rule for rule in RULES if rule.applies(task))
    inferred = rule.read(task, context)
    is_own = rule.read not in (python.read, python.read_asked) and python.is_own(task)
    if is_own:
        inferred = python.with_own(task, context, inferred)
    if scripts.applies(task):
        inferred = scripts.added(inferred, task, context)
    for operator in executed.operators(task):
        inferred = _with_executed(inferred, _inferred(operator, context))
    if rule.is_beginning and named.applies(task):
        inferred = named.added(inferred, task, context)
    if rule.is_code or is_own or scripts.applies(task):
        data = tuple(
            ref for ref in inferred.datasets if not is_housekeeping(ref.uri, ref.direction)
        )
        inferred = replace(inferred, datasets=data)
    return replace(inferred, datasets=_without_preparation(inferred.datasets))


def _with_executed(found: Reading, more: Reading) -> Reading:
    """With what an operator does that the task's function executes; what it lacks is no finding."""
    if not more.datasets:
        return found
    has_write = any(ref.direction == "write" for ref in more.datasets)
    findings = [each for each in found.findings if each.code != "unknown_outputs" or not has_write]
    datasets = (*found.datasets, *more.datasets)
    return replace(found, nature="data", datasets=datasets, findings=tuple(findings))


def _beside_declared(inferred: Reading, task: Task, context: LineageContext) -> Reading:
    """What is declared, and what the SQL says beside it."""
    said = declared.read(task, context)
    differs: list[Finding] = []
    kept = list(said.datasets)
    for ref in inferred.datasets:
        declared_too = [one.uri for one in said.datasets if one.direction == ref.direction]
        has_address = any(not is_name(uri) for uri in declared_too)
        if ref.uri in declared_too:
            kept = [
                _with_sources(one, ref)
                if one.uri == ref.uri and one.direction == ref.direction
                else one
                for one in kept
            ]
        elif not has_address or ref.evidence == "sql":
            kept.append(ref)
            if has_address:
                message = (
                    f"its SQL also {ref.direction}s {ref.uri}, which is not among the declared ones"
                )
                differs.append(context.finding(task, "declared_differs", message, "info"))
    writes_known = said.writes_known or inferred.writes_known
    findings = [
        found
        for found in inferred.findings
        if not (said.writes_known and found.code in ("unknown_outputs", "server_unknown"))
    ]
    return Reading(
        nature="data" if said.writes_known or inferred.nature == "data" else inferred.nature,
        datasets=tuple(kept),
        findings=(*findings, *differs),
        reads_known=said.reads_known or inferred.reads_known,
        writes_known=writes_known,
    )


def _with_sources(said: DatasetRef, read: DatasetRef) -> DatasetRef:
    return replace(said, derived_from=read.derived_from)


def _tidied(ref: DatasetRef) -> DatasetRef:
    """A dataset on the host of a connection is that connection's; a part that is the word for
    nothing is not known; a question is no part of an address.
    """
    if ref.evidence == "declared":
        return ref
    uri, sources = _known_parts(ref.uri), ref.derived_from
    if sources is not None:
        sources = tuple(map(_known_parts, sources))
    sure = rated(uri, ref.confidence) if "{unset}" in uri else ref.confidence
    return doubted(replace(ref, uri=uri, derived_from=sources, confidence=sure))


def _known_parts(uri: str) -> str:
    return without_question(_UNSET.sub("{unset}", _HOST_OF_CONNECTION.sub(r"\2", uri)))


def _without_preparation(found: tuple[DatasetRef, ...]) -> tuple[DatasetRef, ...]:
    """A table that is only made if it is not there is what a task is about where it does nothing
    else.
    """
    more = tuple(ref for ref in found if not ref.makes_sure)
    return more or found


def _lineage(reading: Reading) -> TaskLineage:
    """One reference per dataset and direction: the best evidence, all sources."""
    merged: dict[tuple[str, str], DatasetRef] = {}
    for ref in [ref for ref in map(_tidied, reading.datasets) if is_uri(ref.uri)]:
        known = merged.setdefault((ref.direction, ref.uri), ref)
        if known is not ref:
            sources = (known.derived_from or ()) + (ref.derived_from or ())
            best = max(known, ref, key=lambda one: (one.confidence, len(one.derived_from or ())))
            narrower = known.derived_from is not None and ref.derived_from is not None
            merged[ref.direction, ref.uri] = replace(
                best, derived_from=tuple(dict.fromkeys(sources)) if narrower else None
            )
    found = with_numbers_joined(list(merged.values()))
    datasets = tuple(sorted(found, key=lambda ref: (ref.direction, ref.uri)))
    return TaskLineage(
        nature=reading.nature,
        datasets=datasets,
        findings=reading.findings,
        reads_known=reading.reads_known,
        writes_known=reading.writes_known,
    )
