"""SQL statements told by their first words: those that move files, rename, or that sqlglot keeps as
plain text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_PART = r"(?:\"[^\"]+\"|`[^`]+`|\[[^\]]+\]|[\w$#{}-]+)"
NAME = re.compile(rf"{_PART}(?:\s?\.\s?{_PART})*")
_STAGE = re.compile(r"@(?:\"[^\"]+\"|[\w.%~/${}=*+-])+")
_TEXT = re.compile(r"[NE]?'((?:[^'\\]|''|\\.)*)'|\$\$(.*?)\$\$|\"([^\"]*)\"", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]+")
BLANK = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)+", re.DOTALL)
_NO_FILE = frozenset({"STDIN", "STDOUT", "PROGRAM"})
_LOCATION = re.compile(r"\b(?:uris?|location|url|path)\s*=?\s*(\[[^\]]*\]|'[^']*')", re.IGNORECASE)


@dataclass(slots=True)
class Words:
    """What a statement told by its words reads and writes, and the queries that are inside it.

    `is_body` where these are the body of a routine without a name, `moves` where each table that is
    read gets the name that is written.
    """

    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    is_body: bool = False
    moves: bool = False


def place(text: str) -> str | None:
    """A file's text as a URL, with a bucket's `https://` address as the bucket; None for a path
    relative to wherever the server stands.
    """
    bucket = re.fullmatch(
        r"https?://(?:([\w.{}-]+)\.s3[\w.-]*\.amazonaws\.com|s3[\w.-]*\.amazonaws\.com/([\w.{}-]+)"
        r"|storage\.googleapis\.com/([\w.{}-]+))/(\S*)",
        text,
    )
    if bucket:
        scheme = "gs" if bucket[3] else "s3"
        return f"{scheme}://{bucket[1] or bucket[2] or bucket[3]}/{bucket[4]}"
    if re.match(r"[a-z][a-z0-9+.-]*://.", text):
        return text
    return f"file://{text}" if text.startswith("/") else None


def in_hdfs(uri: str) -> str:
    """A path of Hive's is one of its file system."""
    return f"hdfs://default{uri[len('file://') :]}" if uri.startswith("file:///") else uri


def plain_name(text: str) -> str:
    """A dotted name without its quotes; of `parquet.`s3://lake/x`` the place."""
    parts = [part.strip(' "`[]\n') for part in re.findall(_PART, text)]
    return next((part for part in parts if "://" in part), ".".join(parts))


class _Cursor:
    """Reads a statement from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def _skip(self) -> None:
        blank = BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at

    def takes(self, *words: str) -> bool:
        """Take these words, all or none."""
        before = self.at
        for word in words:
            self._skip()
            found = _WORD.match(self.text, self.at)
            if found is None or found[0].upper() != word:
                self.at = before
                return False
            self.at = found.end()
        return True

    def one_of(self, *words: str) -> str | None:
        """The first of these words that is next."""
        return next((word for word in words if self.takes(word)), None)

    def seek(self, *words: str) -> bool:
        """Go behind the next occurrence of one of these words, outside of quotes."""
        pattern = re.compile(rf"'(?:[^']|'')*'|\b(?:{'|'.join(words)})\b", re.IGNORECASE)
        for found in pattern.finditer(self.text, self.at):
            if not found[0].startswith("'"):
                self.at = found.end()
                return True
        return False

    def file(self) -> str | None:
        """A quoted text as a place."""
        self._skip()
        found = _TEXT.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return place(next(part for part in found.groups() if part is not None))

    def query(self) -> str | None:
        """What is in the parentheses that begin here."""
        self._skip()
        if not self.text.startswith("(", self.at):
            return None
        depth, quote = 0, ""
        for index in range(self.at, len(self.text)):
            sign = self.text[index]
            if quote:
                quote = "" if sign == quote else quote
            elif sign in "'\"`":
                quote = sign
            elif sign in "()":
                depth += 1 if sign == "(" else -1
                if depth == 0:
                    inside, self.at = self.text[self.at + 1 : index], index + 1
                    return inside
        return None

    def name(self) -> str | None:
        """A table, or a stage with its `@`."""
        self._skip()
        found = _STAGE.match(self.text, self.at) or NAME.match(self.text, self.at)
        if found is None or found[0].upper() in _NO_FILE:
            return None
        self.at = found.end()
        if found[0].startswith("@"):
            return found[0].replace('"', "").rstrip("/")
        return plain_name(found[0])

    def operand(self, names: list[str], queries: list[str], *, is_file: bool = False) -> None:
        """Note the file, table, stage or query that is next."""
        self._skip()
        if self.text.startswith(("'", "$$", '"') if is_file else ("'", "$$"), self.at):
            found = self.file()
        elif self.text.startswith("(", self.at):
            queries.append(self.query() or "")
            return
        else:
            found = self.name()
        if found:
            names.append(found)


def _copy(cursor: _Cursor, said: Words) -> bool:
    cursor.takes("INTO")
    first: list[str] = []
    cursor.operand(first, said.queries)
    into = bool(re.match(r"\s*\\?copy\s+into\b", cursor.text, re.IGNORECASE))
    if not said.queries:
        cursor.query()  # its columns
    direction = cursor.one_of("FROM", "TO")
    second: list[str] = []
    cursor.operand(second, said.queries)
    writes_first = into or direction == "FROM"
    said.writes += first if writes_first else second
    said.reads += second if writes_first else first
    return direction is not None


def _insert(cursor: _Cursor, said: Words) -> bool:
    """ClickHouse's `INSERT INTO t FORMAT CSV`: the rows come from elsewhere."""
    if not cursor.takes("INTO"):
        return False
    cursor.takes("TABLE")
    name = cursor.name()
    cursor.query()  # its columns
    if name is None or not cursor.takes("FORMAT"):
        return False
    said.writes.append(name)
    return True


