"""The words of a command line: its options, its files, and the places they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from adapters.airflow.legacy.datasets import Direction
from adapters.airflow.legacy.record.child.shell import Command

# By the program's rules; by a local path; by an option's name; by its place among the words.
SAID, SHOWN, NAMED, GUESSED = 0.9, 0.8, 0.6, 0.4
SQL_FILES = (".sql", ".hql", ".ddl", ".dml")
URL = re.compile(r"(gs|s3|s3a|s3n|hdfs|abfss?|wasbs?|adl|oss|cos|dbfs|file)://\S+")


HERE = "file:///{cwd}/"  # where the shell stands: most often a folder that ends with the task
_STANDS = (".", "./")
_RELATIVE = re.compile(r"(?:\./)?(?:[\w{}*.-]+/)*[\w{}*.-]*\.[A-Za-z]\w{1,7}")
_IN_A_FOLDER = re.compile(
    r"\{\w*(?:HOME|DIR|DIRECTORY|FOLDER|PATH|ROOT)\w*\}/[\w{}*./-]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Touch:
    """A place that a command reads or writes, as text: a URI, not yet canonical. `shows`: it is
    read for the task's log alone.
    """

    uri: str
    direction: Direction
    confidence: float = SAID
    shows: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """SQL that a command runs: the text, or the file it is in, on one kind of database. `database`
    is the server, and `inside` the database in it, where a server is told.
    """

    scheme: str
    database: str
    text: str | None = None
    file: str | None = None
    destination: str | None = None
    inside: str | None = None


Found: TypeAlias = "list[Touch | Query]"


def is_file(path: str) -> bool:
    """Whether it is a file by its whole path, and no device."""
    return path.startswith("/") and not path.startswith(("/dev/", "/proc/"))


def place(word: str) -> str | None:
    """The URI of a file or object that a word names; a relative path is below `{cwd}`."""
    if URL.fullmatch(word):
        return word
    if is_file(word):
        return f"file://{word}"
    if _IN_A_FOLDER.match(word):
        return f"file:///{word}"
    return f"{HERE}{word.removeprefix('./')}" if _RELATIVE.fullmatch(word) else None


def touch(word: str, direction: Direction, confidence: float = SAID) -> list[Touch]:
    """The place that a word stands for, if it is one."""
    found = place(word)
    if found is not None and found.startswith("file:"):
        confidence = min(confidence, SHOWN)
    return [] if found is None else [Touch(found, direction, confidence)]


def plain(words: Iterable[str], flags: frozenset[str] = frozenset()) -> list[str]:
    """The words that are no options; an option that is no flag takes the next word along."""
    found: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if not word.startswith("-") or word == "-":
            found.append(word)
        elif "=" not in word and word not in flags:
            next(waiting, None)
    return found


def option(words: tuple[str, ...], *names: str) -> str | None:
    """The value of the first of these options, written apart, after `=` or at once (`-dshop`)."""
    for index, word in enumerate(words):
        for name in names:
            if word == name and index + 1 < len(words):
                return words[index + 1]
            if word.startswith(f"{name}="):
                return word[len(name) + 1 :]
            if len(name) == 2 and word.startswith(name) and len(word) > 2:  # noqa: PLR2004 - `-d`
                return word[2:]
    return None


def copied(words: list[str], confidence: float = SAID) -> Found:
    """`cp a b c`: the last is written, all others are read; `.` is where the shell stands."""
    if len(words) < 2:  # noqa: PLR2004 - from and to
        return []
    *sources, target = words
    if target in _STANDS:
        name = sources[0].rpartition("/")[2] if len(sources) == 1 else ""
        target = HERE + (name if _RELATIVE.fullmatch(name) and "*" not in name else "")
    sources = [HERE if word in _STANDS else word for word in sources]
    found: Found = [each for word in sources for each in touch(word, "read", confidence)]
    return [*found, *touch(target, "write", confidence)]


def fed_sql(command: Command) -> tuple[str | None, str | None]:
    """(SQL, file of it) that a program reads from its standard input."""
    if command.fed:
        return command.fed, None
    path = next((one for one in command.reads if one.endswith(SQL_FILES)), None)
    words = command.piped
    if path is None and words[:1] == ("cat",):
        path = next((word for word in words[1:] if word.endswith(SQL_FILES)), None)
    if path is None and words[:1] in (("echo",), ("printf",)):
        return " ".join(word for word in words[1:] if not word.startswith("-")) or None, None
    return None, path
