"""LiveAirflow: a running Airflow as tests see it; `started` brings one up and takes it down."""

import contextlib
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from tests.airflow.live import settings
from tests.airflow.live.database import metadata_database
from tests.airflow.live.processes import AirflowDidNotStart, Processes

Row = dict[str, Any]
T = TypeVar("T")


class LiveAirflow:
    """One running Airflow, 2.11 or 3.3: where it is, and what a test asks of it.

    `start_seconds` holds what each step of the start took. Runs, tasks and tries are named as in
    Airflow.
    """

    def __init__(
        self,
        *,
        version: tuple[int, ...],
        url: str,
        username: str,
        password: str,
        instance: str,
        home: Path,
        dags_folder: Path,
        env: Mapping[str, str],
        processes: Processes,
    ) -> None:
        self.version = version
        self.url = url
        self.username = username
        self.password = password
        self.instance = instance
        self.home = home
        self.dags_folder = dags_folder
        self.env = dict(env)
        self.processes = processes
        self.start_seconds: dict[str, float] = {}
        self._client = httpx.Client(base_url=f"{url}/api/{self.api}", timeout=60)
        if not self.is_v3:
            self._client.auth = httpx.BasicAuth(username, password)

    @property
    def is_v3(self) -> bool:
        """Whether this is Airflow 3, with REST v2."""
        return self.version[0] >= 3

    @property
    def api(self) -> str:
        """The version of the REST API: v1 or v2."""
        return "v2" if self.is_v3 else "v1"

    def request(self, method: str, path: str, **options: Any) -> Any:
        """The JSON answer of one REST call; raises httpx.HTTPStatusError with what was said.

        What does no harm twice is asked again where Airflow answers 500, as `bridge` does: the
        scheduler and the server wait for each other's rows at times, and PostgreSQL ends one.
        """
        if self.is_v3 and "Authorization" not in self._client.headers:
            answer = self._client.post(
                f"{self.url}/auth/token",
                json={"username": self.username, "password": self.password},
            )
            answer.raise_for_status()
            self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        attempts = 1 if method == "POST" else 4
        for seconds in range(attempts):
            time.sleep(seconds)
            answer = self._client.request(method, path, **options)
            if answer.status_code != httpx.codes.INTERNAL_SERVER_ERROR:
                break
        if answer.is_error:
            raise httpx.HTTPStatusError(
                f"{method} {path}: {answer.status_code} {answer.text}",
                request=answer.request,
                response=answer,
            )
        return answer.json() if answer.content else None

    def add_dags(self, *files: Path) -> None:
        """Copy files and whole folders into the DAGs folder, which Airflow looks through."""
        for file in sorted(files, key=lambda file: file.is_file()):  # what others import, first
            if file.is_dir():
                shutil.copytree(file, self.dags_folder / file.name, dirs_exist_ok=True)
            else:
                self.write_dag(file.name, file.read_text())

    def write_dag(self, name: str, source: str) -> Path:
        """Write one DAG file, whole at once: Airflow reads half a file and keeps the error."""
        path = self.dags_folder / name
        half = path.with_name(f".{name}.half")
        half.write_text(source)
        return half.replace(path)

    def wait_for_dag(self, dag_id: str, timeout_s: float = 60) -> Row:
        """The DAG, once Airflow has read it; an import error ends the waiting."""

        def look() -> Row | None:
            with contextlib.suppress(httpx.HTTPStatusError):
                dag: Row = self.request("GET", f"/dags/{dag_id}")
                if not self.is_v3 and not dag["is_active"]:
                    return None
                return dag
            for error in self.request("GET", "/importErrors")["import_errors"]:
                file = Path(error["filename"])
                # a file that another test broke and removed may still be listed
                if file.exists() or (self.dags_folder / file.name).exists():
                    raise AssertionError(f"{file}: {error['stack_trace']}")
            return None

        return self._wait(f"the DAG {dag_id}", look, timeout_s)

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run the DAG."""
        self.request("PATCH", f"/dags/{dag_id}", json={"is_paused": False})

    def trigger(
        self,
        dag_id: str,
        logical_date: datetime | None = None,
        conf: Row | None = None,
        *,
        run_id: str | None = None,
        partition_key: str | None = None,
    ) -> str:
        """Start a manual run; its run id. Without a date 3.3 gives it none, 2.11 the present."""
        body: Row = {"conf": conf or {}}
        if logical_date is not None:
            body["logical_date"] = logical_date.isoformat()
        elif self.is_v3:
            body["logical_date"] = None
        if run_id is not None:
            body["dag_run_id"] = run_id
        if partition_key is not None:
            body["partition_key"] = partition_key
        return str(self.request("POST", f"/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> Row:
        """The DAG run as REST shows it."""
        row: Row = self.request("GET", f"/dags/{dag_id}/dagRuns/{_quoted(run_id)}")
        return row

    def wait_for_run(self, dag_id: str, run_id: str, timeout_s: float = 120) -> str:
        """The state in which the run ended: success or failed."""

        def look() -> str | None:
            state = self.run(dag_id, run_id)["state"]
            return state if state in ("success", "failed") else None

        return self._wait(f"the run {run_id} of {dag_id}", look, timeout_s)

    def wait_for_state(
        self, dag_id: str, run_id: str, task_id: str, state: str, timeout_s: float = 120
    ) -> None:
        """Until a task is in a state; one that it passes through is seen if it lasts 0.1 s."""

        def look() -> bool | None:
            return self.task_states(dag_id, run_id).get(task_id) == state or None

        self._wait(f"{task_id} to be {state} in {run_id} of {dag_id}", look, timeout_s)

    def task_instances(self, dag_id: str, run_id: str) -> list[Row]:
        """The task instances of a run (up to 100), each with its latest try."""
        path = f"/dags/{dag_id}/dagRuns/{_quoted(run_id)}/taskInstances"
        rows: list[Row] = self.request("GET", path, params={"limit": 100})["task_instances"]
        return rows

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """State by task id; of a mapped task `<task id>[<map index>]`."""
        return {
            row["task_id"]
            if row["map_index"] < 0
            else f"{row['task_id']}[{row['map_index']}]": row["state"]
            for row in self.task_instances(dag_id, run_id)
        }

    def clear(
        self, dag_id: str, run_id: str, task_ids: Sequence[str], *, downstream: bool = False
    ) -> None:
        """Clear tasks of a run, whatever their state, so that they run again."""
        self.request(
            "POST",
            f"/dags/{dag_id}/clearTaskInstances",
            json={
                "dry_run": False,
                "only_failed": False,
                "reset_dag_runs": True,
                "dag_run_id": run_id,
                "task_ids": list(task_ids),
                "include_downstream": downstream,
            },
        )

    def logs(
        self, dag_id: str, run_id: str, task_id: str, try_number: int = 1, map_index: int = -1
    ) -> str:
        """The log of one try as text, one line an entry."""
        path = f"/dags/{dag_id}/dagRuns/{_quoted(run_id)}/taskInstances/{task_id}/logs/{try_number}"
        content = self.request(
            "GET",
            path,
            params={"full_content": True, "map_index": map_index},
            headers={"Accept": "application/json"},
        )["content"]
        if isinstance(content, str):
            return content
        return "\n".join(
            _logged(entry) if isinstance(entry, dict) else str(entry) for entry in content
        )

    def start_triggerer(self, timeout_s: float = 60) -> None:
        """Start the triggerer, which only deferred tasks need; does nothing if it runs."""
        if not self.processes.is_running("triggerer"):
            self.processes.start("triggerer", _airflow("triggerer"))
            self._wait("the triggerer", lambda: self._healthy("triggerer") or None, timeout_s)

    def wait_until_healthy(self, components: Sequence[str], timeout_s: float) -> None:
        """Wait for heartbeats; raises AirflowDidNotStart with all logs if a process ends."""

        def look() -> bool | None:
            self.processes.require_all()
            return all(self._healthy(name) for name in components) or None

        self._wait(f"Airflow at {self.url}", look, timeout_s)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _healthy(self, component: str) -> bool:
        path = "/monitor/health" if self.is_v3 else "/health"
        try:
            answer = self._client.get(path, timeout=10)
        except httpx.TransportError:
            return False
        return answer.is_success and answer.json()[component]["status"] == "healthy"

    def _wait(self, what: str, look: Callable[[], T | None], timeout_s: float) -> T:
        deadline = time.monotonic() + timeout_s
        while (found := look()) is None:
            if time.monotonic() > deadline:
                raise AirflowDidNotStart(
                    f"Waited {timeout_s} s for {what}.\n{self.processes.logs()}"
                )
            time.sleep(0.1)
        return found


@contextmanager
def started(
    version: tuple[int, ...], folder: Path, extra_env: Mapping[str, str]
) -> Iterator[LiveAirflow]:
    """A healthy Airflow with an empty DAGs folder, its own database, port and passwords."""
    home, dags_folder = folder / "home", folder / "dags"
    for path in (home, dags_folder):
        path.mkdir(parents=True)
    is_v3 = version[0] >= 3
    began = time.monotonic()
    with metadata_database(home) as database_url:
        port, password = _free_port(), secrets.token_hex(12)
        configure = settings.settings_v3 if is_v3 else settings.settings_v2
        env = settings.with_extra(
            configure(home, dags_folder, database_url, port, password), extra_env
        )
        processes = Processes(home, env)
        live = LiveAirflow(
            version=version,
            url=f"http://127.0.0.1:{port}",
            username=settings.USERNAME,
            password=password,
            instance=extra_env["BRIDGE_AIRFLOW_INSTANCE"],
            home=home,
            dags_folder=dags_folder,
            env=env,
            processes=processes,
        )
        try:
            if is_v3:
                processes.run("migrate", _airflow("db", "migrate"))
            else:
                processes.run(
                    "prepare", [sys.executable, str(Path(__file__).with_name("prepare_v2.py"))]
                )
            live.start_seconds["database"] = time.monotonic() - began
            # All at once: a task that starts before the api-server answers loses a try, but there
            # is no DAG yet.
            servers = (
                ("api-server", "dag-processor", "scheduler")
                if is_v3
                else ("webserver", "scheduler")
            )
            for server in servers:
                processes.start(server, _airflow(server))
            live.wait_until_healthy(
                ("scheduler", "dag_processor") if is_v3 else ("scheduler",), timeout_s=180
            )
            live.start_seconds["healthy"] = time.monotonic() - began
            yield live
        finally:
            live.close()
            processes.stop()


def _logged(entry: Row) -> str:
    """What an entry says, and the exceptions that it tells of."""
    raised = [
        f"{each['exc_type']}: {each['exc_value']}" for each in entry.get("error_detail") or ()
    ]
    return "\n".join([str(entry.get("event", entry)), *raised])


def _airflow(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *arguments]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _quoted(run_id: str) -> str:
    return quote(run_id, safe="")
