"""The drawing of DAGs: who stands where, and when there is none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.airflow.legacy.flow import Flow
from adapters.airflow.legacy.report.drawing import MOST_BOXES, MOST_TIED, drawing_of


def flow(source: str, target: str, way="data", through="s3://b/x") -> Flow:
    return Flow(source=source, target=target, way=way, through=through)


def test_a_dag_stands_right_of_all_that_it_takes_from():
    drawing = drawing_of([flow("a", "b"), flow("b", "c"), flow("a", "c")], {})
    assert drawing is not None
    x = {box.name: box.x for box in drawing.boxes}
    assert x["a"] < x["b"] < x["c"]


def test_several_ways_between_two_dags_are_one_curve_that_tells_them_all():
    drawing = drawing_of([flow("a", "b"), flow("a", "b", "trigger", "kick")], {})
    assert drawing is not None
    (curve,) = drawing.curves
    assert (curve.kind, curve.title) == ("data", "a writes s3://b/x for b\na triggers b")


def test_a_circle_is_drawn_with_one_curve_that_goes_back():
    drawing = drawing_of([flow("a", "b"), flow("b", "c"), flow("c", "a")], {})
    assert drawing is not None
    assert sorted(curve.kind for curve in drawing.curves) == ["back", "data", "data"]


def test_a_trigger_alone_is_no_data():
    drawing = drawing_of([flow("a", "b", "trigger", "kick")], {})
    assert drawing is not None
    assert [curve.kind for curve in drawing.curves] == ["start"]


def test_a_long_name_keeps_both_its_ends():
    drawing = drawing_of([flow("load_customer_orders_7", "b")], {})
    assert drawing is not None
    assert "load_cust…r_orders_7" in {box.label for box in drawing.boxes}


def test_nothing_between_dags_is_no_drawing():
    assert drawing_of([], {}) is None


def test_too_many_dags_that_are_tied_are_no_drawing():
    assert drawing_of([flow("hub", f"d{n}") for n in range(MOST_TIED)], {}) is None
    assert drawing_of([flow("hub", f"d{n}") for n in range(MOST_TIED - 1)], {}) is not None


def test_what_is_not_tied_to_too_many_is_drawn_below_each_other_the_largest_first():
    wool = [flow("hub", f"d{n}") for n in range(MOST_TIED)]
    drawing = drawing_of([*wool, flow("y", "z"), flow("a", "b"), flow("b", "c")], {})
    assert drawing is not None
    y = {box.name: box.y for box in drawing.boxes}
    assert y.keys() == {"a", "b", "c", "y", "z"}
    assert y["c"] < y["z"]


def test_what_gives_to_many_is_seen_without_scrolling():
    few, many = (drawing_of([flow("hub", f"d{n}") for n in range(most)], {}) for most in (5, 30))
    assert few is not None
    assert many is not None
    tops = [{box.name: box.y for box in drawing.boxes} for drawing in (few, many)]
    assert tops[0]["hub"] == tops[0]["d2"]
    assert tops[1]["hub"] == min(tops[1].values())


def test_no_more_is_drawn_than_can_be_looked_through():
    drawing = drawing_of([flow(f"a{n}", f"b{n}") for n in range(MOST_BOXES)], {})
    assert drawing is not None
    assert len(drawing.boxes) == MOST_BOXES


@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda edge: edge[0] != edge[1]),
        min_size=1,
    )
)
def test_boxes_never_overlap_and_only_curves_of_circles_go_left(edges):
    drawing = drawing_of([flow(f"d{a}", f"d{b}") for a, b in edges], {})
    assert drawing is not None
    places = [(box.x, box.y) for box in drawing.boxes]
    assert len({name for edge in edges for name in edge}) == len(places)
    for index, (x, y) in enumerate(places):
        assert 0 <= x <= drawing.width - drawing.box_width
        assert 0 <= y <= drawing.height - drawing.box_height
        for other_x, other_y in places[index + 1 :]:
            apart_x = abs(x - other_x) >= drawing.box_width
            assert apart_x or abs(y - other_y) >= drawing.box_height
    x_of = {box.name: box.x for box in drawing.boxes}
    going_left = {(a, b) for a, b in edges if x_of[f"d{a}"] >= x_of[f"d{b}"]}
    assert len(going_left) <= sum(curve.kind == "back" for curve in drawing.curves)
