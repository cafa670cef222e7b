"""What is not known here costs no task: bases, spans, names, and Variables that are shipped."""

import json

import pytest

EMPTY = "from airflow import DAG\nfrom airflow.operators.empty import EmptyOperator\n"


def tasks_of(snapshot, dag_id="d"):
    return [task.task_id for task in snapshot.dag(dag_id).tasks]


def codes(snapshot):
    return {finding.code for finding in snapshot.findings}


def test_an_operator_may_have_a_base_that_is_not_importable(record):
    snapshot = record("""
        import enum
        from airflow import DAG
        from airflow.models import BaseOperator
        from airflow.utils.log.logging_mixin import LoggingMixin
        from nowhere import Described

        class Retries(LoggingMixin):
            pass

        class Load(BaseOperator, Retries):
            def __init__(self, table, **kwargs):
                super().__init__(**kwargs)

        class Kind(Described, enum.Enum):
            FULL = "full"

        with DAG("d"):
            Load(task_id=Kind.FULL.value, table="t")
    """)
    assert tasks_of(snapshot) == ["full"]
    assert snapshot.dag("d").tasks[0].operator.endswith(".Load")


def test_a_span_of_unknown_length_does_not_end_the_file(record):
    snapshot = record(f"""
{EMPTY}
from datetime import datetime, timedelta
from airflow.models import Variable
delay = timedelta(minutes=Variable.get("x", deserialize_json=True)["m"])
with DAG("d", default_args={{"retry_delay": delay}}):
    EmptyOperator(task_id="t")
assert isinstance(datetime(2024, 1, 2) - datetime(2024, 1, 1), timedelta)
assert timedelta(hours=24) == timedelta(days=1)
    """)
    assert tasks_of(snapshot) == ["t"]
    assert snapshot.files[0].outcome == "recorded"
    assert "assumed_span" in codes(snapshot)


def test_a_span_of_a_text_is_the_files_own_mistake(record):
    snapshot = record(
        "from airflow import DAG\nfrom datetime import timedelta\ntimedelta(days='2')\n"
    )
    assert snapshot.files[0].outcome in ("partial", "failed")


def test_a_text_that_was_assumed_is_no_literal(record):
    snapshot = record(f"""
{EMPTY}
import ast
from airflow.models import Variable
hosts = ast.literal_eval(Variable.get("hosts"))
with DAG("d"):
    EmptyOperator(task_id="t" + str(ast.literal_eval("[1, 2]")[1]))
    """)
    assert tasks_of(snapshot) == ["t2"]


def test_what_is_imported_but_missing_keeps_its_name(record):
    snapshot = record(f"""
{EMPTY}
from airflow.models import TaskInstance
with DAG("d"):
    EmptyOperator(task_id="clean_" + TaskInstance.__name__)
    """)
    assert tasks_of(snapshot) == ["clean_TaskInstance"]


def test_a_helper_beside_operators_is_no_task(record):
    snapshot = record("""
        from airflow import DAG
        from airflow.providers.google.cloud.operators.dataproc import (
            ClusterGenerator, DataprocCreateClusterOperator)
        with DAG("d"):
            config = ClusterGenerator(num_workers=2).make()
            DataprocCreateClusterOperator(task_id="create", cluster_config=config)
    """)
    assert tasks_of(snapshot) == ["create"]


def test_a_group_beside_operators_is_a_group(record):
    snapshot = record("""
        from airflow import DAG
        from airflow.operators.empty import EmptyOperator
        from airflow.providers.databricks.operators.databricks_workflow import (
            DatabricksWorkflowTaskGroup)
        with DAG("d"):
            with DatabricksWorkflowTaskGroup(group_id="flow"):
                EmptyOperator(task_id="t")
    """)
    assert tasks_of(snapshot) == ["flow.t"]
    assert "tasks_not_read" in codes(snapshot)


def test_the_error_of_a_helper_module_is_told_with_its_place(record):
    snapshot = record(
        {"dag.py": "from airflow import DAG\nimport helper\n", "helper.py": "a = 1\nx = a / 0\n"}
    )
    (found,) = [one for one in snapshot.findings if one.code == "not_run_to_end"]
    assert (found.file, found.line) == ("dag.py", 2)
    assert "(helper.py line 2)" in found.message


