from __future__ import annotations

import pytest

from bridge import AssetKey, DailyPartitionsDefinition, Definitions, asset
from bridge.graph import AssetGraph
from bridge.runs import RunTarget
from bridge.targets import collision, targeted

DAYS = DailyPartitionsDefinition("2026-01-01")
WHOLE, CUT, GONE = AssetKey("whole"), AssetKey("cut"), AssetKey("gone")


@pytest.fixture(scope="module")
def graph() -> AssetGraph:
    @asset
    def whole() -> None: ...

    @asset(partitions_def=DAYS)
    def cut() -> None: ...

    return Definitions([whole, cut]).graph()


def of(
    *keys: AssetKey, partition: str | None = None, partitions: tuple[str, ...] = ()
) -> RunTarget:
    return RunTarget(assets=keys, partition=partition, partitions=partitions)


def test_what_a_target_takes_of_an_asset(graph: AssetGraph) -> None:
    days = of(WHOLE, CUT, partition="2026-01-30...2026-02-01")

    assert targeted(days, CUT, graph) == ["2026-01-30", "2026-01-31", "2026-02-01"]
    assert targeted(days, WHOLE, graph) == [None]
    assert targeted(of(CUT, partition="2026-01-02"), CUT, graph) == ["2026-01-02"]
    several = ("2026-01-02", "2026-01-09")
    assert targeted(of(CUT, partitions=several), CUT, graph) == several
    assert targeted(of(CUT, partition="x...y"), CUT, graph) == []
    assert targeted(of(GONE), GONE, graph) == [None]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (of(WHOLE), of(WHOLE), WHOLE),
        (of(WHOLE), of(CUT, partition="2026-01-02"), None),
        (of(CUT, partition="2026-01-02"), of(CUT, partition="2026-01-02"), CUT),
        (of(CUT, partition="2026-01-02"), of(CUT, partition="2026-01-03"), None),
        (of(CUT, partition="2026-01-02"), of(CUT, partition="2026-01-01...2026-01-03"), CUT),
        (of(CUT, partition="2026-01-04"), of(CUT, partition="2026-01-01...2026-01-03"), None),
        (of(CUT, partition="2026-01-04"), of(CUT, partitions=("2026-01-04", "2026-02-01")), CUT),
        # a whole asset beside a partitioned one is written by both
        (of(CUT, WHOLE, partition="2026-01-04"), of(WHOLE, CUT, partition="2026-01-05"), WHOLE),
        (of(), of(WHOLE), None),
    ],
)
def test_runs_collide_where_both_write_the_same(
    one: RunTarget, other: RunTarget, expected: AssetKey | None, graph: AssetGraph
) -> None:
    assert collision(one, other, graph) == expected
    assert collision(other, one, graph) == expected
