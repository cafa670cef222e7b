"""Texts that nobody supplied, and what the code itself says they may be."""

import pytest

HEAD = """
import os
from airflow import DAG
from airflow.models import Variable
from airflow.operators.empty import EmptyOperator
"""


def recorded(record, code):
    snapshot = record(HEAD + code)
    tasks = [task.task_id for dag in snapshot.dags for task in dag.tasks]
    said = [each.message for each in snapshot.findings if each.code == "assumed_value"]
    return tasks, said, snapshot


@pytest.mark.parametrize(
    "code",
    [
        """
env = Variable.get("env")
if env not in ("dev", "prod"):
    raise ValueError("unexpected " + env)
with DAG("d"):
    EmptyOperator(task_id="t")
""",
        """
env = Variable.get("env")
CONF = {"dev": ["x"], "prod": ["t"]}
with DAG("d"):
    for name in CONF[env]:
        EmptyOperator(task_id=name)
""",
        """
env = Variable.get("env")
KIND = "tasks"
CONF = {"tasks": {"dev": "x", "prod": "t"}, "others": {"dev": "y"}}
with DAG("d"):
    EmptyOperator(task_id=CONF[KIND][env])
""",
        """
class Settings:
    CONF = {"dev": "x", "prod": "t"}
def of(env):
    return Settings.CONF[
        env
    ]
with DAG("d"):
    EmptyOperator(task_id=of(Variable.get("env").strip().lower()))
""",
        """
class Settings:
    def __init__(self):
        self.env = Variable.get("env")
    def names(self):
        known = {"dev": "x", "prod": "t"}
        if self.env in known:
            return known[self.env]
        raise ValueError("unexpected " + self.env)
with DAG("d"):
    EmptyOperator(task_id=Settings().names())
""",
        """
env = Variable.get("env")
with DAG("d"):
    if env == "prod":
        EmptyOperator(task_id="t")
""",
    ],
)
def test_a_file_is_run_again_with_what_it_asks_for(record, code):
    tasks, said, snapshot = recorded(record, code)
    assert (tasks, snapshot.files[0].outcome) == (["t"], "recorded")
    assert said == ["var_env is taken to be 'prod', which the code asks for"]


def test_an_environment_value_is_asked_for_alike(record):
    code = """
with DAG("d"):
    EmptyOperator(task_id={"test": "a", "live": "b"}[os.environ["STAGE"]])
"""
    tasks, said, _ = recorded(record, code)
    assert (tasks, said) == (["b"], ["env_STAGE is taken to be 'live', which the code asks for"])


@pytest.mark.parametrize(
    "condition",
    [
        'Variable.get("env") == "dev"',  # no more tasks for it
        'Variable.get("env", "qa") == "prod"',  # it has a default
        '"dev" == "prod"',
    ],
)
def test_what_makes_no_difference_is_not_assumed(record, condition):
    code = f"""
with DAG("d"):
    EmptyOperator(task_id="t")
    if {condition}:
        os.environ.get("X")
"""
    assert recorded(record, code)[:2] == (["t"], [])


def test_a_value_that_brings_an_error_is_not_kept(record):
    code = """
with DAG("d"):
    EmptyOperator(task_id="t")
    if Variable.get("env") == "prod":
        raise RuntimeError("not here")
"""
    tasks, said, snapshot = recorded(record, code)
    assert (tasks, said, snapshot.files[0].outcome) == (["t"], [], "recorded")


def test_a_file_that_is_not_here_is_unknown_and_said(record):
    code = """
import json, yaml
with open("/etc/team/settings.json") as file:
    settings = json.load(file)
with open("/etc/team/more.yml") as file:
    more = yaml.safe_load(file)
with DAG("d", schedule=settings["schedule"]):
    first = EmptyOperator(task_id="first", owner=more["owner"])
    for name in settings["names"]:
        first >> EmptyOperator(task_id="in_the_loop")
"""
    tasks, _, snapshot = recorded(record, code)
    assert (tasks, snapshot.files[0].outcome) == (["first", "in_the_loop"], "recorded")
    assert [task.how for task in snapshot.dag("d").tasks] == ["recorded", "source"]
    assert [each.message for each in snapshot.findings if each.code == "assumed_file"] == [
        "there is no file /etc/team/settings.json; what it holds is not known",
        "there is no file /etc/team/more.yml; what it holds is not known",
    ]


def test_who_looks_for_a_missing_file_is_told_so(record):
    code = """
try:
    name = open("/etc/team/name.txt").read()
except FileNotFoundError:
    name = "t"
with DAG("d"):
    EmptyOperator(task_id=name)
"""
    assert recorded(record, code)[:2] == (["t"], [])