def test_a_task_may_be_made_through_the_dag(record):
    snapshot = record("""
        from airflow import DAG
        with DAG("d") as dag:
            @dag.task(task_id="one")
            def load(): ...
        @dag.task
        def two(): ...
        load() >> two()
    """)
    assert tasks_of(snapshot) == ["one", "two"]
    assert snapshot.dag("d").task("two").upstream == ("one",)


def test_what_a_mapped_group_returns_is_what_follows_it(record):
    snapshot = record("""
        from airflow.decorators import dag, task, task_group
        @task
        def first(x): ...
        @task
        def last(x): ...
        @task
        def after(results): ...
        @task_group
        def group(x):
            found = first(x)
            last(found)
            return found
        @dag
        def d():
            after(group.expand(x=[1, 2]))
        d()
    """)
    assert snapshot.dag("d").task("after").upstream == ("group.first",)


def test_timetables_of_airflow_say_their_cron_or_span(record):
    snapshot = record("""
        from datetime import timedelta
        from airflow import DAG
        from airflow.timetables.interval import CronDataIntervalTimetable
        from airflow.timetables.trigger import DeltaTriggerTimetable
        DAG("a", schedule=CronDataIntervalTimetable("0 5 * * *", timezone="UTC"))
        DAG("b", schedule=DeltaTriggerTimetable(timedelta(hours=6)))
        a, b = DAG("a", schedule=CronDataIntervalTimetable("0 5 * * *", timezone="UTC")), DAG(
            "b", schedule=DeltaTriggerTimetable(timedelta(hours=6)))
    """)
    assert snapshot.dag("a").schedule.cron == "0 5 * * *"
    assert (snapshot.dag("b").schedule.kind, snapshot.dag("b").schedule.interval_s) == (
        "interval",
        21600,
    )


VARIABLES = f"""
{EMPTY}
import json
from airflow.models import Variable
with DAG("d"):
    for table in Variable.get("tables", deserialize_json=True):
        EmptyOperator(task_id=table)
    for table in json.loads(Variable.get("tables")):
        EmptyOperator(task_id="check_" + table)
"""


def test_variables_that_the_code_base_ships_are_taken(record):
    snapshot = record(
        {"dag.py": VARIABLES, "../variables_dev.json": '{"tables": ["a"]}', "../setup.cfg": ""}
    )
    assert tasks_of(snapshot) == ["a", "check_a"]
    (found,) = [one for one in snapshot.findings if one.code == "shipped_variables"]
    assert "1 Variables are taken from variables_dev.json" in found.message


def test_production_stands_above_other_environments_that_are_shipped(record):
    files = {
        "dag.py": VARIABLES,
        "../variables_dev.json": '{"tables": ["a"]}',
        "../config/prod/variables.json": '{"tables": ["b"]}',
        "../variables_product.json": '{"tables": ["c"]}',
        "../setup.cfg": "",
    }
    assert tasks_of(record(files)) == ["b", "check_b"]


UNFIT = f"""
{EMPTY}
from airflow.models import Variable
settings = Variable.get("settings", deserialize_json=True)
with DAG("d", schedule=settings.get("schedule")):
    EmptyOperator(task_id="first")
    for table in Variable.get("tables", deserialize_json=True):
        EmptyOperator(task_id=table)
    for each in Variable.get("pairs", deserialize_json=True):
        EmptyOperator(task_id=each["name"])
"""
SHIPPED = {"tables": ["a"], "settings": ["x"], "pairs": [{"key": 3}]}


def test_a_shipped_variable_that_does_not_fit_the_code_is_not_known(record):
    files = {"dag.py": UNFIT, "../variables.json": json.dumps(SHIPPED), "../setup.cfg": ""}
    snapshot = record(files)
    assert tasks_of(snapshot) == ["a", "first"]
    assert snapshot.files[0].outcome == "recorded"
    assert [each.message for each in snapshot.findings if "does not fit" in each.message] == [
        f"the Variable {name}, as the code base ships it, does not fit the code"
        for name in ("pairs", "settings")
    ]


def test_a_supplied_variable_that_does_not_fit_the_code_is_an_error(record):
    snapshot = record({"dag.py": UNFIT}, variables=SHIPPED)
    assert snapshot.files[0].outcome == "partial"
    assert "not_run_to_end" in codes(snapshot)


