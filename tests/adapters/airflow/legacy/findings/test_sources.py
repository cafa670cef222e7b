"""Rules about source text: secrets, ids that move, start dates, work while a file is parsed."""

from __future__ import annotations

import pytest

DAG = "\nwith DAG('d', schedule='@daily', start_date=datetime(2024, 1, 1)):\n    {}\n"
TASK = DAG.format("BashOperator(task_id='a', bash_command='true')")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("DB_PASSWORD = 'hunter2-x'", "the value of DB_PASSWORD"),
        ("connect = dict(apiKey='c0ffee9912')", "the value of apiKey"),
        ("settings = {'client_secret': 'c0ffee-9912'}", "the value of client_secret"),
        ("def connect(token='c0ffee9912'): ...", "the value of token"),
        ("URL = 'postgresql://etl:hunter2@db/dwh'", "a password in a URL"),
        ("KEY = 'AKIAABCDEFGHIJKLMNOP'", "an AWS access key"),
        (f"BOT = '123456789:AA{'c0ffee' * 5}abc'", "a Telegram bot's token"),
    ],
)
def test_a_secret_is_named_and_not_shown(found, line, what):
    (secret,) = found("secret_in_source", f"{line}\n{TASK}")
    assert secret.message.startswith(what)
    assert (secret.file, secret.line) == ("dag.py", 9)
    for shown in ("hunter2", "c0ffee", "AKIA"):
        assert shown not in secret.message


@pytest.mark.parametrize(
    "line",
    [
        "import os; password = os.environ.get('DB_PASSWORD')",
        "password = '{{ conn.dwh.password }}'",
        "token_url = 'https://login.example.com/oauth'",
        "secret_name = 'airflow-dwh'",
        "PASSWORD_VARIABLE = 'DWH_PASSWORD'",
        "token = 'DWH_TOKEN'",
        "password = ''",
        "primary_key = 'order_id_17'",
        "URL = 'postgresql://user:password@localhost/db'",
        "URL = f'postgresql://etl:{1}@db/dwh'",
        "class Secret: __init__ = lambda s, **k: None\nsecret = Secret(secret='airflow-dwh-9')",
    ],
)
def test_what_only_names_a_secret_is_left_alone(found, line):
    assert found("secret_in_source", f"{line}\n{TASK}") == []


@pytest.mark.parametrize(
    ("expression", "call"),
    [
        ("'run_' + datetime.now().strftime('%Y')", "datetime.now"),
        ("f'run_{uuid.uuid4()}'", "uuid.uuid4"),
        ("'run_%d' % random.randint(1, 2)", "random.randint"),
    ],
)
def test_an_id_of_the_clock_or_chance_is_named(found, expression, call):
    text = DAG.format(f"BashOperator(task_id={expression}, bash_command='true')")
    (moving,) = found("dynamic_id", "import random, uuid\n" + text)
    assert f"task_id is made with {call}()" in moving.message
    assert moving.line == 12


@pytest.mark.parametrize(
    "body",
    [
        "[BashOperator(task_id=f'a_{n}', bash_command='true') for n in range(2)]",
        "BashOperator(task_id='a', bash_command=f'echo {datetime.now()}')",
    ],
)
def test_ids_of_a_loop_and_clocks_elsewhere_are_left_alone(found, body):
    assert found("dynamic_id", DAG.format(body)) == []


def test_a_start_date_of_today_is_named(found):
    text = TASK.replace("datetime(2024, 1, 1)", "datetime.now()")
    (moving,) = found("moving_start_date", text)
    assert moving.dag_id == "d"


def test_a_start_date_that_stays_is_left_alone(found):
    assert found("moving_start_date", TASK) == []


def test_work_at_parse_time_is_told_once_a_file_with_its_lines(found):
    text = "import requests, time\nrows = requests.get('https://x').json()\ntime.sleep(5)\n" + TASK
    (work,) = found("parse_time_work", text)
    assert "requests.get (line 10), time.sleep (line 11); move it into tasks" in work.message
    assert (work.severity, work.file, work.line) == ("warning", "dag.py", 10)


def test_variables_read_at_parse_time_are_a_note(found):
    text = "from airflow.models import Variable\nn = Variable.get('n', default_var=1)\n" + TASK
    (work,) = found("parse_time_work", text)
    assert (work.severity, work.line) == ("info", 10)
    assert "1 Variable or connection read" in work.message


def test_work_inside_a_task_is_left_alone(found):
    body = "def load():\n    import time\n    time.sleep(5)\n"
    text = body + DAG.format("PythonOperator(task_id='a', python_callable=load)")
    assert found("parse_time_work", text) == []


def test_a_hook_that_is_asked_at_parse_time_is_named(found):
    text = "from company.hooks import DwhHook\nrows = DwhHook('dwh').get_records('select 1')\n"
    (work,) = found("parse_time_work", text + TASK)
    assert "get_records (line 10)" in work.message


@pytest.mark.parametrize(
    "line",
    [
        "import company; config = company.Config('x')",
        "from google.cloud import bigquery; field = bigquery.SchemaField('a', 'INT64')",
    ],
)
def test_a_library_that_is_only_configured_is_left_alone(found, line):
    assert found("parse_time_work", f"{line}\n{TASK}") == []
