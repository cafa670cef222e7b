"""The committed truth is read as it was written, and compared in both directions."""

from pathlib import Path

from adapters.airflow.legacy.snapshot import Dag, DagSnapshot, Schedule, Task
from tests.accuracy.comparing import compared_dags, scores
from tests.accuracy.dagbag_truth import compact, read
from tests.accuracy.peers import found_by_toolkit
from tests.accuracy.provider_examples import truth_of

TRUTHS = Path(__file__).parents[2] / "accuracy" / "truths"
WHOLE = {
    "airflow": "3.3.2",
    "dags": {
        "d": {
            "file": "d.py",
            "schedule": "cron 0 5 * * *",
            "tasks": {"a": "BashOperator", "b": "EmptyOperator", "c": "BashOperator"},
            "edges": [["a", "b"], ["a", "c"], ["b", "c"]],
        }
    },
    "errors": {"x.py": "not told"},
}


def snapshot(*edges: str) -> DagSnapshot:
    tasks = (
        Task(task_id="a", operator="airflow.operators.bash.BashOperator"),
        Task(task_id="b", operator="airflow.operators.dummy.DummyOperator", upstream=("a",)),
        Task(task_id="c", operator="airflow.operators.bash.BashOperator", upstream=edges),
    )
    cron = Schedule(kind="timetable", text='CronTriggerTimetable("0 5 * * *")', cron="0 5  * * *")
    dag = Dag(dag_id="d", file="d.py", schedule=cron, tasks=tasks)
    return DagSnapshot(instance="airflow", folder="/dags", dags=(dag,))


def test_a_compact_truth_is_the_whole_one() -> None:
    assert read(compact(WHOLE)) == WHOLE


def test_what_is_equal_is_equal_whatever_it_was_called_before() -> None:
    for score in scores(snapshot("a", "b"), WHOLE):
        assert (score.recall, score.precision) == (100, 100), score


def test_an_edge_too_few_is_missed_and_one_too_many_is_wrong() -> None:
    edges = {score.name: score for score in scores(snapshot("a", "c"), WHOLE)}["edges"]
    assert (edges.missed, edges.wrong) == (("d: b >> c",), ("d: c >> c",))


def test_the_truth_of_the_providers_is_small_and_large_enough() -> None:
    text = (TRUTHS / "provider_examples.json").read_text(encoding="utf-8")
    truth = read(text)
    assert len(text) < 300_000
    assert len(truth["dags"]) > 400
    assert sum(len(dag["tasks"]) for dag in truth["dags"].values()) > 3_000


def test_the_truth_of_some_providers_is_that_of_the_files_which_are_there(tmp_path: Path) -> None:
    whole = read((TRUTHS / "provider_examples.json").read_text(encoding="utf-8"))
    name, dag = next(iter(whole["dags"].items()))
    place = tmp_path / dag["file"]
    place.parent.mkdir(parents=True)
    place.touch()
    told = truth_of(tmp_path)
    assert told["dags"] == {
        other: each for other, each in whole["dags"].items() if each["file"] == dag["file"]
    }
    assert name in told["dags"]
    assert truth_of(tmp_path / "empty")["dags"] == {}


def test_what_the_peer_writes_is_compared_as_what_the_import_finds() -> None:
    tasks = [{"task_id": "a", "operator": "BashOperator"}, {"task_id": "b", "operator": None}]
    dag = {
        "dag_id": "d",
        "file": "d.py",
        "schedule_interval": "'@daily'",
        "tasks": tasks,
        "intra_dag_lineage": [
            {"upstream": "a", "downstream": "b"},
            {"upstream": "b", "downstream": "a"},
        ],
    }
    found = {
        score.name: score for score in compared_dags(found_by_toolkit({"dags": {"d": dag}}), WHOLE)
    }
    assert (found["DAGs"].recall, found["tasks"].missed) == (100, ("d.c",))
    assert (found["edges"].wrong, found["operators"].missed) == (
        ("d: b >> a",),
        ("d.b: EmptyOperator",),
    )
