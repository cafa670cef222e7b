"""A script cut into statements: at semicolons, at GO, and inside the blocks, loops and conditions
of procedural SQL.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import sqlglot
from sqlglot import Token, TokenType
from sqlglot.errors import SqlglotError

Piece: TypeAlias = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Token:
    """One sign or word, in capitals, empty for a quoted one; where it is, and on which line."""

    word: str
    start: int
    end: int
    line: int


_LINES = re.compile(r"^[ \t]*(?:(GO)(?:[ \t]+\d+)?|\\(copy\b.*)|\\.*)[ \t]*$", re.I | re.M)
# What T-SQL does with a cursor without a semicolon; the query that it goes through is a statement.
_CURSORS = re.compile(
    r"\bDECLARE\s+\w+\s+(?:INSENSITIVE\s+|SCROLL\s+)*CURSOR\b[\w\s]*?\bFOR\b"
    r"|\bFETCH\s+(?:NEXT\s+|PRIOR\s+|FIRST\s+|LAST\s+)?FROM\s+@?\w+\s+INTO\s+@\w+(?:\s*,\s*@\w+)*"
    r"|\b(?:OPEN|CLOSE|DEALLOCATE)\s+(?!SYMMETRIC)@?\w+(?=\s|;|$)",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*((?:SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|TRUNCATE|PUT|GET|COPY)\b)",
    re.IGNORECASE,
)
_DEFINES = re.compile(
    r"\s*CREATE\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?(?:\w+\s+){0,2}?"
    r"(?:FUNCTION|PROCEDURE|PROC|TRIGGER|PACKAGE)\b",
    re.IGNORECASE,
)
_STARTS = frozenset(
    """
    SELECT WITH INSERT UPDATE DELETE MERGE CREATE TRUNCATE DROP ALTER COPY CALL EXEC EXECUTE UNLOAD
    EXPORT LOAD REPLACE REFRESH RENAME PERFORM FROM PUT GET BULK EXCHANGE MSCK
    """.split()  # noqa: SIM905
)
_CONDITIONS = frozenset(
    "IF ELSEIF ELSIF WHILE FOR FOREACH WHEN EXCEPTION UNTIL CASE".split()  # noqa: SIM905
)
_OPENS = frozenset(("BEGIN", "ELSE", "LOOP", "REPEAT", "THEN", "DO"))
_AFTER_CONDITION = frozenset(("THEN", "DO", "LOOP", "BEGIN"))
_AFTER_BEGIN = frozenset(("TRY", "CATCH", "ATOMIC", "TRANSACTION", "TRAN", "WORK"))
_AFTER_END = frozenset(
    ("IF", "LOOP", "WHILE", "FOR", "REPEAT", "CASE", "TRY", "CATCH", "TRANSACTION")
)
_NEW_LINE_STARTS = frozenset(
    """
    INSERT UPDATE DELETE TRUNCATE MERGE CREATE DROP ALTER EXEC EXECUTE DECLARE SET IF BEGIN END ELSE
    PRINT USE GRANT COMMIT ROLLBACK RAISERROR RETURN
    """.split()  # noqa: SIM905
)
_NOT_DECLARED = _STARTS | _CONDITIONS | _OPENS | _NEW_LINE_STARTS
_COMPLETE = frozenset("SET DECLARE TRUNCATE DROP EXEC EXECUTE PRINT USE END".split())  # noqa: SIM905


def statements(sql: str, dialect: str | None) -> Iterator[Piece]:
    """(first line, text) of each statement that may touch data, blocks and loops taken apart."""
    plain = _PLAIN.match(sql)
    if plain and ";" not in sql and not _LINES.search(sql):
        yield sql.count("\n", 0, plain.start(1)) + 1, sql[plain.start(1) :].rstrip()
        return
    declaring = False
    for line, tokens, text in _cut(sql, dialect):
        if _DEFINES.match(text):
            yield line, text
            continue
        first = tokens[0].word if tokens else ""
        if declaring and first not in _NOT_DECLARED:
            continue  # PL/SQL: `DECLARE x int; y int; BEGIN`
        declaring = first == "DECLARE" or (declaring and first == "SELECT")
        yield from _peeled(tokens, text) if tokens else [(line, text)]


def lines_apart(piece: Piece, dialect: str | None) -> list[Piece]:
    """T-SQL needs no semicolons: the statement cut where a line begins another."""
    line, text = piece
    tokens = _tokens(text, dialect) or []
    cuts = [0]
    depth = 0
    for before, token in zip([None, *tokens], tokens, strict=False):
        depth += {"(": 1, ")": -1}.get(token.word, 0)
        if before is None or depth or token.line == before.line:
            continue
        word, opened = token.word, text[cuts[-1] :].split(None, 1)[0].upper()
        follows = before.word in ("THEN", "EXISTS", "AS")
        is_clause = (word == "SET" and opened in ("UPDATE", "MERGE")) or follows
        if (word in _NEW_LINE_STARTS and not is_clause) or (
            word in ("SELECT", "WITH") and opened in _COMPLETE
        ):
            cuts.append(token.start)
    ends = [*cuts[1:], len(text)]
    return [
        (line + text.count("\n", 0, start), text[start:end])
        for start, end in zip(cuts, ends, strict=True)
    ]


def _tokens(sql: str, dialect: str | None, at: int = 0, line: int = 1) -> list[_Token] | None:
    """None where quotes do not close. What sqlglot keeps whole (`BEGIN …`) is taken apart too."""
    try:
        found = sqlglot.tokenize(sql, read=dialect)
    except SqlglotError:
        return None
    result: list[_Token] = []
    for before, token in zip([None, *found], found, strict=False):
        if before is not None and before.token_type is TokenType.COMMAND and _is_text(token):
            start = before.end + 1  # the token's own is that of its last word
            below = line + sql.count("\n", 0, start)
            inside = _tokens(sql[start : token.end + 1], dialect, at + start, below)
            if inside is None:
                return None
            result += inside
        else:
            is_quoted = _is_text(token) or sql[token.start] in "'\"`[$"
            word = "" if is_quoted else token.text.upper()
            result.append(_Token(word, at + token.start, at + token.end, token.line + line - 1))
    return result


def _is_text(token: Token) -> bool:
    return token.token_type in (
        TokenType.STRING,
        TokenType.RAW_STRING,
        TokenType.HEREDOC_STRING,
        TokenType.NATIONAL_STRING,
    )


def _client_lines(sql: str) -> str:
    r"""Without the lines that are for a client program, GO ends a statement, `\copy` is one; and
    without what only moves a cursor.
    """

    def replaced(match: "re.Match[str]") -> str:
        if match[1]:
            return ";"
        return f"{match[2]};" if match[2] else ""

    if "CURSOR" in sql.upper():
        sql = _CURSORS.sub(lambda found: ";" + "\n" * found[0].count("\n"), sql)
    return _LINES.sub(replaced, sql) if "\\" in sql or "GO" in sql.upper() else sql


def _cut(sql: str, dialect: str | None) -> Iterator[tuple[int, list[_Token], str]]:
    """At semicolons outside of strings and comments, and not within the body of a procedure."""
    sql = _client_lines(sql)
    tokens = _tokens(sql, dialect)
    if tokens is None:
        if sql.strip():
            yield 1, [], sql
        return
    start, depth, defines = 0, 0, False
    for index, token in enumerate(tokens):
        if index == start:
            defines = bool(_DEFINES.match(sql, token.start))
            depth = 0
        depth += _opened(tokens, index) if defines else 0
        if token.word == ";" and depth <= 0:
            yield from _piece(sql, tokens[start:index])
            start = index + 1
    yield from _piece(sql, tokens[start:])


def _piece(sql: str, tokens: list[_Token]) -> Iterator[tuple[int, list[_Token], str]]:
    if tokens:
        yield tokens[0].line, tokens, sql[tokens[0].start : tokens[-1].end + 1]


def _opened(tokens: Sequence[_Token], index: int) -> int:
    word = tokens[index].word
    if word in ("BEGIN", "CASE"):
        before = tokens[index - 1].word if index else ""
        return 0 if before == "END" else 1
    if word != "END":
        return 0
    after = tokens[index + 1].word if index + 1 < len(tokens) else ""
    return 0 if after in ("IF", "LOOP", "WHILE", "FOR", "REPEAT") else -1


def _peeled(tokens: Sequence[_Token], text: str) -> Iterator[Piece]:
    """The statement behind BEGIN, IF … THEN, LOOP and the like, and the queries of conditions."""
    origin = tokens[0].start
    at = 0
    while at < len(tokens):
        word = tokens[at].word
        opened = _opening(tokens, at, text)
        if opened is None:
            return
        if opened:
            at += opened
        elif word in _CONDITIONS:
            end = _condition_end(tokens, at)
            yield from _queries(tokens[at:end], text, origin)
            at = end + (end < len(tokens) and tokens[end].word in _AFTER_CONDITION)
        elif word in ("DECLARE", "RETURN", "LET") or _assigns(tokens, at):
            end = next((i for i in range(at + 1, len(tokens)) if _begins(tokens, i)), len(tokens))
            yield from _queries(tokens[at:end], text, origin)
            at = end
        else:
            kept = text[tokens[at].start - origin :]
            kept = "SELECT" + kept[len("PERFORM") :] if word == "PERFORM" else kept
            yield tokens[at].line, kept
            return


def _opening(tokens: Sequence[_Token], at: int, text: str) -> int | None:
    """How many words here only open or close a block, None where nothing comes behind them."""
    word = tokens[at].word
    after = tokens[at + 1].word if at + 1 < len(tokens) else ""
    if (word == "BEGIN" and after in _AFTER_BEGIN) or (word == "END" and after in _AFTER_END):
        return 2
    if word == "END":
        return 1 if after in _STARTS | _CONDITIONS | _OPENS | {"END"} else None
    return int(word in _OPENS and not (word == "DO" and "$" in text))


def _assigns(tokens: Sequence[_Token], at: int) -> bool:
    """`x := …`, `SET x = …`; not a setting that names a schema."""
    word = tokens[at].word
    following = [token.word for token in tokens[at + 1 : at + 4]]
    if word == "SET":
        return "=" in following and following[0] not in ("SEARCH_PATH", "SCHEMA")
    return word not in _STARTS and (following[:1] == [":="] or following[:2] == [":", "="])


def _begins(tokens: Sequence[_Token], index: int) -> bool:
    """Does a statement begin here, on a line of its own or after `RETURN QUERY`?"""
    word = tokens[index].word
    before = tokens[index - 1]
    starts = word in _STARTS or word in ("BEGIN", "IF", "WHILE")
    return starts and (before.line < tokens[index].line or before.word == "QUERY")


def _condition_end(tokens: Sequence[_Token], at: int) -> int:
    """Where the statement that hangs on a condition begins."""
    depth = 0
    for index in range(at + 1, len(tokens)):
        word = tokens[index].word
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word in _AFTER_CONDITION:
            return index
    depth = 0
    for index in range(at + 1, len(tokens)):
        word = tokens[index].word
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word in _STARTS - {"FROM", "REPLACE", "WITH"} | {"SET", "PRINT"}:
            return index
    return len(tokens)


def _queries(tokens: Sequence[_Token], text: str, origin: int) -> Iterator[Piece]:
    """Each query in a condition, a declaration or an assignment."""
    depth, start, inside = 0, None, 0
    for index, token in enumerate(tokens):
        word = token.word
        if start is not None and word == ")" and depth == inside:
            yield tokens[start].line, text[tokens[start].start - origin : token.start - origin]
            start = None
        depth += {"(": 1, ")": -1}.get(word, 0)
        if start is None and word in ("SELECT", "WITH"):
            start, inside = index, depth
    if start is not None:
        yield tokens[start].line, text[tokens[start].start - origin : tokens[-1].end + 1 - origin]
