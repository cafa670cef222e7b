"""Asset keys: one text each, and back."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import AssetKey, asset
from bridge.errors import DefinitionError

# no lone surrogates: they are no text that anything could store
COMPONENTS = st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=1)
TRICKY = st.lists(st.text(alphabet="/\\a"), min_size=1)


@given(COMPONENTS | TRICKY)
def test_parsing_the_text_of_a_key_gives_the_key(path: list[str]) -> None:
    key = AssetKey(path)

    assert AssetKey.parse(str(key)) == key


@given(TRICKY, TRICKY)
def test_two_keys_never_share_a_text(one: list[str], other: list[str]) -> None:
    assert (str(AssetKey(one)) == str(AssetKey(other))) is (one == other)


@given(COMPONENTS)
def test_equal_keys_are_one_member_of_a_set(path: list[str]) -> None:
    assert len({AssetKey(path), AssetKey(tuple(path))}) == 1


@given(st.lists(COMPONENTS, max_size=5))
def test_keys_are_ordered_by_their_components(paths: list[list[str]]) -> None:
    assert [list(key.path) for key in sorted(map(AssetKey, paths))] == sorted(paths)


def test_a_name_is_a_key_of_one_component() -> None:
    assert AssetKey("marts/orders").path == ("marts/orders",)


def test_a_slash_inside_a_component_is_escaped() -> None:
    assert str(AssetKey(["a/b", "c"])) == "a\\/b/c"


@pytest.mark.parametrize("path", [[1], ["a", None]])
def test_what_is_no_list_of_names_is_refused(path: Any) -> None:
    with pytest.raises(DefinitionError, match="is no asset key"):
        AssetKey(path)


def test_a_key_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        AssetKey("a").path = ("b",)


def test_a_key_survives_pickling() -> None:
    key = AssetKey(["a", "b"])

    assert pickle.loads(pickle.dumps(key)) == key  # noqa: S301 - our own bytes


def test_a_key_stands_for_itself_and_a_function_for_its_asset() -> None:
    @asset(key_prefix="marts")
    def orders() -> None: ...

    assert AssetKey.from_coercible(orders) == AssetKey(["marts", "orders"])
    assert AssetKey.from_coercible(AssetKey("a")) == AssetKey("a")


def test_what_has_no_key_is_refused() -> None:
    with pytest.raises(DefinitionError, match="7 is no asset"):
        AssetKey.from_coercible(7)  # type: ignore[arg-type]


def test_a_prefix_goes_in_front() -> None:
    key = AssetKey("orders").with_prefix(["lake", "marts"])

    assert key == AssetKey(["lake", "marts", "orders"])
    assert key.has_prefix(["lake"])
    assert not key.has_prefix(["lake", "other"])
