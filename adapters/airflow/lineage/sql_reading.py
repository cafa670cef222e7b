"""Which tables a script of SQL statements reads and writes, read with sqlglot; names only, no
catalog.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlglot import Dialect, exp

from adapters.airflow.lineage.sql_guessing import guessed_names
from adapters.airflow.lineage.sql_parsing import parsed
from adapters.airflow.lineage.sql_splitting import Piece, lines_apart, statements
from adapters.airflow.lineage.sql_statements import (
    TOUCHES_DATA,
    Statement,
    creates_something_else,
    is_temporary,
    name_of,
    statement_of,
    target_of,
)
from adapters.airflow.lineage.sql_words import (
    Words,
    place,
    plain_name,
    told_by_words,
)

__all__ = ["Script", "Statement", "read_script"]

MAX_STATEMENTS = 500
_DEEPEST = 4  # SQL in SQL: EXECUTE IMMEDIATE, UNLOAD, DO
_CACHED = 4096
GUESSED = 0.5

_INTO_VARIABLES = re.compile(
    r"\b(?P<data>(?:INSERT|MERGE|COPY)\s+)?INTO\s+(?:STRICT\s+)?[\w.\"]+(?:\s*,\s*[\w.\"]+)*",
    re.IGNORECASE,
)
_INTO_FILE = re.compile(
    r"\bINTO\s+(?:OUTFILE|DUMPFILE)\s+'([^']+)'"
    r"(?:\s+(?:CHARACTER\s+SET\s+\w+|FIELDS|COLUMNS|LINES|TERMINATED|OPTIONALLY|ENCLOSED|ESCAPED"
    r"|STARTING|BY|'[^']*'))*",
    re.IGNORECASE,
)
_CALLS = re.compile(
    r"^\s*(?:CALL|EXECUTE|EXEC)\s+(?:PROCEDURE\s+)?(?:@\w+\s*=\s*)?([\w$.\[\]\"`]+)", re.IGNORECASE
)
_USES = re.compile(
    r"^\s*(?:USE(?:\s+(DATABASE|CATALOG|SCHEMA|ROLE|WAREHOUSE|SECONDARY))?"
    r"|SET\s+(?:SESSION\s+|LOCAL\s+)?(?:search_path|schema)(?:\s*=|\s+TO)?)"
    r"\s+[\"'`\[]?([\w$.{}-]+)",
    re.IGNORECASE,
)
_QUIET = frozenset(
    """
    SET PRAGMA VACUUM ANALYZE GRANT REVOKE BEGIN COMMIT ROLLBACK END START USE SHOW EXPLAIN
    COMMENT OPTIMIZE DESCRIBE ALTER ATTACH DETACH LOCK UNLOCK REINDEX CLUSTER CHECKPOINT KILL
    DECLARE PRINT RESET MSCK CACHE UNCACHE DEALLOCATE INSTALL LOAD DO WAITFOR GO RAISERROR
    RAISE RETURN ASSERT LIST LS REMOVE RM UNDROP OPEN FETCH CLOSE LEAVE ITERATE EXIT CONTINUE
    SAVEPOINT RELEASE DISCARD NULL THROW BREAK REPAIR SYSTEM DESC EXISTS
    """.split()  # noqa: SIM905
)
_QUIET_OBJECTS = re.compile(
    r"\s*(?:CREATE|DROP|ALTER)\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?(?:TEMP(?:ORARY)?\s+)?"
    r"(?:TASK|PIPE|STAGE|FILE\s+FORMAT|ROLE|USER|WAREHOUSE|STORAGE|NOTIFICATION|NETWORK|FUNCTION"
    r"|PROCEDURE|PROC|TRIGGER|AUTHORIZATION|EXTENSION|SERVER|LOGIN|CREDENTIAL|SECRET|SEQUENCE|TYPE"
    r"|DOMAIN|RULE|POLICY|PUBLICATION|SUBSCRIPTION|INDEX|SCHEMA|DATABASE|RESERVATION|ASSIGNMENT"
    r"|INTEGRATION|EXTERNAL\s+(?:SCHEMA|DATA|FILE|VOLUME|FUNCTION))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """All statements that could be read; `problems` are (line, what) of those that could not, and
    `called` are (line, name) of procedures whose body is elsewhere.
    """

    statements: tuple[Statement, ...]
    problems: tuple[tuple[int, str], ...] = ()
    called: tuple[tuple[int, str], ...] = ()


@lru_cache(maxsize=_CACHED)
def read_script(sql: str, dialect: str | None, *, is_body: bool = False) -> Script:
    """Reads and writes of each statement, without CTEs, temporary tables and tables the script
    drops again, be it under another name. `is_body`: of a routine, where `SELECT … INTO` is about
    variables.
    """
    spoken = dialect if dialect is not None and Dialect.get(dialect) else None  # older: fewer
    reader = _Reader(spoken, is_body=is_body and spoken != "tsql")
    reader.read(sql)
    return reader.script()


class _Reader:
    """One script, statement after statement, and which tables are its own business."""

    def __init__(self, dialect: str | None, *, is_body: bool) -> None:
        self.dialect = dialect
        self.is_body = is_body
        self.found: list[Statement] = []
        self.problems: list[tuple[int, str]] = []
        self.called: list[tuple[int, str]] = []
        self.temporary: set[str] = set()
        self.created: set[str] = set()
        self.dropped: set[str] = set()
        self.schema: str | None = None
        self.database: str | None = None
        self.left = MAX_STATEMENTS

    def read(self, sql: str, above: int = 0, depth: int = 0) -> None:
        """All statements of a text that begins `above` lines below the script's first."""
        for line, text in statements(sql, self.dialect):
            if self.left <= 0:
                return
            self.left -= 1
            self._take((line + above, text), depth)

    def _take(self, piece: Piece, depth: int) -> None:
        line, text = piece
        if self._uses(text) or _QUIET_OBJECTS.match(text):
            return
        said = told_by_words(text) or _into_file(text)
        procedure = _CALLS.match(text)
        if said is not None:
            self._said(said, line, depth)
        elif procedure:
            self.called.append((line, plain_name(procedure[1])))
        else:
            self._parse(piece, depth)

    def _parse(self, piece: Piece, depth: int) -> None:
        line, text = piece
        if self.is_body and _first_word(text) in ("SELECT", "WITH"):
            text = _INTO_VARIABLES.sub(lambda found: found[0] if found["data"] else "", text)
        tree = parsed(text, self.dialect)
        if tree is None or (isinstance(tree, exp.Command) and "\n" in text):
            self._unread((line, text), depth)
        elif isinstance(tree, exp.Command):
            first = _first_word(text)
            if first not in _QUIET:
                self.problems.append((line, f"{first} is not understood"))
        elif isinstance(tree, exp.Drop):
            self.dropped |= {name_of(table) for table in tree.find_all(exp.Table)} & self.created
        elif isinstance(tree, TOUCHES_DATA) and not creates_something_else(tree):
            self._creates(tree)
            self._add(statement_of(tree, line))

    def _unread(self, piece: Piece, depth: int) -> None:
        """A text that is several statements without semicolons, or else read by its words."""
        line, text = piece
        apart = lines_apart(piece, self.dialect)
        if len(apart) > 1 and depth < _DEEPEST:
            for start, each in apart:
                self.read(each, start - 1, depth + 1)
            return
        if _first_word(text) in _QUIET:
            return
        self.problems.append((line, "a statement is not SQL that could be read"))
        guess = guessed_names(text)
        if guess is not None:
            self._add(
                Statement(
                    reads=tuple(guess.reads),
                    writes=tuple(guess.writes),
                    line=line,
                    confidence=GUESSED,
                )
            )

    def _said(self, said: Words, line: int, depth: int) -> None:
        inner = _Reader(self.dialect, is_body=self.is_body or said.is_body)
        inner.schema, inner.database = self.schema, self.database
        for query in said.queries if depth < _DEEPEST else ():
            inner.read(query, line - 1, depth + 1)
        self.problems += inner.problems
        self.called += inner.called
        self.temporary |= inner.temporary
        if said.moves and len(said.reads) == len(said.writes):
            self._moved(said, line)
            return
        if not said.reads and not said.writes:
            self.found += inner.found
            return
        reads = [name for each in inner.found for name in each.reads]
        self._add(
            Statement(
                reads=tuple(dict.fromkeys([*said.reads, *reads])),
                writes=tuple(dict.fromkeys(said.writes)),
                line=line,
                calls=tuple(dict.fromkeys(said.calls)),
                confidence=min((each.confidence for each in inner.found), default=1.0),
            )
        )

    def _moved(self, said: Words, line: int) -> None:
        """Tables that get other names; one that the script made itself had its first name in
        passing.
        """
        for old, new in zip(said.reads, said.writes, strict=True):
            if old in self.created:
                self.dropped.add(old)
            self.created.add(new)
            self.dropped.discard(new)
            self._add(Statement(reads=(old,), writes=(new,), line=line, moves=True))

    def _uses(self, text: str) -> bool:
        """`USE db`, `SET search_path TO m`: where names without a schema are from now on."""
        found = _USES.match(text)
        if found is None:
            return False
        kind, name = (found[1] or "").upper(), found[2]
        if kind in ("DATABASE", "CATALOG"):
            self.database = name
        elif kind in ("", "SCHEMA") and not name.startswith("$"):
            if _first_word(text) == "USE" and not kind and self.dialect in _DATABASE_FIRST:
                self.database = name
            else:
                self.schema = name
        return True

    def _add(self, statement: Statement) -> None:
        self.found.append(
            replace(
                statement,
                reads=tuple(map(self._full, statement.reads)),
                writes=tuple(map(self._full, statement.writes)),
            )
        )

    def _full(self, name: str) -> str:
        if "://" in name or name.startswith(("@", "#")) or name in self.temporary:
            return name
        if "." not in name and self.schema:
            name = f"{self.schema}.{name}"
        if name.count(".") == 1 and self.database and self.schema:
            name = f"{self.database}.{name}"
        return name

    def _creates(self, tree: Any) -> None:
        for into in tree.find_all(exp.Into):
            if into.args.get("temporary"):
                self.temporary.add(name_of(into.this))
        if isinstance(tree, exp.Create):
            name = name_of(target_of(tree))
            self.created.add(name)
            self.dropped.discard(name)
            if is_temporary(tree):
                self.temporary.add(name)

    def script(self) -> Script:
        dropped = {self._full(name) for name in self.dropped}
        hashed = {name for each in self.found for name in each.writes if _is_session_table(name)}
        inner = self.temporary | self.dropped | dropped | hashed
        kept = [
            replace(
                each,
                reads=tuple(
                    name for name in each.reads if name not in inner and not _is_session_table(name)
                ),
                writes=tuple(name for name in each.writes if name not in inner),
            )
            for each in _through_temporary(self.found, inner)
        ]
        return Script(
            statements=tuple(
                each
                for each in kept
                if each.writes or each.calls or (each.reads and not each.moves)
            ),
            problems=tuple(self.problems),
            called=tuple(self.called),
        )


# `USE x` names what holds schemas.
_DATABASE_FIRST = frozenset({"snowflake", "tsql", "duckdb"})


def _is_session_table(name: str) -> bool:
    return name.rpartition(".")[2].startswith("#")


def _first_word(text: str) -> str:
    words = text.replace("(", " ").split()
    return words[0].upper() if words else ""


def _through_temporary(found: list[Statement], inner: set[str]) -> list[Statement]:
    """What a temporary table was made from is what its users read."""
    made_from: dict[str, set[str]] = {}
    result: list[Statement] = []
    for statement in found:
        reads: dict[str, None] = {}
        for name in statement.reads:
            reads.update(dict.fromkeys(sorted(made_from[name]) if name in made_from else [name]))
        for name in statement.writes:
            if name in inner:
                made_from.setdefault(name, set()).update(reads)
        result.append(replace(statement, reads=tuple(reads)))
    return result


def _into_file(text: str) -> Words | None:
    """MySQL's `SELECT … INTO OUTFILE 'x'`."""
    found = _INTO_FILE.search(text)
    if found is None:
        return None
    written = place(found[1])
    return Words(writes=[written] if written else [], queries=[_INTO_FILE.sub("", text)])
