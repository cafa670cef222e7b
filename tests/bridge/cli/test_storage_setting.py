from __future__ import annotations

import json

import pytest
from fsspec.implementations.memory import MemoryFileSystem


@pytest.mark.parametrize("by_variable", [True, False])
def test_values_may_be_stored_at_an_address(
    orders, run, monkeypatch: pytest.MonkeyPatch, by_variable: bool
) -> None:
    address = "memory://lake/values"
    if by_variable:
        monkeypatch.setenv("BRIDGE_STORAGE", address)
    else:
        (orders / "bridge.toml").write_text(f'definitions = ["assets.py"]\nstorage = "{address}"\n')

    assert run("materialize", "+marts/orders").code == 0

    stored = MemoryFileSystem().cat_file("/lake/values/marts/orders/value.json")
    assert json.loads(stored) == [{"id": 1, "status": "completed"}]
    assert not (orders / ".bridge/storage").exists()
    assert address in run("show", "marts/orders").out
    assert address in run("config").out
    MemoryFileSystem.store.clear()
