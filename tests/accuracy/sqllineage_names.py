"""What sqllineage says of SQL texts; run by a Python that has it, nothing else is imported here.

Reads a JSON list of `{"sql": …, "dialect": …}` and writes `{"tables": [[reads, writes], …],
"cpu_s": …}`. What it refuses in the dialect it is asked in none.
"""

import json
import sys
import time
import warnings

from sqllineage.runner import LineageRunner

_DIALECTS = {"spark": "sparksql", None: "ansi"}


def names(sql: str, dialect: "str | None") -> "list[list[str]]":
    """The tables that a script reads, and those that it writes."""
    for attempt in (_DIALECTS.get(dialect, dialect), "non-validating"):
        try:
            found = LineageRunner(sql, dialect=attempt)
            sides = found.source_tables, found.target_tables
        except Exception:  # noqa: BLE001, S112 - of many kinds, and a tool that fails finds nothing
            continue
        return [[str(table).removeprefix("<default>.") for table in side] for side in sides]
    return [[], []]


def main() -> None:
    """Answer what is asked on standard input."""
    warnings.simplefilter("ignore")
    asked = json.load(sys.stdin)
    begin = time.process_time()
    found = [names(each["sql"], each["dialect"]) for each in asked]
    json.dump({"tables": found, "cpu_s": time.process_time() - begin}, sys.stdout)


if __name__ == "__main__":
    main()
