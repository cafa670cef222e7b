"""A legacy DAG under the plugin, run by `dag.test()`: what runs in the place of each task."""

import importlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from adapters.airflow.cutover.swap import is_guarding
from adapters.airflow.legacy.mapping import Mapping, PartitionsEntry, UnitEntry, WriteEntry
from adapters.airflow.legacy.mapping_file import to_yaml
from adapters.airflow.source import parse_task_source
from bridge import AssetKey
from bridge.definitions import load_code_locations
from bridge.errors import ClaimLostError
from bridge.events import AssetEvent
from bridge.migration import Unit, cutover, rollback
from bridge.store import Claim, Route, Store, open_store
from tests.airflow.live.in_process import DagTestAirflow

pytestmark = pytest.mark.airflow

# A day a run: 2.11 would have to delete an earlier run of the day, which it cannot in a test.
DAYS = [datetime(2024, 3, 1, tzinfo=timezone.utc) + timedelta(days=n) for n in range(100)]
NAMES = ("land", "stage", "clean", "split", "wait", "build")

# Every task writes a line "<task> <day> <who>" into the journal; `build` a row into a table.
LEGACY_DAG = '''
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
    from airflow.sdk import DAG, BaseOperator, task
except ImportError:
    from airflow.decorators import task
    from airflow.models.baseoperator import BaseOperator
    from airflow.models.dag import DAG
    from airflow.operators.bash import BashOperator
    from airflow.operators.python import PythonOperator
    from airflow.triggers.temporal import TimeDeltaTrigger
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator


def note(name, day):
    with open(os.environ["SHOP_JOURNAL"], "a") as journal:
        journal.write(f"{name} {day} legacy\\n")
    return f"{name} has run"


class Waits(BaseOperator):
    """Starts, waits in the triggerer, and ends."""

    template_fields = ("day",)

    def __init__(self, *, day, **kwargs):
        super().__init__(**kwargs)
        self.day = day

    def execute(self, context):
        note("wait-begin", self.day)
        meanwhile = globals().get("MEANWHILE")
        if meanwhile is not None:
            meanwhile(context)
        self.defer(trigger=TimeDeltaTrigger(timedelta(0)), method_name="finish")

    def finish(self, context, event=None):
        note("wait", self.day)


class Notes(PythonOperator):
    """An operator of their own, which inherits `execute`."""


with DAG(
    dag_id="shop",
    schedule="@daily",
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    default_args={"retries": 0},
    user_defined_macros={"journal": lambda: os.environ["SHOP_JOURNAL"]},
):
    land = BashOperator(task_id="land", bash_command="echo land {{ ds }} legacy >> {{ journal() }}")
    stage = Notes(task_id="stage", python_callable=note, op_args=["stage", "{{ ds }}"])

    @task
    def clean(day):
        return note("clean", day)

    @task
    def split(number, day):
        return note("split", day)

    wait = Waits(task_id="wait", day="{{ ds }}")
    build = SQLExecuteQueryOperator(
        task_id="build",
        conn_id="shop_warehouse",
        sql="INSERT INTO built VALUES ('{{ ds }}', 'legacy')",
    )
    unguarded = BashOperator(
        task_id="unguarded", bash_command="echo unguarded {{ ds }} legacy >> {{ journal() }}"
    )
    last = PythonOperator(task_id="last", python_callable=note, op_args=["last", "{{ ds }}"])
    halves = split.partial(day="{{ ds }}").expand(number=[1, 2])
    land >> stage >> clean("{{ ds }}") >> halves >> wait >> build >> unguarded >> last
'''

ASSETS = """
import os, sqlite3
from bridge import AssetCheckResult, DailyPartitionsDefinition, Definitions, asset, asset_check

DAILY = DailyPartitionsDefinition(start_date="2024-01-01")


def noted(name):
    def compute(context) -> None:
        with open(os.environ["SHOP_JOURNAL"], "a") as journal:
            journal.write(f"{name} {context.partition_key} asset\\n")
        if os.environ.get("SHOP_FAILS") == name:
            raise ValueError("the asset fails")

    return asset(name=name, key_prefix="shop", partitions_def=DAILY)(compute)


@asset(key_prefix="shop", partitions_def=DAILY)
def build(context) -> None:
    with sqlite3.connect(os.environ["SHOP_WAREHOUSE"]) as warehouse:
        warehouse.execute("INSERT INTO built VALUES (?, 'asset')", (context.partition_key,))


@asset_check(asset=build)
def build_has_rows() -> AssetCheckResult:
    return AssetCheckResult(passed=not os.environ.get("SHOP_CHECK_FAILS"))


defs = Definitions(
    [*(noted(name) for name in ("land", "stage", "clean", "split", "wait")), build],
    [build_has_rows],
)
"""

