"""Where a person reads on: the page of another system beside what it did."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

from bridge.events import AssetEvent, EventKind
from bridge.keys import AssetKey
from bridge.project import Project, find_project
from bridge.runs import Run, RunTarget
from bridge.store import open_store

NOW = datetime(2026, 11, 12, tzinfo=timezone.utc)
KEY = AssetKey("raw_orders")


class Elsewhere:
    """A system whose tasks have pages, and that says what it was asked for."""

    name = "elsewhere"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def links(self, sources: Collection[str], project: Project) -> Mapping[str, str]:
        self.asked += sources
        known = [source for source in sources if source.startswith("elsewhere:")]
        return {source: f"{project.root.name}://{source}" for source in known}


def record(*sources: str, kind: EventKind = "materialization", run_id: str | None = None) -> None:
    with closing(open_store(find_project().store_url)) as store:
        if run_id is not None and store.run(run_id) is None:
            target = RunTarget(assets=(KEY,))
            store.enqueue([Run(id=run_id, status="queued", created_at=NOW, target=target)])
        store.record(
            AssetEvent(
                kind=kind,
                key=KEY,
                happened_at=NOW + timedelta(minutes=place),
                source=source,
                run_id=run_id,
                message="it broke" if kind == "failure" else None,
            )
            for place, source in enumerate(sources)
        )


def test_show_has_the_page_of_what_materialized_or_failed_once(orders: Path, run, lines) -> None:
    record("elsewhere:1", "elsewhere:2", kind="started")
    record("elsewhere:2", kind="failure")
    record("elsewhere:3", "bridge:a/1", "nowhere:4")
    adapter = Elsewhere()

    out = lines(run("show", "raw_orders", adapters=[adapter]).out)

    links = [line.strip() for line in out if "://" in line]
    assert links == [f"{orders.name}://elsewhere:{n}" for n in (3, 2)]
    assert out[out.index(f"      {links[1]}") - 1].strip() == "it broke"
    assert sorted(adapter.asked) == ["elsewhere:2", "elsewhere:3", "nowhere:4"]


def test_nobody_is_asked_about_what_ran_here(orders: Path, run) -> None:
    run("materialize", "raw_orders")
    adapter = Elsewhere()

    run("show", "raw_orders", adapters=[adapter])

    assert adapter.asked == []


def test_a_run_has_the_pages_of_what_others_did_in_it_failures_first(
    orders: Path, run, lines
) -> None:
    record("elsewhere:1", "bridge:a/1", run_id="r1")
    record("elsewhere:2", kind="failure", run_id="r1")

    out = lines(run("runs", "show", "r1", adapters=[Elsewhere()]).out)

    assert [line for line in out if "page" in line] == [
        f"  page    raw_orders  {orders.name}://elsewhere:{n}" for n in (2, 1)
    ]
