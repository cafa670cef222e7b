"""The public names: each one resolves, explains itself, and is found by tools that list them."""

from __future__ import annotations

import inspect

import pytest

import bridge


@pytest.mark.parametrize("name", sorted(bridge.__all__))
def test_an_exported_name_resolves_and_explains_itself(name: str) -> None:
    exported = getattr(bridge, name)

    assert inspect.getdoc(exported), f"bridge.{name} has no docstring"


def test_exported_names_are_sorted_and_unique() -> None:
    assert list(bridge.__all__) == sorted(set(bridge.__all__))


def test_dir_shows_every_exported_name() -> None:
    assert set(bridge.__all__) <= set(dir(bridge))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        bridge.no_such_name  # noqa: B018
