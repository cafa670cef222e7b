import pytest

from adapters.airflow.legacy.snapshot import (
    Dag,
    DagSnapshot,
    Finding,
    Schedule,
    Task,
    sorted_findings,
)
from bridge.errors import ImportReadError

SNAPSHOT = DagSnapshot(
    instance="airflow",
    folder="/dags",
    dags=(
        Dag(
            dag_id="d",
            file="d.py",
            schedule=Schedule(kind="none"),
            tasks=(Task(task_id="t", operator="X"),),
        ),
    ),
)


def test_a_snapshot_read_back_is_the_same():
    assert DagSnapshot.from_json(SNAPSHOT.to_json()) == SNAPSHOT


def test_the_text_is_sorted_and_leaves_out_what_is_default():
    assert SNAPSHOT.to_json().splitlines()[:4] == ["{", ' "dags": [', "  {", '   "dag_id": "d",']
    assert "mapped" not in SNAPSHOT.to_json()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"format_version": 0, "instance": "a", "folder": "/"}', '{"x": 1}', "null"],
)
def test_what_is_no_snapshot_is_refused(text):
    with pytest.raises(ImportReadError, match="Take it again"):
        DagSnapshot.from_json(text)


def test_a_snapshot_of_a_newer_program_is_refused_with_both_formats():
    text = SNAPSHOT.to_json().replace('"format_version": 2', '"format_version": 3')
    with pytest.raises(ImportReadError, match=r"has format 3, and this program reads up to 2"):
        DagSnapshot.from_json(text)


def test_a_snapshot_of_the_format_before_is_read_as_todays():
    old = SNAPSHOT.to_json().replace('"format_version": 2', '"format_version": 1')
    assert DagSnapshot.from_json(old) == SNAPSHOT
    taken = old.replace('"format_version"', '"taken_from": "rest", "format_version"')
    assert DagSnapshot.from_json(taken).taken_from == ("rest",)


def test_a_dag_and_a_task_are_found_by_their_ids():
    assert SNAPSHOT.dag("d").task("t").operator == "X"
    assert SNAPSHOT.dag("x") is None
    assert SNAPSHOT.dag("d").task("x") is None


def test_findings_are_sorted_by_place_and_each_is_there_once():
    one = Finding(severity="info", code="b", message="m", file="a.py", line=2)
    two = Finding(severity="info", code="a", message="m", file="a.py", line=1)
    assert sorted_findings([one, two, one]) == (two, one)
