"""The DuckDB IO manager: tables, partitions of rows, one writer at a time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from bridge import (
    AssetIn,
    AssetKey,
    DailyPartitionsDefinition,
    DuckDBIOManager,
    EnvVar,
    InputContext,
    MetadataValue,
    MultiPartitionsDefinition,
    OutputContext,
    StaticPartitionsDefinition,
    asset,
    materialize,
)
from bridge.errors import ClaimLostError, ConfigError, ExecutionError, InputError, OutputError

DAILY = DailyPartitionsDefinition("2024-01-01", timezone="America/New_York")
REGIONS = StaticPartitionsDefinition(["eu", "us"])


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "lake" / "data.duckdb")


def rows(file: str, query: str) -> list[Any]:
    with duckdb.connect(file, read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(
    "frame",
    [pd.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": [1, 2]}), pa.table({"a": [1, 2]})],
    ids=["pandas", "polars", "arrow"],
)
@pytest.mark.parametrize("expected", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.Table])
def test_a_frame_is_a_table_and_comes_back_in_any_library(
    file: str, frame: Any, expected: type
) -> None:
    manager = DuckDBIOManager(database=file)
    key = AssetKey(["marts", "orders"])

    manager.handle_output(OutputContext(key, None, "run"), frame)
    found = manager.load_input(InputContext(key, None, expected, AssetKey("reader")))

    assert isinstance(found, expected)
    assert rows(file, "SELECT a FROM marts.orders ORDER BY a") == [(1,), (2,)]


def test_a_new_value_replaces_the_table_and_its_columns(file: str) -> None:
    frames = [pd.DataFrame({"a": [1]}), pd.DataFrame({"b": ["x"], "c": [2.5]})]

    @asset
    def orders() -> pd.DataFrame:
        return frames.pop(0)

    for _ in range(2):
        result = materialize([orders], resources={"io_manager": DuckDBIOManager(database=file)})

    assert rows(file, "SELECT * FROM public.orders") == [("x", 2.5)]
    event = result.steps[0].event
    assert event is not None
    assert event.metadata["table"] == "public.orders"
    schema = MetadataValue.read(event.metadata["column_schema"]).value
    assert [(c.name, c.type) for c in schema.columns] == [("b", "VARCHAR"), ("c", "DOUBLE")]


@pytest.mark.parametrize(
    ("settings", "metadata", "prefix", "expected"),
    [
        ({}, None, None, "public"),
        ({}, None, "marts", "marts"),
        ({"schema": "lake"}, None, "marts", "lake"),
        ({"schema": "lake"}, {"schema": "mine"}, "marts", "mine"),
    ],
)
def test_where_the_schema_comes_from(
    file: str, settings: Any, metadata: Any, prefix: str | None, expected: str
) -> None:
    @asset(key_prefix=prefix, metadata=metadata)
    def orders() -> pd.DataFrame:
        return pd.DataFrame({"a": [1]})

    manager = DuckDBIOManager(database=file, **settings)
    materialize([orders], resources={"io_manager": manager})

    assert rows(file, f'SELECT a FROM "{expected}".orders') == [(1,)]


def test_a_partition_of_time_replaces_its_own_rows_only(file: str) -> None:
    amount = [1]

    @asset(partitions_def=DAILY, metadata={"partition_expr": "moment"})
    def orders(context) -> pd.DataFrame:
        day = pd.Timestamp(context.partition_key)
        return pd.DataFrame({"moment": [day, day + pd.Timedelta(hours=23)], "n": amount[0]})

    seen: list[Any] = []

    @asset(partitions_def=DAILY)
    def reader(orders: pl.DataFrame) -> None:
        seen.append(orders["n"].to_list())

    resources = {"io_manager": DuckDBIOManager(database=file)}
    for day in ("2024-01-01", "2024-01-02"):
        materialize([orders], partition_key=day, resources=resources)
    amount[0] = 5
    materialize([orders, reader], partition_key="2024-01-02", resources=resources)

    assert seen == [[5, 5]]
    assert rows(file, "SELECT n, count(*) FROM public.orders GROUP BY n ORDER BY n") == [
        (1, 2),
        (5, 2),
    ]


def test_partitions_by_name_and_by_dimension(file: str) -> None:
    both = MultiPartitionsDefinition({"region": REGIONS, "day": DAILY})
    manager = {"io_manager": DuckDBIOManager(database=file)}

    @asset(partitions_def=REGIONS, metadata={"partition_expr": "region"})
    def named(context) -> pl.DataFrame:
        return pl.DataFrame({"region": [context.partition_key]})

    @asset(partitions_def=both, metadata={"partition_expr": {"region": "region", "day": "day"}})
    def crossed(context) -> pd.DataFrame:
        day, region = context.partition_key.split("|")
        return pd.DataFrame({"region": [region], "day": [pd.Timestamp(day)]})

    for region in ("eu", "us", "eu"):
        materialize([named], partition_key=region, resources=manager)
        materialize([crossed], partition_key=f"2024-01-01|{region}", resources=manager)

    assert rows(file, "SELECT region FROM public.named ORDER BY 1") == [("eu",), ("us",)]
    assert rows(file, "SELECT region FROM public.crossed ORDER BY 1") == [("eu",), ("us",)]


def test_rows_of_another_partition_are_refused_and_nothing_changes(file: str) -> None:
    given = ["eu"]

    @asset(partitions_def=REGIONS, metadata={"partition_expr": "region"})
    def orders() -> pd.DataFrame:
        return pd.DataFrame({"region": list(given)})

    manager = {"io_manager": DuckDBIOManager(database=file)}
    materialize([orders], partition_key="eu", resources=manager)
    given.append("us")

    with pytest.raises(ExecutionError, match=r"1 rows for its partition eu that are not of it"):
        materialize([orders], partition_key="eu", resources=manager)
    assert rows(file, "SELECT region FROM public.orders") == [("eu",)]


@pytest.mark.parametrize("metadata", [None, {"partition_expr": {"region": "region"}}])
def test_a_partitioned_table_needs_to_be_told_its_column(file: str, metadata: Any) -> None:
    definition = (
        REGIONS
        if metadata is None
        else MultiPartitionsDefinition({"region": REGIONS, "day": DAILY})
    )
    context = OutputContext(
        AssetKey("orders"),
        "eu" if metadata is None else "2024-01-01|eu",
        "run",
        definition_metadata=metadata or {},
        asset_partitions_def=definition,
    )

    with pytest.raises(OutputError, match=r'metadata=\{"partition_expr": …\}'):
        DuckDBIOManager(database=file).handle_output(context, pd.DataFrame({"a": [1]}))


def test_a_reader_names_its_columns(file: str) -> None:
    seen: list[Any] = []

    @asset
    def orders() -> pd.DataFrame:
        return pd.DataFrame({"a": [1], "b": [2]})

    @asset(ins={"orders": AssetIn(metadata={"columns": ["b"]})})
    def reader(orders: pd.DataFrame) -> None:
        seen.append(list(orders.columns))

    materialize([orders, reader], resources={"io_manager": DuckDBIOManager(database=file)})

    assert seen == [["b"]]


def test_who_was_overtaken_publishes_nothing(file: str) -> None:
    manager = DuckDBIOManager(database=file)
    manager.handle_output(OutputContext(AssetKey("orders"), None, "r"), pd.DataFrame({"a": [1]}))

    def lost() -> None:
        raise ClaimLostError("another writer took over")

    with pytest.raises(ClaimLostError):
        manager.handle_output(
            OutputContext(AssetKey("orders"), None, "r", lost), pd.DataFrame({"a": [2]})
        )

    assert rows(file, "SELECT a FROM public.orders") == [(1,)]


def test_what_is_no_table_and_what_is_not_there_are_told(file: str) -> None:
    manager = DuckDBIOManager(database=file)

    with pytest.raises(OutputError, match="return a frame of pandas, polars or Arrow"):
        manager.handle_output(OutputContext(AssetKey("orders"), None, "r"), [1])
    with pytest.raises(InputError, match=r"public.orders is not there. Materialize orders first"):
        manager.load_input(InputContext(AssetKey("orders"), None, Any, AssetKey("reader")))
    with pytest.raises(ConfigError, match="InMemoryIOManager"):
        DuckDBIOManager(database=":memory:").load_input(
            InputContext(AssetKey("orders"), None, Any, AssetKey("reader"))
        )


def test_a_writer_waits_for_another_process(file: str) -> None:
    Path(file).parent.mkdir(parents=True)
    code = f"""if True:
        import duckdb, time
        connection = duckdb.connect({file!r})
        print("open", flush=True)
        time.sleep(1)
        connection.close()
    """
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        begin = time.monotonic()
        DuckDBIOManager(database=file).handle_output(
            OutputContext(AssetKey("orders"), None, "r"), pd.DataFrame({"a": [1]})
        )

    assert time.monotonic() - begin > 0.3
    assert rows(file, "SELECT a FROM public.orders") == [(1,)]


def test_threads_take_turns(file: str) -> None:
    manager = DuckDBIOManager(database=file)

    def work(number: int) -> None:
        key = AssetKey(f"table_{number}")
        manager.handle_output(OutputContext(key, None, "r"), pd.DataFrame({"a": [number]}))
        manager.load_input(InputContext(key, None, Any, AssetKey("reader")))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert rows(file, "SELECT count(*) FROM information_schema.tables") == [(6,)]


def test_the_database_may_be_a_variable(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE", file)

    @asset
    def orders() -> pd.DataFrame:
        return pd.DataFrame({"at": [datetime(2024, 1, 1, tzinfo=timezone.utc)]})

    manager = DuckDBIOManager(database=EnvVar("LAKE"))
    assert materialize([orders], resources={"io_manager": manager}).success
    assert Path(file).exists()


def test_several_partitions_are_stored_and_read_at_once(file: str) -> None:
    manager = DuckDBIOManager(database=file)
    days = ["2024-03-09", "2024-03-10", "2024-03-12"]  # clocks change on the second

    def context(keys: list[str]) -> OutputContext:
        return OutputContext(
            AssetKey("orders"),
            None,
            "r",
            partitions=keys,
            asset_partitions_def=DAILY,
            definition_metadata={"partition_expr": "moment"},
        )

    frame = pd.DataFrame({"moment": pd.to_datetime([*days, "2024-03-11"]), "n": [1, 2, 3, 4]})
    manager.handle_output(context([*days[:2], "2024-03-11", days[2]]), frame)
    manager.handle_output(context(days), frame[:3].assign(n=9))
    reader = InputContext(
        AssetKey("orders"),
        None,
        pd.DataFrame,
        AssetKey("reader"),
        partitions=days[:2],
        asset_partitions_def=DAILY,
        upstream_metadata={"partition_expr": "moment"},
    )

    assert list(manager.load_input(reader)["n"]) == [9, 9]
    assert rows(file, "SELECT n FROM public.orders ORDER BY moment") == [(9,), (9,), (4,), (9,)]
