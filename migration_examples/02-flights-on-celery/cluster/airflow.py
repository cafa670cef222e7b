"""A running Airflow with two Celery workers: what is asked of it, and `started`."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from cluster.databases import new_databases, new_queue
from cluster.host import HOST
from cluster.processes import Processes
from cluster.settings import USERNAME, Services, settings

WORKERS = ("worker-1", "worker-2")
SERVERS = ("api-server", "scheduler", "dag-processor")
_AT_ONCE = 2  # tasks that one worker computes at a time
T = TypeVar("T")


class Cluster:
    """Airflow by REST, its processes, and what its workers share."""

    def __init__(
        self, url: str, password: str, services: Services, environment: Mapping[str, str]
    ) -> None:
        self.url = url
        self.password = password
        self.services = services
        self.environment = dict(environment)
        self.processes = Processes(Path(environment["AIRFLOW_HOME"]), environment)
        self._client = httpx.Client(base_url=url, timeout=60)

    def start(self) -> None:
        """Make Airflow's tables, start everything, wait until all have given a sign of life."""
        self.processes.run("migrate", "db", "migrate")
        for server in SERVERS:
            self.processes.start(server, server)
        for worker in WORKERS:
            self.start_worker(worker)
        self.wait("Airflow", self._is_healthy, 180)
        answer = self._client.post(
            "/auth/token", json={"username": USERNAME, "password": self.password}
        )
        answer.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def start_worker(self, name: str) -> None:
        """One more worker; its name is that of its host as well."""
        options = ["--celery-hostname", f"{name}.{self.services.queue}"]
        options += ["--concurrency", str(_AT_ONCE), "--skip-serve-logs"]
        self.processes.start(name, "celery", "worker", *options, **{HOST: name})

    def stop(self) -> None:
        """End what was started."""
        self._client.close()
        self.processes.stop()

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """The answer of one REST call, below /api/v2. Raises RuntimeError with what was said."""
        answer = self._client.request(method, f"/api/v2{path}", **options)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def wait_for_dag(self, dag_id: str) -> None:
        """Wait until Airflow has read the DAG, and let it run."""

        def is_read() -> bool:
            if errors := self.ask("GET", "/importErrors")["import_errors"]:
                raise RuntimeError(errors[0]["stack_trace"])
            dags = self.ask("GET", "/dags", params={"dag_id_pattern": dag_id})["dags"]
            return any(dag["dag_id"] == dag_id for dag in dags)

        self.wait(f"the DAG {dag_id}", is_read, 60)
        self.ask("PATCH", f"/dags/{dag_id}", json={"is_paused": False})

    def trigger(self, dag_id: str, partition: str, **conf: Any) -> str:
        """Start a run for a partition; its run id."""
        body = {"logical_date": None, "conf": {"partition": partition, **conf}}
        return str(self.ask("POST", f"/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def wait_for_run(self, dag_id: str, run_id: str, timeout_s: float = 180) -> dict[str, Any]:
        """The run as it ended."""

        def ended() -> dict[str, Any] | None:
            run: dict[str, Any] = self.ask("GET", f"/dags/{dag_id}/dagRuns/{quote(run_id)}")
            return run if run["state"] in ("success", "failed") else None

        return self.wait(f"the run {run_id}", ended, timeout_s)

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        """The tasks of a run by id, each with its latest try: `state`, `hostname`, `try_number`."""
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances"
        return {task["task_id"]: task for task in self.ask("GET", path)["task_instances"]}

    def wait(self, what: str, look: Callable[[], T | None], timeout_s: float) -> T:
        """What `look` finds at last. Raises TimeoutError, RuntimeError if a process has ended."""
        deadline = time.monotonic() + timeout_s
        while not (found := look()):
            self.processes.require_all()
            if time.monotonic() > deadline:
                logs = "\n\n".join(f"{n}:\n{self.processes.log(n)}" for n in (*SERVERS, *WORKERS))
                raise TimeoutError(f"Waited {timeout_s:.0f} s for {what}.\n{logs}")
            time.sleep(0.5)
        return found

    def _is_healthy(self) -> bool:
        try:
            answer = self._client.get("/api/v2/monitor/health")
        except httpx.TransportError:
            return False
        if not answer.is_success:
            return False
        return all(
            answer.json()[part]["status"] == "healthy" for part in ("scheduler", "dag_processor")
        )


@contextmanager
def started(project: Path, postgres_url: str, redis_url: str) -> Iterator[Cluster]:
    """A cluster that runs the DAGs generated in a project, with everything of its own."""
    with ExitStack() as opened:
        metadata_url, store_url = opened.enter_context(
            new_databases(postgres_url, "flights_airflow", "flights_bridge")
        )
        services = Services(
            metadata_url=metadata_url,
            store_url=store_url,
            redis_url=redis_url,
            storage=str(project / "shared"),
            queue=opened.enter_context(new_queue(redis_url)),
        )
        port, password = _free_port(), secrets.token_hex(8)
        environment = settings(project, services, port, password)
        cluster = Cluster(f"http://127.0.0.1:{port}", password, services, environment)
        opened.callback(cluster.stop)
        cluster.start()
        yield cluster


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
