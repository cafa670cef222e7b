"""What the two interpreters say to each other, there and back."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

from adapters.airflow.isolated.messages import context_of, described, line, retell, told
from adapters.airflow.isolated.stand_ins import Asset


def airflows_context() -> dict[str, Any]:
    outlets = [Asset("x-bridge://a"), Asset("x-bridge://b")]
    dag = SimpleNamespace(
        tasks=[SimpleNamespace(asset_key="a"), SimpleNamespace(asset_keys=("b", "c")), object()]
    )
    return {
        "ti": SimpleNamespace(dag_id="d", run_id="r", task_id="t", map_index=-1, try_number=2),
        "dag_run": SimpleNamespace(run_id="r", conf={"partition": "2024-01-01"}),
        "task": SimpleNamespace(outlets=outlets, dag=dag),
        "outlet_events": {each: SimpleNamespace(extra=None) for each in outlets},
        "params": {"run_config": {"a": {"rows": 3}}},
        "data_interval_start": datetime(2024, 1, 1, tzinfo=timezone.utc),
        "data_interval_end": None,
        "var": "never sent",
    }


def sent(context: dict[str, Any]) -> dict[str, Any]:
    return context_of(json.loads(line(described(context))), Asset)


def test_the_other_interpreter_reads_the_same_context() -> None:
    context = airflows_context()

    there = sent(context)

    assert there["ti"] == context["ti"]
    assert (there["dag_run"].conf, there["dag_run"].partition_key) == (
        {"partition": "2024-01-01"},
        None,
    )
    assert there["params"] == context["params"]
    assert there["data_interval_start"] == context["data_interval_start"]
    assert there["data_interval_end"] is None
    assert there["task"].outlets == context["task"].outlets
    assert [(t.asset_key, t.asset_keys) for t in there["task"].dag.tasks] == [
        ("a", []),
        (None, ["b", "c"]),
        (None, []),
    ]
    assert "var" not in there


def test_events_of_outlets_and_outlets_left_out_come_back() -> None:
    context = airflows_context()
    there = sent(context)
    first, _ = there["task"].outlets
    there["outlet_events"][first].extra = {"rows": 3}
    there["task"].outlets = [first]

    retell(context, json.loads(line(told(there))))

    assert [outlet.uri for outlet in context["task"].outlets] == ["x-bridge://a"]
    events = context["outlet_events"]
    assert [event.extra for event in events.values()] == [{"rows": 3}, None]


def test_a_context_without_a_task_goes_there_and_back() -> None:
    context = {"ti": airflows_context()["ti"], "dag_run": airflows_context()["dag_run"]}

    there = sent(context)
    retell(context, told(there))

    assert there["task"].outlets == []