def test_an_error_elsewhere_leaves_shipped_variables_known(record):
    code = VARIABLES + "\n    {}['x']\n"
    files = {"dag.py": code, "../variables.json": '{"tables": ["a"]}', "../setup.cfg": ""}
    snapshot = record(files)
    assert tasks_of(snapshot) == ["a", "check_a"]
    assert "assumed_variable" not in codes(snapshot)


def test_zones_of_pytz_are_real_ones(record):
    snapshot = record(
        {
            "dag.py": EMPTY
            + """
import pytz
from datetime import datetime
paris = pytz.timezone("Europe/Paris")
with DAG("d", start_date=paris.localize(datetime(2024, 1, 1))):
    EmptyOperator(task_id=f"a_{paris.zone[:6]}")
with DAG("e", start_date=pytz.utc.localize(datetime(2024, 7, 1))):
    EmptyOperator(task_id=paris.normalize(pytz.UTC.localize(datetime(2024, 7, 1))).strftime("h%H"))
"""
        }
    )
    assert (tasks_of(snapshot), tasks_of(snapshot, "e")) == (["a_Europe"], ["h02"])
    assert [(dag.start_date, dag.timezone) for dag in snapshot.dags] == [
        ("2024-01-01T00:00:00+01:00", "Europe/Paris"),
        ("2024-07-01T00:00:00+00:00", "UTC"),
    ]


def test_a_shipped_variable_that_is_there_to_be_filled_in_stays_open(record):
    text = f"""
{EMPTY}
from airflow.models import Variable
from airflow.operators.bash import BashOperator
with DAG("d"):
    BashOperator(task_id="a", bash_command=Variable.get("bucket", "") + Variable.get("prefix"))
    """
    values = '{"bucket": "<YOUR BUCKET>", "prefix": "/raw"}'
    snapshot = record({"dag.py": text, "../variables.json": values, "../setup.cfg": ""})
    (task,) = snapshot.dags[0].tasks
    assert task.arguments["bash_command"] == "{{ var.value.bucket }}/raw"


def test_supplied_variables_stand_above_shipped_ones_as_text_or_as_json(record):
    for given in (["b"], '["b"]'):
        files = {"dag.py": VARIABLES, "../variables.json": '{"tables": ["a"]}', "../setup.cfg": ""}
        snapshot = record(files, variables={"tables": given})
        assert tasks_of(snapshot) == ["b", "check_b"]


def test_other_json_files_are_no_variables(record):
    files = {
        "dag.py": VARIABLES,
        "../tables.json": json.dumps({"tables": ["a"]}),
        "../setup.cfg": "",
    }
    snapshot = record(files)
    assert tasks_of(snapshot) == []
    assert "unknown_value_decides" in codes(snapshot)


def test_a_name_that_is_its_own_value_is_no_secret(record):
    values = {"tables": {"token_transfers": "token_transfers"}, "api_token": "hunter2hunter2"}
    snapshot = record(
        f"""
{EMPTY}
from airflow.models import Variable
with DAG("d", description=Variable.get("api_token")):
    for table in Variable.get("tables", deserialize_json=True).values():
        EmptyOperator(task_id=table)
        """,
        variables=values,
    )
    assert tasks_of(snapshot) == ["token_transfers"]
    assert "hunter2" not in snapshot.to_json()


def test_the_configured_dag_folder_is_the_folder(record):
    snapshot = record(
        {
            "dag.py": f"""
{EMPTY}
import os
from airflow.configuration import conf
with DAG("d"):
    EmptyOperator(task_id=os.path.basename(conf.get("core", "dags_folder")))
    EmptyOperator(task_id=conf.get("smtp", "smtp_host", fallback="none"))
        """,
            "../setup.cfg": "",
        }
    )
    assert tasks_of(snapshot) == ["dags", "none"]


def test_a_model_that_is_called_like_an_exception_has_columns(record):
    snapshot = record(f"""
{EMPTY}
from airflow.models import ImportError as Failed
age = Failed.timestamp
with DAG("d"):
    EmptyOperator(task_id="t")
try:
    raise Failed("no")
except Failed:
    pass
    """)
    assert snapshot.files[0].outcome == "recorded"


