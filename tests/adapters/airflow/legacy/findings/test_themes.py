"""Themes: each finding that an import can make has one, and none is named in vain."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from adapters.airflow import legacy, lineage
from adapters.airflow.legacy.findings.blockers import _REASONS
from adapters.airflow.legacy.findings.themes import OTHERS, THEMES, theme_of

_MAKERS = ("note", "finding", "_finding", "about_dag", "about_file")
_ROOMS = [Path(str(room.__file__)).parent for room in (legacy, lineage)]
# Made where the file is run: (reason, line, code).
_OF_THE_RUN = {"syntax_error", "timeout", "exited", "out_of_memory", "not_run_to_end", "zip"}


def codes_in(tree: ast.AST) -> Iterator[str]:
    """What is given as a code to whatever makes a finding."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = [word.value for word in node.keywords if word.arg == "code"]
        if name in _MAKERS and len(node.args) > 1:
            given.append(node.args[1])
        for value in given:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def test_every_code_has_a_theme_and_every_theme_only_codes_that_exist():
    made = {
        code
        for room in _ROOMS
        for file in room.rglob("*.py")
        for code in codes_in(ast.parse(file.read_text()))
    }
    made |= {*_REASONS, *_OF_THE_RUN}
    assert {code for code in made if theme_of(code) is OTHERS} == set()
    assert {code for theme in THEMES for code in theme.codes} - made == set()


def test_no_code_is_of_two_themes():
    codes = [code for theme in THEMES for code in theme.codes]
    assert len(codes) == len(set(codes))
