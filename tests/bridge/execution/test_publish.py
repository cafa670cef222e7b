"""Publishing: a reader sees the old value or the new, and only the holder of the claim writes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from bridge import AssetKey, FilesystemIOManager, InputContext, OutputContext
from bridge.errors import ClaimLostError, InputError, OutputError

ORDERS = AssetKey(["marts", "orders"])


def stored(manager: FilesystemIOManager, value: Any, **others: Any) -> OutputContext:
    context = OutputContext(ORDERS, None, "run", **others)
    manager.handle_output(context, value)
    return context


def loaded(manager: FilesystemIOManager) -> Any:
    return manager.load_input(InputContext(ORDERS, None, Any, AssetKey("reader")))


def lose() -> None:
    raise ClaimLostError("overtaken")


def test_a_reader_never_sees_half_a_value(tmp_path: Path) -> None:
    manager = FilesystemIOManager(tmp_path)
    values = [["old"] * 50_000, ["new"] * 50_000]
    stored(manager, values[0])
    ended = threading.Event()

    def write() -> None:
        for n in range(40):
            stored(manager, values[n % 2])
        ended.set()

    thread = threading.Thread(target=write)
    thread.start()
    while not ended.is_set():
        assert loaded(manager) in values
    thread.join()


def test_a_writer_that_was_overtaken_leaves_the_target_unchanged(tmp_path: Path) -> None:
    manager = FilesystemIOManager(tmp_path)
    stored(manager, ["old"])
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(ClaimLostError):
        stored(manager, ["new"], confirm=lose)

    assert loaded(manager) == ["old"]
    assert sorted(tmp_path.rglob("*")) == before


def test_the_claim_is_confirmed_when_the_value_is_complete_and_not_yet_visible(
    tmp_path: Path,
) -> None:
    manager = FilesystemIOManager(tmp_path)
    seen: list[list[int]] = []

    def look() -> None:
        seen.append([file.stat().st_size for file in (tmp_path / "marts/orders").iterdir()])
        with pytest.raises(InputError):
            loaded(manager)

    stored(manager, [1, 2, 3], confirm=look)

    assert seen == [[len("[1, 2, 3]")]]


def test_a_value_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    manager = FilesystemIOManager(tmp_path)
    stored(manager, ["old"])

    with pytest.raises(OutputError, match="cannot be stored safely"):
        stored(manager, {1, 2})

    assert loaded(manager) == ["old"]
    assert [file.name for file in (tmp_path / "marts/orders").iterdir()] == ["value.json"]