def test_a_date_in_a_body_that_was_taken_for_a_text_costs_nothing(record):
    snapshot = record("""
        from airflow import DAG
        from airflow.decorators import task
        with DAG("d"):
            @task
            def load(ds=None, name="a-b"):
                day = ds.replace(tzinfo=None)
                open(name.replace("-", "_") + ".csv", "w")
            load()
    """)
    assert snapshot.files[0].outcome == "recorded"
    calls = {call.name: call for call in snapshot.dag("d").task("load").calls}
    assert calls["open"].arguments[0] == "a_b.csv"


def test_a_function_that_cannot_be_read_costs_its_task_nothing_else(record):
    snapshot = record("""
        from pathlib import PurePosixPath

        from airflow import DAG
        from airflow.models import BaseOperator

        class Odd(PurePosixPath):
            def __str__(self):
                raise ValueError("no")

        SOURCE = Odd("x")

        class Copy(BaseOperator):
            def execute(self, context):
                open(SOURCE)

        class Write(BaseOperator):
            def execute(self, context):
                open("a.csv", "w")

        with DAG("d"):
            Copy(task_id="odd")
            Write(task_id="plain")
    """)
    assert tasks_of(snapshot) == ["odd", "plain"]
    assert [call.name for call in snapshot.dag("d").task("plain").calls] == ["open"]
    (found,) = [one for one in snapshot.findings if one.code == "body_not_read"]
    assert (found.task_id, found.line) == ("odd", 21)


def test_no_code_of_a_class_runs_while_its_methods_are_read(record):
    snapshot = record("""
        from airflow import DAG
        from airflow.models import BaseOperator

        class Odd:
            def __get__(self, instance, owner):
                raise ValueError("no")

        class Copy(BaseOperator):
            source = Odd()
            def execute(self, context):
                open(self.source)

        with DAG("d"):
            Copy(task_id="odd")
    """)
    (call,) = snapshot.dag("d").task("odd").calls
    assert call.arguments == ({"opaque": "known when it runs"},)
    assert "body_not_read" not in {one.code for one in snapshot.findings}


@pytest.mark.parametrize(
    ("needs", "task"), [("neo4j>=5\n", "of_the_library"), ("attrs\n", "of_the_package")]
)
def test_a_required_library_is_not_a_module_of_a_package_that_is_called_alike(record, needs, task):
    snapshot = record(
        {
            "dag.py": """
                from airflow import DAG
                from airflow.operators.empty import EmptyOperator
                import neo4j
                with DAG("d"):
                    own = type(neo4j.NAME) is str
                    EmptyOperator(task_id=neo4j.NAME if own else "of_the_library")
            """,
            "lib/__init__.py": "",
            "lib/utils/__init__.py": "",
            "lib/utils/neo4j.py": "NAME = 'of_the_package'",
            "../requirements.txt": f"# what is needed\n{needs}",
        }
    )
    assert tasks_of(snapshot) == [task]


def test_a_default_of_the_environment_may_be_named(record):
    snapshot = record(
        {
            "d.py": """
import os
from airflow import DAG
one = DAG(os.environ.get("NAME", default="named"))
two = DAG(os.getenv("NAME", default="named_too"))
"""
        }
    )
    assert {dag.dag_id for dag in snapshot.dags} == {"named", "named_too"}
    assert not [one for one in snapshot.findings if one.code == "assumed_environment"]


def test_a_miss_without_a_default_is_assumed_only_where_the_file_fails_of_it(record):
    snapshot = record(
        {
            "fails.py": """
import os
from airflow import DAG
folder = os.path.join(os.environ.get("ROOT"), "sql")
dag = DAG("fails")
""",
            "goes_on.py": """
import os
from airflow import DAG
dag = DAG("goes_on" if os.environ.get("ROOT") is None else "other")
""",
        }
    )
    assert {dag.dag_id for dag in snapshot.dags} == {"fails", "goes_on"}
    (found,) = [one for one in snapshot.findings if one.code == "assumed_environment"]
    assert (found.file, "ROOT" in found.message) == ("fails.py", True)


