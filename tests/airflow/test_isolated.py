"""Tasks whose assets another interpreter computes, in a real Airflow."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from adapters.airflow.compat import AirflowException, AirflowFailException
from adapters.airflow.isolated.calling import call_isolated
from bridge.events import AssetEvent, EventKind
from bridge.keys import AssetKey
from bridge.store import Store, open_store
from tests.airflow.isolated_project import IsolatedProject, isolated_project
from tests.airflow.live.in_process import DagTestAirflow, TestedRun

pytestmark = pytest.mark.airflow

MODEL, TRAIN, TEST = AssetKey("model"), AssetKey("train"), AssetKey("test")
MODELS = "models__assets__daily"
PASSWORD = "pa55-of-the-warehouse"  # noqa: S105
QUOTA = "quota-that-nobody-sees"
# 2.11 cannot repeat a run in one process
DAYS = (datetime(2024, 3, 1, tzinfo=timezone.utc) + timedelta(days=n) for n in itertools.count())


@pytest.fixture(scope="module")
def project_of_module(tmp_path_factory: pytest.TempPathFactory) -> IsolatedProject:
    return isolated_project(tmp_path_factory.mktemp("isolated"), "project_of_isolated_tests")


@pytest.fixture
def project(
    project_of_module: IsolatedProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[IsolatedProject]:
    monkeypatch.setenv("BRIDGE_PROJECT", str(project_of_module.root))
    monkeypatch.setenv("BRIDGE_STORE", f"sqlite:///{tmp_path / 'store.db'}")
    monkeypatch.setenv("BRIDGE_STORAGE", str(tmp_path / "storage"))
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", f"postgres://ann:{PASSWORD}@db.example:5432/dwh")
    monkeypatch.setenv("AIRFLOW_VAR_QUOTA", QUOTA)
    yield project_of_module
    project_of_module.behave()


@pytest.fixture
def store(project: IsolatedProject) -> Iterator[Store]:
    opened = open_store(os.environ["BRIDGE_STORE"])
    yield opened
    opened.close()


def run(airflow: DagTestAirflow, project: IsolatedProject, dag_id: str) -> tuple[str, TestedRun]:
    """Run a DAG for a day that no other test has; with it, the day before, which it computes."""
    day = next(DAYS)
    dag = airflow.dag(project.generated / f"{dag_id}.py", dag_id)
    return (day - timedelta(days=1)).strftime("%Y-%m-%d"), airflow.run(dag, day)


def orders_of(airflow: DagTestAirflow, project: IsolatedProject) -> None:
    """What the model reads, computed by Airflow's own interpreter, for the coming day."""
    global DAYS  # noqa: PLW0603 - looks one ahead
    day = next(DAYS)
    DAYS = itertools.chain([day], DAYS)
    dag = airflow.dag(project.generated / "plain__assets.py", "plain__assets")
    assert airflow.run(dag, day).state == "success"


def events(store: Store, kind: EventKind, key: AssetKey) -> list[AssetEvent]:
    return [recorded.event for recorded in store.events(key, kinds=(kind,))]


def test_the_interpreter_computes_records_and_checks(
    dag_test_airflow: DagTestAirflow, project: IsolatedProject, store: Store
) -> None:
    orders_of(dag_test_airflow, project)

    day, done = run(dag_test_airflow, project, MODELS)

    assert done.task_states == {
        "model-waits-": "success",
        "model": "success",
        "model-check-converges": "success",
    }
    [event] = events(store, "materialization", MODEL)
    assert (event.partition, event.metadata["score"]) == (day, 0.5)
    assert event.source.startswith(f"airflow:airflow/{MODELS}/")
    assert [e.check.passed for e in events(store, "check", MODEL) if e.check] == [True]
    assert store.claims() == []
    seen = project.seen()
    assert (seen["executable"], seen["only_there"]) == (str(project.python), 42)
    assert (seen["rows"], seen["stdin"], seen["airflow"]) == ([3, 4], "", [])
    assert "only_there" not in sys.modules
    assert f"{project.package}.models" not in sys.modules


def test_a_secret_comes_by_name_and_is_nowhere_else(
    dag_test_airflow: DagTestAirflow,
    project: IsolatedProject,
    store: Store,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    orders_of(dag_test_airflow, project)

    run(dag_test_airflow, project, MODELS)

    store.close()
    seen = project.seen()
    assert (seen["login"], seen["host"], seen["quota"]) == ("ann", "db.example", QUOTA)
    assert seen["password"] == PASSWORD
    assert PASSWORD not in str(seen["shown"])
    kept_back = {"AIRFLOW_CONN_WAREHOUSE", "AIRFLOW_VAR_QUOTA"}
    assert not kept_back & set(seen["environment"])  # type: ignore[call-overload]
    assert not [name for name in seen["environment"] if "AIRFLOW__" in name]  # type: ignore[attr-defined]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    written += [*project.generated.iterdir(), dag_test_airflow.home / "airflow.db"]
    written += [path for path in (dag_test_airflow.home / "logs").rglob("*") if path.is_file()]
    assert any(path.name == "store.db" for path in written)
    texts = [capfd.readouterr().out.encode(), *(path.read_bytes() for path in written)]
    for secret in (PASSWORD.encode(), QUOTA.encode()):
        assert not [text for text in texts if secret in text]


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [("broken", "ValueError: no convergence"), ("hopeless", "never again")],
)
def test_what_user_code_raises_there_fails_the_task_here(
    behaviour: str,
    expected: str,
    dag_test_airflow: DagTestAirflow,
    project: IsolatedProject,
    store: Store,
) -> None:
    orders_of(dag_test_airflow, project)
    project.behave(behaviour)

    _, done = run(dag_test_airflow, project, MODELS)

    assert done.task_states["model"] == "failed"
    assert done.task_states["model-check-converges"] == "upstream_failed"
    [failure] = events(store, "failure", MODEL)
    assert expected in (failure.message or "")
    assert store.claims() == []