SETTINGS = 'definitions = ["shop_assets"]\n'


def load_dag(airflow: DagTestAirflow, dag_id: str) -> Any:
    """The DAG as Airflow loads it, so that the policy has seen its tasks."""
    place = "airflow.dag_processing.dagbag" if airflow.version[0] >= 3 else "airflow.models.dagbag"
    bag = importlib.import_module(place).DagBag(str(airflow.dags_folder))
    assert not bag.import_errors
    return bag.dags[dag_id]


def serialised(airflow: DagTestAirflow, dag: Any) -> Any:
    """What Airflow stores of a DAG, and derives its version from."""
    name = "DagSerialization" if airflow.version[0] >= 3 else "SerializedDAG"
    return getattr(
        importlib.import_module("airflow.serialization.serialized_objects"), name
    ).to_dict(dag)


@dataclass(frozen=True)
class Shop:
    """The legacy DAG, its project and its store."""

    airflow: DagTestAirflow
    root: Path
    store: Store
    days: list[datetime] = field(default_factory=list)

    @property
    def day(self) -> str:
        """The day of the newest run."""
        return f"{self.days[-1]:%Y-%m-%d}"

    def dag(self) -> Any:
        """The DAG as Airflow loads it."""
        return load_dag(self.airflow, "shop")

    def run(self, dag: Any = None) -> dict[str, str]:
        """Run the DAG for a day of its own; the states of its tasks."""
        self.days.append(DAYS.pop(0))
        return dict(self.airflow.run(dag or self.dag(), self.days[-1]).task_states)

    def next_day(self) -> str:
        """The day that the next run will be for."""
        return f"{DAYS[0]:%Y-%m-%d}"

    def journal(self) -> list[str]:
        """`<task> <who>` of the newest run, in the order in which they wrote."""
        file = Path(os.environ["SHOP_JOURNAL"])
        lines = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
        return [f"{name} {who}" for name, ran_for, who in lines if ran_for == self.day]

    def built(self) -> list[str]:
        """Who built the row of the newest run's day, in order."""
        with sqlite3.connect(os.environ["SHOP_WAREHOUSE"]) as warehouse:
            query = "SELECT who FROM built WHERE day = ? ORDER BY rowid"
            return [who for (who,) in warehouse.execute(query, (self.day,))]

    def cut_over(self, *names: str) -> None:
        """Make the tasks run their assets from their next attempt on."""
        graph = load_code_locations(["shop_assets"]).graph()
        for name in names:
            unit = Unit(name=f"airflow:shop.{name}", assets=(asset_key(name),))
            change = cutover(unit, graph, self.store, locations=("shop_assets",))
            change.apply(self.store, actor="test", reason="", now=now())

    def roll_back(self, *names: str) -> None:
        """Give the tasks their own code back."""
        for name in names:
            change = rollback(f"airflow:shop.{name}", self.store)
            change.apply(self.store, actor="test", reason="", now=now())

    def set_state(self, name: str, state: Any) -> None:
        """Set a route directly."""
        before = self.store.route(f"airflow:shop.{name}")
        after = Route(unit=f"airflow:shop.{name}", state=state, assets=(asset_key(name),))
        self.store.change_route(after, actor="test", reason="", now=now(), expected=before)


def now() -> datetime:
    return datetime.now(timezone.utc)


def asset_key(name: str) -> AssetKey:
    return AssetKey(["shop", name])


def mapping_text(names: tuple[str, ...] = NAMES) -> str:
    """The mapping file of the shop, as the import writes it."""
    units = tuple(
        UnitEntry(
            dag="shop",
            task=name,
            writes=(WriteEntry(asset=f"shop/{name}"),),
            partitions=PartitionsEntry(kind="daily", start="2024-01-01"),
            mapped=name == "split",
        )
        for name in names
    )
    return to_yaml(Mapping(instance="airflow", units=units))


