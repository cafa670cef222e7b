"""An Airflow's REST API over a list of rows, for what a real one cannot be made to do: ten thousand
rows, a clock
that is wrong, rows that move between two pages, answers that fail. Its answers have the recorded
shapes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import httpx

Row = dict[str, Any]


@dataclass
class FakeAirflow:
    """Version 2.11 (v1) or 3.3 (v2); `rows` are task instances with their hidden `updated_at`."""

    api: str
    rows: list[Row] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)
    history: list[Row] = field(default_factory=list)
    clock_offset: timedelta = timedelta()
    asked: list[httpx.Request] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None
    order: random.Random = field(default_factory=lambda: random.Random(1))

    def add(
        self, task_id: str, run_id: str, *, at: datetime, state: str = "success", **more: Any
    ) -> Row:
        """A task instance that changed at `at`, and its run where that is new."""
        row: Row = {
            "dag_id": "flights",
            "dag_run_id": run_id,
            "task_id": task_id,
            "map_index": -1,
            "try_number": 1,
            "state": state,
            "operator": "PythonOperator",
            "start_date": (at - timedelta(seconds=5)).isoformat(),
            "end_date": at.isoformat(),
            "updated_at": at,
            **more,
        }
        self.rows.append(row)
        named = [r for r in self.runs if r["dag_run_id"] == run_id and r["dag_id"] == row["dag_id"]]
        run = named[0] if named else self.add_run(row["dag_id"], run_id)
        row[self._position] = run[self._position]
        return row

    def add_run(self, dag_id: str, run_id: str, **more: Any) -> Row:
        """A DAG run; its logical date is in its run id, or given."""
        date = more.pop("logical_date", run_id.partition("__")[2] or None)
        run = {
            "dag_id": dag_id,
            "dag_run_id": run_id,
            "run_type": "scheduled",
            "state": "success",
            "logical_date": date,
            "data_interval_start": date,
            "data_interval_end": date,
            **more,
        }
        run.setdefault(self._position, date)
        self.runs.append(run)
        return run

    @property
    def transport(self) -> httpx.BaseTransport:
        """What a client is given in place of a network."""
        return httpx.MockTransport(self._answer)

    @property
    def _position(self) -> str:
        return "run_after" if self.api == "v2" else "execution_date"

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        self.before_answer()
        path = request.url.path
        now = datetime.now(timezone.utc) + self.clock_offset
        headers = {"Date": format_datetime(now, usegmt=True)}
        if not path.startswith(f"/api/{self.api}/"):
            return httpx.Response(404, text="<html>not here</html>", headers=headers)
        path = path.removeprefix(f"/api/{self.api}")
        body = json.loads(request.content) if request.content else {}
        if path == "/version":
            answer: Row = {"version": "2.11.2" if self.api == "v1" else "3.3.2"}
        elif path == "/dags/~/dagRuns/list":
            answer = self._listed(
                "dag_runs", [r for r in self.runs if self._in_range(r, body)], body
            )
        elif path == "/dags/~/dagRuns/~/taskInstances/list":
            answer = self._listed("task_instances", [r for r in self.rows if _named(r, body)], body)
        elif path.endswith("/tries"):
            answer = {"task_instances": [_shown(r) for r in self.history], "total_entries": 0}
        else:
            answer = self._task_instances(path.split("/")[2], request.url.params)
        return httpx.Response(200, json=answer, headers=headers)

    def _in_range(self, run: Row, body: Row) -> bool:
        low, high = body[f"{self._position}_gte"], body[f"{self._position}_lte"]
        position = datetime.fromisoformat(run[self._position])
        return run["dag_id"] in body["dag_ids"] and datetime.fromisoformat(
            low
        ) <= position <= datetime.fromisoformat(high)

    def _listed(self, name: str, rows: list[Row], body: Row) -> Row:
        page = rows[body["page_offset"] :][: body["page_limit"]]
        return {name: [_shown(row) for row in page], "total_entries": len(rows)}

    def _task_instances(self, scope: str, asked: httpx.QueryParams) -> Row:
        low, high = (datetime.fromisoformat(asked[f"updated_at_{end}"]) for end in ("gte", "lte"))
        rows = [
            row
            for row in self.rows
            if low <= row["updated_at"] <= high
            and scope in ("~", row["dag_id"])
            and row["state"] in asked.get_list("state")
        ]
        limit = int(asked["limit"])
        if self.api == "v1":
            page = rows[int(asked.get("offset", 0)) :][:limit]
            return {"task_instances": [_shown(row) for row in page], "total_entries": len(rows)}
        start = int(asked["cursor"] or 0)
        following = str(start + limit) if start + limit < len(rows) else None
        return {
            "task_instances": [_shown(row) for row in rows[start : start + limit]],
            "total_entries": len(rows),
            "next_cursor": following,
        }


def _shown(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "updated_at"}


def _named(row: Row, body: Row) -> bool:
    return (
        row["dag_id"] in body["dag_ids"]
        and row["dag_run_id"] in body["dag_run_ids"]
        and row["task_id"] in body["task_ids"]
    )
