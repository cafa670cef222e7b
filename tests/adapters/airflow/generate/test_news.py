"""Automation conditions as schedules of DAGs: which can be one, and what is left to the daemon."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.airflow.generate.manifest import DagPlan, Manifest, read_manifest
from adapters.airflow.generate.news import NewsOf, news_wanted
from adapters.airflow.generate.plan import Planned, plan_dags
from adapters.airflow.generate.render import render
from bridge import (
    AssetSpec,
    AutomationCondition,
    DailyPartitionsDefinition,
    Definitions,
    ScheduleDefinition,
    asset,
    define_asset_job,
)
from bridge.assets import AssetsDefinition
from bridge.capabilities import Carried
from bridge.keys import AssetKey
from bridge.project import GenerateSettings, find_project

A, B, C = (AssetKey(name) for name in "abc")
SOURCES = [AssetSpec(name, uri=f"s3://lake/{name}") for name in "abc"]
ANY = AutomationCondition.any_deps_updated()
EAGER = AutomationCondition.eager()
UPDATED = AutomationCondition.newly_updated()


def news(name: str) -> AutomationCondition:
    return AutomationCondition.asset_matches(name, UPDATED).since_last_handled()


def reader(name: str, *deps: str, **facts: Any) -> AssetsDefinition:
    @asset(name=name, deps=deps, group_name="readers", **facts)
    def computed() -> None:
        pass

    return computed


def planned(*assets: Any, asked: str = "airflow", **automation: Any) -> Planned:
    definitions = Definitions([*SOURCES, *assets], **automation)
    graph = definitions.graph()
    settings = GenerateSettings.model_validate({"automation": asked})
    project = replace(find_project(Path(__file__).parent), generate=settings)
    return plan_dags(graph, project, definitions.automation(graph))


def readers(found: Planned) -> DagPlan:
    return next(dag for dag in found.manifest.dags if dag.group == "readers")


def wanted(*assets: AssetsDefinition) -> object:
    graph = Definitions([*SOURCES, *assets]).graph()
    return news_wanted([graph.nodes[key] for each in assets for key in each.keys])


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (ANY, NewsOf("any", (A, B))),
        (EAGER, NewsOf("any", (A, B))),
        (news("b") & news("a"), NewsOf("all", (A, B))),
        (news("a") | news("b"), NewsOf("any", (A, B))),
        (AutomationCondition.asset_matches("a", UPDATED) | news("b"), NewsOf("any", (A, B))),
        (news("a") & (news("c") | news("b")), NewsOf("all", (A, NewsOf("any", (B, C))))),
        (news("a"), A),
    ],
)
def test_any_and_all_news_of_assets_are_a_schedule(
    condition: AutomationCondition, expected: object
) -> None:
    assert wanted(reader("r", "a", "b", automation_condition=condition)) == expected


@pytest.mark.parametrize(
    "condition",
    [
        None,
        AutomationCondition.on_cron("@daily"),
        AutomationCondition.on_missing(),
        EAGER & ~AutomationCondition.in_progress(),
        ANY & news("a"),
        # of one evaluation only: both at once hardly ever come
        AutomationCondition.asset_matches("a", UPDATED)
        & AutomationCondition.asset_matches("b", UPDATED),
        AutomationCondition.asset_matches("a", UPDATED).since(UPDATED),
        AutomationCondition.asset_matches("a", ~UPDATED).since_last_handled(),
    ],
)
def test_what_asks_for_more_than_news_is_none(condition: AutomationCondition | None) -> None:
    assert wanted(reader("r", "a", "b", automation_condition=condition)) is None


def test_a_run_computes_the_whole_group_so_all_of_it_asks_for_the_same() -> None:
    first = reader("first", "a", "b", automation_condition=ANY)

    follows = reader("follows", "first", automation_condition=EAGER)
    assert wanted(first, follows) == NewsOf("any", (A, B))

    for other in (
        reader("other", "a", automation_condition=ANY),
        reader("other", "first", automation_condition=news("c")),
        reader("other", "first", automation_condition=news("first")),
        reader("other", automation_condition=ANY),
        reader("other", "first"),
    ):
        assert wanted(first, other) is None


def test_such_a_group_listens_and_the_daemon_leaves_it_alone(tmp_path: Path) -> None:
    condition = news("a") & (news("b") | news("c"))
    found = planned(reader("r", "a", "b", "c", automation_condition=condition))

    dag = readers(found)
    assert dag.schedule.news == {"all": ["s3://lake/a", {"any": ["s3://lake/b", "s3://lake/c"]}]}
    assert dag.doc == (
        "It runs when there are news of s3://lake/a and (s3://lake/b or s3://lake/c).",
        "Written elsewhere, where a task has to name the URI as its outlet: a (written by something"
        " outside), b (written by something outside), c (written by something outside).",
    )
    assert found.carried == Carried(conditions=frozenset({AssetKey("r")}))
    assert found.findings == ()
    for target in ("both", "2", "3"):
        assert "AssetAll(" in render(dag, target)
    file = tmp_path / "manifest.json"
    file.write_text(Manifest(locations=(), dags=(dag,)).to_json())
    assert read_manifest(file).dags == (dag,)


def test_unless_the_project_says_so_the_daemon_asks_and_the_dag_has_no_schedule() -> None:
    found = planned(reader("r", "a", automation_condition=ANY), asked="daemon")

    assert readers(found).schedule.kind == "none"
    assert found.carried == Carried()
    assert [finding.code for finding in found.findings] == ["left-to-daemon"]


def test_conditions_on_partitions_are_left_to_the_daemon() -> None:
    days = DailyPartitionsDefinition("2024-01-01")
    found = planned(reader("r", "a", partitions_def=days, automation_condition=ANY))

    assert readers(found).schedule.kind == "none"
    assert found.carried.conditions == frozenset()


def test_news_that_nobody_tells_airflow_of_are_left_to_the_daemon() -> None:
    found = planned(AssetSpec("silent"), reader("r", "silent", automation_condition=ANY))

    assert found.carried.conditions == frozenset()


def test_a_group_in_which_only_some_have_conditions_is_said_to_run_in_both_ways() -> None:
    found = planned(reader("r", "a", automation_condition=ANY), reader("s", "a"))

    assert readers(found).schedule.kind == "assets"
    assert {finding.code for finding in found.findings} == {
        "asked-for-in-two-ways",
        "left-to-daemon",
    }


def test_schedules_that_are_dags_are_left_alone_too() -> None:
    load = define_asset_job("load", "r")
    schedules = [ScheduleDefinition(name="nightly", job=load, cron_schedule="0 3 * * *")]

    found = planned(reader("r", "a"), schedules=schedules)
    assert found.carried.schedules == {"nightly"}
    found = planned(reader("r", "a"), schedules=schedules, asked="daemon")
    assert found.carried.schedules == frozenset()
