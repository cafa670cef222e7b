"""The error tree: what is drawn on top of the module is what is there."""

from __future__ import annotations

import inspect

import pytest

from bridge import errors
from bridge.errors import BridgeError

EXIT_CODES = {
    "BridgeError": 2,
    "ClaimLostError": 5,
    "ClaimRefusedError": 5,
    "ConfigError": 2,
    "CycleError": 2,
    "DefinitionError": 2,
    "DifferenceFound": 3,
    "DuplicateKeyError": 2,
    "ExecutionError": 1,
    "Failure": 1,
    "ImportReadError": 2,
    "InputError": 1,
    "LoadError": 2,
    "OutputError": 1,
    "PartitionError": 2,
    "RefusedError": 5,
    "RemoteUnreachableError": 4,
    "RetryRequested": 1,
    "SelectionError": 2,
    "StoreUnreachableError": 4,
    "StoreVersionError": 2,
}


def all_errors() -> dict[str, type[BridgeError]]:
    return {
        name: value
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, BridgeError)
    }


def drawn() -> dict[str, int]:
    """Depth of every error in the drawing."""
    found = {}
    for line in inspect.cleandoc(errors.__doc__ or "").splitlines():
        word = next((word for word in line.split() if word in all_errors()), None)
        if word is not None and line[: line.index(word)].strip(" │├└─") == "":
            found[word] = line.index(word) // 4
    return found


def test_every_error_is_in_the_drawing_at_its_depth() -> None:
    depths = {name: len(kind.__mro__) for name, kind in all_errors().items()}
    root = depths["BridgeError"]

    assert drawn() == {name: depth - root for name, depth in depths.items()}


def test_every_error_ends_the_command_line_with_its_own_code() -> None:
    assert {name: kind.exit_code for name, kind in all_errors().items()} == EXIT_CODES


@pytest.mark.parametrize("kind", all_errors().values())
def test_every_error_says_what_it_means(kind: type[BridgeError]) -> None:
    assert (kind.__doc__ or "").endswith((".", "us."))
