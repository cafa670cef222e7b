"""What one legacy task reads and writes, with the evidence for it; made by
`adapters.airflow.lineage`.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from adapters.airflow.legacy.snapshot import Finding
from bridge.errors import DefinitionError
from bridge.uris import canonical

Direction: TypeAlias = Literal["read", "write"]
Evidence: TypeAlias = Literal["declared", "sql", "argument", "name", "placeholder"]
# How a task meets data: `data` reads or writes some, `quiet` moves none (a branch, a sensor),
# `opaque` runs code that does not say.
Nature: TypeAlias = Literal["data", "quiet", "opaque"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRef:
    """One dataset a task reads or writes. `uri` is canonical; `{ds}` in it stands for the date of
    the run.

    `derived_from`: for a write, the URIs of the reads it was made from where that is narrower than
    all the task reads; None where it is not. `makes_sure`: it is only made if it is not there yet.
    """

    uri: str
    direction: Direction
    evidence: Evidence
    confidence: float
    file: str | None = None
    line: int | None = None
    derived_from: tuple[str, ...] | None = None
    makes_sure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLineage:
    """All of one task. `reads_known` and `writes_known` say whether the lists are what the task
    does, or a beginning.
    """

    nature: Nature
    datasets: tuple[DatasetRef, ...] = ()
    findings: tuple[Finding, ...] = ()
    reads_known: bool = False
    writes_known: bool = False

    @property
    def reads(self) -> tuple[DatasetRef, ...]:
        """What it reads."""
        return tuple(ref for ref in self.datasets if ref.direction == "read")

    @property
    def writes(self) -> tuple[DatasetRef, ...]:
        """What it writes."""
        return tuple(ref for ref in self.datasets if ref.direction == "write")


# A task's place in a snapshot: file, DAG, task. Two files may define one dag_id.
TaskPlace: TypeAlias = tuple[str, str, str]


_BY_NAME = "asset://airflow/"


def is_name(uri: str) -> bool:
    """Whether a declared URI was made from a name that says no place."""
    return uri.startswith(_BY_NAME)


def declared_uri(text: str) -> str:
    """The canonical URI of an inlet, an outlet or what a schedule waits for; an Airflow 3 asset
    that has only a name becomes `asset://airflow/<name>`.
    """
    try:
        return str(canonical(text))
    except DefinitionError:
        return str(canonical(f"{_BY_NAME}{text}"))


def is_uri(text: str) -> bool:
    """Whether a dataset can be known by this text."""
    try:
        canonical(text)
    except DefinitionError:
        return False
    return True
