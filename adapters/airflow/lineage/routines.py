"""SQL functions, procedures and views whose definition is in the code base: what a call of one
reads and writes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pydantic import JsonValue

from adapters.airflow.legacy.snapshot import DagSnapshot
from adapters.airflow.lineage.sql_reading import Script, Statement, read_script
from adapters.airflow.lineage.sql_splitting import statements
from adapters.airflow.lineage.sql_words import plain_name

THROUGH_A_BODY = 0.85  # a branch of a body may not be reached
_DEEPEST = 5
_DEFINITION = re.compile(
    r"\bCREATE\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?(?:\w+\s+){0,2}?"
    r"(?:FUNCTION|PROCEDURE|PROC|VIEW|DYNAMIC\s+TABLE)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    r"([\w.$\"`\[\]]+)",
    re.IGNORECASE,
)
_OTHER_LANGUAGE = re.compile(r"\bLANGUAGE\s+'?(?!SQL|PLPG)\w", re.IGNORECASE)
_DOLLARS = re.compile(r"\$(\w*)\$(.*)\$\1\$", re.DOTALL)
_BODY = re.compile(r"\b(?:AS|IS|BEGIN)\b", re.IGNORECASE)
_TEXT_BODY = re.compile(r"\bAS\s+'((?:[^']|'')*)'", re.IGNORECASE)
_BUILT_IN = re.compile(r"(system\$|sp_|dbms_|utl_|sys\.|syscs_)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Routine:
    name: str
    body: str


class Routines:
    """The definitions in some SQL texts, by name; read when one is called."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts: dict[str, dict[str, None]] = {}
        for text in dict.fromkeys(texts):
            for name in names_defined(text):
                self._texts.setdefault(_last(name), {})[text] = None

    def script(self, sql: str, dialect: str | None) -> Script:
        """The script, and what the routines do that it calls; a body that is not here is a
        problem.
        """
        found = read_script(sql, dialect)
        if not found.called and not any(each.calls for each in found.statements):
            return found
        problems = list(found.problems)
        kept: list[Statement] = []
        for each in found.statements:
            bodies = list(self._called_by(each, dialect, frozenset(), each.line))
            refreshed = set(each.calls) & set(each.writes)
            sources = [name for body in bodies for name in body.reads] if refreshed else []
            reads = tuple(dict.fromkeys([*each.reads, *sources]))
            kept += [replace(each, reads=reads), *(() if refreshed else bodies)]
        for line, name in found.called:
            if self._definition(name) is not None:
                kept += self._behind(name, dialect, frozenset(), line)
            elif not _BUILT_IN.match(name):
                problems.append((line, f"it calls {name}, whose body is not here"))
        return Script(
            statements=tuple(each for each in kept if each.reads or each.writes),
            problems=tuple(problems),
        )

    def _called_by(
        self, statement: Statement, dialect: str | None, above: frozenset[str], line: int
    ) -> Iterator[Statement]:
        for name in statement.calls:
            yield from self._behind(name, dialect, above, line)

    def _behind(
        self, name: str, dialect: str | None, above: frozenset[str], line: int
    ) -> Iterator[Statement]:
        """What a call does, those in its body included."""
        routine = self._definition(name)
        if routine is None or routine.body in above or len(above) > _DEEPEST:
            return
        inside = above | {routine.body}
        script = read_script(routine.body, dialect, is_body=True)
        for each in script.statements:
            yield replace(
                each, line=line, confidence=min(each.confidence, THROUGH_A_BODY), calls=()
            )
            yield from self._called_by(each, dialect, inside, line)
        for _, called in script.called:
            yield from self._behind(called, dialect, inside, line)

    def _definition(self, name: str) -> _Routine | None:
        """The routine of that name, or the only one whose last word it is."""
        texts = self._texts.get(_last(name), {})
        found = [one for text in texts for one in _routines(text) if _fits(one.name, name)]
        exact = [one for one in found if one.name.lower() == name.lower()] or found
        return exact[-1] if len({one.name.lower() for one in exact}) == 1 else None


def names_defined(text: str) -> list[str]:
    """The functions, procedures and views that a text creates."""
    if "create" not in text.lower():
        return []
    return [plain_name(found[1]) for found in _DEFINITION.finditer(text)]


def routines_of(snapshot: DagSnapshot) -> Routines:
    """Those in the snapshot's SQL files, in its templates and in its tasks' own SQL."""
    return Routines(_sql_texts(snapshot))


def _sql_texts(snapshot: DagSnapshot) -> Iterator[str]:
    yield from (file.text for file in snapshot.sql_files if file.text)
    for dag in snapshot.dags:
        yield from (file.text for file in dag.templates.values() if file.text)
        for task in dag.tasks:
            yield from _texts(task.arguments.get("sql"))


def _texts(value: JsonValue) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str):
            yield each


def _last(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _fits(defined: str, called: str) -> bool:
    """Equal, or one of them has a schema in front."""
    one, other = defined.lower().split("."), called.lower().split(".")
    length = min(len(one), len(other))
    return one[-length:] == other[-length:]


def _routines(text: str) -> Iterator[_Routine]:
    for _, piece in statements(text, "postgres"):
        found = _DEFINITION.match(piece)
        if found is None or _OTHER_LANGUAGE.search(piece):
            continue
        rest = piece[found.end() :]
        dollars, quoted = _DOLLARS.search(rest), _TEXT_BODY.search(rest)
        begin = _BODY.search(rest)
        if dollars:
            body = dollars[2]
        elif quoted:
            body = quoted[1].replace("''", "'")
        elif begin:
            body = rest[begin.start() if begin[0].upper() == "BEGIN" else begin.end() :]
        else:
            continue
        yield _Routine(plain_name(found[1]), body)
