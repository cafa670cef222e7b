"""IO managers on object storage (fsspec's memory file system) and on this machine."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from fsspec import register_implementation
from fsspec.implementations.memory import MemoryFileSystem
from upath import UPath

from bridge import (
    AssetKey,
    BytesFormat,
    DailyPartitionsDefinition,
    FilesystemIOManager,
    InputContext,
    OutputContext,
    UPathIOManager,
    asset,
    materialize,
)
from bridge.errors import ClaimLostError, ConfigError, InputError, OutputError
from bridge.storage import published, shown, storage_path, swap_is_atomic

ORDERS = AssetKey(["marts", "orders"])


@pytest.fixture(params=["local", "memory"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "local":
        yield str(tmp_path)
        return
    address = f"memory://bucket-{uuid.uuid4().hex}/data"
    yield address
    MemoryFileSystem.store.clear()


def put(manager: Any, value: Any, partition: str | None = None) -> OutputContext:
    context = OutputContext(ORDERS, partition, "run")
    manager.handle_output(context, value)
    return context


def get(manager: Any, expected: Any = Any, partition: str | None = None) -> Any:
    return manager.load_input(InputContext(ORDERS, partition, expected, AssetKey("reader")))


def files(base: str) -> list[str]:
    found = storage_path(base)
    remote: Any = found
    names = remote.fs.find(remote.path) if "://" in base else map(str, Path(base).rglob("*.*"))
    return sorted(Path(name).name for name in names)


def test_a_plain_value_comes_back(base: str) -> None:
    manager = FilesystemIOManager(base)

    context = put(manager, {"a": [1, None]}, "2024-01-01")

    assert get(manager, partition="2024-01-01") == {"a": [1, None]}
    assert files(base) == ["=2024-01-01.json"]
    assert context.metadata["path"] == f"{base}/marts/orders/=2024-01-01.json"
    assert context.metadata["size_bytes"] == 16


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2]}),
        pl.DataFrame({"a": [1, 2]}),
        pl.DataFrame({"a": [1, 2]}).lazy(),
        pa.table({"a": [1, 2]}),
    ],
    ids=["pandas", "polars", "lazy", "arrow"],
)
@pytest.mark.parametrize("expected", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.Table])
def test_a_frame_of_any_library_comes_back_in_any(base: str, frame: Any, expected: type) -> None:
    manager = FilesystemIOManager(base)

    put(manager, frame)
    found = get(manager, expected)

    assert isinstance(found, expected)
    plain = found.collect() if isinstance(found, pl.LazyFrame) else found
    assert [int(value) for value in plain["a"].to_numpy()] == [1, 2]


def test_the_last_value_is_the_one_whatever_its_format(base: str) -> None:
    manager = FilesystemIOManager(base)

    put(manager, pd.DataFrame({"a": [1]}))
    put(manager, [7])

    assert get(manager) == [7]
    assert files(base) == ["value.json"]


def test_after_a_kill_between_two_formats_the_newest_counts(tmp_path: Path) -> None:
    manager = FilesystemIOManager(tmp_path)
    put(manager, pd.DataFrame({"a": [1]}))
    left = tmp_path / "marts/orders/value.json"
    left.write_text("[7]")
    os.utime(left, (4e9, 4e9))

    assert get(manager) == [7]


def test_a_format_of_ones_own_comes_first(base: str) -> None:
    manager = FilesystemIOManager(base, formats=[BytesFormat()])

    put(manager, b"\x00model")

    assert get(manager) == b"\x00model"
    assert files(base) == ["value.bin"]
    with pytest.raises(OutputError, match="formats="):
        put(FilesystemIOManager(base), b"\x00model")


def test_who_was_overtaken_publishes_nothing(base: str) -> None:
    manager = FilesystemIOManager(base)
    put(manager, [1])

    def lost() -> None:
        raise ClaimLostError("another writer took over")

    with pytest.raises(ClaimLostError):
        manager.handle_output(OutputContext(ORDERS, None, "run", lost), [2])

    assert get(manager) == [1]
    assert files(base) == ["value.json"]


def test_a_value_that_cannot_be_written_leaves_nothing_behind(base: str) -> None:
    with pytest.raises(OutputError, match="cannot be stored safely"):
        put(FilesystemIOManager(base), {1, 2})

    assert files(base) == []


def test_a_missing_value_names_the_place(base: str) -> None:
    with pytest.raises(InputError, match=r"reader takes the value of .*orders.*none is stored at"):
        get(FilesystemIOManager(base))


class Lines(UPathIOManager):
    """Text files, as a user would write it."""

    extension = ".txt"

    def dump_to_path(self, context: OutputContext, obj: Any, path: UPath) -> None:
        path.write_text("\n".join(obj))

    def load_from_path(self, context: InputContext, path: UPath) -> Any:
        return path.read_text().splitlines()

    def get_metadata(self, context: OutputContext, obj: Any) -> dict[str, object]:
        return {"lines": len(obj)}


def test_a_subclass_says_only_how_one_path_is_written_and_read(base: str) -> None:
    daily = DailyPartitionsDefinition("2024-01-01", end_date="2024-01-04")
    seen: list[Any] = []

    @asset(partitions_def=daily)
    def words(context) -> list:
        return ["one", context.partition_key]

    @asset
    def reader(words: dict) -> None:
        seen.append(words)

    resources = {"io_manager": Lines(base)}
    for day in daily.keys(pd.Timestamp("2025-01-01", tz="UTC").to_pydatetime()):
        result = materialize([words], partition_key=day, resources=resources)
    materialize([reader, words.spec], resources=resources)

    assert seen == [{f"2024-01-0{day}": ["one", f"2024-01-0{day}"] for day in (1, 2, 3)}]
    assert result.steps[0].event is not None
    assert result.steps[0].event.metadata["lines"] == 2
    assert files(base) == [f"=2024-01-0{day}.txt" for day in (1, 2, 3)]


def test_a_folder_is_swapped_in_on_this_machine_and_refused_elsewhere(base: str) -> None:
    class Parts(UPathIOManager):
        def dump_to_path(self, context: OutputContext, obj: Any, path: UPath) -> None:
            path.mkdir(parents=True)
            for number, part in enumerate(obj):
                (path / f"{number}.txt").write_text(part)

        def load_from_path(self, context: InputContext, path: UPath) -> Any:
            return [(path / name).read_text() for name in sorted(os.listdir(path))]  # noqa: PTH208

    manager = Parts(base)
    if "://" in base:
        with pytest.raises(OutputError, match="is a folder of files"):
            put(manager, ["a"])
        return
    put(manager, ["a", "b", "c"])
    put(manager, ["d"])

    assert get(manager) == ["d"]
    assert files(base) == ["0.txt"]


class Sftp(MemoryFileSystem):
    """Stands for a storage that promises nothing about renaming."""

    protocol = "unsafe"
    store: dict[str, Any] = {}  # noqa: RUF012 - as fsspec has it


@pytest.mark.filterwarnings("ignore:UPath 'unsafe'")
def test_a_storage_that_cannot_swap_at_once_is_said_to() -> None:
    register_implementation("unsafe", Sftp, clobber=True)
    manager = FilesystemIOManager("unsafe://host/data")

    context = put(manager, [1])

    assert get(manager) == [1]
    assert not swap_is_atomic(manager.base_dir)
    assert "reader may have seen half" in str(context.metadata["published"])


def test_an_address_that_nothing_speaks_is_told() -> None:
    with pytest.raises(ConfigError, match=r"no-such-thing://….*storage\]"):
        storage_path("no-such-thing://user:password@host/x")


def test_a_password_in_an_address_is_not_shown() -> None:
    assert shown("ftp://user:password@host/a@b") == "ftp://…@host/a@b"


@pytest.mark.parametrize("address", ["file:///tmp/x", "/tmp/x"])
def test_local_addresses_are_local_paths(address: str) -> None:
    assert storage_path(address) == Path("/tmp/x")
    assert storage_path(UPath(address)) == Path("/tmp/x")


def test_a_staged_file_keeps_its_ending(tmp_path: Path) -> None:
    with published(tmp_path / "table.csv.gz", lambda: None) as staged:
        assert staged.name.endswith(".table.csv.gz")
        with staged.open("wb") as file:
            _write(file)

    assert json.loads((tmp_path / "table.csv.gz").read_text()) == 1


def _write(file: IO[bytes]) -> None:
    file.write(b"1")
