"""A table that a task declares has that name in all tasks whose code names it by another."""

import pytest

from adapters.airflow.legacy.datasets import DatasetRef, TaskLineage
from adapters.airflow.legacy.snapshot import Finding
from adapters.airflow.lineage.declared_names import as_declared

OPEN = "sqlite://{folder}/x.db/orders"
DECLARED = "dwh://sales/orders"


def ref(uri, direction="write", evidence="sql", derived_from=None):
    return DatasetRef(
        uri=uri, direction=direction, evidence=evidence, confidence=0.9, derived_from=derived_from
    )


def differs(uri):
    message = f"its SQL also writes {uri}, which is not among the declared ones"
    return Finding(severity="info", code="declared_differs", message=message, file="d.py")


def told(*tasks, findings=()):
    found = {
        ("d.py", "d", str(number)): TaskLineage(
            nature="data", datasets=refs, findings=findings if number == 0 else ()
        )
        for number, refs in enumerate(tasks)
    }
    return list(as_declared(found).values())


def test_the_declared_name_counts_in_every_task():
    first, second = told(
        (ref(DECLARED, evidence="declared"), ref(OPEN)),
        (ref(OPEN, "read"), ref("s3://b/x", derived_from=(OPEN,))),
        findings=(differs(OPEN), differs("sqlite://{folder}/x.db/items")),
    )
    assert [(one.uri, one.evidence) for one in first.datasets] == [(DECLARED, "declared")]
    assert [each.message.split()[4] for each in first.findings] == ["sqlite://{folder}/x.db/items,"]
    assert [one.uri for one in second.reads] == [DECLARED]
    assert second.writes[0].derived_from == (DECLARED,)


@pytest.mark.parametrize(
    "refs",
    [
        (ref(DECLARED, evidence="declared"), ref("sqlite://{folder}/x.db/items")),
        (ref(DECLARED, evidence="declared"), ref("postgres://c/orders")),
        (ref(DECLARED, "read", "declared"), ref(OPEN)),
        (ref("s3://b/orders", evidence="declared"), ref(OPEN)),
        (ref(DECLARED, evidence="declared"), ref("file://{folder}/orders")),
        (
            ref(DECLARED, evidence="declared"),
            ref("dwh://stage/orders", evidence="declared"),
            ref(OPEN),
        ),
    ],
    ids=["another_name", "known", "direction", "a_file_declared", "a_file", "two"],
)
def test_what_may_be_another_table_keeps_its_name(refs):
    (only,) = told(refs)
    assert {one.uri for one in only.datasets} == {one.uri for one in refs}


def test_a_name_that_means_two_tables_stays():
    first, second = told(
        (ref(DECLARED, evidence="declared"), ref(OPEN)),
        (ref("dwh://stage/orders", evidence="declared"), ref(OPEN)),
    )
    assert OPEN in {one.uri for one in first.datasets} & {one.uri for one in second.datasets}
