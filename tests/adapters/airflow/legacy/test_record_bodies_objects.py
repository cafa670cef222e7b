"""Classes of the code base inside of followed functions: attributes, methods, inheritance."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.airflow.lineage.reading import read_snapshot
from tests.adapters.airflow.legacy.test_record_bodies import calls, recorded

CLASSES = """
from dataclasses import dataclass, field
from enum import Enum

class Zone(Enum):
    RAW = "raw"

class Base:
    bucket = "lake"
    def __init__(self, zone="raw"):
        self.zone = zone
    @property
    def root(self):
        return f"s3://{self.bucket}/{self.zone}"
    def place(self, name):
        return f"{self.root}/{name}"
    @staticmethod
    def fixed(name):
        return f"s3://fixed/{name}"
    @classmethod
    def of_class(cls, name):
        return f"s3://{cls.bucket}/{name}"

class Client(Base):
    bucket = "own"
    def __init__(self, zone, ending):
        super().__init__(zone)
        self.ending = ending
    def place(self, name):
        return super().place(name) + self.ending

@dataclass
class Table:
    schema: str
    name: str = "t"
    @property
    def full(self):
        return f"{self.schema}.{self.name}"

class Locked:
    __bucket = "locked"
    def __init__(self):
        self.__zone = "in"
    def __root(self):
        return f"s3://{self.__bucket}/{self.__zone}"
    def place(self, name):
        return f"{self.__root()}/{name}"

client = Client("clean", ".csv")
locked = Locked()

"""
TEXTS = {
    "method": ("Base().place('x')", "s3://lake/raw/x"),
    "inherited": ("Client('z', '.csv').place('x')", "s3://own/z/x.csv"),
    "made_at_the_top": ("client.place('x')", "s3://own/clean/x.csv"),
    "private": ("Locked().place('x')", "s3://locked/in/x"),
    "private_made_at_the_top": ("locked.place('x')", "s3://locked/in/x"),
    "static_method": ("Base.fixed('x')", "s3://fixed/x"),
    "class_method": ("Client.of_class('x')", "s3://own/x"),
    "class_attribute": ("Client.bucket", "own"),
    "member_of_an_enum": ("Zone.RAW.value", "raw"),
    "dataclass": ("Table('dwh').full", "dwh.t"),
    "dataclass_by_name": ("Table('dwh', name='u').full", "dwh.u"),
}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    body, tasks = [CLASSES], []
    for name, (expression, _) in TEXTS.items():
        body.append(f"def {name}():\n    pd.read_csv({expression})")
        tasks.append(f"    PythonOperator(task_id={name!r}, python_callable={name})")
    dag = ["with DAG('d', schedule=None) as dag:", *tasks, ""]
    found = recorded(tmp_path_factory.mktemp("objects"), "\n".join([*body, *dag]), operator="")
    return {task.task_id: task.calls[0].arguments[0] for task in found.dags[0].tasks}


@pytest.mark.parametrize("name", TEXTS)
def test_objects_of_the_code_base_are_followed(texts: dict[str, object], name: str) -> None:
    assert texts[name] == TEXTS[name][1]


def test_a_hook_of_the_code_base_is_known_by_the_hook_it_inherits_from(tmp_path: Path) -> None:
    body = """
    class Warehouse(PostgresHook):
        def __init__(self, connection):
            super().__init__(postgres_conn_id=connection)
        def empty(self, table):
            self.run(f"delete from {table}")

    def work():
        Warehouse("dwh").empty("t")
    """

    (call,) = calls(tmp_path, body)

    assert (call.name, call.arguments) == ("run", ("delete from t",))
    assert (call.on[0].name, call.on[0].named) == ("PostgresHook", {"postgres_conn_id": "dwh"})


def test_a_class_made_inside_a_function_is_followed(tmp_path: Path) -> None:
    body = """
    def work():
        class Place:
            def __init__(self, name):
                self.name = name
            @property
            def path(self):
                return f"s3://b/{self.name}"

        pd.read_csv(Place("x").path)
    """

    (call,) = calls(tmp_path, body)

    assert call.arguments == ("s3://b/x",)


def test_an_attribute_that_only_the_run_sets_stays_unknown(tmp_path: Path) -> None:
    body = """
    class Place:
        def connect(self, name):
            self.name = name

    def work(name):
        place = Place()
        place.connect(name)
        pd.read_csv(f"s3://b/{place.name}")
    """

    (call,) = calls(tmp_path, body)

    assert call.arguments == ("s3://b/{{ place.name }}",)


def test_an_operator_reads_its_template_file_and_its_hook(tmp_path: Path) -> None:
    (tmp_path / "x.sql").write_text("delete from t")
    body = """
    class Load(BaseOperator):
        template_fields = ("sql",)
        template_ext = (".sql",)

        def __init__(self, sql, connection, **kwargs):
            super().__init__(**kwargs)
            self.sql = sql
            self.hook = PostgresHook(connection)

        def execute(self, context):
            self.hook.run(self.sql)

    dag = DAG("d", schedule=None)
    Load(task_id="t", sql="x.sql", connection="dwh", dag=dag)
    """

    (call,) = recorded(tmp_path, body, operator="").dags[0].tasks[0].calls

    assert call.arguments == ("delete from t",)
    assert (call.on[0].name, call.on[0].arguments) == ("PostgresHook", ("dwh",))


def test_an_engine_of_a_connections_uri_in_another_spelling_is_of_that_connection(record) -> None:
    snapshot = record("""
        import re
        from airflow import DAG
        from airflow.hooks.base import BaseHook
        from airflow.models import BaseOperator
        from jinja2 import BaseLoader, Environment
        from sqlalchemy import create_engine

        def rendered(text, **known):
            return Environment(loader=BaseLoader()).from_string(text).render(**known)

        class Append(BaseOperator):
            def __init__(self, source, target, **kwargs):
                super().__init__(**kwargs)
                self.source, self.target = source, target

            def execute(self, context):
                uri = BaseHook.get_hook("warehouse").get_uri().replace("postgres:/", "postgresql:/")
                engine = create_engine(re.sub(r"\\?.*$", "", uri))
                sql = "INSERT INTO {{ target }} SELECT * FROM {{ source }}"
                engine.execute(rendered(sql, source=self.source, target=self.target))

        with DAG("d", schedule=None):
            Append(task_id="t", source="raw.orders", target="mart.orders")
    """)
    (found,) = read_snapshot(snapshot).values()

    assert [(ref.direction, ref.uri.partition("://")[2]) for ref in found.datasets] == [
        ("read", "warehouse/raw.orders"),
        ("write", "warehouse/mart.orders"),
    ]
    assert all(ref.confidence >= 0.8 for ref in found.datasets)
