"""Datasets whose name has a blank to be filled in: none is called so."""

from dataclasses import replace

from adapters.airflow.legacy.blanks import has_blank
from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.lineage.certainty import HARDLY


def doubted(ref: DatasetRef) -> DatasetRef:
    """The dataset, which is hardly one if its name has a blank."""
    if not has_blank(ref.uri):
        return ref
    return replace(ref, evidence="placeholder", confidence=min(ref.confidence, HARDLY))
