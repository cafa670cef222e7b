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
