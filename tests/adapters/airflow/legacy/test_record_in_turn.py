"""Files that one process runs in turn do not feel each other; one that ends it costs only
itself.
"""

import pytest

# What a file may leave behind, and what the next one sees of it.
CHANGES = {
    "environment": ("os.environ['STAGE'] = 'left'", "os.environ.get('STAGE', 'none')"),
    "search_path": ("sys.path.insert(0, '/left')", "[p for p in sys.path if 'left' in p]"),
    "finder": ("sys.meta_path.append(sys.meta_path[0])", "len(sys.meta_path)"),
    "forged_module": ("sys.modules['requests'] = json", "sys.modules.get('requests') is json"),
    "removed_module": ("del sys.modules['json']", "'json' in sys.modules"),
    "folder": ("os.chdir('/')", "os.getcwd() == '/'"),
    "function_of_a_module": ("json.loads = str", "json.loads('[1]')"),
    "builtins_that_compare": ("builtins.all = builtins.len = builtins.map = dict", "len('ab')"),
    "builtin": ("builtins.len = lambda each: 7", "len('ab')"),
    "method_of_a_class": ("json.JSONEncoder.default = lambda *a: 'left'", "dumped(object())"),
    "yaml_tag": ("yaml.SafeLoader.add_constructor('!x', str)", "tagged('!x 1')"),
    "operator_default": ("BashOperator.template_fields = ('x',)", "BashOperator.template_fields"),
    "class_of_airflow": ("DAG.left = True", "hasattr(DAG, 'left')"),
    "own_module": ("shared.SEEN.append('left')", "shared.SEEN"),
    "log_level": ("logging.root.setLevel(55)", "logging.root.level"),
    "log_handler": ("logging.root.addHandler(logging.NullHandler())", "logging.root.handlers"),
    "warning_filter": ("warnings.simplefilter('error')", "len(warnings.filters)"),
    "recursion_limit": ("sys.setrecursionlimit(2000)", "sys.getrecursionlimit()"),
    "collector": ("gc.disable()", "gc.isenabled()"),
    "trace": ("sys.settrace(lambda *a: None)", "sys.gettrace()"),
    "arguments": ("sys.argv.append('left')", "sys.argv[1:]"),
    "hook": ("sys.addaudithook(lambda event, _: event == 'left' and 1 / 0)", "is_heard()"),
    "thread": (
        "threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "threading.active_count()",
    ),
    "limit": (
        "resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))",
        "resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 50",
    ),
}
BEGIN = """
import builtins, gc, json, logging, os, resource, sys, threading, warnings
import yaml
from airflow import DAG
from airflow.operators.bash import BashOperator
import shared

def is_heard():
    try:
        return sys.audit("left")
    except ZeroDivisionError:
        return True

def dumped(value):
    try:
        return json.dumps(value)
    except TypeError:
        return "not json"

def tagged(text):
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return "no such tag"
"""


def dag(name, shown="''"):
    task = f"BashOperator(task_id='t', bash_command=repr({shown}), dag=dag)"
    return f"\ndag = DAG('{name}')\n{task}\n"


def said_of(snapshot, file):
    found = [one.model_dump() for one in snapshot.findings if one.file == file]
    return [one.model_dump() for one in snapshot.dags if one.file == file], found


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_file_changed_is_put_back_before_the_next(record, name):
    change, look = CHANGES[name]
    files = {
        "a.py": BEGIN + change + dag("a"),
        "b.py": BEGIN + dag("b", look),
        "shared.py": "SEEN = []\n",
    }
    together = record(files, timeout_s=10.0)
    alone = record({**files, "a.py": "from airflow import DAG\n" + "\n" * 50}, timeout_s=10.0)
    (seen,), _ = said_of(together, "b.py")
    assert seen["tasks"][0]["how"] == "recorded"
    assert said_of(together, "b.py") == said_of(alone, "b.py")


@pytest.mark.parametrize(
    "end",
    [
        "import ctypes; ctypes.string_at(0)",
        "import os; os.kill(os.getpid(), 9)",
        "import os\nwhile True:\n    try:\n        x = [x for x in range(10 ** 9)]\n"
        "    except BaseException:\n        pass",
        "import os; [os.close(fd) for fd in range(3, 200)]",
        "import os; [os.write(fd, b'no json\\n') for fd in range(3, 30) if fd in"
        " [int(n) for n in os.listdir('/proc/self/fd')]]",
    ],
    ids=["crash", "kill", "endless", "closed_pipe", "noise"],
)
def test_a_file_that_ends_the_process_costs_only_itself(record, end):
    names = [f"f_{number:02}.py" for number in range(9)]
    begin = "from airflow import DAG\nfrom airflow.operators.bash import BashOperator\n"
    files = {name: begin + dag(name[:-3]) for name in names}
    files["f_04.py"] = begin + dag("f_04") + end
    snapshot = record(files, timeout_s=2.0)
    outcomes = {file.path: file.outcome for file in snapshot.files}
    assert [outcomes[name] for name in names if name != "f_04.py"] == ["recorded"] * 8
    assert sorted(one.dag_id for one in snapshot.dags) == [name[:-3] for name in names]
    assert len(snapshot.files) == len(names)


def test_a_slow_file_does_not_hold_up_the_files_behind_it_and_none_is_read_twice(record):
    begin = (
        "import time\nfrom airflow import DAG\nfrom airflow.operators.bash import BashOperator\n"
    )
    slow = "began = time.perf_counter()\nwhile time.perf_counter() - began < 1.2:\n    pass\n"
    files = {f"f_{number}.py": begin + dag(f"d_{number}") for number in range(5)}
    files["f_1.py"] = begin + slow + dag("d_1")
    snapshot = record(files)
    assert [one.dag_id for one in snapshot.dags] == [f"d_{number}" for number in range(5)]
    assert {one.outcome for one in snapshot.files} == {"recorded"}