def _unload(cursor: _Cursor, said: Words) -> bool:
    query = cursor.query() or ""
    quoted = _TEXT.fullmatch(query.strip())
    text = next((part for part in quoted.groups() if part is not None), "") if quoted else query
    said.queries.append(text.replace("''", "'") if quoted else text)
    if cursor.takes("TO"):
        cursor.operand(said.writes, [])
    return True


def _export(cursor: _Cursor, said: Words) -> bool:
    if not cursor.takes("DATA"):
        return False
    cursor.seek("OPTIONS")
    said.writes += _located(cursor.query() or "")
    if cursor.takes("AS"):
        said.queries.append(cursor.text[cursor.at :])
    return True


def _load(cursor: _Cursor, said: Words) -> bool:
    if not cursor.takes("DATA"):
        return True  # LOAD of a library
    kind = cursor.one_of("INTO", "OVERWRITE")
    if kind:
        cursor.operand(said.writes, [])
        if cursor.seek("FILES"):
            said.reads += _located(cursor.query() or "")
        return True
    is_local = cursor.takes("LOCAL")
    is_path = cursor.takes("INPATH")
    if not is_path and not cursor.seek("INFILE"):
        return False
    cursor.operand(said.reads, [], is_file=True)
    if is_path and not is_local:
        said.reads = list(map(in_hdfs, said.reads))
    if not cursor.seek("INTO"):
        return False
    cursor.takes("TABLE")
    cursor.operand(said.writes, [])
    return True


def _located(options: str) -> list[str]:
    """The places in `uris=['a', 'b']`, `LOCATION 'a'`."""
    texts = [
        text for found in _LOCATION.findall(options) for text in re.findall("'([^']*)'", found)
    ]
    return [found for text in texts if (found := place(text))]


def _put(cursor: _Cursor, said: Words) -> bool:
    said.reads += _local(cursor)
    cursor.operand(said.writes, [])
    return True


def _get(cursor: _Cursor, said: Words) -> bool:
    cursor.operand(said.reads, [])
    said.writes += _local(cursor)
    return bool(said.reads)


def _local(cursor: _Cursor) -> list[str]:
    """`file:///tmp/x`, in quotes or without."""
    found = re.compile(r"\s*'?(file://[^\s']+)'?").match(cursor.text, cursor.at)
    if found is None:
        return []
    cursor.at = found.end()
    return [found[1]]


def _alter(cursor: _Cursor, said: Words) -> bool:
    if not cursor.one_of("TABLE", "VIEW") and not cursor.takes("MATERIALIZED", "VIEW"):
        return True
    cursor.takes("IF", "EXISTS")
    cursor.takes("ONLY")
    name = cursor.name() or ""
    schema = name.rpartition(".")[0]
    if cursor.takes("RENAME"):
        if cursor.takes("COLUMN") or not (cursor.takes("TO") or cursor.takes("AS")):
            return True
        new = cursor.name() or ""
        said.reads.append(name)
        said.writes.append(new if "." in new or not schema else f"{schema}.{new}")
        said.moves = True
    elif cursor.takes("SET", "SCHEMA"):
        said.reads.append(name)
        said.writes.append(f"{cursor.name()}.{name.rpartition('.')[2]}")
    elif cursor.takes("SWAP", "WITH"):
        said.reads += [name, cursor.name() or ""]
        said.writes += said.reads
    elif cursor.takes("APPEND", "FROM"):
        said.reads.append(cursor.name() or "")
        said.writes.append(name)
    elif cursor.takes("EXCHANGE") or cursor.takes("SWITCH"):
        if cursor.seek("TABLE", "TO"):
            both = [cursor.name() or "", name]
            swaps = "SWITCH" not in cursor.text.upper()
            said.reads.append(both[0] if swaps else name)
            said.writes.append(name if swaps else both[0])
    elif cursor.takes("ADD") and cursor.seek("LOCATION"):
        cursor.operand(said.reads, [])
        said.writes.append(name)
    return True


