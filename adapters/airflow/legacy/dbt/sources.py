"""A dbt project read from its sources: models, seeds, snapshots, sources and tests as nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from adapters.airflow.legacy.dbt import properties
from adapters.airflow.legacy.dbt.configs import Settings, by_folder
from adapters.airflow.legacy.dbt.files import Files, mappings, words
from adapters.airflow.legacy.dbt.forms import DbtNode
from adapters.airflow.legacy.dbt.jinja_calls import Asked, Block, Said, blocks, calls
from adapters.airflow.legacy.dbt.written import tables_in

_WORD = re.compile(r"\b(\w+)\s*\(")


class Sources:
    """The files of one project and its settings."""

    def __init__(self, files: Files, said: dict[str, Any], name: str) -> None:
        self.files = files
        self.said = said
        self.name = name
        self.folders = {
            kind: tuple(words(said.get(f"{kind}-paths") or said.get(older) or default))
            for kind, older, default in (
                ("model", "source-paths", "models"),
                ("seed", "data-paths", "seeds"),
                ("snapshot", "", "snapshots"),
                ("test", "", "tests"),
                ("macro", "", "macros"),
            )
        }
        found = [one for path in self._macro_files() for one in blocks(files.text(path))]
        self.test_macros = {one.name.removeprefix("test_"): one for one in found if one.is_test}
        self.macros = _asking([one for one in found if not one.is_test])
        self.properties = properties.read(
            files,
            [place for kind in ("model", "seed", "snapshot") for place in self.folders[kind]],
            name,
            said.get("sources"),
            self.test_macros,
        )

    def _macro_files(self) -> Iterator[Path]:
        yield from self.files.below(self.folders["macro"], ".sql")
        yield from self.files.below([f"{one}/generic" for one in self.folders["test"]], ".sql")

    def nodes(self) -> tuple[DbtNode, ...]:
        """Every node that is enabled, by its id; what depends on unknown ones says so."""
        drafts = [*self._models(), *self._seeds(), *self._snapshots(), *self._single_tests()]
        ids = {node.id for node, _ in drafts} | {node.id for node in self.properties.sources}
        found = {node.id: node for node in self.properties.sources}
        for node, asked in drafts:
            found.setdefault(node.id, self._linked(node, asked, ids))
        for test in self.properties.tests:
            owner = self._id_of(_owner(test.owner), ids)
            if owner is None:
                continue
            node = DbtNode(id=f"test.{self.name}.{test.name}", path=test.path, tags=test.tags)
            linked = self._linked(node, test.asked, ids, owner)
            found.setdefault(node.id, linked)
        return tuple(found[key] for key in sorted(found))

    def _linked(
        self, node: DbtNode, asked: Iterable[Asked], ids: set[str], owner: str | None = None
    ) -> DbtNode:
        above = [owner, *(self._id_of(one, ids) for one in asked)]
        known = dict.fromkeys(one for one in above if one not in (None, node.id))
        return node.model_copy(update={"depends_on": tuple(known)})

    def _id_of(self, asked: Asked, ids: set[str]) -> str | None:
        names = [str(one) for one in asked.arguments]
        if asked.kind == "source":
            wanted = [f"source.{self.name}.{'.'.join(names)}"]
        else:
            last = names[-1]
            if asked.version is not None:
                last = f"{last}.v{asked.version}"
            last = self.properties.latest.get(last, last)
            wanted = [f"{kind}.{self.name}.{last}" for kind in ("model", "seed", "snapshot")]
        return next((one for one in wanted if one in ids), None)

    def _models(self) -> Iterator[tuple[DbtNode, tuple[Asked, ...]]]:
        for path in self.files.below(self.folders["model"], ".sql", ".py"):
            name = self.properties.versions.get(path.stem, path.stem)
            text = self.files.text(path)
            written = tables_in(text) if path.suffix == ".sql" else ()
            for node, asked in self._node("model", "models", path, name, self._calls(text)):
                yield node.model_copy(update={"written_out": written}), asked

    def _seeds(self) -> Iterator[tuple[DbtNode, tuple[Asked, ...]]]:
        for path in self.files.below(self.folders["seed"], ".csv"):
            yield from self._node("seed", "seeds", path, path.stem, Said({}, ()))

    def _snapshots(self) -> Iterator[tuple[DbtNode, tuple[Asked, ...]]]:
        for path in self.files.below(self.folders["snapshot"], ".sql"):
            for one in blocks(self.files.text(path)):
                if one.kind == "snapshot":
                    said = self._calls(one.text)
                    written = {"written_out": tables_in(one.text)}
                    for node, asked in self._node("snapshot", "snapshots", path, one.name, said):
                        yield node.model_copy(update=written), asked
        for path in self.files.below(self.folders["snapshot"], ".yml", ".yaml"):
            for entry in mappings(self.files.mapping(path).get("snapshots")):
                if "relation" in entry:
                    said = calls(str(entry["relation"]))
                    yield from self._node("snapshot", "snapshots", path, str(entry["name"]), said)

    def _single_tests(self) -> Iterator[tuple[DbtNode, tuple[Asked, ...]]]:
        for path in self.files.below(self.folders["test"], ".sql"):
            text = self.files.text(path)
            if not any(one.is_test for one in blocks(text)):
                yield from self._node("test", "data_tests", path, path.stem, self._calls(text))

    def _node(
        self, kind: str, part: str, path: Path, name: str, said: Said
    ) -> Iterator[tuple[DbtNode, tuple[Asked, ...]]]:
        place = self.files.name(path)
        settings = by_folder(
            self.said.get(part), self.name, _inner(place, name, self.folders[kind])
        )
        entry = self.properties.nodes.get(name.rpartition(".v")[0] or name, {})
        settings.add(entry.get("config"))
        settings.add(said.config)
        if settings.is_enabled:
            yield self._made(f"{kind}.{self.name}.{name}", place, settings), said.asked

    def _made(self, key: str, place: str, settings: Settings) -> DbtNode:
        kind = key.partition(".")[0]
        if kind == "test":
            return DbtNode(id=key, path=place, tags=tuple(settings.tags))
        alias = settings.text("alias")
        if alias is None and ".v" in key:
            alias = key.split(".", 2)[2].replace(".v", "_v")
        # A snapshot's older way of saying where it goes is taken as it is.
        target = settings.text("target_schema")
        return DbtNode(
            id=key,
            path=place,
            database_name=settings.text("target_database") or settings.text("database"),
            schema_name=target or settings.text("schema"),
            alias=alias,
            is_placed=kind == "snapshot" and target is not None,
            materialized=settings.text("materialized") if kind == "model" else None,
            tags=tuple(settings.tags),
        )

    def _calls(self, text: str) -> Said:
        """What a text says itself, and what the project's macros that it calls ask for."""
        said = calls(text)
        if not self.macros:
            return said
        called = self.macros.keys() & set(_WORD.findall(text))
        more = [one for name in sorted(called) for one in self.macros[name]]
        return Said(said.config, tuple(dict.fromkeys((*said.asked, *more))))


def _owner(text: str) -> Asked:
    kind, _, name = text.partition(":")
    return Asked(
        "source" if kind == "source" else "ref",
        tuple(name.split(".", 1)) if kind == "source" else (name,),
    )


def _inner(place: str, name: str, folders: Iterable[str]) -> list[str]:
    """The folders between the resource's own folder and the file, and the node's name."""
    inside = next(
        (
            place[len(one.strip("/")) + 1 :]
            for one in folders
            if place.startswith(f"{one.strip('/')}/")
        ),
        place,
    )
    return [*inside.split("/")[:-1], name]


def _asking(found: list[Block]) -> dict[str, tuple[Asked, ...]]:
    """What each macro asks for by names that are written out, also through macros it calls."""
    texts = {one.name: one.text for one in found}
    asked = {
        name: {
            one: None for one in calls(text).asked if all(isinstance(a, str) for a in one.arguments)
        }
        for name, text in texts.items()
    }
    inner = {
        name: (set(_WORD.findall(text)) & asked.keys()) - {name} for name, text in texts.items()
    }
    for _ in range(5):  # macros call each other a few levels deep
        for name, others in inner.items():
            for other in others:
                asked[name].update(asked[other])
    return {name: tuple(each) for name, each in asked.items() if each}
