"""Libraries of settings: a name that nobody supplied is its default, else a template."""

import pytest

BASH = """
from airflow import DAG
from airflow.operators.bash import BashOperator
"""


def command_of(record, code, text, **options):
    dag = f"\nwith DAG('d'):\n    BashOperator(task_id='t', bash_command=f'{text}')\n"
    snapshot = record(BASH + code + dag, **options)
    return snapshot, snapshot.dag("d").task("t").arguments["bash_command"]


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("from environs import Env\nenv = Env()\nenv.read_env()", "{env('A')}", "{{ A }}"),
        ("from environs import Env\nenv = Env()", "{env('A', 'x')} {env.str('B', 'y')}", "x y"),
        (
            "from environs import Env\nenv = Env()",
            "{env.int('N', 3)} {env.list('L', [1])}",
            "3 [1]",
        ),
        (
            "from environs import Env\nenv = Env()\nwith env.prefixed('P_'):\n    a = env('A')",
            "{a} {env('A')}",
            "{{ P_A }} {{ A }}",
        ),
        ("import environ\nenv = environ.Env(A=(str, 'x'))", "{env('A')}", "x"),
        ("from envparse import env", "{env('A')}", "{{ A }}"),
        (
            "from decouple import config",
            "{config('A', default='x')} {config('N', default='2', cast=int)} {config('B')}",
            "x 2 {{ B }}",
        ),
        (
            "from decouple import Config, RepositoryEnv\nc = Config(RepositoryEnv('.env'))",
            "{c('A', 'x')} {c('B')}",
            "x {{ B }}",
        ),
        (
            "from starlette.config import Config\nc = Config('.env')",
            "{c('A', cast=str, default='x')}",
            "x",
        ),
        (
            "from dotenv import dotenv_values\nvalues = dotenv_values()",
            "{values['A']} {values.get('B', 'x')}",
            "{{ A }} x",
        ),
    ],
)
def test_a_setting_is_its_default_or_a_template(record, code, text, expected):
    _, command = command_of(record, code, text)
    assert command == expected


def test_what_is_supplied_stands_above_defaults(record):
    supplied = {"A": "given", "N": "7", "ON": "no"}
    code = "from environs import Env\nfrom decouple import config\nenv = Env()"
    text = "{env('A', 'x')} {env.int('N') + 1} {env.bool('ON')} {config('A')}"
    _, command = command_of(record, code, text, environment=supplied)
    assert command == "given 8 False given"


def test_a_setting_that_decides_is_a_finding(record):
    snapshot, _ = command_of(
        record, "from environs import Env\nfor x in Env().list('HOSTS'):\n    pass", "x"
    )
    assert "unknown_value_decides" in {found.code for found in snapshot.findings}


SETTINGS = """
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="LAKE_")
    bucket: str
    zone: str = "raw"
    port: int = Field(5432)
    key: str = Field(alias="THE_KEY")
"""


def test_settings_of_pydantic_have_their_fields(record):
    _, command = command_of(
        record, SETTINGS + "s = Settings(zone='fine')", "{s.bucket} {s.zone} {s.port} {s.key}"
    )
    assert command == "{{ LAKE_BUCKET }} fine 5432 {{ THE_KEY }}"


def test_functions_of_tasks_ask_for_settings_too(record):
    snapshot = record(
        f"""
import pandas
from airflow import DAG
from airflow.decorators import task
from decouple import config
from environs import Env
{SETTINGS}
env = Env()

with DAG("d"):
    @task
    def load():
        pandas.read_csv(f"/{{config('A')}}/{{env('B', 'b')}}/{{env.str('C')}}.csv")
        pandas.read_csv(f"/{{Settings().bucket}}/{{Settings().zone}}/{{Settings(key='k').key}}.csv")
    load()
"""
    )
    read = [call.arguments[0] for call in snapshot.dag("d").tasks[0].calls]
    assert read == ["/{{ A }}/b/{{ C }}.csv", "/{{ LAKE_BUCKET }}/raw/k.csv"]


def test_a_module_of_the_code_base_of_that_name_is_the_one(record):
    snapshot = record(
        {
            "decouple.py": "def config(name):\n    return 'own ' + name\n",
            "dag.py": BASH
            + "from decouple import config\n"
            + "with DAG('d'):\n    BashOperator(task_id='t', bash_command=config('A'))\n",
        }
    )
    assert snapshot.dag("d").task("t").arguments["bash_command"] == "own A"
