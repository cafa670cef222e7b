"""A range of partitions as one backfill of Airflow 3's. The network is httpx's own stand-in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
import stamina

from adapters.airflow.api.rest import AirflowRest
from adapters.airflow.launch.ranges import HELD, Ranges
from bridge import AssetKey, DailyPartitionsDefinition, Definitions, asset
from bridge.runs import RemotePart

ORDERS = AssetKey("orders")
CONF = {"run": "abc"}
PART = RemotePart(
    stage=0,
    name="shop__assets",
    id="",
    assets=(ORDERS,),
    partition="2024-01-02...2024-01-04",
    is_range=True,
)


@asset(partitions_def=DailyPartitionsDefinition("2024-01-01"))
def orders() -> None: ...


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@dataclass
class Server:
    """An Airflow 3 with at most one backfill; `unfinished` are the runs of it."""

    backfill: dict[str, Any] | None = None
    unfinished: list[str] = field(default_factory=list)
    is_busy: bool = False
    posted: list[dict[str, Any]] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v2")
        if path == "/version":
            return httpx.Response(200, json={"version": "3.3.2"})
        if path == "/dags/~/dagRuns/list":
            rows = [{"dag_run_id": name, "conf": CONF} for name in self.unfinished]
            rows.append({"dag_run_id": "of somebody else", "conf": {}})
            return httpx.Response(200, json={"dag_runs": rows, "total_entries": len(rows)})
        if path == "/backfills" and request.method == "POST":
            return self._started(json.loads(request.content))
        if path == "/backfills":
            rows = [] if self.backfill is None else [self.backfill]
            return httpx.Response(200, json={"backfills": rows, "total_entries": len(rows)})
        if request.method == "PUT":
            self.turned.append(path.rpartition("/")[2])
        return httpx.Response(200, json=self.backfill)

    def _started(self, body: dict[str, Any]) -> httpx.Response:
        if self.is_busy:
            return httpx.Response(409, json={"detail": "already a running backfill"})
        self.posted.append(body)
        self.backfill = there(dag_run_conf=body["dag_run_conf"])
        return httpx.Response(200, json=self.backfill)


def there(**more: Any) -> dict[str, Any]:
    return {"id": 7, "is_paused": False, "completed_at": None, "dag_run_conf": CONF, **more}


def ranges(server: Server) -> Ranges:
    rest = AirflowRest.connect("http://airflow.test", transport=httpx.MockTransport(server))
    return Ranges(rest.connection, Definitions([orders]).graph())


def test_a_range_is_asked_for_from_its_first_moment_to_its_last() -> None:
    server = Server()

    begun = ranges(server).begun(PART, CONF, 3)

    assert (begun.state, begun.id) == ("running", "7")
    [body] = server.posted
    assert (body["from_date"], body["to_date"]) == (
        "2024-01-02T00:00:00+00:00",
        "2024-01-04T23:59:59+00:00",
    )
    assert (body["max_active_runs"], body["reprocess_behavior"]) == (3, "completed")


def test_one_that_was_asked_for_is_taken_up_and_not_asked_for_again() -> None:
    server = Server(backfill=there(), unfinished=["backfill__1"])

    assert (ranges(server).begun(PART, CONF, 3).state, server.posted) == ("running", [])


def test_one_whose_runs_are_not_there_yet_is_not_taken_for_ended() -> None:
    server = Server(backfill=there())

    found = ranges(server).begun(PART, CONF, 3)

    assert (found.state, server.posted) == ("waiting", [])
    assert "at the begin or end of backfill 7" in str(found.message)


def test_while_another_backfill_of_the_dag_goes_on_it_waits() -> None:
    found = ranges(Server(is_busy=True)).begun(PART, CONF, 3)

    assert found.state == "waiting"
    assert "another backfill of the DAG shop__assets" in str(found.message)


@pytest.mark.parametrize(
    ("more", "unfinished", "state"),
    [
        ({}, ["backfill__1"], "running"),
        ({}, [], "succeeded"),
        ({"completed_at": "2024-05-01T00:00:00Z"}, [], "succeeded"),
    ],
)
def test_it_is_over_with_its_last_run(
    more: dict[str, Any], unfinished: list[str], state: str
) -> None:
    at = ranges(Server(backfill=there(**more), unfinished=unfinished))
    begun = replace(PART, id="7", state="running")

    assert at.looked(begun, CONF, is_held=False).state == state


def test_it_is_held_and_let_go_again_but_not_where_somebody_else_paused_it() -> None:
    server = Server(backfill=there(), unfinished=["backfill__1"])
    at = ranges(server)

    held = at.looked(PART, CONF, is_held=True)
    server.backfill = there(is_paused=True)
    at.looked(held, CONF, is_held=False)
    theirs = at.looked(PART, CONF, is_held=False)

    assert (held.message, server.turned) == (HELD, ["pause", "unpause"])
    assert "is paused in Airflow" in str(theirs.message)
