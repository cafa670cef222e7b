"""What a generated task was made from: digits that change with what its file says."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.airflow.fingerprint import fingerprint
from bridge import DailyPartitionsDefinition, RetryPolicy, asset, asset_check
from bridge.graph import AssetGraph
from bridge.keys import AssetKey


def of(*checks: Any, **facts: Any) -> str:
    @asset(name="up")
    def up() -> None: ...

    @asset(name="a", **facts)
    def a() -> None: ...

    graph = AssetGraph.build([up, a], list(checks))
    return fingerprint(graph, [graph.nodes[AssetKey("a")]])


def check(*, blocking: bool) -> Any:
    @asset_check(asset="a", blocking=blocking)
    def fits() -> bool:
        return True

    return fits


@pytest.mark.parametrize(
    "facts",
    [
        {"deps": ["up"]},
        {"partitions_def": DailyPartitionsDefinition("2024-01-01")},
        {"output_required": False},
        {"retry_policy": RetryPolicy()},
        {"pool": "db"},
        {"tags": {"airflow/queue": "big"}},
        {"uri": "s3://lake/a"},
    ],
)
def test_it_changes_with_what_the_task_says(facts: dict[str, Any]) -> None:
    assert of(**facts) != of()
    assert of(**facts) == of(**facts)


def test_it_changes_with_a_check_that_is_a_task_only() -> None:
    assert of(check(blocking=True)) != of()
    assert of(check(blocking=False)) == of()


def test_it_does_not_change_with_what_the_file_may_leave_old() -> None:
    assert of(description="Better words.", tags={"tier": "gold"}, code_version="2") == of()
