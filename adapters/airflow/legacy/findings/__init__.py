"""What a person should know of legacy code before moving it: one family of findings a module.

Here: rules over the whole snapshot, its lineage and its syntax trees. Not here: what the recorder
notices while a file runs (`legacy.record`), and what one task does not say (`lineage.families`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from adapters.airflow.legacy.datasets import TaskLineage, TaskPlace
from adapters.airflow.legacy.findings.blockers import blockers
from adapters.airflow.legacy.findings.cycles import cycles_across_dags
from adapters.airflow.legacy.findings.dead import dead_dags
from adapters.airflow.legacy.findings.ids import dynamic_ids
from adapters.airflow.legacy.findings.parse_time import parse_time_work
from adapters.airflow.legacy.findings.secrets import secrets_in_source
from adapters.airflow.legacy.findings.sources import trees_of
from adapters.airflow.legacy.findings.whole import Whole
from adapters.airflow.legacy.findings.writers import two_writers
from adapters.airflow.legacy.snapshot import DagSnapshot, Finding

Rule: TypeAlias = Callable[[Whole], Iterable[Finding]]

RULES: tuple[Rule, ...] = (
    two_writers,
    cycles_across_dags,
    secrets_in_source,
    dynamic_ids,
    parse_time_work,
    blockers,
    dead_dags,
)


def findings_of(
    snapshot: DagSnapshot,
    lineage: Mapping[TaskPlace, TaskLineage],
    folder: Path | None = None,
) -> tuple[Finding, ...]:
    """What all rules find; reads the files of `folder` (else the snapshot's), and runs none.

    A place that the recorder found a secret at is not named twice.
    """
    whole = Whole(snapshot=snapshot, lineage=lineage, trees=trees_of(snapshot, folder))
    told = {(each.code, each.file, each.line) for each in snapshot.findings}
    return tuple(
        found
        for rule in RULES
        for found in rule(whole)
        if (found.code, found.file, found.line) not in told
    )
