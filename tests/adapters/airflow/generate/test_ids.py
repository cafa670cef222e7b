"""Names of DAGs and tasks: legal in both Airflows, readable, and never shared."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.airflow.generate import ids
from bridge.keys import AssetKey

LEGAL = re.compile(r"[A-Za-z0-9_.-]{1,250}")
# Few signs, among them all that have a meaning in a name, so that collisions would be found.
words = st.text(st.sampled_from("ae2_x-.é/"), max_size=6)
words |= st.sampled_from(["check", "-check-", "checked", "checks", "by", "made", "-by-", "2d"])
keys = st.lists(words, min_size=1, max_size=3).map(AssetKey)
Thing = tuple[str, AssetKey, str]
things = st.tuples(st.sampled_from(["asset", "gate", "made"]), keys, st.just(""))
things |= st.tuples(st.sampled_from(["check", "checks", "function"]), keys, words)


def name_of(thing: Thing) -> str:
    kind, key, name = thing
    of_one = {"asset": ids.task_id, "gate": ids.gate_task_id, "made": ids.made_task_id}
    named = {
        "check": ids.check_task_id,
        "checks": ids.checks_task_id,
        "function": ids.function_task_id,
    }
    return named[kind](key, name) if kind in named else of_one[kind](key)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (["flights", "fct_departures"], "flights.fct_departures"),
        (["orders"], "orders"),
        (["x", "a"], "x.a"),
        (["x.a"], "x-2e-a"),
        (["x-a"], "x--a"),
        (["x/a"], "x-2f-a"),
        (["größe"], "gr-f6--df-e"),
        (["a", ""], "a.-x-"),
    ],
)
def test_a_task_is_called_by_the_whole_key(path: list[str], name: str) -> None:
    assert ids.task_id(AssetKey(path)) == name


def test_checks_and_dags_read_well() -> None:
    key = AssetKey(["flights", "fct_departures"])

    assert ids.check_task_id(key, "has_rows") == "flights.fct_departures-check-has_rows"
    assert ids.gate_task_id(key) == "flights.fct_departures-checked-"
    assert ids.dag_id("flights") == "flights__assets"
    assert ids.dag_id("marts/sales", "daily") == "marts.sales__assets__daily"


@given(things, things)
def test_two_things_never_share_a_task(one: Thing, other: Thing) -> None:
    assert (name_of(one) == name_of(other)) is (one == other)


@given(st.text(), st.text())
def test_every_name_is_legal(word: str, check: str) -> None:
    key = AssetKey(["marts", word])

    for name in (ids.task_id(key), ids.check_task_id(key, check), ids.gate_task_id(key)):
        assert LEGAL.fullmatch(name)


def test_long_names_stay_apart() -> None:
    one, other = ids.task_id(AssetKey("a" * 300)), ids.task_id(AssetKey("a" * 301))

    assert one != other
    assert LEGAL.fullmatch(one)
    assert one.startswith("a" * 200)
