"""What Python 3.12 and later read, on one that is older. On a newer one nothing is rewritten."""

import ast

import pytest

from adapters.airflow.legacy.record.child import newer_syntax

NEW = [
    ('f"a {d["x"]} b"', "a 1 b"),
    ("f'{d['x']}{d['x']!r:>3}'", "1  1"),
    ("f\"{', '.join([d[\"x\"] for d in [{'x': '7'}]])}\"", "7"),
    ("f\"{'\\n'.join(['a', 'b'])}\"", "a\nb"),
    ('f"{"".join(["a"])}-{""}"', "a-"),
    ('f"{f"{d["x"]}"}"', "1"),
    ('f"{d["x"]:{"0>"}{w}}"', "0001"),
    ('f"{\n  d["x"]  # the one\n}"', "1"),
    ('f"\\"{d["x"]}\\""', '"1"'),
    ('f"{d["x"]}" "{not} a field" f"{{{d["x"]}}}"', "1{not} a field{1}"),
    ('rf"\\d{d["x"]}"', "\\d1"),
]
OLD = [
    "x = 'it is {a} # no comment'",
    'f"a {x!r:>{w}} {y != 1} {z:%Y-%m}"',
    "'''f\"{'a'}\"''' # f\"{\"\n",
    'f"""a "quoted" {d["x"]} b"""',
    "b'\\x00' + r'\\' if one else \"it's\"",
    'f"\\N{BULLET} {x}"',
    "def f(self, *, if_='', u=1): return {'a': f'{u}'}",
]


@pytest.mark.parametrize(("text", "value"), NEW)
def test_a_new_f_string_means_the_same(text, value, monkeypatch):
    monkeypatch.setattr(newer_syntax, "IS_OLDER", True)
    code = newer_syntax.older(text)
    assert code.count("\n") == text.count("\n")
    (found,) = ast.parse(code, feature_version=(3, 10)).body
    given = {"d": {"x": 1}, "w": 4}
    assert eval(compile(ast.Expression(found.value), "x", "eval"), given) == value  # noqa: S307


@pytest.mark.parametrize("text", OLD)
def test_what_any_python_reads_is_left_alone(text, monkeypatch):
    monkeypatch.setattr(newer_syntax, "IS_OLDER", True)
    assert newer_syntax.older(text) == text


def test_a_newer_python_rewrites_nothing(monkeypatch):
    monkeypatch.setattr(newer_syntax, "IS_OLDER", False)
    assert newer_syntax.older('f"{d["x"]}"') == 'f"{d["x"]}"'


@pytest.mark.parametrize("text", ["f'{", "f'{x", "'", "f'{x!}'", 'f"{', "f'{x:{y'", "(", "f'}'"])
def test_what_is_no_python_stays_none(text, monkeypatch):
    monkeypatch.setattr(newer_syntax, "IS_OLDER", True)
    assert isinstance(newer_syntax.older(text), str)
    with pytest.raises(SyntaxError):
        newer_syntax.compiled(text, "x.py")


def test_files_and_modules_in_newer_python_are_run(record):
    dag = """
    from airflow.models import DAG
    from airflow.operators.bash import BashOperator
    from naming import name
    at = {"x": "etl"}
    with DAG(f"{at["x"]}_{name}"):
        BashOperator(task_id=f"{at["x"]}", bash_command="true")
    """
    naming = "given = {'y': 'daily'}\nname = f'{given['y']}'\n"
    snapshot = record({"dag.py": dag, "naming.py": naming})
    (found,) = snapshot.dags
    assert (found.dag_id, [task.task_id for task in found.tasks]) == ("etl_daily", ["etl"])
    assert [file.outcome for file in snapshot.files if file.path == "dag.py"] == ["recorded"]
