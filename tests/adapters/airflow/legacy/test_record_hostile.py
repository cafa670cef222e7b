"""Files of the worst kinds, each beside a good one: contained, reported, no cost to the good."""

import socket
import time

import pytest

GOOD = """
from airflow import DAG
from airflow.operators.empty import EmptyOperator
with DAG("good"):
    EmptyOperator(task_id="t")
"""
DAG = """
from airflow import DAG
from airflow.operators.bash import BashOperator
dag = DAG("bad")
BashOperator(task_id="before", bash_command="x", dag=dag)
"""


def outcomes(snapshot):
    return {file.path: file.outcome for file in snapshot.files}


def codes(snapshot, file="bad.py"):
    return {found.code for found in snapshot.findings if found.file == file}


@pytest.mark.parametrize(
    "filler", ["# " + "x" * 98 + "\n", "ROWS.append((1, 'two', [3.0]))  # and so on\n"]
)
def test_a_file_of_ten_megabytes_is_read_or_said_not_to_be(record, filler):
    lines = 10 * (1 << 20) // len(filler)
    began = time.monotonic()
    snapshot = record(
        {"bad.py": DAG + "ROWS = []\n" + filler * lines, "good.py": GOOD}, timeout_s=10.0
    )
    assert time.monotonic() - began < 60
    assert outcomes(snapshot)["good.py"] == "recorded"
    if outcomes(snapshot)["bad.py"] != "recorded":
        assert codes(snapshot)
    else:
        assert snapshot.dag("bad").task("before").how == "recorded"


MEMORY = {
    "at_once": "x = bytearray(1 << 34)",
    "little_by_little": "x = []\nwhile True:\n    x.append(bytearray(1 << 22))",
    "never_giving_up": "x = []\nwhile True:\n    try:\n        x.append(bytearray(1 << 22))\n"
    "    except MemoryError:\n        pass",
    "of_numbers": "x = 10 ** (10 ** 10)",
    "of_text": "x = 'a'\nwhile True:\n    x = x + x",
}


@pytest.mark.parametrize("name", MEMORY)
def test_a_memory_bomb_costs_its_own_file_only(record, name):
    snapshot = record(
        {"bad.py": DAG + MEMORY[name] + "\n", "good.py": GOOD},
        timeout_s=2.0,
        memory_bytes=512 << 20,
    )
    assert outcomes(snapshot)["good.py"] == "recorded"
    assert [task.task_id for task in snapshot.dag("bad").tasks] == ["before"]
    assert codes(snapshot) & {"out_of_memory", "timeout", "not_run_to_end"}


def test_a_loop_in_a_function_of_an_import_is_ended(record):
    snapshot = record(
        {
            "bad.py": DAG + "import helper\n",
            "helper.py": "import itertools\nfor _ in itertools.count():\n    pass\n",
            "good.py": GOOD,
        },
        timeout_s=1.0,
    )
    assert outcomes(snapshot) == {"bad.py": "partial", "good.py": "recorded", "helper.py": "no_dag"}
    assert "timeout" in codes(snapshot)


@pytest.mark.parametrize(
    "thread",
    [
        "threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=False).start()",
        "[threading.Thread(target=threading.Event().wait).start() for _ in range(50)]",
        "import concurrent.futures\n"
        "concurrent.futures.ThreadPoolExecutor(4).submit(threading.Event().wait)",
    ],
)
def test_threads_end_with_their_file(record, thread):
    began = time.monotonic()
    snapshot = record({"bad.py": DAG + f"import threading\n{thread}\n", "good.py": GOOD})
    assert time.monotonic() - began < 15
    assert outcomes(snapshot) == {"bad.py": "recorded", "good.py": "recorded"}
    assert snapshot.dag("bad").task("before").how == "recorded"


def test_processes_that_a_file_starts_are_not_left_behind(record, tmp_path):
    marker = tmp_path / "left-behind"
    snapshot = record(
        {
            "bad.py": DAG
            + f"""
import subprocess, multiprocessing, os
try:
    subprocess.Popen(["/bin/sh", "-c", "sleep 1; touch {marker}"])
except OSError:
    pass
try:
    multiprocessing.Process(target=print).start()
except OSError:
    pass
try:
    os.execv("/bin/true", ["true"])
except OSError:
    pass
""",
            "good.py": GOOD,
        }
    )
    time.sleep(1.5)
    assert not marker.exists()
    assert outcomes(snapshot) == {"bad.py": "recorded", "good.py": "recorded"}
    assert "blocked" in codes(snapshot)


def test_no_socket_listens_and_none_gets_out(record):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.1)
        port = server.getsockname()[1]
        snapshot = record(
            {
                "bad.py": DAG
                + f"""
import socket
def attempt(make):
    try:
        make()
    except OSError as error:
        return "refused"
    return "done"
def listen():
    own = socket.socket()
    own.bind(("0.0.0.0", 0))
    own.listen()
def say():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", {port}))
def call():
    socket.socket().connect(("127.0.0.1", {port}))
for act in (listen, say, call):
    BashOperator(task_id=act.__name__, bash_command=attempt(act), dag=dag)
""",
                "good.py": GOOD,
            }
        )
        with pytest.raises(TimeoutError):
            server.accept()
    said = {task.task_id: task.arguments["bash_command"] for task in snapshot.dag("bad").tasks}
    assert said == {"before": "x", "listen": "refused", "say": "refused", "call": "refused"}
    assert "blocked" in codes(snapshot)