def test_a_blocking_check_that_fails_there_fails_its_task(
    dag_test_airflow: DagTestAirflow, project: IsolatedProject, store: Store
) -> None:
    orders_of(dag_test_airflow, project)
    project.behave("bad")

    _, done = run(dag_test_airflow, project, MODELS)

    assert done.task_states["model"] == "success"
    assert done.task_states["model-check-converges"] == "failed"


def test_a_function_of_several_assets_and_the_gate_after_it_run_there(
    dag_test_airflow: DagTestAirflow, project: IsolatedProject, store: Store
) -> None:
    _, done = run(dag_test_airflow, project, "models__assets__unpartitioned")

    assert set(done.task_states.values()) == {"success", "skipped"}
    assert done.task_states["test-made-"] == "skipped"
    assert len(events(store, "materialization", TRAIN)) == 1
    assert events(store, "materialization", TEST) == []


# Airflow calls `on_kill` on SIGTERM, which raises SystemExit in the middle.
CALL = """
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
import adapters.airflow.compat
from adapters.airflow.isolated.calling import call_isolated

signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
ti = SimpleNamespace(dag_id="d", run_id="r", task_id="model", map_index=-1, try_number=1)
run = SimpleNamespace(run_id="r", conf={"partition": "2024-02-01"})
here = Path(sys.argv[2])
call_isolated(
    sys.argv[1], "steps.run_asset", ("model",), {"ti": ti, "dag_run": run}, start=here, options={}
)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_the_task_ends_the_interpreter_and_gives_the_claim_back(
    number: signal.Signals, project: IsolatedProject, store: Store
) -> None:
    call(project, str(project.python), context_of_a_day("2024-02-01"), "orders")
    project.behave("waits")
    waiting = project.root / "waiting"
    waiting.unlink(missing_ok=True)
    task = subprocess.Popen([sys.executable, "-c", CALL, str(project.python), str(project.root)])
    wait_for(lambda: waiting.exists() and waiting.read_text() != "")
    there = int(waiting.read_text())
    assert [claim.key for claim in store.claims()] == [MODEL]

    task.send_signal(number)
    task.wait()

    wait_for(lambda: not is_alive(there))
    assert store.claims() == []
    assert [failure.partition for failure in events(store, "failure", MODEL)] == ["2024-02-01"]


def test_an_interpreter_that_ends_without_a_word_fails_the_task_which_may_try_again(
    project: IsolatedProject, store: Store
) -> None:
    project.behave("dies")
    context = context_of_a_day("2024-02-02")
    call(project, str(project.python), context, "orders")

    with pytest.raises(AirflowException, match="ended with 3 before it said how it went") as raised:
        call(project, str(project.python), context)

    assert not isinstance(raised.value, AirflowFailException)


def test_an_interpreter_that_is_not_there_fails_the_task_for_good(project: IsolatedProject) -> None:
    with pytest.raises(AirflowFailException, match=r"no/such/python is not there, or may not be"):
        call(project, "no/such/python", context_of_a_day("2024-02-03"))


def test_an_interpreter_without_this_package_fails_the_task_for_good(
    project: IsolatedProject, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)

    with pytest.raises(AirflowFailException, match="Install airflow-asset-bridge in it"):
        call(project, str(bare / "bin" / "python"), context_of_a_day("2024-02-03"))


def test_generating_refuses_what_an_interpreter_could_not_load(
    project: IsolatedProject, tmp_path: Path
) -> None:
    settings = (project.root / "bridge.toml").read_text()
    package = project.package
    swapped = settings.replace(f'"{package}.models" =', f'"{package}.plain" =')
    (project.root / "bridge.toml").write_text(swapped)
    try:
        done = project.bridge("generate")
    finally:
        (project.root / "bridge.toml").write_text(settings)

    assert done.returncode == 2
    assert "The interpreter of Airflow loads" in done.stderr
    assert f"{package}.models" in done.stderr


def call(
    project: IsolatedProject, python: str, context: dict[str, object], key: str = "model"
) -> object:
    return call_isolated(python, "steps.run_asset", (key,), context, start=project.root, options={})


def context_of_a_day(day: str) -> dict[str, object]:
    ti = SimpleNamespace(dag_id="d", run_id="r", task_id="model", map_index=-1, try_number=1)
    return {"ti": ti, "dag_run": SimpleNamespace(run_id="r", conf={"partition": day})}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_for(holds: object, timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)
