"""What Python functions of tasks are seen to call, and with which texts."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from adapters.airflow.legacy.snapshot import Call
from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot

HEAD = """
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from textwrap import dedent
from urllib.parse import urljoin

from psycopg2.sql import Identifier
import pandas as pd
from airflow import DAG
from airflow.hooks.base import BaseHook
from airflow.models import BaseOperator, Variable
from airflow.operators.python import PythonOperator
from airflow.providers.postgres.hooks.postgres import PostgresHook

import settings
from settings import LAKE
"""


def recorded(tmp_path: Path, body: str, operator: str = "python_callable=work"):
    (tmp_path / "settings.py").write_text('LAKE = "s3://lake"\nFOLDERS = ("a", "b")\n')
    task = f'    PythonOperator(task_id="t", {operator})\n' if operator else ""
    dag = f'\nwith DAG("d", schedule=None) as dag:\n{task}' if operator else ""
    (tmp_path / "d.py").write_text(HEAD + textwrap.dedent(body) + dag)
    return record_folder(tmp_path, "x")


def calls(tmp_path: Path, body: str, operator: str = "python_callable=work") -> tuple[Call, ...]:
    return recorded(tmp_path, body, operator).dags[0].tasks[0].calls


TEXTS = {
    "literal": ("'s3://b/x'", "s3://b/x"),
    "constant_of_a_module": ("LAKE + '/x'", "s3://lake/x"),
    "attribute_of_a_module": ("f'{settings.LAKE}/x'", "s3://lake/x"),
    "date_of_the_run": ("f'{LAKE}/{ds}.csv'", "s3://lake/{{ ds }}.csv"),
    "context": ("f\"{LAKE}/{context['ds_nodash']}\"", "s3://lake/{{ ds_nodash }}"),
    "context_get": ("LAKE + context.get('ds')", "s3://lake{{ ds }}"),
    "params": ("f\"{LAKE}/{context['params']['day']}\"", "s3://lake/{{ params.day }}"),
    "format": ("'{}/{}'.format(LAKE, 'x')", "s3://lake/x"),
    "format_by_name": ("'{lake}/x'.format(lake=LAKE)", "s3://lake/x"),
    "percent": ("'%s/x-%d' % (LAKE, 3)", "s3://lake/x-3"),
    "joined": ("os.path.join(LAKE, 'x', 'y.csv')", "s3://lake/x/y.csv"),
    "path": ("Path('/data') / 'x.csv'", "/data/x.csv"),
    "of_words": ("'/'.join([LAKE, 'x'])", "s3://lake/x"),
    "environment": ("os.environ.get('LAKE', 's3://y') + '/x'", "s3://y/x"),
    "variable": ("Variable.get('lake') + '/x'", "{{ var.value.lake }}/x"),
    "only_the_run_knows": ("f'{LAKE}/{len(ds)}'", "s3://lake/{{ unknown }}"),
    "helper": ("place('x')", "s3://lake/in/x"),
    "argument": ("folder + '/x'", "s3://lake/out/x"),
    "format_from_a_dict": ("'{a}/{b}'.format(**{'a': LAKE, 'b': 'x'})", "s3://lake/x"),
    "format_by_place": ("'{0}/{1}/{0}'.format('a', 'b')", "a/b/a"),
    "number_with_zeros": ("f'{LAKE}/{7:02d}'", "s3://lake/07"),
    "changed": ("f'{LAKE}/X'.replace('X', 'y').upper().lower()", "s3://lake/y"),
    "changed_but_for_its_template": ("f'{LAKE}/{ds}'.upper()", "S3://LAKE/{{ ds }}"),
    "part_of_a_text": ("'s3://b/x/y.csv'.rsplit('/', 1)[0]", "s3://b/x"),
    "name_of_a_path": ("os.path.basename('/data/x.csv')", "x.csv"),
    "parent_of_a_path": ("Path('/data/in/x.csv').parent / 'y.csv'", "/data/in/y.csv"),
    "other_ending": ("Path('/data/x.csv').with_suffix('.json')", "/data/x.json"),
    "comprehension": ("'/'.join(f'{a}' for a in settings.FOLDERS)", "a/b"),
    "dict": ("{'in': 's3://in'}['in']", "s3://in"),
    "default_of_a_dict": ("{}.get('x', 's3://none')", "s3://none"),
    "environment_by_key": ("os.environ['LAKE'] + '/x'", "{{ LAKE }}/x"),
    "date_formatted": ("f\"{context['execution_date'].strftime('%Y')}\"", None),
    "run_configuration": ("context['dag_run'].conf['path']", "{{ dag_run.conf.path }}"),
    "default_of_a_variable": ("Variable.get('lake', 's3://y') + '/x'", "s3://y/x"),
    "default_by_name": ("Variable.get('lake', default_var='s3://y')", "s3://y"),
    "default_behind_or": ("(os.environ.get('LAKE') or 's3://y') + '/x'", "s3://y/x"),
    "no_default_behind_or": ("os.environ.get('LAKE') or ds", "{{ LAKE }}"),
    "connection": ("BaseHook.get_connection('x').host", "{{ conn.x.host }}"),
    "now": ("f'{LAKE}/{datetime.now():%Y}'", "s3://lake/{{ now }}"),
    "now_inside_of_a_form": (
        "f'{LAKE}/' + datetime.now().strftime('in_%Y/%m_') + 'x'",
        "s3://lake/in_{{ now }}_x",
    ),
    "file_where_the_worker_stands": ("open(os.getcwd() + '/x.txt').read() + '/x'", "s3://txt/x"),
    "day_before": (
        "f'{LAKE}/{context[\"data_interval_start\"] - timedelta(1)}'",
        "s3://lake/{{ now }}",
    ),
    "day_of_a_text": ("f'{LAKE}/{datetime.strptime(ds, \"%Y\"):%Y}'", "s3://lake/{{ now }}"),
    "day_of_a_loop": (
        "f'{LAKE}/{datetime(2024, 1, 1) + timedelta(days=3):%Y}'",
        "s3://lake/{{ now }}",
    ),
    "identifier": ("Identifier('m', 't') + '/x'", "m.t/x"),
    "of_an_ini_file": ("INI['db']['place'] + '/x'", "s3://ini/x"),
    "by_a_method": ("INI.get('db', 'place') + '/x'", "s3://ini/x"),
    "read_in_a_function": ("ini().get('db', 'place')", "s3://ini"),
    "not_in_the_file": ("ini().get('db', 'other', fallback='s3://y')", "s3://y"),
    "address": ("urljoin('https://h/a/', '/b')", "https://h/b"),
    "address_of_a_setting": ("urljoin(os.environ['BASE'], '/b')", "{{ BASE }}/b"),
    "name_of_a_member": ("f'{LAKE}/{Kind.DAY.name}'", "s3://lake/DAY"),
    "value_of_a_member": ("f'{LAKE}/{Kind.DAY.value}'", "s3://lake/day.csv"),
    "members_gone_over": ("'/'.join(f'{one.name}-{one.value}' for one in Kind)", "DAY-day.csv"),
    "named_tuple": ("PLACE.folder + '/x'", "s3://tuple/x"),
    "of_each": ("[f'{LAKE}/{one}' for one in ds_list()][0]", "s3://lake/{{ one }}"),
    "rendered_by_the_task": (
        "context['task'].render_template('{{ params.a }}/{{ ds }}', {'params': {'a': 's3://a'}})",
        "s3://a/{{ ds }}",
    ),
    "closed": ("closing(LAKE) + '/x'", "s3://lake/x"),
    "in_a_thread": ("ThreadPoolExecutor().submit(place, 'x').result()", "s3://lake/in/x"),
    "of_a_pool": ("list(Pool(3).map(place, ['x']))[0]", "s3://lake/in/x"),
    "spread_in_a_pool": ("Pool(3).starmap(place, [('x',)])[0]", "s3://lake/in/x"),
    "later_in_a_pool": ("Pool(3).apply_async(place, ('x',)).get()", "s3://lake/in/x"),
    "decided": ("'s3://a' if 1 == 1 else 's3://b'", "s3://a"),
    "lambda_called": ("(lambda name: LAKE + name)('/x')", "s3://lake/x"),
    "partly_given": ("partial(place, 'x')()", "s3://lake/in/x"),
    "dedented": ("dedent(' s3://b')", "s3://b"),
    "sum_of_lists": ("(['s3://a'] + ['s3://b'])[1]", "s3://b"),
    "unknown_length": ("len(ds)", {"opaque": "known when it runs"}),
}


OWN = """
import configparser
from collections import namedtuple
from enum import Enum
class Kind(Enum):
    DAY = "day.csv"
