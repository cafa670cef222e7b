"""A DAG folder as the DagBag of this environment's Airflow loads it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.airflow.legacy.loading import load_folder
from adapters.airflow.legacy.merging.snapshots import merged
from adapters.airflow.legacy.snapshot import DagSnapshot
from adapters.airflow.legacy.take import record_folder
from tests.airflow.live.installed import WHAT_WOULD_RUN_IT, airflow_version

pytestmark = pytest.mark.airflow

PLAIN = """
from datetime import datetime, timedelta
import os
import helper
from airflow import DAG
from airflow.decorators import task, task_group
from airflow.models import Variable
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.utils.task_group import TaskGroup
try:
    from airflow.sdk import Asset
except ImportError:
    from airflow.datasets import Dataset as Asset

class Load(BashOperator):
    def __init__(self, table, **more):
        super().__init__(bash_command=f"load {table}", **more)

with DAG("orders", schedule="30 5 * * *", start_date=datetime(2024, 1, 1), catchup=False,
         tags=["core"], params={"region": "eu"}, doc_md="Orders, daily.",
         default_args={"owner": "shop", "retries": 2}):
    with TaskGroup("stage"):
        load = Load(task_id="load", table=Variable.get("table"), pool="big",
                    outlets=[Asset("s3://lake/orders")], env={"A": "{{ ds }}"})
    secret = BashOperator(
        task_id="secret", trigger_rule="all_done",
        bash_command="curl -u me:" + Variable.get("db_password") + os.environ["SHOP_TOKEN"],
    )
    use = PythonOperator(task_id="use", python_callable=helper.use, op_args=[load.output])

    @task
    def names():
        return ["a"]

    @task_group
    def each(name):
        BashOperator(task_id="one", bash_command="true")

    @task
    def copy(name): ...

    each.expand(name=names())
    copy.expand(name=names())
    use >> secret

with DAG("after", schedule=[Asset("s3://lake/orders")], start_date=datetime(2024, 1, 1)):
    pass
with DAG("by_hand", schedule=None, start_date=datetime(2024, 1, 1)):
    pass
with DAG("hourly", schedule=timedelta(hours=1), start_date=datetime(2024, 1, 1)):
    pass
"""
BROKEN = "from airflow import DAG\n\ndef fail():\n    raise RuntimeError('no dag')\n\nfail()\n"
Loader = Callable[[], DagSnapshot]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files with DAGs, of which one cannot be loaded, and a module beside them."""
    if airflow_version() is None:
        pytest.skip(WHAT_WOULD_RUN_IT)
    folder = tmp_path_factory.mktemp("dagbag") / "dags"
    folder.mkdir()
    (folder / "orders.py").write_text(PLAIN)
    (folder / "broken.py").write_text(BROKEN)
    (folder / "helper.py").write_text("def use(value):\n    return value\n")
    return folder


@pytest.fixture(scope="module")
def environment(folder: Path) -> dict[str, str]:
    """Settings that Airflow has and we have not."""
    return {
        **os.environ,
        "AIRFLOW_HOME": str(folder.parent / "home"),
        "AIRFLOW_VAR_TABLE": "shop.orders",
        "AIRFLOW_VAR_DB_PASSWORD": "hunter2hunter",
        "SHOP_TOKEN": "sesame-sesame",
    }


@pytest.fixture(scope="module")
def loaded(folder: Path, environment: dict[str, str]) -> DagSnapshot:
    """The folder, loaded once."""
    return load_folder(folder, "prod", environment=environment)


def test_a_dag_has_what_airflow_made_of_it(loaded: DagSnapshot) -> None:
    dag = loaded.dag("orders")
    assert dag is not None
    assert (dag.file, dag.how, dag.catchup, dag.tags) == ("orders.py", "loaded", False, ("core",))
    assert dag.schedule.model_dump(include={"kind", "cron"}) == {
        "kind": "cron",
        "cron": "30 5 * * *",
    }
    assert dag.start_date == "2024-01-01T00:00:00+00:00"
    assert (dag.params, dag.owners, dag.doc) == ({"region": "eu"}, ("shop",), "Orders, daily.")


