"""What is reported of assets from outside of any run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bridge import (
    AssetCheckEvaluation,
    AssetKey,
    AssetMaterialization,
    AssetObservation,
    AssetSpec,
    DataVersion,
    MaterializeResult,
    MetadataValue,
    Output,
    asset,
    materialize,
    observable_source_asset,
    observe,
    report,
)
from bridge.errors import DefinitionError
from bridge.store import Store, open_store

ORDERS = AssetKey("orders")
NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def test_a_materialization_is_a_fact_like_any_other(store: Store) -> None:
    said = AssetMaterialization(
        "orders",
        description="loaded by hand",
        metadata={"docs": MetadataValue.url("https://example.org"), "rows": 3},
        partition="2024-02-29",
        data_version=DataVersion("v1"),
    )

    assert report(said, store=store, happened_at=NOON) == 1

    (recorded,) = store.events()
    event = recorded.event
    assert (event.kind, event.key, event.partition) == ("materialization", ORDERS, "2024-02-29")
    assert (event.happened_at, event.message) == (NOON, "loaded by hand")
    assert event.data_version == "v1"
    assert MetadataValue.read(event.metadata["docs"]).kind == "url"
    assert event.source.startswith("report:")
    assert store.asset_states()[ORDERS].materialized_at == NOON


def test_the_same_report_of_a_named_source_is_one(store: Store) -> None:
    said = AssetMaterialization("orders")

    assert [report(said, store=store, source="loader:7") for _ in range(2)] == [1, 0]
    assert [report(said, store=store) for _ in range(2)] == [1, 1]


def test_observations_and_checks_are_reported_too(store: Store) -> None:
    count = report(
        [
            AssetObservation("orders", data_version="v2"),
            AssetCheckEvaluation("orders", "fine", passed=False, description="two are missing"),
        ],
        store=store,
    )

    assert count == 2
    (state,) = store.check_states()
    assert (state.passed, state.blocking, state.message) == (False, False, "two are missing")
    assert store.data_states([ORDERS])[ORDERS].observed_version == "v2"


def test_what_is_no_report_is_refused(store: Store) -> None:
    with pytest.raises(DefinitionError, match="is no report"):
        report(["orders"], store=store)  # type: ignore[list-item]


def test_without_a_store_the_project_s_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BRIDGE_PROJECT", raising=False)
    monkeypatch.setenv("BRIDGE_STORE", f"sqlite:///{tmp_path}/here.db")
    monkeypatch.chdir(tmp_path)

    report(AssetMaterialization("orders"))

    opened = open_store(f"sqlite:///{tmp_path}/here.db")
    assert ORDERS in opened.asset_states()
    opened.close()


def test_a_data_version_is_accepted_wherever_one_is(store: Store) -> None:
    @asset
    def stored() -> MaterializeResult:
        return MaterializeResult(data_version=DataVersion("a"))

    @asset
    def given() -> Output[int]:
        return Output(1, data_version=DataVersion("b"))

    @observable_source_asset
    def seen() -> DataVersion:
        return DataVersion("c")

    materialize([stored, given], store=store)
    observe([seen], store=store)

    versions = {
        str(e.event.key): e.event.data_version for e in store.events() if e.event.data_version
    }
    assert versions == {"stored": "a", "given": "b", "seen": "c"}
    assert DataVersion("a").value == "a"


def test_an_external_asset_may_be_reported(store: Store) -> None:
    report(AssetMaterialization(AssetSpec("orders").key), store=store)

    assert store.asset_states()[ORDERS].materialized_at is not None