def _rename(cursor: _Cursor, said: Words) -> bool:
    if not cursor.one_of("TABLE", "TABLES"):
        return False
    while True:
        cursor.operand(said.reads, [])
        if not cursor.takes("TO"):
            return bool(said.writes)
        cursor.operand(said.writes, [])
        said.moves = True
        cursor._skip()  # noqa: SLF001 - its own module
        if not cursor.text.startswith(",", cursor.at):
            return True
        cursor.at += 1


def _exchange(cursor: _Cursor, said: Words) -> bool:
    if not cursor.takes("TABLES"):
        return False
    cursor.operand(said.reads, [])
    if cursor.takes("AND"):
        cursor.operand(said.reads, [])
    said.writes += said.reads
    return True


def _bulk(cursor: _Cursor, said: Words) -> bool:
    if not cursor.takes("INSERT"):
        return False
    cursor.operand(said.writes, [])
    if cursor.takes("FROM"):
        cursor.operand(said.reads, [])
    return True


def _refresh(cursor: _Cursor, said: Words) -> bool:
    if cursor.takes("TABLE"):
        return True  # Spark's: it only forgets what it has cached
    if not cursor.takes("MATERIALIZED", "VIEW") and not cursor.takes("DYNAMIC", "TABLE"):
        return False
    cursor.takes("CONCURRENTLY")
    cursor.operand(said.writes, [])
    said.calls += said.writes
    return bool(said.writes)


def _create(cursor: _Cursor, said: Words) -> bool:
    """What sqlglot has no tree for."""
    cursor.takes("OR", "REPLACE")
    kind = cursor.one_of("SNAPSHOT", "STREAM", "EXTERNAL")
    if kind is None:
        return False
    if kind != "STREAM":
        cursor.takes("TABLE")
    cursor.takes("IF", "NOT", "EXISTS")
    name = cursor.name()
    if name is None:
        return False
    said.writes.append(name)
    if kind == "EXTERNAL":
        stage = re.search(r"\bLOCATION\s*=\s*(@[\w./~%]+)", cursor.text, re.IGNORECASE)
        said.reads += [stage[1]] if stage else _located(cursor.text)
        return bool(said.reads)
    if not (cursor.takes("CLONE") or (cursor.takes("ON") and cursor.one_of("TABLE", "VIEW"))):
        return False
    cursor.operand(said.reads, [])
    return True


def _sp_rename(cursor: _Cursor, said: Words) -> bool:
    """`EXEC sp_rename 'a', 'b'`; `sp_executesql N'…'` and `EXEC('…')` are queries."""
    text = cursor.text[cursor.at :]
    renamed = re.match(r"\s*(?:sys\.)?sp_rename\s+'([^']+)'\s*,\s*'([^']+)'\s*$", text, re.I)
    if renamed:
        said.reads.append(plain_name(renamed[1]))
        schema = said.reads[0].rpartition(".")[0]
        said.writes.append(f"{schema}.{renamed[2]}" if schema else renamed[2])
        said.moves = True
        return True
    inside = re.match(
        r"\s*(?:IMMEDIATE|(?:sys\.)?sp_executesql|\()\s*(?:@\w+\s*=\s*)?(?=[N]?'|\$\$|\"\"\"|\")",
        text,
        re.IGNORECASE,
    )
    if not inside:
        return False
    quoted = re.compile(rf"\"\"\"(.*?)\"\"\"|{_TEXT.pattern}", re.DOTALL).match(text, inside.end())
    if quoted is None:
        return False
    said.queries.append(next(p for p in quoted.groups() if p is not None).replace("''", "'"))
    return True


def _do(cursor: _Cursor, said: Words) -> bool:
    found = re.search(r"\$(\w*)\$(.*?)\$\1\$", cursor.text, re.DOTALL)
    if found:
        said.queries.append(found[2])
        said.is_body = True
    return True


_RULES: dict[str, Callable[[_Cursor, Words], bool]] = {
    "COPY": _copy,
    "INSERT": _insert,
    "UNLOAD": _unload,
    "EXPORT": _export,
    "LOAD": _load,
    "PUT": _put,
    "GET": _get,
    "ALTER": _alter,
    "RENAME": _rename,
    "EXCHANGE": _exchange,
    "BULK": _bulk,
    "REFRESH": _refresh,
    "CREATE": _create,
    "EXEC": _sp_rename,
    "EXECUTE": _sp_rename,
    "DO": _do,
}


def told_by_words(text: str) -> Words | None:
    """What a statement does, where its first words say it; None where they do not."""
    cursor = _Cursor(text.lstrip("\\"))
    cursor._skip()  # noqa: SLF001 - its own module
    first = _WORD.match(cursor.text, cursor.at)
    rule = _RULES.get(first[0].upper()) if first else None
    if first is None or rule is None:
        return None
    cursor.at = first.end()
    said = Words()
    if not rule(cursor, said):
        return None
    said.reads = [name for name in said.reads if name]
    said.writes = [name for name in said.writes if name]
    return said
