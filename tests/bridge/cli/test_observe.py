from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bridge.capabilities import ObserveReport
from bridge.errors import RemoteUnreachableError
from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.project import Project
from bridge.store import Store


class Observer:
    """Sees one finished task on every look."""

    name = "fake"

    def observe(
        self, project: Project, store: Store, *, instance: str, now: datetime
    ) -> ObserveReport:
        event = AssetEvent(
            kind="materialization",
            key=AssetKey("raw_orders"),
            happened_at=now,
            source=f"airflow:{instance}/etl/run/load/-1/1",
        )
        recorded = store.record([event])
        store.set_cursor("fake", "1")
        return ObserveReport(
            instance=instance,
            version="Airflow 3.3.2",
            attempts_seen=1,
            events_recorded=recorded,
            findings=(),
        )


class Silent:
    name = "fake"

    def observe(
        self, project: Project, store: Store, *, instance: str, now: datetime
    ) -> ObserveReport:
        raise RemoteUnreachableError("Airflow at http://127.0.0.1:1 did not answer.")


def test_observing_twice_records_once(orders: Path, run) -> None:
    first = run("observe", adapters=[Observer()])
    again = run("observe", adapters=[Observer()])

    assert first.out == "  ✓ airflow  Airflow 3.3.2  1 attempt seen, 1 new event recorded\n"
    assert again.out == "  ✓ airflow  Airflow 3.3.2  1 attempt seen, 0 new events recorded\n"
    assert run("status", "raw_orders", "--json").json[0]["status"] == "done"


def test_a_dry_run_records_nothing(orders: Path, run) -> None:
    outcome = run("observe", "--dry-run", adapters=[Observer()])

    assert outcome.out.endswith("1 new event to record, less those that are known\n")
    assert run("status", "raw_orders", "--json").json[0]["status"] == "missing"
    assert run("observe", "--json", adapters=[Observer()]).json == [
        {
            "instance": "airflow",
            "version": "Airflow 3.3.2",
            "attempts_seen": 1,
            "events_recorded": 1,
            "findings": [],
        }
    ]


def test_all_instances_of_the_settings_are_observed_unless_one_is_named(orders: Path, run) -> None:
    with (orders / "bridge.toml").open("a") as settings:
        settings.write("[airflow.prod]\n[airflow.test]\n")

    both = run("observe", "--json", adapters=[Observer()]).json
    one = run("observe", "--json", "--instance", "test", adapters=[Observer()]).json
    wrong = run("observe", "--instance", "dev", adapters=[Observer()])

    assert [report["instance"] for report in both] == ["prod", "test"]
    assert [report["instance"] for report in one] == ["test"]
    assert wrong.code == 2
    assert "prod, test" in wrong.err


def test_an_instance_that_does_not_answer_keeps_no_other_from_being_asked(
    orders: Path, run
) -> None:
    outcome = run("observe", adapters=[Silent(), Observer()])

    assert outcome.code == 4
    assert "1 new event recorded" in outcome.out


def test_an_airflow_that_does_not_answer_ends_with_4(orders: Path, run) -> None:
    outcome = run("observe", adapters=[Silent()])

    assert outcome.code == 4
    assert outcome.err == "error: Airflow at http://127.0.0.1:1 did not answer.\n"
