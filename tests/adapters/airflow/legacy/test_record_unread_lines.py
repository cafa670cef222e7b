"""Lines of a file that are no Python 3: those near each other are one finding."""

from __future__ import annotations

from pathlib import Path

from adapters.airflow.legacy.take import record_folder

CODE = """from airflow import DAG
print "one"
print "two"

print "three"
dag = DAG("d")
a = 1
b = 2
c = 3
d = 4
e = 5
print "four"
"""


def test_lines_near_each_other_are_one_finding(tmp_path: Path) -> None:
    (tmp_path / "d.py").write_text(CODE)

    found = record_folder(tmp_path).findings

    assert [(each.line, each.message) for each in found if each.code == "unread"] == [
        (3, "not read: what lines 3 to 5 hold is no Python 3"),
        (12, "not read: this line is no Python 3"),
    ]
