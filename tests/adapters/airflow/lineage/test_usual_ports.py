"""Servers named with their usual port and without it."""

import pytest

from adapters.airflow.legacy.datasets import DatasetRef, Evidence, TaskLineage
from adapters.airflow.lineage.usual_ports import with_ports


def lineage_of(*uris: str, evidence: Evidence = "argument") -> TaskLineage:
    refs = [
        DatasetRef(uri=uri, direction="write", evidence=evidence, confidence=0.85) for uri in uris
    ]
    return TaskLineage(nature="data", datasets=tuple(refs))


def names(*uris: str, declared: tuple[str, ...] = ()) -> list[str]:
    lineage = {("d.py", "d", str(n)): lineage_of(uri) for n, uri in enumerate(uris)}
    lineage["d.py", "d", "x"] = lineage_of(*declared, evidence="declared")
    return sorted({ref.uri for each in with_ports(lineage).values() for ref in each.datasets})


def test_a_server_with_its_usual_port_and_without_it_is_one() -> None:
    found = names("postgres://h:5432/d.m.t", "postgres://h/d.m.t", "postgres://h/d.m.u")

    assert found == ["postgres://h:5432/d.m.t", "postgres://h:5432/d.m.u"]


@pytest.mark.parametrize(
    "uris",
    [
        ["postgres://h/d.m.t"],  # nothing says that it listens there
        ["postgres://h:5433/d.m.t", "postgres://h/d.m.t"],
        ["mysql://h:3306/d.t", "postgres://h/d.m.t"],
        ["s3://b/x", "s3://b:5432/x"],
    ],
)
def test_other_servers_are_left_alone(uris: list[str]) -> None:
    assert names(*uris) == sorted(uris)


def test_what_is_declared_stays() -> None:
    declared = ("postgres://h/d.m.t",)

    assert names("postgres://h:5432/d.m.u", *declared, declared=declared) == [
        "postgres://h/d.m.t",
        "postgres://h:5432/d.m.u",
    ]
