from __future__ import annotations

from pathlib import Path

WIDE = """
    from bridge import AssetSpec, asset

    load = AssetSpec("loaded", produced_by=["airflow:nightly.load"])
    many = [AssetSpec(["orders", f"o{n}"]) for n in range(12)]
    globals().update({f"o{n}": spec for n, spec in enumerate(many)})

    @asset(deps=[load, *many])
    def middle(): return 1

    @asset(deps=[middle])
    def left(): return 1

    @asset(deps=[middle])
    def right(): return 1

    @asset(deps=[left, right])
    def bottom(): return 1

    @asset(deps=[bottom])
    def below(): return 1
"""


def test_a_tree_of_both_directions(orders: Path, run, lines) -> None:
    run("materialize", "raw_orders")

    assert lines(run("lineage", "marts/orders").out) == [
        "· marts/orders  missing",
        "├── upstream",
        "│   └── ✓ raw_orders  done now",
        "└── downstream",
        "    └── · daily_orders  missing",
    ]


def test_many_neighbours_under_one_prefix_are_one_line(new_project, run, lines) -> None:
    new_project(WIDE)

    assert lines(run("lineage", "middle", "--down", "0").out) == [
        "· middle  missing",
        "└── upstream",
        "    ├── · loaded  unknown, observed",
        "    │   └── · nightly.load  Airflow task, observed",
        "    └── · orders/*  12 assets",
    ]


def test_depth_is_limited_and_says_how_to_see_more(new_project, run, lines) -> None:
    new_project(WIDE)

    assert lines(run("lineage", "middle", "--up", "0", "--down", "2").out) == [
        "· middle  missing",
        "└── downstream",
        "    ├── · left  missing",
        "    │   └── · bottom  missing",
        "    ├── · right  missing",
        "    │   └── · bottom  missing  see above",
        "    └── 1 more at depth 3, see --down 3",
    ]


def test_lineage_as_json_is_assets_and_edges(orders: Path, run) -> None:
    found = run("lineage", "marts/orders", "--json").json

    assert found["root"] == "marts/orders"
    assert {each["key"]: each["depth"] for each in found["assets"]} == {
        "raw_orders": -1,
        "marts/orders": 0,
        "daily_orders": 1,
    }
    assert found["edges"] == [["marts/orders", "daily_orders"], ["raw_orders", "marts/orders"]]


def test_a_declared_mapping_is_told_on_both_sides(new_project, run, lines) -> None:
    new_project("""
        from bridge import AssetDep, DailyPartitionsDefinition, TimeWindowPartitionMapping, asset

        days = DailyPartitionsDefinition("2024-01-01")

        @asset(partitions_def=days)
        def rates(): return 1

        @asset(deps=[AssetDep(rates, TimeWindowPartitionMapping(start_offset=-7))],
               partitions_def=days)
        def week(): return 1
    """)
    words = "missing  (its own window and 7 before)"

    assert lines(run("lineage", "week").out)[-1].endswith(f"rates  {words}")
    assert lines(run("lineage", "rates").out)[-1].endswith(f"week  {words}")
    assert run("lineage", "week", "--json").json["reads_partitions"] == [
        {"upstream": "rates", "downstream": "week", "reads": "its own window and 7 before"}
    ]
