"""A store in memory for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.store import Store, open_store


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()
