"""Work that a file does every time the scheduler parses it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adapters.airflow.legacy.about import about_file, named
from adapters.airflow.legacy.findings.whole import Whole
from adapters.airflow.legacy.snapshot import Finding

# Calls that the recorder did not run, as far as they are known to be work.
_HEAVY = re.compile(
    r"^(time\.sleep|os\.(system|popen)|subprocess\.|urllib|requests\.|httpx\.|aiohttp|boto3\.|"
    r"botocore|psycopg2?\.|pymysql|MySQLdb|mysql\.|pyodbc|cx_Oracle|oracledb|redis|pymongo|"
    r"elasticsearch|paramiko|ftplib|smtplib|hvac|google\.cloud|googleapiclient|snowflake\.|"
    r"sqlalchemy\.create_engine|pyspark|hdfs|azure\.)"
)
# Of the classes of those libraries, which open something when they are made.
_OPENS = ("Client", "Session", "Redis", "SMTP", "FTP")
_SWALLOWED = ("not_run", "stand_in_called")
_VARIABLES = ("assumed_variable", "variable_default", "assumed_connection")


def parse_time_work(whole: Whole) -> Iterator[Finding]:
    """One finding a file: which calls, which lines, and how many Variables it reads."""
    by_file: dict[str, list[Finding]] = {}
    for found in whole.snapshot.findings:
        if found.file is not None and found.code in (*_SWALLOWED, *_VARIABLES):
            by_file.setdefault(found.file, []).append(found)
    for file, all_of_it in sorted(by_file.items()):
        heavy = [each for each in all_of_it if each.code in _SWALLOWED and _is_heavy(each)]
        read = [each for each in all_of_it if each.code in _VARIABLES]
        said = [_what(each) for each in heavy]
        if read:
            plural = "s" if len(read) > 1 else ""
            said.append(f"{len(read)} Variable{plural} or connection{plural} read")
        if said:
            yield about_file(
                file,
                "parse_time_work",
                f"each parse of the file does this: {named(said)}; move it into tasks",
                "warning" if heavy else "info",
                line=min((each.line for each in (heavy or read) if each.line), default=None),
            )


def _is_heavy(found: Finding) -> bool:
    """Neither a plain value, nor what is done with the answer of a call that is named already."""
    call = found.message.partition("(...)")[0]
    if "Hook()" in call:
        return True
    name = call.rpartition(".")[2]
    only_makes_a_value = name[:1].isupper() and not name.endswith(_OPENS)
    return bool(_HEAVY.search(call)) and "()" not in call and not only_makes_a_value


def _what(found: Finding) -> str:
    call = found.message.partition("(...)")[0]
    return call if found.line is None else f"{call} (line {found.line})"
