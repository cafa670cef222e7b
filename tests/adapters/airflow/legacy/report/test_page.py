"""The HTML report: what stands on it, that it is one file, and that nothing in it is code."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from adapters.airflow.importing import read_legacy
from adapters.airflow.legacy.datasets import TaskLineage
from adapters.airflow.legacy.proposal import mapping_of
from adapters.airflow.legacy.report.content import content_of
from adapters.airflow.legacy.report.page import page_of
from adapters.airflow.legacy.snapshot import (
    Dag,
    DagSnapshot,
    Durations,
    Operation,
    Schedule,
    Task,
)
from bridge.capabilities import ImportedDag, LegacySource, Supplied
from bridge.project import find_project

FOLDER = {
    "orders.py": """
        from datetime import datetime
        from airflow import DAG
        from airflow.operators.bash import BashOperator
        from airflow.providers.postgres.operators.postgres import PostgresOperator

        with DAG("orders", schedule="@daily", start_date=datetime(2024, 1, 1)):
            PostgresOperator(task_id="load", postgres_conn_id="dwh",
                sql="insert into orders select * from raw")
            BashOperator(task_id="tidy", bash_command="./tidy.sh")
    """,
    "report.py": """
        from datetime import datetime
        from airflow import DAG
        from airflow.providers.postgres.operators.postgres import PostgresOperator

        with DAG("report", schedule="0 6 * * *", start_date=datetime(2024, 1, 1)):
            PostgresOperator(task_id="sum", postgres_conn_id="dwh",
                sql="insert into totals select * from orders")
    """,
    "broken.py": "from airflow import DAG\nthis is no python\n",
}
VOID = {"meta", "col"}


class Outline(HTMLParser):
    """Tags that are open, attributes that were seen, and text by the tag around it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.texts: dict[str, list[str]] = {}
        self.rows: list[list[str]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= set(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= set(attrs)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open.pop() == tag, f"{tag} ends something else"

    def handle_data(self, data):
        said = " ".join(data.split())
        if said and self.open:
            self.texts.setdefault(self.open[-1], []).append(said)
            if {"td", "th"} & set(self.open) and "details" not in self.open[:-1]:
                self.rows[-1][-1] = f"{self.rows[-1][-1]} {said}".strip()


@pytest.fixture
def page(write_folder, tmp_path: Path):
    def make(files: dict[str, str]) -> str:
        report = read_legacy(
            LegacySource(folder=write_folder(files)),
            instance="prod",
            project=find_project(tmp_path / "project"),
            supplied=Supplied(),
        )
        return report.page()

    return make


def test_the_page_has_inventory_lineage_and_findings(page):
    outline = Outline(page(FOLDER))

    assert outline.open == []
    assert outline.texts["h1"] == ["Airflow DAGs of dags"]
    assert outline.texts["h2"] == ["Inventory", "Lineage", "Findings"]
    assert outline.texts["dt"] == ["DAGs", "Tasks", "Outputs known", "Datasets", "Findings"]
    assert outline.texts["dd"] == ["2", "3", "2", "3", "2"]
    assert outline.texts["small"][0] == "3 files, 1 not read"
    assert outline.texts["small"][4] == "1 problem, 1 warning, 0 notes"


def test_every_dag_has_a_row_with_schedule_and_outputs(page):
    rows = Outline(page(FOLDER)).rows
    assert ["orders orders.py:6", "@daily", "2", "1 of 2", "SQL", "1 task unknown"] in rows
    assert ["report report.py:5", "0 6 * * *", "1", "1 of 1", "SQL", ""] in rows


def test_every_dataset_has_its_writers_and_readers(page):
    rows = Outline(page(FOLDER)).rows
    assert ["postgres://dwh/orders", "orders.load", "report.sum"] in rows
    assert ["postgres://dwh/raw", "no task here", "orders.load"] in rows


def test_a_dag_that_a_dataset_starts_is_among_its_readers(page):
    waiting = """
        from datetime import datetime
        from airflow import DAG, Dataset
        with DAG("waits", schedule=[Dataset("s3://b/x")], start_date=datetime(2024, 1, 1)):
            pass
    """
    rows = Outline(page({"waits.py": waiting})).rows
    assert ["s3://b/x", "no task here", "waits (its schedule)"] in rows


def test_the_drawing_shows_what_flows_between_dags(page):
    outline = Outline(page(FOLDER))
    assert outline.texts["text"] == [
        "orders",
        "2 tasks · @daily",
        "report",
        "1 task · 0 6 * * *",
    ]
    assert "orders writes postgres://dwh/orders for report" in outline.texts["title"]


def test_findings_are_grouped_by_level_with_file_and_line(page):
    rows = Outline(page(FOLDER)).rows
    heads = [row[0] for row in rows if row[1:] == ["About", "What", "Where"]]
    assert heads == ["Problems (1)", "Warnings (1)"]
    assert [row[3] for row in rows if row[0] == "! unknown outputs"] == ["orders.py:9"]
    (problem,) = [row for row in rows if row[0].startswith("✗")]
    assert problem[3] == "broken.py:2"


def test_the_limits_within_which_files_ran_are_named(page):
    text = page(FOLDER)
    assert "The files ran within these limits: audit hook, " in text
    assert "This is containment, not a security boundary." in text


def test_equal_code_gives_equal_bytes(page):
    assert page(FOLDER) == page(FOLDER)


def test_a_folder_without_dags_says_so(page):
    text = page({"helper.py": "x = 1\n"})
    assert "No DAG was found." in text
    assert "Nothing to tell." in text


def test_the_page_is_one_file_that_asks_no_network_and_runs_nothing(page):
    text = page(FOLDER)
    outline = Outline(text)
    assert not outline.tags & {"script", "link", "img", "iframe", "object", "base", "form"}
    assert not [name for name, _ in outline.attributes if name.startswith("on") or name == "src"]
    links = {value for name, value in outline.attributes if name in ("href", "xlink:href")}
    assert links == {"#inventory", "#lineage", "#findings"}
    assert "default-src 'none'" in text
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


ATTACK = "</title></style><script>alert(1)</script>\" onload='x' {{ 7*7 }}"


def test_whatever_a_file_says_is_text(page):
    text = page(
        {
            "evil.py": f"""
                from datetime import datetime
                from airflow import DAG, Dataset
                from airflow.operators.bash import BashOperator
                evil = {ATTACK!r}
                with DAG("d" + evil, schedule=evil, start_date=datetime(2024, 1, 1)):
                    BashOperator(task_id="t" + evil, bash_command="true",
                        outlets=[Dataset("s3://b/" + evil)])
                with DAG("e", schedule=[Dataset("s3://b/" + evil)],
                         start_date=datetime(2024, 1, 1)):
                    BashOperator(task_id="t", bash_command=evil)
                raise ValueError(evil)
            """
        }
    )
    outline = Outline(text)
    assert "script" not in outline.tags
    assert not [name for name, _ in outline.attributes if name.startswith("on")]
    assert "&lt;script&gt;alert(1)" in text
    assert "{{ 7*7 }}" in text
    assert outline.open == []


def test_the_page_says_how_a_dag_runs_and_which_freshness_is_in_force():
    took = Durations(runs=9, median_s=250.0, p90_s=360.4)
    operation = Operation(
        is_paused=False,
        last_run="2024-03-01T05:30:00+00:00",
        last_state="success",
        durations=took,
    )
    dag = Dag(
        dag_id="d",
        file="d.py",
        schedule=Schedule(kind="cron", text="@daily", cron="@daily"),
        tasks=(
            Task(task_id="a", operator="x.Operator", done_after=took),
            Task(task_id="b", operator="x.Operator"),
        ),
        operation=operation,
    )
    snapshot = DagSnapshot(
        instance="prod", folder="/dags", taken_from=("source", "rest"), dags=(dag,)
    )
    lineage = {("d.py", "d", name): TaskLineage(nature="opaque") for name in "ab"}
    mapping = mapping_of(snapshot, lineage)
    units = [
        unit.model_copy(
            update={"freshness": unit.freshness.model_copy(update={"confirmed": unit.task == "b"})}
        )
        for unit in mapping.units
    ]
    row = ImportedDag(
        dag_id="d", tasks=2, schedule="@daily", outputs_known=0, outputs=2, how=(), notes=()
    )

    text = page_of(
        content_of(
            snapshot,
            lineage,
            mapping=mapping.model_copy(update={"units": tuple(units)}),
            source="Airflow 3.3.2",
            rows=(row,),
            findings=(),
        )
    )

    outline = Outline(text)
    assert outline.open == []
    assert "Read from source, a running Airflow as the instance prod" in text
    assert "last 2024-03-01 05:30 success, takes 0:04:10, 90 % within 0:06:00" in text
    assert "by 10 0 * * * UTC, at most 0:10:00 old then" in text
    assert text.index("suggested") < text.index("confirmed")
