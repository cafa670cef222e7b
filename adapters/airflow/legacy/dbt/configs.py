"""The `models:`, `seeds:` and other parts of dbt_project.yml: what holds in which folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.airflow.legacy.dbt.files import mapping, words

# Other names that adapters have for a part of a relation's name.
_SAME = {"dataset": "schema", "project": "database", "catalog": "database"}
_WITHOUT_PLUS = frozenset(
    {"schema", "database", "alias", "materialized", "tags", "enabled", *_SAME}
    | {"target_schema", "target_database"}
)


@dataclass(slots=True)
class Settings:
    """What is configured for one node; a later word counts, and tags add up."""

    values: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, None] = field(default_factory=dict)

    def add(self, said: object) -> None:
        """Lay another configuration above."""
        for key, value in mapping(said).items():
            name = _SAME.get(str(key), str(key))
            if name == "tags":
                self.tags.update(dict.fromkeys(words(value)))
            else:
                self.values[name] = value

    def text(self, name: str) -> str | None:
        """The value as text, None where there is none."""
        value = self.values.get(name)
        return str(value).strip() if isinstance(value, (str, int)) and str(value).strip() else None

    @property
    def is_enabled(self) -> bool:
        """Whether the node exists at all: False only where that is written out."""
        return str(self.values.get("enabled", True)).lower() != "false"


def by_folder(part: object, project: str, folders: Sequence[str]) -> Settings:
    """What a part of dbt_project.yml says of a node, from the general to the particular; `folders`
    are those of the node and its name.
    """
    settings = Settings()
    level = mapping(part)
    settings.add(_own(level.items()))
    for name in (project, *folders):
        level = mapping(level.get(name))
        settings.add(_own(level.items()))
    return settings


def _own(items: Iterable[tuple[object, object]]) -> dict[str, object]:
    return {
        str(key).lstrip("+").strip(): value
        for key, value in items
        if str(key).startswith("+") or (key in _WITHOUT_PLUS and not isinstance(value, dict))
    }