def test_what_was_written_can_be_read_again(record):
    code = """
with open("/data/name.txt", "w") as file:
    file.write("t")
with DAG("d"):
    EmptyOperator(task_id=open("/data/name.txt").read())
"""
    tasks, _, snapshot = recorded(record, code)
    assert tasks == ["t"]
    assert [each.code for each in snapshot.findings] == ["write_redirected"]


def test_names_of_a_star_import_are_there(record):
    code = """
from os.path import *
from missing_library.types import *
SCHEMA = StructType([StructField("a", IntegerType())])
def basename_of(path, join=join):
    return basename(path)
with DAG("d"):
    EmptyOperator(task_id=basename_of("/a/t"))
"""
    tasks, _, snapshot = recorded(record, code)
    assert (tasks, snapshot.files[0].outcome) == (["t"], "recorded")


def test_a_name_that_nothing_gives_is_still_an_error(record):
    code = """
from os.path import *
StructType
"""
    assert "NameError" in recorded(record, code)[2].files[0].reason


def test_a_module_does_not_stand_for_the_library_that_it_imports(record):
    snapshot = record(
        {
            "dag.py": HEAD + "from lib.tracker import tracked\ndag = DAG(tracked)\n",
            "lib/__init__.py": "",
            "lib/tracker.py": "from tracker import client\ntracked = 'd'\n",
        }
    )
    assert [dag.dag_id for dag in snapshot.dags] == ["d"]


def test_a_name_that_a_library_does_not_have_here_is_unknown_and_said(record):
    code = """
from itertools import chain, split_into_mouthfuls
with DAG("d"):
    for name in chain(["a"], ["b"]):
        EmptyOperator(task_id=name)
"""
    tasks, _, snapshot = recorded(record, code)
    assert (tasks, snapshot.files[0].outcome) == (["a", "b"], "recorded")
    assert [each.message for each in snapshot.findings] == [
        "itertools has no split_into_mouthfuls here; a stand-in was used"
    ]


def test_a_name_that_the_code_base_does_not_have_is_an_error(record):
    snapshot = record({"dag.py": HEAD + "from own import missing\n", "own.py": "there = 1\n"})
    assert {file.path: file.outcome for file in snapshot.files}["dag.py"] == "partial"


def test_what_is_made_up_is_the_template_that_an_operator_would_write(record):
    snapshot = record("""
        import os
        from airflow import DAG
        from airflow.hooks.base import BaseHook
        from airflow.models import Variable
        from airflow.operators.bash import BashOperator
        bucket, stage = Variable.get("bucket"), os.environ["STAGE"]
        with DAG("d"):
            BashOperator(
                task_id="t",
                bash_command=f"cp gs://{bucket}/{stage.lower()}_x /data/variables",
                env={"HOST": BaseHook.get_connection("dwh").host},
            )
    """)
    assert snapshot.dag("d").task("t").arguments == {
        "bash_command": "cp gs://{{ var.value.bucket }}/{{ STAGE }}_x /data/variables",
        "env": {"HOST": "{{ conn.dwh.host }}"},
    }


@pytest.mark.parametrize(
    ("code", "taken"),
    [
        ('datetime.strptime(Variable.get("v"), "%Y-%m-%d %H:%M")', "2000-01-01 00:00"),
        ('datetime.strptime(Variable.get("v")[:7], "%Y-%m")', "2000-01"),
        ("datetime.strptime(f\"{Variable.get('v')} 10:00\", '%d/%m/%Y %H:%M')", "01/01/2000"),
        ('datetime.fromisoformat(Variable.get("v"))', "2000-01-01"),
        ('dateutil.parser.parse(Variable.get("v"))', "2000-01-01"),
        ('float(Variable.get("v") + "0")', "1"),
        ('ZoneInfo(Variable.get("v"))', "UTC"),
        ('Stage(Variable.get("v"))', "prod"),
        ('CONF.get(Variable.get("v"))["x"]', "var_v"),
    ],
)
def test_the_form_that_a_text_is_asked_for(record, code, taken):
    tasks, said, snapshot = recorded(
        record,
        f"""
from datetime import datetime
from enum import Enum
from zoneinfo import ZoneInfo
import dateutil.parser
class Stage(Enum):
    DEV = "dev"
    PROD = "prod"
CONF = {{"var_v": {{"x": 1}}}}
{code}
with DAG("d"):
    EmptyOperator(task_id="t")
""",
    )
    assert tasks == ["t"]
    assert snapshot.files[0].outcome == "recorded"
    assert said == (
        [f"var_v is taken to be {taken!r}, which the code asks for"] * (taken != "var_v")
    )


