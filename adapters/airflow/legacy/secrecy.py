"""What a snapshot does not keep: values under the names of secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import JsonValue

from adapters.airflow.legacy.record.child.redaction import looks_secret

T = TypeVar("T")


def without_secrets(values: Mapping[str, T]) -> dict[str, T]:
    """The values whose names are not those of secrets."""
    return {name: value for name, value in values.items() if not looks_secret(name)}


def without_secret(name: str, value: JsonValue) -> JsonValue:
    """The value, and whatever is in it, without what stands under the name of a secret."""
    if isinstance(value, str) and value and looks_secret(name) and "{{" not in value:
        return {"opaque": "a secret"}
    if isinstance(value, dict):
        return {inner: without_secret(inner, each) for inner, each in value.items()}
    if isinstance(value, list):
        return [without_secret(name, each) for each in value]
    return value