def test_schedules_of_all_kinds_are_told(loaded: DagSnapshot) -> None:
    schedules = {dag.dag_id: dag.schedule for dag in loaded.dags}
    assert schedules["by_hand"].kind == "none"
    assert (schedules["hourly"].kind, schedules["hourly"].interval_s) == ("interval", 3600.0)
    assert schedules["after"].kind == "datasets"
    assert [uri.rstrip("/") for uri in schedules["after"].datasets] == ["s3://lake/orders"]
    after = loaded.dag("after")
    assert after is not None
    assert [link.kind for link in after.links] == ["dataset"]


def test_tasks_have_class_arguments_settings_and_edges(loaded: DagSnapshot) -> None:
    dag = loaded.dag("orders")
    assert dag is not None
    load = dag.task("stage.load")
    assert load is not None
    assert load.operator == "orders.Load"
    assert load.bases[0].endswith(".BashOperator")
    assert load.arguments["bash_command"] == "load shop.orders"
    assert load.arguments["table"] == "shop.orders"
    assert (load.pool, load.retries, load.owner, load.group) == ("big", 2, "shop", "stage")
    assert [uri.rstrip("/") for uri in load.outlets] == ["s3://lake/orders"]
    assert load.context_used == ("ds",)

    use, secret, copy = (dag.task(name) for name in ("use", "secret", "copy"))
    assert use is not None
    assert (use.upstream, use.uses_xcom_of) == (("stage.load",), ("stage.load",))
    assert secret is not None
    assert (secret.upstream, secret.trigger_rule) == (("use",), "all_done")
    assert copy is not None
    assert (copy.mapped, copy.arguments["expand"]) == (True, {"name": {"xcom": "names__1"}})
    assert sorted(task.task_id for task in dag.tasks if task.mapped) == ["copy", "each.one"]


def test_secrets_that_the_files_read_are_not_kept(loaded: DagSnapshot) -> None:
    dag = loaded.dag("orders")
    assert dag is not None
    secret = dag.task("secret")
    assert secret is not None
    assert secret.arguments["bash_command"] == "curl -u me:******"
    assert "hunter2hunter" not in loaded.to_json()
    assert "sesame" not in loaded.to_json()


def test_a_file_that_airflow_cannot_load_is_a_finding_with_its_line(loaded: DagSnapshot) -> None:
    assert [(each.code, each.file, each.line, each.message) for each in loaded.findings] == [
        ("import_error", "broken.py", 4, "Airflow does not load it: RuntimeError: no dag")
    ]
    assert [(file.path, file.outcome) for file in loaded.files] == [
        ("broken.py", "failed"),
        ("orders.py", "loaded"),
    ]


def test_one_file_is_loaded_without_those_beside_it(
    folder: Path, environment: dict[str, str]
) -> None:
    found = load_folder(folder / "broken.py", environment=environment)
    assert ([dag.dag_id for dag in found.dags], [file.path for file in found.files]) == (
        [],
        ["broken.py"],
    )


def test_source_and_dagbag_agree_where_nothing_had_to_be_assumed(
    folder: Path, loaded: DagSnapshot
) -> None:
    recorded = record_folder(
        folder,
        "prod",
        variables={"table": "shop.orders", "db_password": "x"},
        environment={"SHOP_TOKEN": "y"},
    )
    found = merged([recorded, loaded])

    differing = [each for each in found.findings if each.code == "takers_differ"]
    assert [(each.task_id, each.message) for each in differing] == [
        ("secret", "bash_command: the DagBag has other values, which count")
    ]
    assert {"not_in_source", "not_deployed"}.isdisjoint(each.code for each in found.findings)
