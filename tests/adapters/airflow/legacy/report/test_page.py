"""The HTML report: what stands on it, that it is one file, and that nothing in it is code."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from adapters.airflow.importing import read_legacy
from adapters.airflow.legacy.datasets import TaskLineage
from adapters.airflow.legacy.proposal import mapping_of
from adapters.airflow.legacy.report import content
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
        self.dags: list[str] = []
        self.feed(page.replace("<wbr>", ""))  # where a name may be broken

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= set(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "details" and ("class", "dag") in attrs:
            self.dags.append("")
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
            if {"td", "th"} & set(self.open):
                self.rows[-1][-1] = f"{self.rows[-1][-1]} {said}".strip()
            elif self.dags and "summary" in self.open and "dl" not in self.open:
                self.dags[-1] = f"{self.dags[-1]} {said}".strip()


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
    assert outline.texts["h2"] == [
        "What to do first",
        "Inventory",
        "Lineage",
        "Findings",
        "How it was read",
    ]
    assert outline.texts["dt"] == ["DAGs", "Tasks", "Outputs known", "Datasets", "Findings"]
    assert outline.texts["dd"] == ["2", "3", "2", "3", "2"]
    assert outline.texts["small"][0] == "3 files, 1 not read"
    assert outline.texts["small"][4] == "1 problem, 1 warning"


def test_every_dag_has_a_row_with_schedule_and_outputs(page):
    dags = Outline(page(FOLDER)).dags
    assert "orders orders.py:6 @daily 2 tasks 1 of 2 SQL 1 task unknown" in dags


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


def test_an_asset_that_has_only_a_name_ties_its_writer_to_whom_it_starts(page):
    named = """
        from datetime import datetime
        from airflow.sdk import DAG, Asset
        from airflow.providers.standard.operators.bash import BashOperator
        with DAG("makes", schedule="@daily", start_date=datetime(2024, 1, 1)):
            BashOperator(task_id="a", bash_command="true", outlets=[Asset("orders of a day")])
        with DAG("waits", schedule=[Asset("orders of a day")]):
            BashOperator(task_id="b", bash_command="true")
    """
    outline = Outline(page({"named.py": named}))
    assert "makes writes asset://airflow/orders%20of%20a%20day for waits" in outline.texts["title"]


def test_the_drawing_shows_what_flows_between_dags(page):
    outline = Outline(page(FOLDER))
    assert outline.texts["text"] == [
        "orders",
        "2 tasks · @daily",
        "report",
        "1 task · 0 6 * * *",
    ]
    assert "orders writes postgres://dwh/orders for report" in outline.texts["title"]


def test_findings_stand_under_what_there_is_to_do_about_them(page):
    outline = Outline(page(FOLDER))
    titles = ["Code that was not read, or not to its end", "Outputs that the code does not say"]
    assert outline.texts["h3"][-2:] == titles
    assert [text for text in outline.texts["a"] if text in titles] == titles
    kinds = [text for text in outline.texts["span"] if text[0] in "✗!·" and "_" not in text]
    assert kinds[:2] == ["✗ 1 problem", "! 1 warning"]
    assert ["orders.tidy", "outputs unknown (BashOperator): name them in the mapping"] in [
        row[:2] for row in outline.rows
    ]
    assert "broken.py:2" in [row[-1] for row in outline.rows]


def test_dags_with_something_to_look_at_come_first(page):
    outline = Outline(page(FOLDER))
    names = [dag.partition(" ")[0] for dag in outline.dags]
    assert names.index("orders") < names.index("report")
    assert "1 DAG with a dataset for every output" in outline.texts["h3"]


def test_how_sure_the_outputs_are_is_told_and_drawn(page):
    text = page(FOLDER)
    assert "2 tasks whose outputs are certain" in text
    assert '<i class="mute" style="width:33.33%">' in text


def test_of_many_writers_some_are_shown_and_all_are_there(page):
    task = "PostgresOperator(task_id='t{n}', postgres_conn_id='dwh', sql='insert into t select 1')"
    lines = [FOLDER["report.py"].rstrip()] + [f"    {task.format(n=n)}" for n in range(9)]
    body = "\n".join(line if n == 0 else " " * 8 + line for n, line in enumerate(lines))
    outline = Outline(page({"many.py": body}))
    assert "and 5 more" in outline.texts["summary"]
    assert "report.t8" in outline.texts["li"]


def test_the_limits_within_which_files_ran_are_named(page):
    text = page(FOLDER)
    assert "The files ran within these limits: audit hook, " in text
    assert "This is containment, not a security boundary." in text


def test_equal_code_gives_equal_bytes(page):
    assert page(FOLDER) == page(FOLDER)


def test_a_folder_without_dags_says_so(page):
    text = page({"helper.py": "x = 1\n"})
    assert "No DAG was found." in text
    assert "is this the folder that Airflow reads its DAGs from?" in text
    assert "Nothing to tell." in text


def test_the_page_is_one_file_that_asks_no_network_and_runs_nothing(page):
    text = page(FOLDER)
    outline = Outline(text)
    assert not outline.tags & {"script", "link", "img", "iframe", "object", "base", "form"}
    assert not [name for name, _ in outline.attributes if name.startswith("on") or name == "src"]
    links = {value for name, value in outline.attributes if name in ("href", "xlink:href")}
    ids = {f"#{value}" for name, value in outline.attributes if name == "id"}
    assert links <= ids
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


_TEXTS = ("tx", "tx-2", "tx-3", "accent-tx")
_GROUNDS = ("bg", "surface", "surface-2")
_ON_ITS_OWN = ("warn", "bad", "mute")


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(scheme):
    css = (Path(content.__file__).parent / "page.css").read_text()
    colours = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", css.split(":root{")[scheme + 1]))
    pairs = [(text, ground) for text in _TEXTS for ground in _GROUNDS]
    pairs += [(f"{tone}-tx", f"{tone}-soft") for tone in _ON_ITS_OWN]
    pairs += [("tx-2", "surface-3")]
    for text, ground in pairs:
        lighter, darker = sorted((_light(colours[text]), _light(colours[ground])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, ground)


def _light(colour: str) -> float:
    """Relative luminance as WCAG 2 has it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * sign for sign in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
