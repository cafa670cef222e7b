"""Helpers for tests of assets: a store that is gone afterwards, and values kept in memory."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bridge.assets import IO_MANAGER, AssetsDefinition
from bridge.checks import AssetChecksDefinition
from bridge.errors import InputError
from bridge.execution import RunResult, materialize
from bridge.io import InMemoryIOManager
from bridge.keys import AssetKey, CoercibleToAssetKey
from bridge.specs import AssetSpec
from bridge.store import Store, open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRunResult(RunResult):
    """How a run ended, with the values that its assets gave."""

    values: Mapping[tuple[AssetKey, str | None], Any] = field(default_factory=dict)

    def asset_value(self, asset_key: CoercibleToAssetKey, partition: str | None = None) -> Any:
        """What an asset, or one partition of it, gave. Raises InputError where it gave nothing."""
        key = AssetKey.from_coercible(asset_key)
        found = {name: value for (each, name), value in self.values.items() if each == key}
        if partition is None and len(found) == 1:
            return next(iter(found.values()))
        if partition not in found:
            known = ", ".join(str(name) for name in found if name is not None)
            raise InputError(
                f"{key} gave no value for {partition or 'the whole asset'} in this run"
                f"{f' (there are: {known})' if known else ''}."
            )
        return found[partition]


@contextmanager
def ephemeral_store() -> Generator[Store, None, None]:
    """An empty store in memory, closed and gone at the end."""
    store = open_store("sqlite://")
    try:
        yield store
    finally:
        store.close()


def materialize_to_memory(
    assets: Iterable[AssetsDefinition | AssetSpec | AssetChecksDefinition],
    *,
    partition_key: str | None = None,
    resources: Mapping[str, Any] | None = None,
    run_config: Mapping[str, Any] | None = None,
    store: Store | None = None,
    raise_on_error: bool = True,
    selection: str | None = None,
) -> MemoryRunResult:
    """`materialize` with every value in memory, whatever IO managers the assets name.

    The result has the values: `result.asset_value("orders")`.
    """
    items = list(assets)
    memory = InMemoryIOManager()
    named = {
        name
        for item in items
        if isinstance(item, AssetsDefinition)
        for name in item.io_manager_keys.values()
    }
    result = materialize(
        items,
        partition_key=partition_key,
        resources={**(resources or {}), **dict.fromkeys({IO_MANAGER, *named}, memory)},
        run_config=run_config,
        store=store,
        raise_on_error=raise_on_error,
        selection=selection,
    )
    return MemoryRunResult(
        run_id=result.run_id,
        steps=result.steps,
        canceled=result.canceled,
        values=memory.values,
    )
