"""Programs in containers and on clusters: what their words and variables name."""

import pytest

from adapters.airflow.legacy.snapshot import Dag, Schedule, Task
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.families.containers import SHAPES
from adapters.airflow.lineage.reading import read_task

WORDS = ["--input", "gs://a/{{ ds }}", "--output=gs://b/x", "--jar=gs://c/x.jar"]
FOUND = (["gs://a/{ds}"], ["gs://b/x"])


def lineage(operator: str, **arguments):
    task = Task(task_id="t", operator=f"x.{operator}", arguments=arguments)
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))
    return read_task(task, LineageContext(dag=dag))


def touched(found):
    return [ref.uri for ref in found.reads], [ref.uri for ref in found.writes]


def at(path: str, value):
    """A value at a path such as `overrides.containerOverrides.*.command`."""
    for name in reversed(path.split(".")):
        value = [value] if name == "*" else {name: value}
    return value


@pytest.mark.parametrize(
    ("operator", "path"),
    [(name, path) for name, shape in SHAPES.items() for path in shape.words],
)
def test_words_are_read_wherever_an_operator_takes_them(operator: str, path: str) -> None:
    found = lineage(operator, **at(path, ["python", "job.py", *WORDS]))

    assert touched(found) == FOUND


@pytest.mark.parametrize(
    ("operator", "path"),
    [(name, path) for name, shape in SHAPES.items() for path in shape.environment],
)
def test_variables_are_read_wherever_an_operator_takes_them(operator: str, path: str) -> None:
    found = lineage(operator, **at(path, {"INPUT_PATH": "gs://a/{{ ds }}", "OUTPUT": "gs://b/x"}))

    assert touched(found) == FOUND


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--output-table", "p-1.d.t"], ([], ["bigquery://default/p-1.d.t"])),
        (["--source_table=d.s"], (["sql://default/d.s"], [])),
        (
            ["--destination_table=t${{ds_nodash}}", "--dataset_id=d", "--project_id=p"],
            ([], ["bigquery://default/p.d.t"]),
        ),
        (["--outputTable=p:d.t"], ([], ["bigquery://default/p.d.t"])),
        (["--inputTopic=projects/p/topics/t"], (["pubsub://p/t"], [])),
        (["--output-table", "t"], ([], [])),
        (["--table", "d.t"], ([], [])),
        (["--output-format", "a.b"], ([], [])),
    ],
)
def test_tables_are_known_by_the_names_of_options(words: list[str], expected) -> None:
    assert touched(lineage("GKEPodOperator", arguments=["job", *words])) == expected


def test_variables_may_be_a_list_of_names_and_values() -> None:
    variables = [{"name": "SOURCE_URI", "value": "s3://a/x"}, {"name": "MODE", "value": "s3://b"}]

    assert touched(lineage("KubernetesPodOperator", env_vars=variables)) == (["s3://a/x"], [])


def test_a_script_in_a_container_is_read_with_its_variables() -> None:
    found = lineage(
        "DockerOperator",
        command=["sh", "-c", "aws s3 cp s3://$LAKE/x s3://b/x"],
        environment={"LAKE": "lake"},
    )

    assert touched(found) == (["s3://lake/x"], ["s3://b/x"])


def test_a_command_may_be_one_text() -> None:
    found = lineage("DockerOperator", command="python job.py --src s3://a/x --dest s3://b/x")

    assert touched(found) == (["s3://a/x"], ["s3://b/x"])


def test_nothing_of_a_container_is_sure_or_complete() -> None:
    found = lineage("DockerOperator", command="aws s3 cp s3://a/x s3://b/x")

    assert {ref.confidence for ref in found.datasets} == {0.6}
    assert not found.writes_known
    assert [finding.code for finding in found.findings] == ["unknown_outputs"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"cmds": ["python", "job.py", "--table", "orders"]},
        {"arguments": {"opaque": "function words"}, "env_vars": {"opaque": "list"}},
        {"env_vars": {"LAKE": "gs://a/x", "TOPIC": "orders"}},
        {},
    ],
)
def test_nothing_is_guessed_from_words_that_do_not_say(arguments) -> None:
    found = lineage("KubernetesPodOperator", **arguments)

    assert (found.nature, found.datasets) == ("opaque", ())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("arn:aws:s3:::b/in/x.csv", (["s3://b/in/x.csv"], [])),
        ("'arn:aws-cn:s3:::b/in/x.csv'", (["s3://b/in/x.csv"], [])),
        ("arn:aws:iam::123:role/in", ([], [])),
    ],
)
def test_an_object_may_be_named_as_amazon_does(value: str, expected) -> None:
    environment = [{"name": "INPUT_OBJECT", "value": value}]
    overrides = {"containerOverrides": [{"environment": environment}]}

    assert touched(lineage("EcsRunTaskOperator", overrides=overrides)) == expected
