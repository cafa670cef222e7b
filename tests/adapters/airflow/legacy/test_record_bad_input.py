"""Files that fail, loop, exit, read secrets or reach out: contained, reported, and no cost to other
files.
"""

import json
import time
from pathlib import Path

import pytest

GOOD = """
from airflow import DAG
from airflow.operators.empty import EmptyOperator
with DAG("good"):
    EmptyOperator(task_id="t")
"""
START = """
from airflow import DAG
from airflow.operators.empty import EmptyOperator
with DAG("bad") as dag:
    before = EmptyOperator(task_id="before")
"""
END = """
with dag:
    after = EmptyOperator(task_id="after")
    before >> after
"""
BREAKS = {
    "raise": ("raise ValueError('no')", "not_run_to_end"),
    "loop": ("while True:\n    pass", "timeout"),
    "deaf_loop": (
        "while True:\n    try:\n        sum(range(1000))\n    except BaseException:\n        pass",
        None,
    ),
    "os_exit": ("import os\nos._exit(0)", "exited"),
    "sys_exit": ("import sys\nsys.exit(3)", "exited"),
    "memory": ("x = 'a' * (1 << 33)", "out_of_memory"),
    "crash": ("import ctypes\nctypes.string_at(0)", "not_run_to_end"),
    "kills_itself": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "not_run_to_end"),
    "recursion": ("def f():\n    f()\nf()", "not_run_to_end"),
    "fork": ("import os\nos.fork()", "not_run_to_end"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_file_that_breaks_off_keeps_its_tasks_and_costs_nobody_else(name, record):
    breaks, code = BREAKS[name]
    began = time.monotonic()
    snapshot = record({"bad.py": f"{START}\n{breaks}\n{END}", "good.py": GOOD}, timeout_s=1.0)
    assert time.monotonic() - began < 20
    assert {file.path: file.outcome for file in snapshot.files}["good.py"] == "recorded"
    assert snapshot.dag("good").task("t").how == "recorded"
    bad = snapshot.dag("bad")
    assert {task.task_id for task in bad.tasks} == {"before", "after"}
    assert bad.task("after").how == "source"
    assert bad.task("after").upstream == ("before",)
    found = [one for one in snapshot.findings if one.file == "bad.py" and one.severity == "error"]
    assert len(found) == 1
    if code is not None:
        assert found[0].code == code


def test_a_syntax_error_is_named_and_the_rest_of_the_file_read(record):
    snapshot = record({"bad.py": START + "\nthis is no python\n" + END, "good.py": GOOD})
    assert snapshot.dag("good") is not None
    bad = snapshot.dag("bad")
    assert (bad.how, [task.task_id for task in bad.tasks]) == ("source", ["after", "before"])
    assert bad.task("after").upstream == ("before",)
    (error,) = [found for found in snapshot.findings if found.severity == "error"]
    assert (error.code, error.file, error.line) == ("syntax_error", "bad.py", 6)


def test_a_python_2_file_is_read_from_its_source(record):
    snapshot = record(
        """
        from airflow import DAG
        from airflow.operators.bash_operator import BashOperator
        dag = DAG("py2", schedule_interval="@daily")
        print "loading"
        a = BashOperator(task_id="a", bash_command="x", dag=dag)
        try:
            b = BashOperator(task_id="b", bash_command="x", dag=dag)
        except Exception, error:
            print error
        b.set_upstream(a)
        """
    )
    dag = snapshot.dag("py2")
    assert dag.schedule.cron == "@daily"
    assert {task.task_id: task.upstream for task in dag.tasks} == {"a": (), "b": ("a",)}


def test_a_task_that_cannot_be_named_is_listed_not_lost(record):
    snapshot = record(
        START
        + """
raise ValueError
for name in ["x"]:
    EmptyOperator(task_id=f"load_{name}", dag=dag)
"""
    )
    assert [(found.code, found.line) for found in snapshot.findings if found.code == "unread"] == [
        ("unread", 8)
    ]


def test_no_secret_of_the_environment_reaches_the_snapshot(record, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t-of-the-machine")
    snapshot = record(
        """
        import os
        from airflow import DAG
        from airflow.operators.bash import BashOperator
        secret = os.environ.get("AWS_SECRET_ACCESS_KEY")
        with DAG("d", description=str(dict(os.environ)), tags=[str(secret)]):
            BashOperator(task_id="a", bash_command=secret, env=dict(os.environ))
            try:
                text = open("/proc/%d/environ" % os.getppid()).read()
            except OSError:
                text = "refused"
            BashOperator(task_id="b", bash_command=text)
        """
    )
    assert "s3cr3t-of-the-machine" not in snapshot.to_json()
    assert snapshot.dags[0].task("b").arguments == {"bash_command": "refused"}
    assert "blocked" in {found.code for found in snapshot.findings}


def test_a_secret_in_the_source_is_named_but_not_kept(record):
    snapshot = record(
        """
        from airflow import DAG
        from airflow.operators.bash import BashOperator
        with DAG("d"):
            env = {"DB_PASSWORD": "hunter2", "TOKEN": "{{ var.value.t }}"}
            BashOperator(task_id="a", bash_command="x", env=env)
        """
    )
    assert "hunter2" not in snapshot.to_json()
    assert snapshot.dags[0].tasks[0].arguments["env"] == {
        "DB_PASSWORD": {"opaque": "a secret"},
        "TOKEN": "{{ var.value.t }}",
    }
    assert [found.code for found in snapshot.findings] == ["secret_in_source"]


def test_the_network_is_out_of_reach(record):
    snapshot = record(
        """
        import socket, urllib.request
        from airflow import DAG
        from airflow.operators.bash import BashOperator
        def reach():
            try:
                socket.create_connection(("127.0.0.1", 5432), timeout=1)
            except OSError as error:
                return type(error).__name__
            return "connected"
        with DAG("d"):
            BashOperator(task_id="a", bash_command=reach())
            urllib.request.urlopen("http://example.com").read()
        """
    )
    assert snapshot.files[0].outcome == "recorded"
    assert snapshot.dags[0].tasks[0].arguments == {"bash_command": "Blocked"}
    assert {"audit hook", "memory limit", "time limit"} <= set(snapshot.containment.held)


def test_files_outside_the_scratch_folder_stay_as_they_are(record, tmp_path):
    victim = tmp_path / "project" / "precious.txt"
    snapshot = record(
        {
            "../precious.txt": "still here\n",
            "dag.py": f"""
            import os, shutil, pathlib, subprocess
            from airflow import DAG
            os.remove({str(victim)!r})
            shutil.rmtree({str(tmp_path)!r}, ignore_errors=True)
            os.makedirs("/var/log/my_dags", exist_ok=True)
            open({str(victim)!r}, "w").write("gone")
            subprocess.run(["rm", "-rf", {str(tmp_path)!r}])
            os.system("rm -rf " + {str(tmp_path)!r})
            try:
                pathlib.Path({str(victim)!r}).write_text("gone")
                os.open({str(victim)!r}, os.O_WRONLY | os.O_TRUNC)
            except OSError:
                pass
            dag = DAG("d")
            """,
        }
    )
    assert victim.read_text() == "still here\n"
    assert not Path("/var/log/my_dags").exists()
    assert snapshot.files[0].outcome == "recorded", snapshot.files


def test_printing_does_not_disturb_the_answer(record, capfd):
    snapshot = record(
        """
        import os, sys
        print('{"index": 0, "dags": []}')
        sys.stderr.write("noise" * 1000)
        for fd in range(0, 30):
            try:
                os.write(fd, b'{"index": 0}')
            except OSError:
                pass
            if fd == 2:
                break
        from airflow import DAG
        dag = DAG("d")
        """
    )
    assert [dag.dag_id for dag in snapshot.dags] == ["d"]
    assert capfd.readouterr() == ("", "")


def test_a_code_base_with_folders_called_bridge_and_adapters_loads_its_own(record):
    snapshot = record(
        {
            "dag.py": """
            from airflow import DAG
            from bridge.names import NAME
            from adapters.crm import TASKS
            from airflow.operators.empty import EmptyOperator
            with DAG(NAME):
                for task in TASKS:
                    EmptyOperator(task_id=task)
            """,
            "bridge/names.py": "NAME = 'theirs'\n",
            "../adapters/__init__.py": "",
            "../adapters/crm.py": "TASKS = ['pull', 'push']\n",
        }
    )
    assert [(dag.dag_id, [task.task_id for task in dag.tasks]) for dag in snapshot.dags] == [
        ("theirs", ["pull", "push"])
    ]


def test_our_own_packages_are_not_there_for_a_code_base_without_such_folders(record):
    snapshot = record(
        """
        import bridge
        from airflow import DAG
        dag = DAG("d", description=type(bridge).__name__)
        """
    )
    assert snapshot.dags[0].doc == "StandInModule"


def test_threads_do_not_keep_a_file_from_ending(record):
    began = time.monotonic()
    snapshot = record(
        """
        import threading, time
        from airflow import DAG
        def forever():
            while True:
                threading.Event().wait(1)
        threading.Thread(target=forever).start()
        dag = DAG("d")
        """,
        timeout_s=5.0,
    )
    assert [dag.dag_id for dag in snapshot.dags] == ["d"]
    assert time.monotonic() - began < 5


def test_an_empty_file_a_binary_file_and_a_deep_file_are_survived(record, write_folder):
    folder = write_folder(
        {"deep.py": "# airflow dag\nx = " + "(" * 5000 + ")" * 5000 + "\n", "good.py": GOOD}
    )
    (folder / "binary.py").write_bytes(b"airflow dag \x00\xff\xfe")
    snapshot = record({"empty.py": ""})
    outcomes = {file.path: file.outcome for file in snapshot.files}
    assert outcomes == {
        "binary.py": "failed",
        "deep.py": "failed",
        "empty.py": "no_dag",
        "good.py": "recorded",
    }
    assert json.loads(snapshot.to_json())["format_version"] == 2
