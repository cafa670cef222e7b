"""Operators that no rule knows: places guessed from what their arguments are called and look like.

A guess: an operator may do anything with its arguments. What its own code says comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import DatasetRef, Direction, Nature
from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.certainty import rated
from adapters.airflow.lineage.context import (
    UNKNOWN_DATABASE,
    LineageContext,
    Reading,
    class_names,
    connection_of,
    database_named,
)
from adapters.airflow.lineage.families import quiet
from adapters.airflow.lineage.families.sql import (
    asks_no_sql,
    names_a_file,
    statement_refs,
    tables_read,
)
from adapters.airflow.lineage.families.transfers import given
from adapters.airflow.lineage.housekeeping import is_housekeeping
from adapters.airflow.lineage.naming import (
    Kind,
    direction_named,
    direction_of_class,
    is_no_place,
    words_of,
)
from adapters.airflow.lineage.objects import object_url
from adapters.airflow.lineage.templates import Marks, render
from bridge.errors import DefinitionError
from bridge.uris import canonical, table

# By a URL and the argument's name; by that name; by the class's.
CERTAIN, SAID, SHOWN = 0.8, 0.6, 0.4
SQL_OF_ITS_OWN, SQL_SOMEWHERE = 0.85, 0.6
_STORE = re.compile(
    r"(s3[an]?|gs|gcs|abfss?|wasbs?|adl|hdfs|file|ftp|sftp|oss|dbfs|bigquery)://\S+"
)
_DIRECTIONS: tuple[Direction, ...] = ("read", "write")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HOST_NAME = re.compile(r".*?_?(s?ftp)_host(name)?")
_WEB = re.compile(r"https?://\S+")
_PATH = re.compile(r"/[\w{}.*-]+(/[\w{}.* -]+)+/?")
_TABLE = re.compile(r"[\w$-]+([.:][\w$-]+){0,3}")
_TABLE_NAME = re.compile(r"(.*?)_?tables?(_name|_id)?")
_FOLDER = re.compile(r"(/[\w{}* -]+)+/?")
_NAME_IN_FOLDER = re.compile(r"(.*?)_?(file_?name|file|key)")
_BUCKET_NAME = re.compile(r"(.*?)_?(bucket|container)(_name)?")
_KEY_NAME = re.compile(r"(.*?)_?((?:object|blob)(?:_name|_key|_path)?|keys?|prefix|objects)")
_FILE_NAME = re.compile(r"(.*?)_?(file_?name|file_?path|file|path)")
_FOLDER_NAME = re.compile(r"(.*?)_?((?:base_|root_)?(?:path|dir|directory|folder))")
_SQL_NAME = re.compile(r"(.*?)_?(sql|query|statement|select|hql)(_query|_statement|_text|_file)?")
_SQL = re.compile(
    r"\s*(--.*\n\s*)*(select|insert|with|merge|create|update|delete|copy|truncate)\s", re.I
)
_OF_ONE_PLACE = ("file", "hdfs", "dbfs")  # need no authority
_SCHEMES = (("gcs", "gs"), ("gs", "gs"), ("google", "gs"), ("gcp", "gs"), ("s3", "s3"))
_SCHEMES_OF_CLASSES = (*_SCHEMES, ("aws", "s3"), ("wasb", "wasbs"), ("azure", "wasbs"))


@dataclass(frozen=True, slots=True)
class Guess:
    """A place, and the argument whose name may say what is done to it."""

    uri: str
    argument: str
    kind: Kind
    is_url: bool = False


def applies(task: Task) -> bool:
    """A class whose arguments may name data: no function, and nothing that moves no data."""
    if task.operator.startswith("@") or any("Python" in name for name in class_names(task)):
        return False
    return not quiet.applies(task) or _is_sensor(task)


def added(found: Reading, task: Task, context: LineageContext) -> Reading:
    """What is known of the task, and guesses where nothing is known of that direction."""
    known = {ref.direction for ref in found.datasets}
    if len(known) == len(_DIRECTIONS):
        return found
    guessed = [ref for ref in _Guesses(task, context).refs() if ref.direction not in known]
    if not guessed:
        return found
    nature: Nature = "quiet" if found.nature == "quiet" else "data"
    return replace(found, nature=nature, datasets=(*found.datasets, *guessed))


def _is_sensor(task: Task) -> bool:
    return any(name.endswith(("Sensor", "SensorAsync")) for name in class_names(task))


class _Guesses:
    """The guesses about one task."""

    def __init__(self, task: Task, context: LineageContext) -> None:
        self.task = task
        self.context = context
        self.marks = Marks()
        self.texts = dict(self._texts(given(task)))
        self.name = class_names(task)[0]

    def refs(self) -> Iterator[DatasetRef]:
        """Every place with a direction, and the tables of SQL in arguments."""
        yield from self._of_sql()
        for guess in self._guesses():
            direction, sure = self._direction(guess)
            uri = None if direction is None else _canonical(guess.uri)
            if direction is not None and uri is not None:
                named = self.marks.put_back(uri)
                confidence = rated(named, sure)
                yield self.context.ref(self.task, named, direction, "name", confidence)

    def _guesses(self) -> Iterator[Guess]:
        yield from self._addresses()
        yield from self._objects()
        yield from self._files()
        yield from self._on_hosts()
        yield from self._tables()

    def _texts(self, arguments: object, before: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
        """Arguments by name in small letters, those inside of an argument as `outer_inner`."""
        for key, value in _pairs(arguments):
            name = before + _CAMEL.sub("_", key).lower()
            if not before and isinstance(value, (dict, list)):
                yield from self._texts(value, f"{name}_")
            pieces = value if isinstance(value, list) else [value]
            texts = tuple(text for each in pieces if (text := self._rendered(each)))
            if texts and len(texts) == len(pieces):
                yield name, texts

    def _rendered(self, value: JsonValue) -> str | None:
        if not isinstance(value, str):
            return None
        return render(value, self.context.values(self.task), self.context.files, self.marks)[0]

    def _direction(self, guess: Guess) -> tuple[Direction | None, float]:
        if _is_sensor(self.task):
            return "read", SAID
        said = direction_named(guess.argument)
        if said is not None:
            is_told = guess.is_url and not self.task.operator.startswith("airflow.")
            return said, CERTAIN if is_told else SAID
        scheme = guess.uri.partition("://")[0]
        return direction_of_class(self.name, guess.kind, scheme), SHOWN

    def _addresses(self) -> Iterator[Guess]:
        """URLs and absolute paths."""
        for name, texts in self.texts.items():
            if is_no_place(name):
                continue
            for text in map(object_url, texts):
                if is_housekeeping(text):
                    continue
                if _STORE.fullmatch(text):
                    kind: Kind = "file" if text.startswith("file:") else "object"
                    yield Guess(text, name, kind, is_url=True)
                elif _WEB.fullmatch(text) and _is_a_page(name):
                    yield Guess(text, name, "web")
                elif _PATH.fullmatch(text) and _is_a_file(name) and not self._in_a_bucket(name):
                    yield Guess(f"file://{text}", name, "file")

    def _in_a_bucket(self, name: str) -> bool:
        return bool(_KEY_NAME.fullmatch(name)) and any(map(_BUCKET_NAME.fullmatch, self.texts))

    def _objects(self) -> Iterator[Guess]:
        """A bucket and the key that belongs to it."""
        for name, buckets in self.texts.items():
            found = _BUCKET_NAME.fullmatch(name)
            if found is None or is_no_place(name) or len(buckets) != 1 or "://" in buckets[0]:
                continue
            key = self._beside(name, found[1], _KEY_NAME) or self._beside(
                name, found[1], _FILE_NAME
            )
            for text in self.texts.get(key or "", ()):
                if "://" not in text:
                    uri = f"{self._store(name)}://{buckets[0]}/{text.lstrip('/')}"
                    yield Guess(uri, name if direction_named(name) else key or name, "object")

    def _files(self) -> Iterator[Guess]:
        """A file in a folder that another argument names."""
        for name, folders in self.texts.items():
            found = _FOLDER_NAME.fullmatch(name)
            if found is None or len(folders) != 1 or not _FOLDER.fullmatch(folders[0]):
                continue
            for key in self._all_beside(name, found[1], _NAME_IN_FOLDER):
                for text in self.texts[key]:
                    if key != name and not text.startswith("/") and "://" not in text:
                        yield Guess(f"file://{folders[0].rstrip('/')}/{text}", name, "file")

    def _on_hosts(self) -> Iterator[Guess]:
        """A path from or to which something goes, on a host that another argument names."""
        for name, hosts in self.texts.items():
            found = _HOST_NAME.fullmatch(name)
            for path, texts in self.texts.items() if found else ():
                if found and _FILE_NAME.fullmatch(path) and direction_named(path):
                    yield Guess(f"{found[1]}://{hosts[0]}/{texts[0].lstrip('/')}", path, "object")

    def _beside(self, name: str, begins: str, pattern: re.Pattern[str]) -> str | None:
        return next(self._all_beside(name, begins, pattern), None)

    def _all_beside(self, name: str, begins: str, pattern: re.Pattern[str]) -> Iterator[str]:
        """Arguments of a kind that begin as `name` does, or say nothing else of a direction."""
        found = {key: match[1] for key in self.texts if (match := pattern.fullmatch(key))}
        same = [key for key, start in found.items() if key != name and start == begins]
        way = direction_named(name)
        meant = [key for key in found if key != name and direction_named(key) == way]
        yield from (key for key in dict.fromkeys((*same, *meant)) if not is_no_place(key))

    def _store(self, name: str) -> str:
        """The scheme of a bucket: by the argument, else by the class and the connections."""
        if "container" in words_of(name):
            return "wasbs"
        connections = " ".join(key for key in self.task.arguments if key.endswith("conn_id"))
        for text, schemes in (
            (name, _SCHEMES),
            (f"{self.name} {connections}", _SCHEMES_OF_CLASSES),
        ):
            for word, scheme in schemes:
                if word in text.lower():
                    return scheme
        return "s3"

    def _tables(self) -> Iterator[Guess]:
        """A table with its schema, on the server that a connection names."""
        for name, texts in self.texts.items():
            found = _TABLE_NAME.fullmatch(name)
            if found is None or is_no_place(name, "table"):
                continue
            for text in texts:
                if _TABLE.fullmatch(text):
                    yield Guess(self._table(text, name, found[1]), name, "table")

    def _table(self, text: str, name: str, begins: str) -> str:
        scheme, authority = self._server(name, begins)
        if scheme == "bigquery":
            text, authority = text.replace(":", ".", 1).partition("$")[0], "default"
        for outer in ("schema", "dataset", "dataset_id", "database"):
            if "." not in text:
                inside = self.texts.get(f"{begins}_{outer}") or self.texts.get(outer) or ()
                text = f"{inside[0]}.{text}" if len(inside) == 1 else text
        return str(table(scheme, authority, text))

    def _server(self, name: str, begins: str) -> tuple[str, str]:
        """Kind and connection of the database that an argument is about."""
        connections = {
            key: texts[0] for key, texts in self.texts.items() if key.endswith("conn_id")
        }
        kind = database_named(name)
        for key, connection in connections.items():
            own = database_named(key)
            same_way = direction_named(key) is not None and direction_named(key) == direction_named(
                name
            )
            if (begins and key.startswith(begins)) or same_way or (kind and own == kind):
                return kind or own or self.context.schemes.get(
                    connection, UNKNOWN_DATABASE
                ), connection
        only = connection_of(self.task)
        own = next((database_named(key) for key, each in connections.items() if each == only), None)
        scheme = kind or own or self.context.scheme(self.task, only)
        if scheme == UNKNOWN_DATABASE and "dataset" in " ".join(self.texts):
            scheme = "bigquery"
        return scheme, only or "default"

    def _of_sql(self) -> Iterator[DatasetRef]:
        """Tables of SQL in arguments, on the connection that the SQL's argument is about."""
        for name, texts in self.texts.items():
            found = _SQL_NAME.fullmatch(name)
            if found is None or asks_no_sql(self.task):
                continue
            scheme, database = self._server(name, found[1])
            most = SQL_SOMEWHERE if database == "default" else SQL_OF_ITS_OWN
            for text in texts:
                if names_a_file(text.strip()):
                    uris, _ = tables_read(text, self.task, self.context, scheme, database)
                    for uri in uris:
                        yield self.context.ref(
                            self.task, uri, "read", "sql", min(most, rated(uri, most))
                        )
                elif _SQL.match(text):
                    refs, _ = statement_refs(
                        text, self.marks, self.task, self.context, scheme, database
                    )
                    yield from (
                        replace(ref, confidence=min(most, rated(ref.uri, ref.confidence)))
                        for ref in refs
                    )


def _pairs(value: object) -> Iterator[tuple[str, JsonValue]]:
    """What a mapping holds, or variables as `{"name": …, "value": …}`."""
    if isinstance(value, dict):
        yield from value.items() if "opaque" not in value else ()
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict) and isinstance(name := each.get("name"), str):
            yield name, each.get("value")


def _is_a_page(name: str) -> bool:
    words = {"url", "uri", "src", "source", "download", "endpoint"}
    return direction_named(name) != "write" and not words.isdisjoint(words_of(name))


def _is_a_file(name: str) -> bool:
    return bool(_FILE_NAME.fullmatch(name)) or direction_named(name) is not None


def _canonical(text: str) -> str | None:
    try:
        found = canonical(text)
    except DefinitionError:
        return None
    return str(found) if found.path and (found.authority or found.scheme in _OF_ONE_PLACE) else None