def test_deleting_by_every_name_deletes_nothing(record, tmp_path):
    kept = tmp_path / "project" / "data" / "kept.txt"
    snapshot = record(
        {
            "../data/kept.txt": "kept\n",
            "bad.py": DAG
            + f"""
import os, pathlib, shutil
path = pathlib.Path({str(kept)!r})
for act in (path.unlink, path.parent.rmdir, lambda: shutil.rmtree(path.parent),
            lambda: os.remove(path), lambda: os.truncate(path, 0), lambda: path.rename("/tmp/x"),
            lambda: os.rename(path, "/tmp/x"), lambda: open(path, "w").close(),
            lambda: path.write_text(""), lambda: os.open(path, os.O_TRUNC | os.O_WRONLY)):
    try:
        act()
    except OSError:
        pass
""",
            "good.py": GOOD,
        }
    )
    assert kept.read_text() == "kept\n"
    assert outcomes(snapshot) == {"bad.py": "recorded", "good.py": "recorded"}
    assert codes(snapshot) & {"blocked", "not_run"}


def test_what_lies_outside_the_code_base_is_not_read(record, tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("private")
    folder = tmp_path / "project" / "dags"
    folder.mkdir(parents=True)
    (folder / "link.txt").symlink_to(outside)
    snapshot = record(
        {
            "../.env": "TOKEN=private\n",
            "bad.py": DAG
            + f"""
def read(path):
    try:
        return open(path).read()
    except OSError:
        return "refused"
folder = {str(folder)!r}
paths = [{str(outside)!r}, "/etc/passwd", folder + "/link.txt", folder + "/../.env"]
for number, path in enumerate(paths):
    BashOperator(task_id=f"read_{{number}}", bash_command=read(path), dag=dag)
""",
            "good.py": GOOD,
        }
    )
    assert {
        task.arguments["bash_command"]
        for task in snapshot.dag("bad").tasks
        if task.task_id != "before"
    } == {"refused"}
    assert "private" not in snapshot.to_json()
    assert "blocked" in codes(snapshot)


def test_printed_and_raised_secrets_are_not_kept(record, capfd):
    snapshot = record(
        {
            "bad.py": DAG
            + """
import logging, sys, warnings
from airflow.models import Variable
password = Variable.get("db_password")
print(password)
sys.stderr.write(password)
logging.error(password)
warnings.warn(password)
own_token = "written-in-the-source"
key = Variable.get("service", deserialize_json=True)["api_key"]
BashOperator(task_id="given", bash_command=f"login -p {password} -k {key}", dag=dag)
raise ValueError(f"cannot log in with {password} or {own_token}")
""",
            "good.py": GOOD,
        },
        variables={"db_password": "hunter2-hunter2", "service": {"api_key": "k-12345678"}},
    )
    text = snapshot.to_json()
    assert "hunter2-hunter2" not in text
    assert "written-in-the-source" not in text
    assert snapshot.dag("bad").task("given").arguments == {"bash_command": "login -p *** -k ***"}
    assert capfd.readouterr() == ("", "")
    assert outcomes(snapshot) == {"bad.py": "partial", "good.py": "recorded"}


def test_a_fork_bomb_starts_no_process(record):
    snapshot = record(
        {
            "bad.py": DAG
            + """
import ctypes, os
library = ctypes.CDLL(None)
while True:
    try:
        os.fork()
    except OSError:
        break
while library.fork() >= 0:
    pass
BashOperator(task_id=f"process_{os.getpid()}", bash_command="x", dag=dag)
""",
            "good.py": GOOD,
        },
        timeout_s=3.0,
    )
    if "seccomp filter" not in snapshot.containment.held:
        pytest.skip("only a seccomp filter stops a fork that the C library makes")
    assert outcomes(snapshot) == {"bad.py": "recorded", "good.py": "recorded"}
    assert len(snapshot.dag("bad").tasks) == 2


@pytest.mark.parametrize(
    "loop",
    [
        "while True:\n    print('x' * 4096)",
        "import os\nwhile True:\n    os.write(1, b'x' * 65536)",
        "import warnings\nwhile True:\n    warnings.warn('x' * 4096)",
        "import tempfile\nout = tempfile.TemporaryFile()\nwhile True:\n    out.write(b'x' * 9999)",
    ],
)
def test_endless_output_goes_nowhere(record, capfd, loop):
    began = time.monotonic()
    snapshot = record({"bad.py": DAG + loop + "\n", "good.py": GOOD}, timeout_s=1.0)
    assert time.monotonic() - began < 20
    assert outcomes(snapshot) == {"bad.py": "partial", "good.py": "recorded"}
    assert codes(snapshot) & {"timeout", "not_run_to_end"}
    assert capfd.readouterr() == ("", "")


def test_endless_findings_and_endless_dags_are_cut(record):
    snapshot = record(
        {
            "bad.py": DAG
            + """
from unknown_package import rows
number = 0
while True:
    number += 1
    rows.make(number)
    DAG(f"d_{number}", description="x" * 10_000)
""",
            "good.py": GOOD,
        },
        timeout_s=1.0,
    )
    assert outcomes(snapshot)["good.py"] == "recorded"
    assert outcomes(snapshot)["bad.py"] in ("partial", "source")
    assert codes(snapshot) & {"timeout", "not_run_to_end"}
    assert len(snapshot.findings) < 1000
