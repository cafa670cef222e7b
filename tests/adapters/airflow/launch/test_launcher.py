"""What is asked of an Airflow for a run. The network is httpx's own stand-in for one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from adapters.airflow.api.rest import AirflowRest
from adapters.airflow.launch.launcher import AirflowLauncher
from bridge import AssetKey, DailyPartitionsDefinition, Definitions, asset
from bridge.errors import RefusedError, RemoteUnreachableError
from bridge.execution import plan
from bridge.project import find_project
from bridge.runs import RemotePart, RemoteRun, Run, RunTarget

NOW = datetime(2024, 3, 1, tzinfo=timezone.utc)
ORDERS, OLD = AssetKey("orders"), AssetKey("old")
both = pytest.mark.parametrize("api", ["v1", "v2"])


@asset(group_name="shop", partitions_def=DailyPartitionsDefinition("2024-01-01"))
def orders() -> None: ...


@asset(
    group_name="past", partitions_def=DailyPartitionsDefinition("2024-01-01", end_date="2024-02-01")
)
def old() -> None: ...


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@dataclass
class Server:
    """DAG runs by id with their state; `dags` by id: whether they are paused."""

    api: str
    dags: dict[str, bool] = field(default_factory=lambda: {"shop__assets": False})
    runs: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    is_viewer: bool = False
    takes_keys: bool = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(f"/api/{self.api}")
        words = path.strip("/").split("/")
        if path == "/version":
            return httpx.Response(200, json={"version": "3.3.2" if self.api == "v2" else "2.11.2"})
        if words[0] != "dags" or words[1] not in self.dags:
            return httpx.Response(404, json={"detail": "not found"})
        if request.method == "POST":
            return self._started(json.loads(request.content))
        if len(words) == 2:
            row = {"is_paused": self.dags[words[1]], "timetable_partitioned": self.takes_keys}
            return httpx.Response(200, json={"dag_id": words[1], **row})
        return self._run(request, words)

    def _run(self, request: httpx.Request, words: list[str]) -> httpx.Response:
        if words[3] not in self.runs:
            return httpx.Response(404, json={"detail": "no such run"})
        if request.method == "PATCH":
            self.runs[words[3]] = json.loads(request.content)["state"]
        if words[-1] == "taskInstances":
            return httpx.Response(200, json={"task_instances": [], "total_entries": 0})
        return httpx.Response(200, json={"dag_run_id": words[3], "state": self.runs[words[3]]})

    def _started(self, body: dict[str, Any]) -> httpx.Response:
        if self.is_viewer:
            return httpx.Response(403, json={"detail": "Forbidden"})
        if body["dag_run_id"] in self.runs:
            return httpx.Response(409, json={"detail": "already exists"})
        self.asked.append(body)
        self.runs[body["dag_run_id"]] = "queued"
        return httpx.Response(200, json={"dag_run_id": body["dag_run_id"]})


def launcher(server: Server) -> AirflowLauncher:
    definitions = Definitions([orders, old])
    graph = definitions.graph()
    rest = AirflowRest.connect("http://airflow.test", transport=httpx.MockTransport(server))
    project = find_project(Path(__file__).parent)
    return AirflowLauncher(rest, graph, project, definitions.automation(graph))


def begun(at: AirflowLauncher, key: AssetKey = ORDERS, day: str = "2024-01-02") -> Run:
    """A run of which nothing is started yet."""
    target = RunTarget(assets=(key,), partition=day)
    run = Run(id="abc", status="running", created_at=NOW, target=target)
    todo = plan(Definitions([orders, old]).graph(), [key], partition=day, now=NOW)
    return replace(run, remote=RemoteRun(place="airflow:eu", parts=at.parts(run, todo)))


def part(found: RemoteRun) -> RemotePart:
    return found.parts[0]


@both
def test_a_run_is_triggered_with_an_id_that_derives_from_ours(api: str) -> None:
    server = Server(api)
    at = launcher(server)

    found = part(at.carry_on(begun(at)))

    assert (found.state, found.id) == ("running", "bridge__abc")
    [body] = server.asked
    assert body["conf"] == {"run": "abc", "partition": "2024-01-02"}
    assert body.get("logical_date", "unsaid") == (None if api == "v2" else "unsaid")
    assert found.link is not None
    assert found.link.endswith("bridge__abc")


@both
def test_one_that_is_there_already_is_followed_and_not_started_again(api: str) -> None:
    server = Server(api, runs={"bridge__abc": "running"})
    at = launcher(server)

    assert part(at.carry_on(begun(at))).state == "running"
    assert server.asked == []


def test_a_partition_key_goes_where_the_dag_takes_one() -> None:
    server = Server("v2", takes_keys=True)
    at = launcher(server)
    at.carry_on(begun(at))

    assert server.asked[0]["partition_key"] == "2024-01-02"


def test_a_dag_that_has_ended_gets_a_date_before_its_end_on_2() -> None:
    server = Server("v1", dags={"past__assets": False})
    at = launcher(server)
    at.carry_on(begun(at, OLD))

    date = datetime.fromisoformat(server.asked[0]["logical_date"])
    assert datetime(2024, 1, 30, 22, tzinfo=timezone.utc) < date
    assert date <= datetime(2024, 1, 31, tzinfo=timezone.utc)


@both
@pytest.mark.parametrize(
    ("state", "said"), [("success", "succeeded"), ("failed", "failed"), ("running", "running")]
)
def test_a_state_is_what_airflow_says(api: str, state: str, said: str) -> None:
    server = Server(api)
    at = launcher(server)
    run = begun(at)
    run = replace(run, remote=at.carry_on(run))
    server.runs["bridge__abc"] = state

    assert part(at.carry_on(run)).state == said


def test_a_dag_run_that_was_deleted_has_failed() -> None:
    server = Server("v2")
    at = launcher(server)
    run = begun(at)
    run = replace(run, remote=at.carry_on(run))
    server.runs.clear()

    found = part(at.carry_on(run))

    assert found.state == "failed"
    assert "bridge__abc of the DAG shop__assets was deleted" in str(found.message)
    assert len(server.asked) == 1


def test_a_paused_dag_gets_no_run_and_says_so() -> None:
    server = Server("v2", dags={"shop__assets": True})
    at = launcher(server)
    run = begun(at)

    found = part(at.carry_on(run))

    assert (found.state, server.asked) == ("waiting", [])
    assert "airflow dags unpause shop__assets" in str(found.message)
    with pytest.raises(RefusedError, match="is paused"):
        at.require_ready([ORDERS])


def test_a_dag_that_is_not_deployed_is_told() -> None:
    at = launcher(Server("v2", dags={}))

    with pytest.raises(RefusedError, match=r"has no DAG shop__assets\. Put the generated files"):
        begun(at)


def test_who_may_only_look_is_told() -> None:
    at = launcher(Server("v2", is_viewer=True))

    with pytest.raises(RemoteUnreachableError, match=r"403.*that the user may do this"):
        at.carry_on(begun(at))


def test_canceling_fails_the_dag_run_also_one_that_was_not_noted() -> None:
    server = Server("v1", runs={"bridge__abc": "queued"})
    at = launcher(server)

    found = part(at.carry_on(replace(begun(at), cancel_requested=True)))

    assert (found.state, server.runs) == ("failed", {"bridge__abc": "failed"})


def test_a_held_run_begins_nothing() -> None:
    server = Server("v2")
    at = launcher(server)

    assert part(at.carry_on(begun(at), is_held=True)).state == "waiting"
    assert server.asked == []