PLACE = namedtuple("Place", "folder")("s3://tuple")
INI = configparser.ConfigParser()
INI.read(Path(__file__).parent / "x.ini")
def place(name):
    return f"{LAKE}/in/{name}"
def ini():
    found = configparser.ConfigParser()
    found.read("x.ini")
    return found
"""


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Call, ...]]:
    """The calls of one task for each expression, of one recording."""
    folder = tmp_path_factory.mktemp("texts")
    (folder / "x.ini").write_text("[db]\nPlace = s3://ini\n")
    (folder / "x.txt").write_text("s3://txt")
    body = [OWN]
    tasks = []
    for name, (expression, _) in TEXTS.items():
        body.append(f"def {name}(ds, folder='s3://lake/out', **context):")
        body.append(f"    pd.read_csv({expression})")
        tasks.append(f"    PythonOperator(task_id={name!r}, python_callable={name})")
    dag = ["with DAG('d', schedule=None) as dag:", *tasks, ""]
    found = recorded(folder, "\n".join([*body, *dag]), operator="")
    return {task.task_id: task.calls for task in found.dags[0].tasks}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_are_followed(texts: dict[str, tuple[Call, ...]], name: str) -> None:
    (call,) = texts[name]

    wanted = TEXTS[name][1] or "{{ execution_date.strftime('%Y') }}"
    assert (call.name, call.arguments) == ("read_csv", (wanted,))


def test_a_call_is_found_at_its_line(tmp_path: Path) -> None:
    (call,) = calls(tmp_path, "def work():\n    pd.read_csv('s3://b/x')")

    line = (tmp_path / "d.py").read_text().splitlines()[(call.line or 0) - 1]
    assert line.strip() == "pd.read_csv('s3://b/x')"


def test_a_call_in_another_file_than_the_task_says_which(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "loads.py").write_text(
        "import pandas as pd\n\ndef load(path):\n    pd.read_csv(path)\n"
    )
    body = """
    from jobs.loads import load
    def work():
        load("s3://b/x")
        pd.read_csv("s3://b/y")
    """

    inside, own = calls(tmp_path, body)

    assert (inside.file, inside.line) == ("jobs/loads.py", 4)
    assert own.file is None


def test_datasets_of_an_operator_of_the_code_base_are_found_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "operators.py").write_text(
        textwrap.dedent("""
            from airflow.models import BaseOperator
            from airflow.providers.postgres.hooks.postgres import PostgresHook
            class Load(BaseOperator):
                def execute(self, context):
                    PostgresHook("dwh").run("delete from m.t")
            """)
    )
    head = "from airflow import DAG\nfrom operators import Load\n"
    (tmp_path / "d.py").write_text(f"{head}with DAG('d', schedule=None):\n    Load(task_id='t')\n")

    (found,) = read_snapshot(record_folder(tmp_path, "x")).values()

    (written,) = found.datasets
    assert (written.uri, written.file) == ("postgres://dwh/m.t", "operators.py")
    assert written.line == 6


def test_arguments_of_the_task_are_known_in_its_function(tmp_path: Path) -> None:
    body = """
    def work(table, suffix, **context):
        pd.read_csv(f"{table}/{suffix}")
    """

    (call,) = calls(
        tmp_path, body, 'python_callable=work, op_args=["s3://b"], op_kwargs={"suffix": "{{ ds }}"}'
    )

    assert call.arguments == ("s3://b/{{ ds }}",)


def test_an_object_is_known_by_the_calls_that_made_it(tmp_path: Path) -> None:
    body = """
    def work():
        hook = PostgresHook(postgres_conn_id="dwh")
        with hook.get_conn() as connection:
            cursor = connection.cursor()
            cursor.execute("delete from t")
    """

    (call,) = calls(tmp_path, body)

    assert (call.name, call.arguments) == ("execute", ("delete from t",))
    assert [step.name for step in call.on] == ["PostgresHook", "get_conn", "cursor"]
    assert call.on[0].named == {"postgres_conn_id": "dwh"}


def test_a_loop_over_known_items_is_run_through(tmp_path: Path) -> None:
    body = """
    def work():
        for folder in settings.FOLDERS:
            pd.read_csv(f"{LAKE}/{folder}.csv")
    """

    found = calls(tmp_path, body)

    assert [call.arguments for call in found] == [("s3://lake/a.csv",), ("s3://lake/b.csv",)]


def test_both_values_of_a_branch_are_kept(tmp_path: Path) -> None:
    body = """
    def work(day):
        if day:
            place = f"{LAKE}/day"
        else:
            place = f"{LAKE}/all"
        pd.read_csv(place)
    """

    found = calls(tmp_path, body)

    assert [call.arguments for call in found] == [("s3://lake/day",), ("s3://lake/all",)]


def test_a_branch_that_is_never_taken_is_not_followed(tmp_path: Path) -> None:
    body = """
    def work(mode):
        if mode == "full":
            pd.read_csv("s3://b/all")
            return
        pd.read_csv("s3://b/some")
    """

    (call,) = calls(tmp_path, body, 'python_callable=work, op_kwargs={"mode": "full"}')

    assert call.arguments == ("s3://b/all",)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("daily-{{ ds }}.gz", ["daily-{{ ds }}.gz"]),
        ("{{ ti.xcom_pull('name') }}", ["/data/a.gz", "{{ ti.xcom_pull('name') }}"]),
        ("{% if params.all %}a{% endif %}", ["/data/a.gz", "{% if params.all %}a{% endif %}"]),
        (None, ["/data/a.gz"]),
    ],
)
@pytest.mark.parametrize("asked", ["name is None", "not name"])
def test_a_template_with_a_text_of_its_own_is_not_none(
    tmp_path: Path, name: str | None, written: list[str], asked: str
) -> None:
    body = f"""
    def work(name=None):
        if {asked}:
            name = "/data/a.gz"
        pd.DataFrame().to_csv(name)
    """

    found = calls(tmp_path, body, f"python_callable=work, op_kwargs={{'name': {name!r}}}")

    assert sorted(call.arguments[0] for call in found) == written


def test_a_branch_on_a_value_nobody_supplied_is_followed_both_ways(tmp_path: Path) -> None:
    body = """
    MODE = Variable.get("mode")

    def work():
        if MODE == "full":
            pd.read_csv("s3://b/all")
        else:
            pd.read_csv("s3://b/some")
    """

    assert len(calls(tmp_path, body)) == 2


def test_a_name_carries_the_module_it_was_imported_from(tmp_path: Path) -> None:
    body = """
    import boto3
    import awswrangler as wr
    from google.cloud import storage

    def work(frame):
        pd.read_csv("s3://b/x")
        wr.s3.read_parquet("s3://b/y")
        boto3.client("s3").put_object(Bucket="b", Key="k")
        storage.Client().bucket("b").blob("x").upload_from_string("")
        frame.to_csv("s3://b/z")
    """

    first, second, third, fourth, last = calls(tmp_path, body)

    assert (first.module, first.on) == ("pandas", ())
    assert (second.module, second.on) == ("awswrangler.s3", ())
    assert [(step.name, step.module) for step in third.on] == [("client", "boto3")]
    assert fourth.on[0].name == "Client"
    assert fourth.on[0].module == "google.cloud.storage"
    assert last.module is None


def test_an_object_made_at_the_top_of_a_file_keeps_what_it_was_given(tmp_path: Path) -> None:
    body = """
    hook = PostgresHook("dwh")

    def work():
        hook.get_conn().cursor().execute("delete from t")
    """

    (call,) = calls(tmp_path, body)

    assert (call.on[0].name, call.on[0].arguments) == ("PostgresHook", ("dwh",))


def test_a_module_imported_inside_a_function_is_read_but_not_run(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text(
        'BUCKET = "b"\nopen("/nowhere/x", "w")\n'
        'def place(name):\n    return f"s3://{BUCKET}/{name}"\n'
    )
    body = """
    def work():
        from helper import place

        pd.read_csv(place("x"))
    """

    (call,) = calls(tmp_path, body)

    assert call.arguments == ("s3://b/x",)


def test_a_file_of_the_code_base_is_read(tmp_path: Path) -> None:
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "x.sql").write_text("delete from t")
    (tmp_path / "tables.json").write_text('{"tables": ["a", "b"]}')
    body = """
    import json

    def work():
        hook = PostgresHook("dwh")
        hook.run((Path(__file__).parent / "sql" / "x.sql").read_text())
        with open(os.path.join(os.path.dirname(__file__), "tables.json")) as file:
            for name in json.load(file)["tables"]:
                hook.run(f"drop table {name}")
    """

    found = calls(tmp_path, body)

    assert [call.arguments[0] for call in found if call.name == "run"] == [
        "delete from t",
        "drop table a",
        "drop table b",
    ]
    assert not [call for call in found if call.name in ("open", "read_text")]


def test_a_file_elsewhere_is_not_read(tmp_path: Path) -> None:
    body = """
    def work():
        with open("/etc/hostname") as file:
            PostgresHook("dwh").run(file.read())
    """

    opened, run = calls(tmp_path, body)

    assert (opened.name, opened.arguments) == ("open", ("/etc/hostname",))
    assert isinstance(run.arguments[0], dict)


def test_a_path_into_the_code_base_does_not_tell_where_it_lies_here(tmp_path: Path) -> None:
    body = """
    def work():
        pd.read_csv(os.path.join(os.path.dirname(__file__), "x.csv"))
    """

    (call,) = calls(tmp_path, body)

    assert call.arguments == ("/{{ folder }}/x.csv",)


def test_generators_nested_functions_and_pools_are_followed(tmp_path: Path) -> None:
    body = """
    from concurrent.futures import ThreadPoolExecutor
    from contextlib import contextmanager

    @contextmanager
    def connected():
        yield PostgresHook("dwh")

    def names():
        yield "a"
        yield "b"

    async def load(name):
        pd.read_csv(f"s3://b/{name}")

    def work():
        def inner(name):
            pd.read_json(f"s3://b/{name}")

        with connected() as hook, ThreadPoolExecutor() as pool:
            hook.run("delete from t")
            pool.map(inner, names())
            pool.submit(load, "c")
    """

    found = calls(tmp_path, body)

    assert [(call.name, call.arguments[0]) for call in found] == [
        ("run", "delete from t"),
        ("read_json", "s3://b/a"),
        ("read_json", "s3://b/b"),
        ("read_csv", "s3://b/c"),
    ]
    assert found[0].on[0].arguments == ("dwh",)


def test_every_branch_is_followed(tmp_path: Path) -> None:
    body = """
    def work(ds):
        try:
            frame = pd.read_csv("s3://b/x") if ds else None
        except OSError:
            frame = pd.read_json("s3://b/y")
        while frame is None:
            frame.to_csv("s3://b/z")
    """

    assert [call.name for call in calls(tmp_path, body)] == [
        "read_csv",
        "read_json",
        "to_csv",
        "to_csv",
    ]


def test_an_operators_own_execute_is_followed_with_its_attributes(tmp_path: Path) -> None:
    body = """
    class Load(BaseOperator):
        def __init__(self, statement, connection, **kwargs):
            super().__init__(**kwargs)
            self.statement = statement
            self.connection = connection

        def execute(self, context):
            self.load()

        def load(self):
            PostgresHook(self.connection).run(self.statement)

    dag = DAG("d", schedule=None)
    Load(task_id="t", statement="delete from t", connection="dwh", dag=dag)
    """

    found = recorded(tmp_path, body, operator="").dags[0].tasks[0].calls

    assert [(call.name, call.arguments) for call in found] == [("run", ("delete from t",))]
    assert found[0].on[0].arguments == ("dwh",)


def test_no_password_is_kept(tmp_path: Path) -> None:
    body = """
    def work():
        first = create_engine("postgresql://amy:s3cret@h/db")
        pd.read_sql("select 1 from t", first)
        pd.read_sql("select 1 from t", connect("h", "amy", "s3cret"))
        pd.read_sql("select 1 from t", connect(host="h", password="s3cret"))
        pd.read_sql("select 1 from t", connect("host=h password=s3cret"))
    """

    snapshot = recorded(tmp_path, "from x import connect, create_engine\n" + textwrap.dedent(body))

    assert len(snapshot.dags[0].tasks[0].calls) == 4
    assert "s3cret" not in snapshot.to_json()


def test_what_follows_user_and_password_is_kept_without_them(tmp_path: Path) -> None:
    body = """
    import pymysql
    from other import connect
    from smb.SMBConnection import SMBConnection
    def work():
        pd.read_sql("select 1 from t", pymysql.connect("h", "amy", "s3cret", "shop"))
        pd.read_sql("select 1 from t", connect("h", "amy", "s3cret", "s3cret"))
        SMBConnection("amy", "s3cret", "me", "files").storeFile("share", "x.csv", None)
        pd.read_sql("select 1 from t", create_engine("postgresql://amy:@s3cret@x$@h/db"))
        requests.get("https://api.telegram.org/bot123456789:AAs3cretAAAAAAAAAAAAAAAAAAAAAAAAAAA/getMe")
    """

    snapshot = recorded(
        tmp_path, textwrap.dedent(body) + "import requests\nfrom x import create_engine"
    )

    text = snapshot.to_json()
    assert '"database": "shop"' in text or '"database":"shop"' in text
    assert '"remote_name": "files"' in text or '"remote_name":"files"' in text
    assert "postgresql://h/db" in text
    assert "s3cret" not in text


@pytest.mark.parametrize(
    "body",
    [
        "def work():\n    return work()",
        "def work():\n    while True:\n        pass",
        "def one():\n    return two()\ndef two():\n    return one()\ndef work():\n    one()",
        "work = len",
    ],
    ids=["itself", "endless", "each_other", "builtin"],
)
def test_a_function_that_cannot_be_followed_has_no_calls(tmp_path: Path, body: str) -> None:
    assert calls(tmp_path, body) == ()


def test_calls_that_touch_no_data_are_not_kept(tmp_path: Path) -> None:
    body = """
    def work():
        print("s3://b/x")
        len([1])
        PostgresHook("dwh").get_conn()
    """

    assert calls(tmp_path, body) == ()


@pytest.mark.parametrize(
    ("fills", "test"),
    [
        ("found = {}\n    for key in asked(): found[key] = 1", "'x' in found"),
        ("found = {}\n    found.update(asked())", "'x' in found"),
        ("found = []\n    found.extend(asked())", "'x' in found"),
        ("found = []\n    found.extend(asked())", "found"),
        ("found = 0\n    while asked(): found += 1", "found > 0"),
    ],
)
def test_what_only_the_run_fills_decides_nothing(tmp_path: Path, fills: str, test: str) -> None:
    body = f"""
