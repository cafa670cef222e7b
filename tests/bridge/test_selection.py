"""Selection strings: what they name, and what is said of one that cannot be read."""

from __future__ import annotations

import pytest

from bridge import AssetGraph, AssetKey, AssetSpec, DailyPartitionsDefinition, asset
from bridge.errors import SelectionError
from bridge.selection import select


@pytest.fixture(scope="module")
def graph() -> AssetGraph:
    """raw/orders -> stg/orders -> fct -> report, and lonely; all but raw/orders ours."""
    ours = [
        asset(key=["stg", "orders"], deps=[AssetKey(["raw", "orders"])], tags={"pii": ""}),
        asset(key="fct", deps=[AssetKey(["stg", "orders"])], group_name="core", kinds=["sql"]),
        asset(
            key="report",
            deps=["fct"],
            group_name="core",
            tags={"tier": "1"},
            partitions_def=DailyPartitionsDefinition("2024-01-01"),
        ),
        asset(key="lonely", owners=["team:x"]),
    ]
    raw = AssetSpec(["raw", "orders"], group_name="sources", owners=["ana@example.com"])
    return AssetGraph.build([raw, *(make(lambda: None) for make in ours)])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("fct", "fct"),
        ("key:fct", "fct"),
        ('key:"stg/orders"', "stg/orders"),
        ("key:*orders", "raw/orders stg/orders"),
        ("key:none", ""),
        ("*", "raw/orders stg/orders fct report lonely"),
        ("+fct", "raw/orders stg/orders fct"),
        ("1+fct", "stg/orders fct"),
        ("fct+", "fct report"),
        ("+fct+", "raw/orders stg/orders fct report"),
        ("stg/orders+1", "stg/orders fct"),
        ("0+fct", "fct"),
        ("group:core", "fct report"),
        ("group:co*", "fct report"),
        ("tag:pii", "stg/orders"),
        ("tag:tier=1", "report"),
        ("tag:tier=2", ""),
        ('owner:"team:x"', "lonely"),
        ("kind:sql", "fct"),
        ("kind:<null>", "raw/orders stg/orders report lonely"),
        ("fct or lonely", "fct lonely"),
        ("group:core and not report", "fct"),
        ("not +report", "lonely"),
        ("fct or report and lonely", "fct"),
        ("(fct or report) and group:core", "fct report"),
        ("roots(*)", "raw/orders lonely"),
        ("sinks(*)", "report lonely"),
        ("roots(+fct)", "raw/orders"),
        ("sinks(raw/orders or report)", "report"),
        ("FCT or lonely", None),
        ("fct OR lonely", "fct lonely"),
        ("status:failed", "fct"),
    ],
)
def test_a_selection_names_its_assets(graph: AssetGraph, text: str, names: str | None) -> None:
    def status_of(key: AssetKey) -> str:
        return "failed" if key == AssetKey("fct") else "fresh"

    if names is None:
        with pytest.raises(SelectionError):
            select(graph, text, status_of, outside="walked")
    else:
        found = select(graph, text, status_of, outside="walked")
        assert {str(key) for key in found} == set(names.split())


@pytest.mark.parametrize(
    ("text", "left_out", "named"),
    [
        ("*", "stg/orders fct report lonely", "raw/orders stg/orders fct report lonely"),
        ("not lonely", "stg/orders fct report", "raw/orders stg/orders fct report"),
        ("group:sources", "", "raw/orders"),
        ("kind:<null>", "stg/orders report lonely", "raw/orders stg/orders report lonely"),
        ("key:raw/*", "raw/orders", "raw/orders"),
        ('owner:"ana@example.com"', "raw/orders", "raw/orders"),
        ("+stg/orders", "stg/orders", "stg/orders"),
        ("+raw/orders", "", ""),
        ("raw/orders+1", "raw/orders stg/orders", "raw/orders stg/orders"),
        ("roots(*)", "stg/orders lonely", "raw/orders lonely"),
        ("is:external", "raw/orders", "raw/orders"),
        ("is:materializable", "stg/orders fct report lonely", "stg/orders fct report lonely"),
        ("partitions:time", "report", "report"),
        ("partitions:none and group:core", "fct", "fct"),
    ],
)
def test_outside_assets_take_part_as_far_as_asked(
    graph: AssetGraph, text: str, left_out: str, named: str
) -> None:
    assert {str(key) for key in select(graph, text)} == set(left_out.split())
    assert {str(key) for key in select(graph, text, outside="named")} == set(named.split())


def test_a_word_that_is_nothing_is_refused_with_those_there_are(graph: AssetGraph) -> None:
    with pytest.raises(SelectionError, match="Write is:external or is:materializable"):
        select(graph, "is:odd")


def test_a_bare_key_that_does_not_exist_is_refused_with_what_was_meant(graph: AssetGraph) -> None:
    with pytest.raises(SelectionError, match=r"There is no asset reprt. Did you mean report?"):
        select(graph, "reprt")


def test_status_needs_somebody_to_ask(graph: AssetGraph) -> None:
    with pytest.raises(SelectionError, match="no attribute 'status' here"):
        select(graph, "status:failed")


def test_an_unknown_attribute_is_refused_with_those_there_are(graph: AssetGraph) -> None:
    with pytest.raises(SelectionError, match=r"no attribute 'colour' here. Use key, group, owner"):
        select(graph, "colour:red")


@pytest.mark.parametrize(
    ("text", "column"),
    [("fct and", 7), ("(fct", 4), ("fct fct", 4), ("+*", 1), ("fct)", 3), ("key:", 4)],
)
def test_a_syntax_error_is_marked_at_its_place(graph: AssetGraph, text: str, column: int) -> None:
    with pytest.raises(SelectionError) as caught:
        select(graph, text)

    shown, mark = str(caught.value).splitlines()[1:3]
    assert shown == f"  {text}"
    assert mark.index("^") - 2 == column


@pytest.mark.parametrize("text", ["", "   ", "++fct", "not", "a b", "group:core and or fct", "#"])
def test_what_is_no_selection_is_refused(graph: AssetGraph, text: str) -> None:
    with pytest.raises(SelectionError):
        select(graph, text)
