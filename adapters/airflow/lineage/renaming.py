"""Giving datasets of a task other names, where two names turn out to be one dataset's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adapters.airflow.legacy.datasets import DatasetRef, TaskLineage


def renamed(lineage: TaskLineage, names: Mapping[str, str]) -> TaskLineage:
    """The task's lineage with each name that is a key told by its value. Of two references that
    become one, the declared one stays, else the surer one.
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
    return replace(lineage, datasets=datasets)


def _rank(ref: DatasetRef) -> tuple[bool, float]:
    return ref.evidence == "declared", ref.confidence