def test_an_error_that_the_code_makes_of_another_tells_the_form_as_well(record):
    tasks, _, snapshot = recorded(
        record,
        """
from datetime import datetime
try:
    datetime.fromisoformat(Variable.get("since"))
except ValueError:
    raise RuntimeError("since is no date")
with DAG("d"):
    EmptyOperator(task_id="t")
""",
    )
    assert (tasks, snapshot.files[0].outcome) == (["t"], "recorded")


def test_a_text_has_as_many_parts_as_the_code_takes_from_it(record):
    tasks, _, snapshot = recorded(
        record,
        """
first, second = Variable.get("pair").split("/")
with DAG("d"):
    EmptyOperator(task_id="t", doc="from " + second)
""",
    )
    assert (tasks, snapshot.files[0].outcome) == (["t"], "recorded")


def test_a_text_that_is_evaluated_is_unknown_and_other_code_is_not(record):
    tasks, _, snapshot = recorded(
        record,
        """
options = eval(Variable.get("options"))
name = "other"
with DAG("d", tags=[options["owner"]]):
    EmptyOperator(task_id=eval("'an' + name"))
""",
    )
    assert (tasks, snapshot.files[0].outcome) == (["another"], "recorded")


def test_a_value_that_does_not_fit_later_on_gives_way_once(record):
    tasks, said, _ = recorded(
        record,
        """
env = Variable.get("env")
JOBS = {"prod": 1, "dev": 2}
MORE = {"dev": 3}
with DAG("d"):
    EmptyOperator(task_id=f"t{JOBS[env]}{MORE[env]}")
""",
    )
    assert tasks == ["t23"]
    assert said == ["var_env is taken to be 'dev', which the code asks for"]


def test_a_text_that_fits_nowhere_ends_the_tries(record):
    _, _, snapshot = recorded(
        record,
        """
env = Variable.get("env")
JOBS = {"prod": 1}
MORE = {"dev": 3}
with DAG("d"):
    EmptyOperator(task_id=f"t{JOBS[env]}{MORE[env]}")
""",
    )
    assert snapshot.files[0].outcome == "partial"


@pytest.mark.parametrize(
    "more",
    [
        'if env == "dev":\n    print("debug")',
        'OTHERS = {"dev": 1}\nif env in OTHERS:\n    print("debug")',
    ],
)
def test_what_a_value_is_compared_with_later_on_does_not_take_its_place(record, more):
    tasks, said, _ = recorded(
        record,
        f"""
env = Variable.get("env")
NAMES = {{"dev": ["a", "b", "c"], "prod": ["t"]}}
with DAG("d"):
    for name in NAMES[env]:
        EmptyOperator(task_id=name)
{more}
raise RuntimeError("of something else")
""",
    )
    assert tasks == ["t"]
    assert said == ["var_env is taken to be 'prod', which the code asks for"]


def test_a_name_within_another_is_not_what_the_error_is_about(record):
    _, said, _ = recorded(
        record,
        """
from datetime import datetime
Variable.get("day")
datetime.fromisoformat(Variable.get("day_first"))
with DAG("d"):
    EmptyOperator(task_id="t")
""",
    )
    assert said == ["var_day_first is taken to be '2000-01-01', which the code asks for"]


REQUIRED = """
    import os
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    proxy = os.environ.get("PROXY_URL", "").strip()
    region = os.environ.get("REGION", "")
    if not proxy:
        raise ValueError("this environment variable is required: {name}")
    with DAG("d"):
        BashOperator(task_id="t", bash_command=f"curl --proxy {{proxy}} {{region}}")
"""


def test_an_environment_variable_that_the_code_ends_for_is_assumed(record):
    snapshot = record(REQUIRED.format(name="PROXY_URL"))
    task = snapshot.dag("d").tasks[0]
    assert task.arguments["bash_command"] == "curl --proxy {{ PROXY_URL }} "
    assert [one.message for one in snapshot.findings if one.code == "assumed_environment"] == [
        "the environment variable PROXY_URL is assumed"
    ]


def test_one_that_the_error_does_not_name_keeps_its_default(record):
    snapshot = record(REQUIRED.format(name="MY_PROXY_URL"))
    assert [one.code for one in snapshot.findings if one.code == "assumed_environment"] == []
    assert "required: MY_PROXY_URL" in snapshot.files[0].reason
