from __future__ import annotations

from datetime import timedelta

from bridge import AssetKey, AssetSpec, DailyPartitionsDefinition, Definitions
from bridge.daemon.housekeeping import Housekeeping
from bridge.daemon.staff import duties_of
from bridge.events import AssetEvent
from bridge.materialized import materialized_subset
from bridge.store import RetentionPolicy


def test_the_past_is_deleted_as_the_settings_say_every_few_hours(under, clock) -> None:
    store = under(Definitions()).house.store
    key = AssetKey("orders")

    def tell(source: str) -> None:
        store.record([AssetEvent(kind="failure", key=key, happened_at=clock.now, source=source)])

    for source in "abc":
        tell(source)
        clock.forward(days=1)
    house = under(Definitions()).house
    duty = Housekeeping(house, timedelta(days=90), RetentionPolicy(events_days=1))
    clock.forward(days=5)
    duty(clock.now, changed=False)
    assert [each.event.source for each in store.events(key)] == ["c"]

    tell("d")
    clock.forward(hours=1)
    duty(clock.now, changed=False)
    assert len(store.events(key)) == 2
    clock.forward(days=3)
    duty(clock.now, changed=False)
    assert [each.event.source for each in store.events(key)] == ["d"]


def test_without_settings_nothing_is_deleted(under, clock) -> None:
    under_it = under(Definitions())
    duty = next(d for d in duties_of(under_it.house) if isinstance(d, Housekeeping))
    store = under_it.house.store
    for name in "ab":
        store.record(
            [AssetEvent(kind="failure", key=AssetKey(name), happened_at=clock.now, source="test")]
        )
    clock.forward(days=9999)

    duty(clock.now, changed=False)

    assert len(store.events()) == 2


def test_what_others_recorded_of_many_partitions_is_summarised(under, clock) -> None:
    days = DailyPartitionsDefinition("2020-01-01")
    house = under(Definitions(assets=[AssetSpec("orders", partitions_def=days)])).house
    key = AssetKey("orders")
    house.store.record(
        AssetEvent(
            kind="materialization",
            key=key,
            partition=partition,
            happened_at=clock.now,
            source="test:1",
        )
        for partition in days.keys(clock.now)[:100]
    )
    assert house.store.unsummarised_counts() == {key: 100}

    Housekeeping(house, timedelta(days=90))(clock.now, changed=False)

    assert house.store.unsummarised_counts() == {}
    assert len(materialized_subset(house.store, key, days, clock.now)) == 100