@pytest.fixture
def shop(
    dag_test_airflow: DagTestAirflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    """The shop, whose six tasks are mapped to an asset each, with no route yet."""
    root = tmp_path / "project"
    (root / "migration").mkdir(parents=True)
    (root / "bridge.toml").write_text(SETTINGS)
    (root / "shop_assets.py").write_text(ASSETS)
    (root / "migration" / "airflow.yaml").write_text(mapping_text())
    warehouse = tmp_path / "warehouse.db"
    with sqlite3.connect(warehouse) as connection:
        connection.execute("CREATE TABLE built (day TEXT, who TEXT)")
    environment = {
        "BRIDGE_PROJECT": str(root),
        "BRIDGE_STORE": f"sqlite:///{tmp_path / 'store.db'}",
        "SHOP_JOURNAL": str(tmp_path / "journal"),
        "SHOP_WAREHOUSE": str(warehouse),
        "AIRFLOW_CONN_SHOP_WAREHOUSE": f"sqlite://{warehouse}",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(str(root))
    monkeypatch.delitem(sys.modules, "shop_assets", raising=False)
    file = dag_test_airflow.dags_folder / "shop.py"
    file.write_text(LEGACY_DAG)
    store = open_store(environment["BRIDGE_STORE"])
    yield Shop(dag_test_airflow, root, store)
    store.close()
    file.unlink()
    sys.modules.pop("shop_assets", None)


def test_with_no_route_every_task_runs_its_own_code_with_its_templates(shop: Shop) -> None:
    states = shop.run()

    assert set(states.values()) == {"success"}
    assert shop.journal() == [
        "land legacy",
        "stage legacy",
        "clean legacy",
        "split legacy",
        "split legacy",
        "wait-begin legacy",
        "wait legacy",
        "unguarded legacy",
        "last legacy",
    ]
    assert shop.built() == ["legacy"]
    # Map indexes cannot know which of them is the last, so what they share runs out.
    assert {claim.key for claim in shop.store.claims()} <= {asset_key("split")}
    assert shop.store.events() == [], "legacy runs are observed by the poller, not recorded here"


def test_a_migrated_task_runs_its_asset_in_its_place_until_it_is_rolled_back(shop: Shop) -> None:
    dag = shop.dag()
    shop.cut_over("land", "stage", "clean", "wait", "build")

    states = shop.run(dag)

    assert set(states.values()) == {"success"}
    assert shop.journal() == [
        "land asset",
        "stage asset",
        "clean asset",
        "split legacy",
        "split legacy",
        "wait asset",
        "unguarded legacy",
        "last legacy",
    ]
    assert shop.built() == ["asset"]
    [event] = shop.store.events(asset_key("build"), kinds=("materialization",))
    source = parse_task_source(event.event.source)
    assert event.event.partition == shop.day
    assert source is not None
    assert (source.dag_id, source.task_id, source.map_index, source.try_number) == (
        "shop",
        "build",
        -1,
        1,
    )
    assert [c.name for c in shop.store.check_states([asset_key("build")])] == ["build_has_rows"]

    shop.roll_back("build", "clean", "wait")
    shop.run(dag)

    assert shop.built() == ["legacy"]
    assert shop.journal() == [
        "land asset",
        "stage asset",
        "clean legacy",
        "split legacy",
        "split legacy",
        "wait-begin legacy",
        "wait legacy",
        "unguarded legacy",
        "last legacy",
    ]


def test_a_migrated_task_computes_its_day_before_that_day_is_over(shop: Shop) -> None:
    DAYS.insert(0, now().replace(hour=0, minute=0, second=0, microsecond=0))
    shop.cut_over("build")

    states = shop.run()

    assert states["build"] == "success"
    assert shop.built() == ["asset"]


def test_a_retired_task_does_nothing_and_succeeds(shop: Shop) -> None:
    shop.set_state("build", "retired")

    states = shop.run()

    assert states["build"] == states["last"] == "success"
    assert shop.built() == []


def test_an_attempt_decides_once_also_over_a_deferral(shop: Shop) -> None:
    dag = shop.dag()
    waits = sys.modules[type(dag.task_dict["wait"]).__module__]
    seen: list[Any] = []

    def meanwhile(context: Any) -> None:
        seen.append(shop.store.claims())
        shop.cut_over("wait")

    waits.MEANWHILE = meanwhile  # type: ignore[attr-defined]
    try:
        shop.run(dag)
    finally:
        del waits.MEANWHILE  # type: ignore[attr-defined]

    assert [line for line in shop.journal() if "wait" in line] == [
        "wait-begin legacy",
        "wait legacy",
    ]
    [claim] = [c for c in seen[0] if c.key == asset_key("wait")]
    assert (claim.mode, claim.generation, claim.partition) == ("legacy", 1, shop.day)
    assert asset_key("wait") not in {c.key for c in shop.store.claims()}

    shop.run(dag)

    assert [line for line in shop.journal() if "wait" in line] == ["wait asset"]


def test_while_another_writes_the_task_is_refused_and_nothing_is_written(shop: Shop) -> None:
    shop.cut_over("land")
    for name in ("land", "build"):
        shop.store.claim(asset_key(name), shop.next_day(), owner="airflow:other/dag", lease_s=60)

    states = shop.run()

    assert states["land"] == "failed"
    assert shop.journal() == []
    shop.store.release(claim_on(shop, "land"))
    shop.store.claim(asset_key("build"), shop.next_day(), owner="airflow:other/dag", lease_s=60)

    states = shop.run()

    assert states["land"] == "success"
    assert states["build"] == "failed"
    assert shop.built() == []


def test_where_the_store_does_not_answer_nothing_runs(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    dag = shop.dag()
    monkeypatch.setenv("BRIDGE_STORE", "sqlite:////proc/there/is/no/store.db")

    states = shop.run(dag)

    assert states["land"] == "failed"
    assert shop.journal() == []


def test_an_expired_lease_is_taken_over_and_its_writer_can_record_nothing(shop: Shop) -> None:
    late = shop.store.claim(asset_key("land"), shop.next_day(), owner="crashed", lease_s=0.001)
    shop.cut_over("land")

    states = shop.run()

    assert states["land"] == "success"
    again = shop.store.claim(asset_key("land"), shop.day, owner="next")
    assert again.generation == late.generation + 2
    event = AssetEvent(
        kind="materialization",
        key=asset_key("land"),
        partition=shop.day,
        happened_at=now(),
        source="late",
    )
    with pytest.raises(ClaimLostError):
        shop.store.record([event], claim=late)


def test_a_failing_asset_or_blocking_check_fails_the_task_and_gives_the_claim_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.cut_over("land", "build")
    monkeypatch.setenv("SHOP_FAILS", "land")

    assert shop.run()["land"] == "failed"
    assert shop.store.claims() == []

    monkeypatch.delenv("SHOP_FAILS")
    monkeypatch.setenv("SHOP_CHECK_FAILS", "1")

    states = shop.run()

    assert (states["build"], states["unguarded"]) == ("failed", "upstream_failed")


def test_a_mapped_task_whose_route_was_set_by_hand_says_why_it_cannot_run(shop: Shop) -> None:
    shop.set_state("split", "migrated")

    states = shop.run()

    assert states["split[0]"] == states["split[1]"] == "failed"
    assert not any("split" in line for line in shop.journal())


def test_the_serialised_dag_is_the_same_with_and_without_the_plugin(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    airflow = shop.airflow
    guarded = shop.dag()
    shop.cut_over("land", "build")
    flipped = shop.dag()
    monkeypatch.delenv("BRIDGE_PROJECT")
    plain = shop.dag()

    assert is_guarding(type(guarded.task_dict["land"]))
    assert is_guarding(guarded.task_dict["split"].operator_class)
    assert not is_guarding(type(guarded.task_dict["unguarded"]))
    assert not is_guarding(type(plain.task_dict["land"]))
    assert serialised(airflow, guarded) == serialised(airflow, plain)
    assert serialised(airflow, flipped) == serialised(airflow, plain)


def test_a_task_of_a_mapping_that_cannot_be_read_does_not_run_unguarded(shop: Shop) -> None:
    mapping = shop.root / "migration" / "airflow.yaml"
    mapping.write_text(mapping.read_text() + "\nunits: [")
    dag = shop.dag()

    states = shop.run(dag)

    assert states["land"] == "failed"
    assert shop.journal() == []
    assert not is_guarding(type(dag.task_dict["unguarded"])), "the mapping does not name it"


def test_where_the_project_is_not_mounted_only_tasks_with_a_route_are_held_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.set_state("build", "migrated")
    monkeypatch.setenv("BRIDGE_PROJECT", str(shop.root / "nothing"))

    states = shop.run()

    assert states["build"] == "failed"
    assert states["land"] == states["wait"] == "success"
    assert shop.built() == []


@pytest.mark.airflow3
def test_a_run_without_a_date_runs_legacy_code_and_says_why_it_cannot_run_the_asset(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    dag = shop.dag()
    refused = shop.store.claim(asset_key("stage"), None, owner="airflow:other/dag", lease_s=60)
    shop.cut_over("land")

    run = dag.test(logical_date=None)

    states = {t.task_id: str(t.state) for t in run.get_task_instances()}
    assert states["land"] == "failed"
    shop.roll_back("land")
    dag.test(logical_date=None)
    assert shop.store.claims() == [refused], "it claims the whole asset"


def test_without_a_project_nothing_is_guarded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BRIDGE_PROJECT")
    dag = shop.dag()

    assert not any(is_guarding(getattr(t, "operator_class", type(t))) for t in dag.tasks)


def claim_on(shop: Shop, name: str) -> Claim:
    """The living claim on the asset of a task."""
    return next(claim for claim in shop.store.claims() if claim.key == asset_key(name))
