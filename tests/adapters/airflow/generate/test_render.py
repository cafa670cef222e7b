"""The rendered files: text that stays, and that a formatter leaves alone."""

from __future__ import annotations

import ast
import shutil
import subprocess
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.airflow.generate.files import generate_files
from adapters.airflow.generate.manifest import DagPlan, TaskPlan
from adapters.airflow.generate.render import render
from adapters.airflow.generate.schedule import Schedule
from bridge import (
    AssetCheckSpec,
    AssetSpec,
    DailyPartitionsDefinition,
    asset,
    asset_check,
    multi_asset,
    multi_asset_check,
)
from bridge.graph import AssetGraph
from bridge.project import find_project

GOLDEN = Path(__file__).parent / "golden"
DAYS = DailyPartitionsDefinition("2013-01-01", "2014-01-01", timezone="America/New_York")
RUFF = shutil.which("ruff")
texts = st.text(min_size=1, max_size=30)


def flights() -> AssetGraph:
    """Two groups: a daily one that reads a legacy table, and a report of it."""

    @asset(key_prefix="flights", group_name="flights", partitions_def=DAYS, owners=["team:ops"])
    def stg_flights() -> None:
        """A day's "departures", as the airports reported them.

        With times on local clocks.
        """

    @asset(
        key_prefix="flights",
        group_name="flights",
        partitions_def=DAYS,
        deps=[stg_flights, "weather"],
    )
    def fct_departures() -> None: ...

    @multi_asset(
        specs=[
            AssetSpec(
                ["flights", name],
                group_name="flights",
                deps=[fct_departures],
                partitions_def=DAYS,
                skippable=is_rare,
            )
            for name, is_rare in (("fct_routes", False), ("fct_diversions", True))
        ]
    )
    def counted() -> None:
        """What can be counted in one pass."""

    @asset(
        key_prefix="reports",
        group_name="reports",
        deps=[["flights", "fct_routes"], fct_departures],
    )
    def rpt_delays() -> None: ...

    @asset_check(asset=fct_departures)
    def has_rows() -> bool:
        """A day without a flight is a day that was not loaded."""
        return True

    @asset_check(asset=stg_flights)
    def has_origins() -> bool:
        return True

    @asset_check(asset=stg_flights)
    def has_no_twins() -> bool:
        return True

    weather = AssetSpec("weather", produced_by=["airflow:flights_daily.stage_weather"])
    legacy = AssetSpec(["flights", "fct_departures"], produced_by=["airflow:flights_daily.build"])

    @multi_asset_check(
        specs=[
            AssetCheckSpec(name, ["flights", "fct_routes"], blocking=True)
            for name in ("has_both_ends", "has_counts")
        ]
    )
    def look_at_routes() -> None: ...

    return AssetGraph.build(
        [weather, legacy, stg_flights, fct_departures, counted, rpt_delays],
        [has_rows, has_origins, has_no_twins, look_at_routes],
    )


def generated(tmp_path: Path, settings: str) -> dict[str, str]:
    (tmp_path / "bridge.toml").write_text(
        f'definitions = ["flights_assets.definitions"]\ngenerate = {settings}\n'
    )
    return {
        file.path.name: file.text
        for file in generate_files(flights(), find_project(tmp_path)).files
    }


# By folder; on which Airflow each is read: tests/airflow/test_golden.py
FORMS = {
    ".": '{ form = "rendered" }',
    "loader": "{}",
    "target_2": '{ form = "rendered", target = "2" }',
    "target_3": '{ form = "rendered", target = "3" }',
}


@pytest.mark.parametrize("folder", FORMS)
def test_the_flights_are_generated_as_they_always_were(folder: str, tmp_path: Path) -> None:
    golden = {
        path.name: path.read_text(encoding="utf-8")
        for path in (GOLDEN / folder).iterdir()
        if path.is_file()
    }

    assert generated(tmp_path, FORMS[folder]) == golden


def test_nothing_names_the_folder_that_the_project_happens_to_be_in(tmp_path: Path) -> None:
    for settings in FORMS.values():
        texts = generated(tmp_path, settings).values()
        assert not [text for text in texts if str(tmp_path) in text]


@pytest.mark.skipif(RUFF is None, reason="needs ruff on PATH, as in the dev extra")
@pytest.mark.parametrize("width", [80, 88, 100, 120])
def test_ruff_leaves_the_files_alone_at_any_width(width: int, tmp_path: Path) -> None:
    for settings in FORMS.values():
        for name, text in generated(tmp_path, settings).items():
            if name.endswith(".py"):
                assert formatted(text, width) == text


@given(texts, texts, texts)
def test_any_key_owner_and_description_survive(word: str, owner: str, doc: str) -> None:
    rendered = render(plan_of(word, owner, doc))

    calls = {
        keyword.arg: ast.literal_eval(keyword.value)
        for node in ast.walk(ast.parse(rendered))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "AssetOperator"
        for keyword in node.keywords
    }
    assert calls == {"task_id": "it", "asset_key": word, "owner": owner, "doc_md": doc}


@pytest.mark.parametrize(
    ("after_past", "lines"),
    [
        (None, []),
        ("task", ["depends_on_past=True,"]),
        ("checks", ["depends_on_past=True,", "wait_for_downstream=True,"]),
    ],
)
def test_a_task_that_waits_for_its_past_says_so(
    after_past: Literal["task", "checks"] | None, lines: list[str]
) -> None:
    plan = plan_of("a", "b", "c")
    task = plan.tasks[0]._replace(after_past=after_past)

    rendered = [line.strip() for line in render(plan._replace(tasks=(task,))).splitlines()]

    assert [line for line in rendered if "past" in line or "downstream" in line] == lines


@pytest.mark.skipif(RUFF is None, reason="needs ruff on PATH, as in the dev extra")
@pytest.mark.parametrize(
    "text", ["it's", 'say "so"', "both ' and \"", "\\", "\\'", '"\\"', "é\n\t\x00\u2028"]
)
def test_ruff_leaves_every_quoting_alone(text: str) -> None:
    rendered = render(plan_of(text, text, text))

    assert formatted(rendered, 88) == rendered


LONG = tuple(f"{minute} 2 * * mon,tue,wed,thu,fri" for minute in range(4))


@pytest.mark.skipif(RUFF is None, reason="needs ruff on PATH, as in the dev extra")
@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(kind="ticks", crons=("0 2 * * *",)),
        Schedule(kind="ticks", crons=LONG, timezone="America/Argentina/Buenos_Aires"),
        Schedule(kind="ticks", crons=LONG[:1], exclusions=LONG, makes_up=True),
        Schedule(kind="assets", assets=("s3://a",)),
        Schedule(kind="assets", assets=("s3://" + "a" * 90,)),
    ],
)
def test_ruff_leaves_every_schedule_alone(schedule: Schedule, width: int) -> None:
    rendered = render(plan_of("a", "b", "c")._replace(schedule=schedule))

    assert formatted(rendered, width) == rendered


def plan_of(key: str, owner: str, doc: str) -> DagPlan:
    task = TaskPlan(task_id="it", kind="asset", assets=(key,), owner=owner, doc=doc)
    return DagPlan(
        dag_id="x__assets",
        group="x",
        description="The assets of the group x",
        doc=(f"It reads {key!r}.",),
        tags=("bridge",),
        schedule=Schedule(),
        max_active_runs=1,
        is_paused_at_first=False,
        partitions=None,
        tasks=(task,),
    )


def formatted(text: str, width: int) -> str:
    return subprocess.run(
        [str(RUFF), "format", "--isolated", "--line-length", str(width), "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
