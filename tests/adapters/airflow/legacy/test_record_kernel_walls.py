"""Each wall of the kernel alone, tried with system calls of a process that has no audit hook."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.airflow.legacy.record.child import namespaces, seccomp

TRIES = """
import ctypes, importlib.util, json, os, socket, sys, threading
spec = importlib.util.spec_from_file_location("wall", sys.argv[1])
wall = importlib.util.module_from_spec(spec)
spec.loader.exec_module(wall)
scratch, other = sys.argv[2:4]
library = ctypes.CDLL(None, use_errno=True)
parent = os.getpid()
os.chdir(scratch)
def answered(result):
    if result is not None and result < 0:
        raise OSError(ctypes.get_errno(), "refused")
def threads():
    thread = threading.Thread(target=print, kwargs={"file": sys.stderr})
    thread.start()
    thread.join()
def pair():
    one, other = socket.socketpair()
    one.send(b"x")
    assert other.recv(1) == b"x"
def forks():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
def listens():
    own = socket.socket()
    own.bind(("127.0.0.1", 0))
def says():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))
def connects():
    socket.create_connection(("127.0.0.1", int(sys.argv[4])), timeout=2)
ACTIONS = {
    "write_inside": lambda: open(scratch + "/a", "w").write("x"),
    "write_null": lambda: open("/dev/null", "w").write("x"),
    "read_outside": lambda: open(other + "/there").read(),
    "write_outside": lambda: open(other + "/new", "w"),
    "remove_outside": lambda: os.remove(other + "/there"),
    "threads": threads,
    "pair": pair,
    "own_signal": lambda: os.kill(os.getpid(), 0),
    "socket_alone": lambda: socket.socket().close(),
    "forks": forks,
    "runs": lambda: os.execv("/bin/true", ["true"]),
    "c_runs": lambda: answered(-1 if library.system(b"true") != 0 else 0),
    "signals": lambda: os.kill(parent, 0),
    "connects": connects,
    "listens": listens,
    "says": says,
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
    "ptrace": lambda: answered(library.ptrace(0, 0, None, None)),
    "mounts": lambda: answered(library.mount(None, b"/", None, 0x44000, None)),
    "leaves": lambda: answered(library.unshare(0x400)),
}
said = {}
held = wall.enter(scratch) if hasattr(wall, "enter") else None
for name, action in ACTIONS.items():
    pid = os.fork()
    if pid == 0:
        if held is None and not wall.shut():
            os._exit(9)
        try:
            action()
        except OSError:
            os._exit(1)
        os._exit(0)
    said[name] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps({"held": held, "said": said}))
"""
REFUSED, NOT_OFFERED = 1, 9


def tries(module, tmp_path_factory, port=9):
    scratch, other = tmp_path_factory.mktemp("scratch"), tmp_path_factory.mktemp("other")
    (other / "there").write_text("kept")
    words = [sys.executable, "-c", TRIES, module.__file__, str(scratch), str(other), str(port)]
    answer = subprocess.run(words, capture_output=True, text=True, check=True)
    assert not list(Path(scratch).glob("there"))
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def filtered(tmp_path_factory):
    said = tries(seccomp, tmp_path_factory)["said"]
    if NOT_OFFERED in said.values():
        pytest.skip("no seccomp filters here; Linux on x86_64 or aarch64 would run it")
    return said


@pytest.fixture(scope="module")
def apart(tmp_path_factory):
    return tries(namespaces, tmp_path_factory)


@pytest.mark.parametrize(
    "name",
    [
        "forks",
        "runs",
        "c_runs",
        "signals",
        "connects",
        "listens",
        "says",
        "netlink",
        "ptrace",
        "mounts",
        "leaves",
    ],
)
def test_the_filter_refuses(filtered, name):
    assert filtered[name] == REFUSED


@pytest.mark.parametrize(
    "name",
    [
        "threads",
        "pair",
        "own_signal",
        "socket_alone",
        "write_inside",
        "write_outside",
        "read_outside",
    ],
)
def test_the_filter_leaves_alone(filtered, name):
    assert filtered[name] == 0


def test_a_mount_namespace_makes_all_but_one_folder_read_only(apart):
    said, (_, mounts) = apart["said"], apart["held"]
    expected = REFUSED if mounts else 0
    assert (said["write_outside"], said["remove_outside"]) == (expected, expected)


def test_namespaces_leave_alone_what_reads_and_what_writes_in_its_folder(apart):
    names = ("write_inside", "write_null", "threads", "pair", "forks", "runs", "own_signal")
    assert {name: apart["said"][name] for name in names} == dict.fromkeys(names, 0)


def test_a_network_namespace_leads_nowhere(tmp_path_factory):
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import socket; s = socket.create_server(('127.0.0.1', 0)); "
            "print(s.getsockname()[1], flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        port = int(server.stdout.readline())
        answer = tries(namespaces, tmp_path_factory, port)
        server.stdin.write("\n")
        server.stdin.flush()
    assert answer["said"]["connects"] == (REFUSED if answer["held"][0] else 0)


def test_the_report_names_which_of_them_held(record):
    snapshot = record("from airflow import DAG\nDAG('d')\n")
    named = {*snapshot.containment.held, *snapshot.containment.not_available}
    assert {"network namespace", "read-only mount namespace", "seccomp filter"} <= named
