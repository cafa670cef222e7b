"""What tasks get of Airflow's own arguments: pools, retries, queues, priorities, time limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.airflow.generate.manifest import Settings, read_manifest
from adapters.airflow.generate.plan import plan_dags
from adapters.airflow.generate.render import render
from bridge import AssetSpec, Backoff, RetryPolicy, asset, asset_check, multi_asset
from bridge.assets import AssetsDefinition
from bridge.errors import DefinitionError
from bridge.graph import AssetGraph
from bridge.project import find_project

TAGS = {
    "airflow/queue": "big",
    "airflow/priority_weight": "5",
    "airflow/execution_timeout_s": "90.5",
}


def named(name: str, **facts: Any) -> AssetsDefinition:
    @asset(name=name, **facts)
    def computed() -> None:
        pass

    return computed


@asset_check(asset="a", blocking=True)
def fits() -> bool:
    return True


def settings(*assets: Any, checks: Any = ()) -> dict[str, Settings]:
    [dag] = planned(*assets, checks=checks).manifest.dags
    return {task.task_id: task.settings for task in dag.tasks}


def planned(*assets: Any, checks: Any = ()) -> Any:
    graph = AssetGraph.build(list(assets), list(checks))
    return plan_dags(graph, find_project(Path(__file__).parent))


def test_a_task_has_what_its_asset_says_and_its_check_runs_beside_it() -> None:
    policy = RetryPolicy(max_retries=3, delay=20, backoff=Backoff.EXPONENTIAL)
    found = settings(named("a", tags=TAGS, pool="db", retry_policy=policy), checks=[fits])

    assert found["a"] == Settings(
        pool="db",
        queue="big",
        priority_weight=5,
        execution_timeout_s=90.5,
        retries=3,
        retry_delay_s=20,
        backs_off=True,
    )
    assert found["a-check-fits"] == Settings(
        queue="big", priority_weight=5, retries=3, retry_delay_s=20, backs_off=True
    )


def test_a_gate_is_retried_as_its_asset_is() -> None:
    @asset_check(asset="a", blocking=True)
    def fits_as_well() -> bool:
        return True

    often = named("a", retry_policy=RetryPolicy(max_retries=3))
    found = settings(often, checks=[fits, fits_as_well])

    assert {said.retries for said in found.values()} == {3}
    assert len(found) == 4


def test_a_check_of_what_is_not_retried_is_left_to_airflow() -> None:
    assert set(settings(named("a"), checks=[fits]).values()) == {Settings()}


def test_what_an_asset_does_not_say_is_left_to_airflow() -> None:
    assert settings(named("a")) == {"a": Settings()}


def test_a_policy_without_a_delay_retries_at_once() -> None:
    found = settings(named("a", retry_policy=RetryPolicy()))["a"]

    assert (found.retries, found.retry_delay_s, found.backs_off) == (1, 0.0, False)


def test_the_file_and_the_manifest_say_it(tmp_path: Path) -> None:
    policy = RetryPolicy(max_retries=2, delay=1.5, backoff=Backoff.EXPONENTIAL)
    manifest = planned(named("a", tags=TAGS, pool="db", retry_policy=policy)).manifest
    file = tmp_path / "manifest.json"
    file.write_text(manifest.to_json())

    assert read_manifest(file) == manifest
    lines = [line.strip() for line in render(manifest.dags[0]).splitlines()]
    for line in (
        "from datetime import datetime, timedelta",
        'pool="db",',
        'queue="big",',
        "priority_weight=5,",
        "execution_timeout=timedelta(seconds=90.5),",
        "retries=2,",
        "retry_delay=timedelta(seconds=1.5),",
        "retry_exponential_backoff=True,",
    ):
        assert line in lines


def test_an_executor_and_its_configuration_hold_for_all_tasks_of_an_asset(tmp_path: Path) -> None:
    config = {"pod_template_file": "/pods/big.yaml", "limits": {"cpu": 2}}
    told = {
        "tags": {"airflow/executor": "KubernetesExecutor"},
        "metadata": {"airflow/executor_config": config},
    }
    manifest = planned(named("a", **told), checks=[fits]).manifest
    file = tmp_path / "manifest.json"
    file.write_text(manifest.to_json())

    assert read_manifest(file) == manifest
    for task in manifest.dags[0].tasks:
        assert (task.settings.executor, task.settings.executor_config) == (
            "KubernetesExecutor",
            config,
        )
    text = render(manifest.dags[0])
    assert 'executor="KubernetesExecutor",' in text
    assert '"limits": {\n                "cpu": 2,\n            },' in text


@pytest.mark.parametrize("config", ["big", [1], {"pod_override": {}}])
def test_a_configuration_that_no_file_can_say_is_refused(config: object) -> None:
    message = "give a dictionary, with the path of a pod_template_file instead of a pod_override"

    with pytest.raises(DefinitionError, match=rf"{message}.*test_settings\.py:"):
        settings(named("a", metadata={"airflow/executor_config": config}))


def test_tags_that_all_assets_have_are_the_dags() -> None:
    both = {"domain": "sales", "gold": ""}

    (dag,) = planned(
        named("a", tags={**both, "tier": "1"}), named("b", tags={**both, "airflow/queue": "big"})
    ).manifest.dags

    assert dag.tags == ("bridge", "default", "domain:sales", "gold")


def test_which_pools_airflow_must_have_is_said() -> None:
    [finding] = planned(named("a", pool="the db")).findings

    assert finding.message == "Tasks need the pool the db in Airflow."
    assert finding.hint == "airflow pools set 'the db' 1 ''"


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"airflow/priority_weight": "high"}, "with 'high'; give a whole number"),
        ({"airflow/execution_timeout_s": "0"}, "with '0'; give a number of seconds above zero"),
        ({"airflow/execution_timeout_s": "nan"}, "with 'nan'; give a number of seconds"),
        ({"airflow/queue": ""}, "with ''; give the name of a queue"),
        ({"airflow/executor": ""}, "with ''; give the name of an executor"),
        ({"airflow/que": "big"}, "has the tag airflow/que, which no task of Airflow has"),
    ],
)
def test_a_tag_that_no_task_can_have_is_refused_with_its_place(
    tags: dict[str, str], why: str
) -> None:
    with pytest.raises(DefinitionError, match=rf"{why}.*test_settings\.py:"):
        settings(named("a", tags=tags))


def test_assets_of_one_function_that_want_two_queues_are_refused() -> None:
    @multi_asset(specs=[AssetSpec(name, tags={"airflow/queue": name}) for name in ("a", "b")])
    def both() -> None: ...

    with pytest.raises(DefinitionError, match=r"the tag airflow/queue with a and b\. Keep one"):
        settings(both)
