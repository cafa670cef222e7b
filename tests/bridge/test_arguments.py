"""Arguments: which are the context, which are upstream, and whether a value fits."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, NewType, Optional, Protocol, TypedDict, Union

import numpy as np
import pandas as pd
import pytest

from bridge import AssetKey
from bridge.arguments import arguments_of, mismatch


class Row(TypedDict):
    qty: int


class Sized(Protocol):
    def size(self) -> int: ...


UserId = NewType("UserId", int)


def inputs(function: Callable[..., Any], *known: AssetKey) -> dict[str, AssetKey]:
    return dict(arguments_of(function, known).inputs)


def test_arguments_are_upstream_in_their_order() -> None:
    def report(orders: Any, users: Any) -> None: ...

    assert list(inputs(report).items()) == [
        ("orders", AssetKey("orders")),
        ("users", AssetKey("users")),
    ]


@pytest.mark.parametrize("name", ["context", "_context", "_", "__"])
def test_a_first_argument_called_context_is_the_context(name: str) -> None:
    scope: dict[str, Any] = {}
    exec(f"def report({name}, orders): ...", scope)  # noqa: S102 - the name is the test

    found = arguments_of(scope["report"], ())

    assert (found.context, list(found.inputs)) == (name, ["orders"])


def test_an_argument_with_a_default_is_no_upstream() -> None:
    def report(orders: Any, limit: int = 3, *, strict: bool = True) -> None: ...

    assert list(inputs(report)) == ["orders"]


def test_collecting_arguments_are_no_upstream() -> None:
    def report(orders: Any, *more: Any, **rest: Any) -> None: ...

    assert list(inputs(report)) == ["orders"]


def test_keyword_only_arguments_are_upstream() -> None:
    def report(*, orders: Any) -> None: ...

    assert list(inputs(report)) == ["orders"]


def test_a_wrapped_function_shows_its_own_arguments() -> None:
    def report(orders: Any) -> None: ...

    @functools.wraps(report)
    def wrapper(*given: Any, **named: Any) -> None: ...

    assert list(inputs(wrapper)) == ["orders"]


def test_a_method_does_not_depend_on_self() -> None:
    class Reports:
        def report(self, orders: Any) -> None: ...

    assert list(inputs(Reports().report)) == ["orders"]


def test_a_partial_function_depends_on_what_is_left() -> None:
    def report(limit: int, orders: Any) -> None: ...

    assert list(inputs(functools.partial(report, 3))) == ["orders"]


def test_an_argument_names_a_known_key_by_its_last_word() -> None:
    def report(orders: Any) -> None: ...

    key = AssetKey(["marts", "orders"])
    assert inputs(report, key) == {"orders": key}


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (1, int),
        (1, float),
        (True, int),
        (1, Any),
        (None, None),
        (None, Optional[int]),  # noqa: UP045 - how users still write it
        ("a", Union[int, str]),  # noqa: UP007
        ("a", int | str),
        ([1], list[int]),
        ([1], Sequence[int]),
        ({"a": 1}, Mapping[str, int]),
        ({"a": 1}, dict[str, pd.DataFrame]),
        (pd.DataFrame(), pd.DataFrame),
        ({"qty": 1}, Row),
        ("x", Literal["x"]),
        (7, UserId),
        (7, Annotated[int, "rows"]),
        (7, Optional[Any]),  # noqa: UP045
        (7, Annotated[Any, "what"]),
        (7, Sized),
        ((x for x in "a"), Iterable[str]),
        (len, Callable[..., int]),
    ],
)
def test_a_value_that_fits_or_cannot_be_told_passes(value: Any, annotation: Any) -> None:
    assert mismatch(value, annotation) is None


@pytest.mark.parametrize(
    ("value", "annotation", "why"),
    [
        ("1", int, "expected int, got str"),
        (None, int, "expected int, got NoneType"),
        (1.5, int, "expected int, got float"),
        (1, None, "expected None, got int"),
        ("a", int | None, "expected int or None, got str"),
        ([1], pd.DataFrame, "expected DataFrame, got list"),
        ([1], Row, "expected dict, got list"),
        (True, float, "expected float, got bool"),
        (np.int64(1), int, "expected int, got int64"),
    ],
)
def test_a_value_that_does_not_fit_is_told_in_words(value: Any, annotation: Any, why: str) -> None:
    assert mismatch(value, annotation) == why