@pytest.mark.parametrize(
    ("imported", "call", "name"),
    [
        ("from stringcase import snakecase", "snakecase('LoadDailyKPI')", "load_daily_k_p_i"),
        ("import stringcase", "stringcase.spinalcase('LoadDaily x')", "load-daily-x"),
        ("from stringcase import pascalcase", "pascalcase('load_daily')", "LoadDaily"),
        ("import inflection", "inflection.underscore('LoadDailyKPI')", "load_daily_kpi"),
        ("from slugify import slugify", "slugify('Côte d\\'Or / Süd')", "cote-dor-sud"),
        ("from slugify import slugify", "slugify('a b', separator='_')", "a_b"),
        ("from slugify import slugify", "slugify('a b', stopwords=['b'])", "unknown_value"),
        ("from slugify import slugify", "slugify(slugify)", "unknown_value"),
        ("from unidecode import unidecode", "unidecode('été')", "ete"),
        ("from ourtexts import snakecase", "snakecase('LoadDaily')", "unknown_value"),
    ],
)
def test_a_name_written_by_a_small_library_is_what_that_makes_of_it(record, imported, call, name):
    code = f"{EMPTY}{imported}\nwith DAG('d'):\n    EmptyOperator(task_id=str({call}))\n"
    assert tasks_of(record(code)) == [name]


@pytest.mark.parametrize("made", ["Lock()", "get_context('spawn').Lock()"])
def test_a_lock_between_processes_costs_no_task(record, made):
    code = """
        import multiprocessing
        lock = multiprocessing.{made}
        with lock, DAG("d"):
            EmptyOperator(task_id="a")
    """
    assert tasks_of(record(EMPTY + code.replace("        ", "").format(made=made))) == ["a"]


def test_a_schedule_that_only_running_tells_is_not_taken_for_the_default(record):
    code = """
        from airflow import DAG
        from airflow.decorators import task
        from naming import ticks
        with DAG("d", schedule=ticks() if ticks else None):
            @task.branch
            def choose(): ...
            choose()
        raise ValueError
    """
    snapshot = record({"dag.py": code, "naming.py": "raise KeyError('x')\n"})
    assert snapshot.dag("d").schedule.kind == "unknown"
    assert snapshot.dag("d").task("choose").operator.endswith("._BranchPythonDecoratedOperator")


def test_generated_code_is_not_refused_for_the_version_of_a_library_that_is_not_here(record):
    generated = """
        import grpc
        too_old = False
        try:
            from grpc._utilities import first_version_is_lower
            too_old = first_version_is_lower(grpc.__version__, "1.70.0")
        except ImportError:
            too_old = True
        if too_old:
            raise RuntimeError("the generated code depends on grpcio>=1.70.0")
    """
    dag = f"import orders_pb2_grpc\n{EMPTY}with DAG('d'):\n    EmptyOperator(task_id='a')\n"
    assert tasks_of(record({"dag.py": dag, "orders_pb2_grpc.py": generated})) == ["a"]


@pytest.mark.parametrize("module", ["airflow.models", "airflow.models.errors"])
def test_a_class_of_airflow_has_the_name_that_it_has_there(record, module):
    code = f"""{EMPTY}
from airflow.models import Variable, XCom
from {module} import ImportError as Broken
with DAG("d"):
    for model in (XCom, Broken):
        EmptyOperator(task_id=f"clean_{{model.__name__}}")
"""
    assert tasks_of(record(code)) == ["clean_BaseXCom", "clean_ParseImportError"]


@pytest.mark.parametrize("module", ["sqlalchemy.orm", "sqlalchemy.ext.declarative"])
def test_a_table_may_be_a_class_that_is_made_as_it_is_needed(record, module):
    code = f"""{EMPTY}
from sqlalchemy import Column
from {module} import declarative_base
Base = declarative_base()
class Order(Base):
    __tablename__ = "orders"
Loaded = type("Loaded", (Base,), {{"__tablename__": "loaded", "id": Column(str)}})
with DAG("d"):
    for model in (Order, Loaded):
        EmptyOperator(task_id=model.__tablename__)
"""
    assert tasks_of(record(code)) == ["loaded", "orders"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f's3://{BUCKET}/a'", "s3://{{ BUCKET }}/a"),
        ("f's3://{settings.prefix}_{BUCKET}/a'", "s3://{{ prefix }}_{{ BUCKET }}/a"),
        ("'s3://{}/a'.format(BUCKET)", "s3://{{ BUCKET }}/a"),
        ("'s3://%s/a' % settings.SOURCE", "s3://{{ SOURCE }}/a"),
        ("f's3://{settings.get()}/a'", "s3://{{ unknown }}/a"),
        ("f's3://{settings.all[0]}/a'", "s3://{{ unknown }}/a"),
        ("'an unknown_BUCKETS of unknown'", "an unknown_BUCKETS of unknown"),
    ],
)
def test_a_text_with_a_value_that_is_not_here_names_it(record, text, expected):
    snapshot = record(f"""
from airflow import DAG
from airflow.operators.bash import BashOperator
from nowhere.settings import BUCKET
from nowhere import settings

str(BUCKET)
with DAG("d"):
    BashOperator(task_id="t", bash_command={text})
    """)
    assert snapshot.dag("d").tasks[0].arguments["bash_command"] == expected