def asked():
    return PostgresHook("src").get_records("select 1 from t")
def work():
    {fills}
    if {test}:
        pd.read_csv("/data/then.csv")
"""
    found = [call.arguments for call in calls(tmp_path, body) if call.name == "read_csv"]
    assert found == [("/data/then.csv",)]


@pytest.mark.parametrize("fills", ["found = {}", "found = {'y': 1}", "found = ['y']"])
def test_what_is_known_to_be_missing_decides(tmp_path: Path, fills: str) -> None:
    body = f"""
def work():
    {fills}
    if 'x' in found:
        pd.read_csv("/data/then.csv")
"""
    assert calls(tmp_path, body) == ()


def test_a_text_is_read_where_it_will_be_deployed(tmp_path: Path) -> None:
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "x.sql").write_text("delete from m.t")
    body = """
    def text(name):
        with open("/opt/airflow/dags/sql/" + name) as file:
            return file.read()
    def work():
        cursor.execute(text("x.sql"))
        cursor.execute(text("y.sql"))
        pd.read_csv("/data/sql/x.sql.csv")
    """

    first, second, third, data = calls(tmp_path, body)

    assert (first.name, first.arguments) == ("execute", ("delete from m.t",))
    assert (second.name, second.arguments) == ("open", ("/opt/airflow/dags/sql/y.sql",))
    assert third.name == "execute"
    assert third.arguments[0] != "delete from m.t"
    assert data.arguments == ("/data/sql/x.sql.csv",)


def test_a_text_beside_a_package_is_read(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "x.sql").write_text("delete from m.t")
    body = """
    import pkgutil
    from importlib import resources
    def work():
        cursor.execute(pkgutil.get_data("queries", "x.sql").decode())
        cursor.executemany((resources.files("queries") / "x.sql").read_text())
        cursor.execute(pkgutil.get_data("others", "x.sql"))
    """

    first, second, third = calls(tmp_path, body)

    assert first.arguments == second.arguments == ("delete from m.t",)
    assert third.arguments == ({"opaque": "known when it runs"},)


def test_an_object_is_another_one_after_it_was_connected(tmp_path: Path) -> None:
    body = """
    from ftplib import FTP
    def work():
        ftp = FTP("h")
        ftp.cwd("/in")
        ftp.retrbinary("RETR x.csv", print)
    """

    (call,) = calls(tmp_path, body)

    assert [step.name for step in call.on] == ["FTP", "cwd"]


def test_a_folder_is_entered_as_long_as_it_says(tmp_path: Path) -> None:
    body = """
    import pysftp
    def work():
        with pysftp.Connection("h") as sftp:
            with sftp.cd("/in"):
                sftp.get("x.csv")
            sftp.get("/out/x.csv")
    """

    inside, behind = calls(tmp_path, body)

    assert [step.name for step in inside.on] == ["Connection", "cd"]
    assert [step.name for step in behind.on] == ["Connection"]


def test_what_is_set_on_a_configuration_is_as_if_given(tmp_path: Path) -> None:
    body = """
    from google.cloud import bigquery
    def work():
        config = bigquery.QueryJobConfig()
        config.destination = "d.t"
        bigquery.Client().query("select 1 from d.s", job_config=config)
    """

    (call,) = calls(tmp_path, body)

    assert call.named["job_config"]["made_by"][0]["named"] == {"destination": "d.t"}


def test_options_of_a_reader_are_one_step_and_no_password(tmp_path: Path) -> None:
    body = """
    def work(spark):
        reader = spark.read.format("jdbc").option("url", "jdbc:postgresql://h/x")
        reader.option("dbtable", "m.t").options(password="p").option("password", "p").load()
    """

    (call,) = calls(tmp_path, body)

    (options,) = [step for step in call.on if step.name == "options"]
    assert options.named == {"url": "jdbc:postgresql://h/x", "dbtable": "m.t"}


def test_options_of_a_reader_are_none_of_the_writer_behind_it(tmp_path: Path) -> None:
    body = """
    def work(spark):
        rows = spark.read.format("jdbc").option("url", "jdbc:postgresql://h/x").load()
        rows.write.format("kafka").option("topic", "t").mode("append").option("a", "b").save()
    """

    *_, call = calls(tmp_path, body)

    assert [step.named for step in call.on if step.name == "options"] == [
        {"url": "jdbc:postgresql://h/x"},
        {"topic": "t", "a": "b"},
    ]


def test_a_template_of_an_environment_is_read_wherever_it_is(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "x.sql").write_text("delete from {{ schema }}.t")
    body = """
    from jinja2 import Environment, FileSystemLoader
    def work():
        environment = Environment(loader=FileSystemLoader("queries"))
        cursor.execute(environment.get_template("x.sql").render(schema="m"))
    """

    (call,) = calls(tmp_path, body)

    assert call.arguments == ("delete from m.t",)


def test_no_module_means_itself_by_the_library_it_imports(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").write_text("")
    (tmp_path / "lib" / "clickhouse_driver.py").write_text(
        "from clickhouse_driver import Client\ndef client():\n    return Client(host='h')\n"
    )
    body = """
    def work():
        from lib.clickhouse_driver import client
        client().execute("delete from m.t")
    """

    (call,) = calls(tmp_path, body)

    assert [step.module for step in call.on] == ["clickhouse_driver"]


def test_a_long_module_on_the_way_ends_no_function(tmp_path: Path) -> None:
    many = "\n".join(f"a{n} = [{n}, {n}, {n}, {n}]" for n in range(9000))
    (tmp_path / "long.py").write_text(f"PLACE = 's3://b'\n{many}\n")
    body = """
    def work():
        from long import PLACE
        pd.read_csv(PLACE)
    """

    (call,) = calls(tmp_path, body)

    assert call.arguments == ("s3://b",)


def test_what_a_function_sets_elsewhere_is_known_behind_it(tmp_path: Path) -> None:
    body = """
    place = None
    other = None
    class Box:
        hook = None
        @classmethod
        def get(cls):
            if cls.hook is None:
                cls.hook = PostgresHook("dwh")
            return cls.hook
    def begin():
        global place
        place = "s3://b"
        other = "s3://c"
    def work():
        begin()
        pd.read_csv(place)
        pd.read_json(other)
        Box.get().run("delete from m.t")
    """

    first, second, third = calls(tmp_path, body)

    assert (first.arguments, second.arguments) == (("s3://b",), (None,))
    assert third.on[0].arguments == ("dwh",)


@pytest.mark.parametrize(
    ("folder", "home"), [("code", "/{{ AIRFLOW_HOME }}"), ("dags", "/{{ folder }}")]
)
def test_a_home_that_only_this_machine_has_is_a_setting(
    tmp_path: Path, folder: str, home: str
) -> None:
    (tmp_path / folder).mkdir()
    body = """
    HOME = os.environ.get("AIRFLOW_HOME", "/opt/airflow")
    def work():
        pd.read_csv(f"{HOME}/x.csv")
    """

    (call,) = calls(tmp_path / folder, body)

    assert call.arguments == (f"{home}/x.csv",)


def test_relative_paths_begin_where_the_function_went(record):
    snapshot = record(
        """
        import os
        from airflow import DAG
        from airflow.decorators import task
        import pandas

        with DAG("d"):
            @task
            def load():
                home = os.getcwd()
                pandas.read_csv("a.csv")
                os.chdir("/data/out")
                pandas.read_csv("b.csv")
                os.chdir(home)
                pandas.read_csv("c.csv")
            load()
        """
    )
    calls = snapshot.dag("d").tasks[0].calls
    assert [(call.arguments[0], call.folder) for call in calls] == [
        ("a.csv", None),
        ("b.csv", "/data/out"),
        ("c.csv", None),
    ]


def test_how_many_files_a_folder_has_decides_nothing(record):
    snapshot = record(
        """
        import os
        from airflow import DAG
        from airflow.decorators import task
        import pandas

        with DAG("d"):
            @task
            def load():
                names = sorted([one for one in os.listdir("/in") if one.endswith(".csv")])
                if len(names) < 2:
                    return
                for n, (name, other) in enumerate(zip(names[-2:], list(names))):
                    pandas.read_csv(os.path.join("/in", name))
                pandas.DataFrame().to_csv(os.path.join("/out", names[-3]))
                kept = [one for one in ("a", "b") if os.path.exists(one)]
                if len(kept) == 2:
                    return
                pandas.read_csv("/in/last.csv")
            load()
        """
    )
    calls = snapshot.dag("d").tasks[0].calls
    assert [(call.name, call.arguments[0]) for call in calls] == [
        ("listdir", "/in"),
        ("read_csv", "/in/{{ unknown }}"),
        ("to_csv", "/out/{{ unknown }}"),
        ("read_csv", "/in/last.csv"),
    ]


def test_what_comes_behind_a_long_loop_is_seen(tmp_path: Path) -> None:
    body = """
    def cleaned(value):
        for _ in range(60):
            value = str(value).strip().replace("a", "b")
        return value
    def work():
        for page in range(500):
            pd.read_json(f"https://h/{page}/{cleaned(page)}")
        pd.DataFrame().to_csv("/data/x.csv")
    """

    *pages, last = calls(tmp_path, body)

    assert len(pages) > 1
    assert last.arguments == ("/data/x.csv",)
