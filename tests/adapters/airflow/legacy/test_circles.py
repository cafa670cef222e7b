"""Circles: which there are, that those with a thing in common are one, and where they open."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.airflow.legacy.circles import circles_of


def test_two_that_come_before_each_other_are_a_circle():
    (circle,) = circles_of([("b", "a"), ("a", "b")])
    assert circle.way == ("a", "b")
    assert circle.opened == (("b", "a"),)


@pytest.mark.parametrize("steps", [[], [("a", "b"), ("b", "c"), ("a", "c")]])
def test_a_line_is_no_circle(steps):
    assert circles_of(steps) == []


def test_circles_with_a_thing_in_common_are_one_and_its_way_is_the_shortest():
    (circle,) = circles_of([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "c")])
    assert circle.things == {"a", "b", "c", "d"}
    assert circle.way == ("c", "d")
    assert circle.opened == (("c", "a"), ("d", "c"))


def test_circles_that_do_not_meet_are_told_apart():
    found = circles_of([("x", "y"), ("y", "x"), ("a", "b"), ("b", "a"), ("b", "x")])
    assert [circle.way for circle in found] == [("a", "b"), ("x", "y")]


def test_a_step_to_itself_is_a_circle_of_one():
    (circle,) = circles_of([("a", "a")])
    assert (circle.way, circle.opened) == (("a",), (("a", "a"),))


_STEPS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30)


@given(_STEPS)
def test_without_what_is_opened_there_is_no_circle(steps):
    opened = {step for circle in circles_of(steps) for step in circle.opened}
    order: TopologicalSorter[int] = TopologicalSorter()
    for source, target in set(steps) - opened:
        order.add(target, source)
    order.prepare()


@given(_STEPS, st.randoms())
def test_the_order_of_steps_does_not_matter(steps, random):
    mixed = list(steps)
    random.shuffle(mixed)
    assert circles_of(mixed) == circles_of(steps)


def test_a_long_line_takes_no_stack():
    assert circles_of((number, number + 1) for number in range(20_000)) == []
