"""Scripts of tasks, and the datasets that their programs are known to touch."""

import pytest

from adapters.airflow.legacy.snapshot import Dag, Schedule, Task, TemplateFile
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.reading import read_task


def lineage(script: str, operator: str = "BashOperator", templates=None, **arguments):
    name = "command" if operator == "SSHOperator" else "bash_command"
    task = Task(task_id="t", operator=f"x.{operator}", arguments={name: script, **arguments})
    dag = Dag(
        dag_id="d",
        file="d.py",
        schedule=Schedule(kind="none"),
        tasks=(task,),
        templates=templates or {},
    )
    return read_task(task, LineageContext(dag=dag))


def touched(found):
    return [ref.uri for ref in found.reads], [ref.uri for ref in found.writes]


SHOWN = {
    "aws": (
        "aws s3 cp s3://a/x.csv s3://b/{{ ds }}/ --recursive --profile etl",
        (["s3://a/x.csv"], ["s3://b/{ds}"]),
    ),
    "aws_to_the_worker": ("aws --region eu-west-1 s3 sync s3://a/x .", (["s3://a/x"], [])),
    "gsutil": (
        "gsutil -m cp -r gs://a/x gs://a/y gs://b",
        (["gs://a/x", "gs://a/y"], ["gs://b/"]),
    ),
    "gcloud": ("gcloud storage cp gs://a/x /data/x", (["gs://a/x"], ["file:///data/x"])),
    "hdfs": (
        "hdfs dfs -put -f /data/x hdfs://nn/x",
        (["file:///data/x"], ["hdfs://nn/x"]),
    ),
    "distcp": ("hadoop distcp -m 20 hdfs://a/x hdfs://b/x", (["hdfs://a/x"], ["hdfs://b/x"])),
    "curl": (
        "curl -sS -o /data/x.json https://api.example/x",
        (["https://api.example/x"], ["file:///data/x.json"]),
    ),
    "bq_load": (
        "bq --location=EU load --autodetect --source_format CSV raw.orders gs://a/x.csv",
        (["gs://a/x.csv"], ["bigquery://default/raw.orders"]),
    ),
    "bq_extract": (
        "bq extract --destination_format AVRO p:raw.orders gs://a/*.avro",
        (["bigquery://default/p.raw.orders"], ["gs://a/*.avro"]),
    ),
    "bq_query": (
        "bq query --use_legacy_sql=false --destination_table p:m.t 'select * from `p.d.a`'",
        (["bigquery://default/p.d.a"], ["bigquery://default/p.m.t"]),
    ),
    "psql": (
        "PGPASSWORD=$P psql -h db -d shop -c 'insert into m.t select * from a'",
        (["postgres://shop/a"], ["postgres://shop/m.t"]),
    ),
    "psql_fed": (
        "psql -dshop <<EOF\ndelete from t;\nEOF",
        ([], ["postgres://shop/t"]),
    ),
    "sqlite": ("sqlite3 /data/shop.db 'delete from t'", ([], ["sqlite://data/shop.db/t"])),
    "filter": ("sort -u < /data/a > /data/b", (["file:///data/a"], ["file:///data/b"])),
    "scratch_file": (
        "aws s3 cp s3://a/x /tmp/x && gzip -9 /tmp/x && aws s3 cp /tmp/x s3://b/x",
        (["s3://a/x"], ["s3://b/x"]),
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_known_programs_touch_is_found(name: str) -> None:
    script, expected = SHOWN[name]

    assert touched(lineage(script)) == expected


def test_a_script_over_ssh_is_read_alike() -> None:
    found = lineage("gsutil cp gs://a/x gs://b/x", operator="SSHOperator")

    assert touched(found) == (["gs://a/x"], ["gs://b/x"])


def test_a_script_in_a_file_is_read() -> None:
    file = TemplateFile(path="scripts/copy.sh", text="gsutil cp gs://a/x gs://b/x\n")

    assert touched(lineage("copy.sh", templates={"copy.sh": file})) == (["gs://a/x"], ["gs://b/x"])


def test_variables_come_from_the_tasks_environment() -> None:
    found = lineage("gsutil cp gs://$LAKE/x gs://b/x", env={"LAKE": "lake"})

    assert touched(found)[0] == ["gs://lake/x"]


def test_a_bucket_that_only_the_run_knows_is_not_guessed() -> None:
    found = lineage("gsutil cp gs://$LAKE/x gs://b/x")

    assert touched(found) == ([], ["gs://b/x"])
    assert not found.writes_known


def test_options_of_an_unknown_program_are_a_guess_that_says_so() -> None:
    found = lineage("python load.py --input gs://a/x --output=gs://b/x --jar gs://c/x.jar")

    assert touched(found) == (["gs://a/x"], ["gs://b/x"])
    assert {(ref.evidence, ref.confidence) for ref in found.datasets} == {("name", 0.6)}
    assert not found.writes_known
    assert [finding.code for finding in found.findings] == ["unknown_outputs"]


def test_sql_on_a_server_that_nothing_names_is_no_dataset() -> None:
    found = lineage("psql -c 'insert into t select * from m.a'")

    assert touched(found) == ([], [])
    assert not found.writes_known
    told = {finding.code: finding.message for finding in found.findings}
    assert told["server_unknown"].startswith("its SQL names m.a, t, and nothing says")
    assert "unknown_outputs" in told


@pytest.mark.parametrize("script", ["echo hi", "sleep 5; date", "mkdir -p /x && rm -rf /x/y", ""])
def test_scripts_that_move_no_data_are_quiet(script: str) -> None:
    found = lineage(script or "true")

    assert (found.nature, found.findings) == ("quiet", ())


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("./run.sh", "unknown_outputs"),
        ("echo 'it", "script_not_read"),
        ("psql -d shop -f load.sql", "template_not_found"),
        ("psql -d shop -c 'insert into into'", "sql_not_read"),
        ("cd /dbt && dbt run", "runs_dbt"),
    ],
)
def test_what_is_not_known_is_said(script: str, code: str) -> None:
    found = lineage(script)

    assert code in [finding.code for finding in found.findings]
    assert not found.writes_known


def test_logs_and_scripts_are_no_datasets() -> None:
    found = lineage(
        "cp /data/x.csv /opt/airflow/logs/x.csv; curl -o /data/y.sql https://a.example/y"
    )
    assert touched(found) == (["file:///data/x.csv", "https://a.example/y"], [])
