"""Table names guessed from the words of SQL that nothing can parse."""

import re
from collections.abc import Iterator

from adapters.airflow.lineage.sql_statements import SYSTEM_SCHEMAS
from adapters.airflow.lineage.sql_words import BLANK, NAME, Words, plain_name

_BEGINS = re.compile(
    r"\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|CREATE|TRUNCATE|REPLACE|FROM|UPSERT|COPY)\b",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\bDISTINCT\s+FROM\b"
    r"|\b(?:EXTRACT|TRIM|SUBSTRING|OVERLAY|POSITION)\s*\([^()]*\)",
    re.IGNORECASE | re.DOTALL,
)
_GUESSED = re.compile(
    rf"\b(?P<write>INTO(?:\s+TABLE)?|OVERWRITE\s+TABLE|OVERWRITE|UPDATE|DELETE\s+FROM"
    rf"|TRUNCATE(?:\s+TABLE)?|CREATE\s+(?:OR\s+REPLACE\s+)?(?:TABLE|VIEW|MATERIALIZED\s+VIEW)"
    rf"(?:\s+IF\s+NOT\s+EXISTS)?)\s+(?P<written>{NAME.pattern})"
    rf"|\b(?P<read>FROM|JOIN|USING)\s+(?P<source>{NAME.pattern})(?![\w.\"`]|\s*\()",
    re.IGNORECASE,
)
_OWN = re.compile(r"([\w\"`]+)\s*(?:\([^()]*\)\s*)?\bAS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(", re.I)
_NO_NAMES = frozenset(
    """
    SELECT SET VALUES WHERE UNNEST LATERAL TABLE ONLY IF DUAL STDIN STDOUT OVERWRITE INTO JOIN
    FROM NOTHING OF ON TEMP TEMPORARY OUTFILE DUMPFILE DIRECTORY LOCAL
    """.split()  # noqa: SIM905
)


def guessed_names(text: str) -> Words | None:
    """Names after FROM, JOIN, INTO and the like; None where the text does not begin as SQL."""
    if not _BEGINS.match(BLANK.sub(" ", text)):
        return None
    plain = _NOISE.sub(" ", text)
    own = {name.strip('"`').lower() for name in _OWN.findall(plain)}
    said = Words()
    for names, group in _matches(plain, said):
        name = plain_name(group)
        known = name.lower() in own or name.upper() in _NO_NAMES or name.isdigit()
        known = known or not SYSTEM_SCHEMAS.isdisjoint(name.lower().split(".")[:-1])
        if name and not known and name not in names:
            names.append(name)
    return said if said.reads or said.writes else None


def _matches(plain: str, said: Words) -> Iterator[tuple[list[str], str]]:
    for found in _GUESSED.finditer(plain):
        if found["written"]:
            yield said.writes, found["written"]
        else:
            yield said.reads, found["source"]