def test_a_lambda_given_to_what_is_not_known_makes_a_value(record):
    snapshot = record(f"""
{EMPTY}
from nowhere import rows, told
columns = ", ".join(rows(["a", "b"]).map(lambda name: name.upper()))

@told
def named():
    return "t_" + columns

with DAG("d"):
    EmptyOperator(task_id=named()[:2] + "x")
    """)
    assert tasks_of(snapshot) == ["t_x"]
    assert snapshot.files[0].outcome == "recorded"


def test_a_default_that_is_json_is_read_where_the_variable_would_be(record):
    snapshot = record(f"""
{EMPTY}
from airflow.models import Variable
settings = Variable.get("x", default_var='{{"tables": ["a"]}}', deserialize_json=True)
text = Variable.get("y", default_var="[1]")
plain = Variable.get("z", default_var="7", deserialize_json=True)
with DAG("d"):
    for table in settings.get("tables"):
        EmptyOperator(task_id=table)
    EmptyOperator(task_id="t" + text.strip("[]") + plain)
    """)
    assert tasks_of(snapshot) == ["a", "t17"]


def test_a_class_may_name_a_metaclass_beside_a_base_that_is_not_importable(record):
    snapshot = record("""
        import sys
        from airflow import DAG
        from airflow.models import SkipMixin
        from airflow.operators.empty import EmptyOperator

        class Registered(type):
            def __new__(mcls, name, bases, attrs):
                made = super().__new__(mcls, name, bases, attrs)
                if not name.startswith("_"):
                    setattr(sys.modules[made.__module__], f"{name}_dag", made().dag())
                return made

        class _Pipeline(SkipMixin, metaclass=Registered):
            table = ""

            def dag(self):
                with DAG(type(self).__name__.lower()) as dag:
                    EmptyOperator(task_id=f"load_{self.table}")
                return dag

        class Orders(_Pipeline):
            table = "orders"
    """)
    assert [dag.dag_id for dag in snapshot.dags] == ["orders"]
    assert tasks_of(snapshot, "orders") == ["load_orders"]


@pytest.mark.parametrize("kind", ["cached_property.cached_property", "company.lazy_property"])
def test_a_property_of_a_missing_library_is_one(record, kind):
    module, name = kind.split(".")
    snapshot = record(f"""
{EMPTY}
from {module} import {name}

class Pipeline:
    @{name}
    def tables(self):
        return ["orders", "prices"]

with DAG("d"):
    for table in Pipeline().tables:
        EmptyOperator(task_id=table)
""")
    assert tasks_of(snapshot) == ["orders", "prices"]


@pytest.mark.parametrize(
    "text",
    ["b64decode(KEY)", "b64decode(str(KEY), validate=True)", "b64decode(KEY.encode()).decode()"],
)
def test_base64_that_nobody_supplied_is_unknown(record, text):
    snapshot = record(f"""
import os
from base64 import b64decode
{EMPTY}
KEY = os.environ["KEY"]
with DAG("d"):
    EmptyOperator(task_id="t", doc={text})
""")
    assert tasks_of(snapshot) == ["t"]
    assert "not_run_to_end" not in codes(snapshot)


def test_an_address_that_is_not_known_has_parts(record):
    snapshot = record(f"""
from urllib.parse import quote_plus, urlparse
{EMPTY}
from company import address

parts = urlparse(url=address())
with DAG("d"):
    EmptyOperator(task_id="t", doc=f"{{parts.netloc}}/{{quote_plus(address())}}")
""")
    assert tasks_of(snapshot) == ["t"]
    assert "not_run_to_end" not in codes(snapshot)
