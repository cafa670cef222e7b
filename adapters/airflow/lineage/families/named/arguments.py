"""The arguments of a task as texts, by their names in small letters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import LineageContext, class_names
from adapters.airflow.lineage.families.transfers import given
from adapters.airflow.lineage.naming import Kind, direction_named, is_no_place
from adapters.airflow.lineage.templates import Marks, render

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Guess:
    """A place, and the argument whose name may say what is done to it."""

    uri: str
    argument: str
    kind: Kind
    is_url: bool = False


class Arguments:
    """What one task is given; `name` is that of its class."""

    def __init__(self, task: Task, context: LineageContext) -> None:
        self.task = task
        self.context = context
        self.marks = Marks()
        self.name = class_names(task)[0]
        self.texts: dict[str, tuple[str, ...]] = {}
        for name, texts in self._texts(given(task)):
            self.texts[name] = (*self.texts.get(name, ()), *texts)

    def _texts(
        self, arguments: object, before: str = "", depth: int = 0
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Those inside of an argument are `outer_inner`."""
        for key, value in _pairs(arguments):
            name = before + _CAMEL.sub("_", key).lower()
            if depth < _DEEPEST and isinstance(value, (dict, list)):
                yield from self._texts(value, f"{name}_", depth + 1)
            pieces = value if isinstance(value, list) else [value]
            texts = tuple(
                text for each in pieces for one in _listed(each) if (text := self._rendered(one))
            )
            if texts and len(texts) >= len(pieces):
                yield name, texts

    def _rendered(self, value: JsonValue) -> str | None:
        if not isinstance(value, str):
            return None
        return render(value, self.context.values(self.task), self.context.files, self.marks)[0]

    def named(self, pattern: re.Pattern[str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """(name, what it begins with, texts) of each argument whose name is of a kind."""
        for name, texts in self.texts.items():
            found = pattern.fullmatch(name)
            if found is not None:
                yield name, found[1] or "", texts

    def beside(self, name: str, begins: str, pattern: re.Pattern[str]) -> Iterator[str]:
        """Arguments of a kind that begin as `name` does, or say nothing else of a direction."""
        found = {key: start for key, start, _ in self.named(pattern)}
        same = [key for key, start in found.items() if key != name and start == begins]
        way = direction_named(name)
        meant = [key for key in found if key != name and direction_named(key) == way]
        yield from (key for key in dict.fromkeys((*same, *meant)) if not is_no_place(key))

    @property
    def connections(self) -> dict[str, str]:
        """Connections by the arguments that name them."""
        return {key: texts[0] for key, texts in self.texts.items() if key.endswith("conn_id")}


def _listed(value: JsonValue) -> list[JsonValue]:
    """The texts of a list that is written as a text: `["gs://a/x", "gs://a/y"]`."""
    if isinstance(value, str) and value.lstrip().startswith('["'):
        try:
            found = json.loads(value)
        except ValueError:
            return [value]
        return found if isinstance(found, list) else [value]
    return [value]


def _pairs(value: object) -> Iterator[tuple[str, JsonValue]]:
    """What a mapping holds, or mappings in a list; variables are `{"name": …, "value": …}`."""
    if isinstance(value, dict):
        yield from value.items() if "opaque" not in value else ()
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict) and isinstance(name := each.get("name"), str) and "value" in each:
            yield name, each.get("value")
        elif isinstance(each, dict) and "opaque" not in each:
            yield from each.items()
