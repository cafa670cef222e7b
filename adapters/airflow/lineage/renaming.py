"""Giving datasets of a task other names, where two names turn out to be one dataset's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adapters.airflow.legacy.datasets import DatasetRef, TaskLineage
from adapters.airflow.legacy.snapshot import Finding


def renamed(lineage: TaskLineage, names: Mapping[str, str]) -> TaskLineage:
    """The task's lineage with each name that is a key told by its value. Of two references that
    become one, the declared one stays, else the surer one; findings that such a name is not among
    the declared ones go.
    """
    if not any(ref.uri in names for ref in lineage.datasets):
        return lineage
    best: dict[tuple[str, str], DatasetRef] = {}
    for ref in lineage.datasets:
        sources = ref.derived_from
        if sources is not None:
            sources = tuple(dict.fromkeys(names.get(each, each) for each in sources))
        one = replace(ref, uri=names.get(ref.uri, ref.uri), derived_from=sources)
        known = best.setdefault((one.direction, one.uri), one)
        if _rank(known) < _rank(one):
            best[one.direction, one.uri] = one
    datasets = tuple(sorted(best.values(), key=lambda ref: (ref.direction, ref.uri)))
    declared = {ref.uri for ref in datasets if ref.evidence == "declared"}
    findings = (_retold(each, names, declared) for each in lineage.findings)
    kept = tuple(each for each in findings if each is not None)
    return replace(lineage, datasets=datasets, findings=kept)


def _retold(finding: Finding, names: Mapping[str, str], declared: set[str]) -> Finding | None:
    """The finding by the new name; None where what differed from the declared ones is one."""
    if finding.code != "declared_differs":
        return finding
    uri = next((uri for uri in names if f" {uri}," in finding.message), None)
    if uri is None:
        return finding
    if names[uri] in declared:
        return None
    message = finding.message.replace(f" {uri},", f" {names[uri]},")
    return finding.model_copy(update={"message": message})


def _rank(ref: DatasetRef) -> tuple[bool, float]:
    return ref.evidence == "declared", ref.confidence
