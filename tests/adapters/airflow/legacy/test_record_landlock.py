"""What the kernel refuses where the audit hook is not asked: tried by a process without one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.airflow.legacy.record.child import landlock

LANDLOCK = Path(landlock.__file__)
TRIES = """
import importlib.util, json, os, socket, sys
spec = importlib.util.spec_from_file_location("landlock", sys.argv[1])
landlock = importlib.util.module_from_spec(spec)
spec.loader.exec_module(landlock)
scratch, other = sys.argv[2:4]
said = {"held": landlock.shut(scratch)}
def tried(name, action):
    pid = os.fork()
    if pid == 0:
        try:
            action()
        except PermissionError:
            os._exit(1)
        except OSError:
            os._exit(2)
        os._exit(0)
    said[name] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
tried("write_inside", lambda: open(scratch + "/a", "w").write("x"))
tried("write_outside", lambda: open(other + "/new", "w"))
tried("append_outside", lambda: open(other + "/there", "a"))
tried("remove_outside", lambda: os.remove(other + "/there"))
tried("make_outside", lambda: os.mkdir(other + "/folder"))
tried("read_outside", lambda: open(other + "/there").read())
tried("write_nowhere", lambda: open("/dev/null", "w").write("x"))
tried("connect", lambda: socket.create_connection(("127.0.0.1", 9), timeout=2))
print(json.dumps(said))
"""
REFUSED, OTHER = 1, 2


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    scratch, other = tmp_path_factory.mktemp("scratch"), tmp_path_factory.mktemp("other")
    (other / "there").write_text("kept")
    words = [sys.executable, "-c", TRIES, str(LANDLOCK), str(scratch), str(other)]
    answer = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (other / "there").read_text() == "kept" or not json.loads(answer.stdout)["held"][0]
    return json.loads(answer.stdout)


def test_where_the_kernel_offers_it_nothing_outside_is_changed(tried):
    expected = REFUSED if tried["held"][0] else 0
    names = ("write_outside", "append_outside", "remove_outside", "make_outside")
    assert {name: tried[name] for name in names} == dict.fromkeys(names, expected)


def test_what_a_file_may_do_it_still_may(tried):
    allowed = ("write_inside", "write_nowhere")
    assert {name: tried[name] for name in allowed} == dict.fromkeys(allowed, 0)
    assert tried["read_outside"] == 0 or not tried["held"][0]


def test_tcp_is_refused_by_the_kernel_where_it_can(tried):
    assert tried["connect"] == (REFUSED if tried["held"][1] else OTHER)


def test_the_report_names_what_held(record):
    snapshot = record("from airflow import DAG\nDAG('d')\n")
    named = {*snapshot.containment.held, *snapshot.containment.not_available}
    assert {"landlock on writes", "landlock on TCP"} <= named
