"""IO managers: what is stored comes back, each value in a place of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import (
    AssetKey,
    FilesystemIOManager,
    InMemoryIOManager,
    InputContext,
    IOManager,
    OutputContext,
)
from bridge.errors import InputError, OutputError

ORDERS = AssetKey("orders")
READER = AssetKey("reader")
NAMES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)
PLACES = st.tuples(st.lists(NAMES | st.sampled_from([".", "..", "", "a/b"]), min_size=1), NAMES)


def put(manager: IOManager, value: Any, partition: str | None = None) -> OutputContext:
    context = OutputContext(ORDERS, partition, "run")
    manager.handle_output(context, value)
    return context


def get(manager: IOManager, partition: str | None = None, expected: Any = Any) -> Any:
    return manager.load_input(InputContext(ORDERS, partition, expected, READER))


@pytest.fixture(params=["files", "memory"])
def manager(tmp_path: Path, request: pytest.FixtureRequest) -> IOManager:
    return InMemoryIOManager() if request.param == "memory" else FilesystemIOManager(tmp_path)


@pytest.mark.parametrize("value", [[1, {"a": None}], "täxt", 7, 0.5, True, {}, []])
def test_a_plain_value_comes_back_equal(manager: IOManager, value: Any) -> None:
    put(manager, value)

    assert get(manager) == value


def test_a_frame_comes_back_equal(manager: IOManager) -> None:
    frame = pd.DataFrame({"qty": [1, 2], "name": ["a", None]})

    put(manager, frame)

    pd.testing.assert_frame_equal(get(manager), frame)


def test_the_last_value_stored_is_the_one_that_comes_back(manager: IOManager) -> None:
    put(manager, pd.DataFrame({"qty": [1]}))
    put(manager, [7])

    assert get(manager) == [7]


def test_partitions_and_the_whole_asset_do_not_meet(manager: IOManager) -> None:
    put(manager, "whole")
    put(manager, "day", "2024-01-01")

    assert (get(manager), get(manager, "2024-01-01")) == ("whole", "day")


def test_a_value_that_was_never_stored_is_an_input_error(manager: IOManager) -> None:
    with pytest.raises(InputError, match=r"reader takes the value of .*orders"):
        get(manager, "2024-01-01")


def test_what_was_stored_is_said_in_the_metadata(tmp_path: Path) -> None:
    context = put(FilesystemIOManager(tmp_path), [1, 2])

    assert context.metadata == {"path": str(tmp_path / "orders/value.json"), "size_bytes": 6}


def test_a_frame_comes_back_in_the_library_that_is_asked_for(tmp_path: Path) -> None:
    manager = FilesystemIOManager(tmp_path)

    put(manager, pa.table({"qty": [1, 2]}))

    assert isinstance(get(manager, expected=pa.Table), pa.Table)
    assert isinstance(get(manager), pd.DataFrame)


@pytest.mark.parametrize("value", [{1, 2}, object(), (1, 2), {1: "a"}, float("nan"), b"bytes"])
def test_a_value_that_would_not_come_back_is_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(OutputError, match=r"cannot be stored safely.*MaterializeResult"):
        put(FilesystemIOManager(tmp_path), value)

    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_values_are_files_that_other_tools_read(tmp_path: Path) -> None:
    manager = FilesystemIOManager(tmp_path)
    put(manager, [1], "2024-01-01")
    put(manager, pd.DataFrame({"qty": [1]}), "2024-01-02")

    assert json.loads((tmp_path / "orders/=2024-01-01.json").read_text(encoding="utf-8")) == [1]
    assert len(pd.read_parquet(tmp_path / "orders/=2024-01-02.parquet")) == 1


@given(PLACES, PLACES)
def test_two_places_never_share_a_file(one: Any, other: Any) -> None:
    manager = FilesystemIOManager("/base")
    files = [manager._path(AssetKey(path), partition, ".json") for path, partition in (one, other)]

    assert (files[0] == files[1]) is (one == other)


@given(PLACES)
def test_no_key_leads_out_of_the_folder(place: Any) -> None:
    path, partition = place

    file = FilesystemIOManager("/base")._path(AssetKey(path), partition, ".json")

    assert ".." not in file.parts
    assert file.is_relative_to("/base")
    assert len(file.parts) == len(path) + 3
