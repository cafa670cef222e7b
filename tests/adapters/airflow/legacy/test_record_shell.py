"""Shell scripts as commands."""

import pytest

from adapters.airflow.legacy.record.child.shell import Command, commands


def words(script: str, **variables: str) -> list[tuple[str, ...]]:
    return [command.words for command in commands(script, variables)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a b; c && d || e | f", [("a", "b"), ("c",), ("d",), ("e",), ("f",)]),
        ("a \\\n  b\nc", [("a", "b"), ("c",)]),
        ("a 'x y' \"z\"", [("a", "x y", "z")]),
        ("# nothing\na # more; b\nc", [("a",), ("c",)]),
        ("a gs://b/x#y", [("a", "gs://b/x#y")]),
        ("if [ -f x ]; then a; else b; fi", [("[", "-f", "x", "]"), ("a",), ("b",)]),
        ("for f in 1 2; do a $f; done", [("a", "1"), ("a", "2")]),
        ("for f in x/*.csv\ndo\n a $f\ndone\nb", [("a", "x/*.csv"), ("b",)]),
        ("for f in $(ls); do a $f; done", [("a", "*")]),
        ("while read l; do a; done; b", [("read", "l"), ("a",), ("b",)]),
        ("sudo -u me timeout 30 a b", [("a", "b")]),
        ("X=1 a $X", [("a", "{X}")]),
        ("export X=gs://b; a $X/c ${X}/d", [("a", "gs://b/c", "gs://b/d")]),
        ("a ${X:-y} $(date +%F) `date`", [("a", "{X}", "*", "*")]),
        ("a x-$(basename $(pwd)).csv", [("a", "x-*.csv")]),
        ("a '`b` $(c)' \"`d` \\`e\\` it's\"", [("a", "`b` $(c)", "* `e` it's")]),
        ("o='-h db -t'; psql $o -c \"$o x\"", [("psql", "-h", "db", "-t", "-c", "-h db -t x")]),
        (
            "p='psql -d shop'; q='select 1'; $p -c \"$q\"",
            [("psql", "-d", "shop", "-c", "select 1")],
        ),
        (
            "t=(\n  m.a # first\n 'm.b'\n)\nfor x in ${t[@]}; do a $x; done",
            [("a", "m.a"), ("a", "m.b")],
        ),
        ("a -c 'set\n x=(1)' \"y=(2)\" # z=(3)", [("a", "-c", "set\n x=(1)", "y=(2)")]),
        ("q='-- all\nselect 1'; a -c \"$q\"", [("a", "-c", "-- all\nselect 1")]),
        ("(cd x; a)", [("cd", "x"), ("a",)]),
        ("a # it's\nb", [("a",), ("b",)]),
        ("", []),
    ],
)
def test_words_of_each_command(script: str, expected: list[tuple[str, ...]]) -> None:
    assert words(script) == expected


def test_variables_of_the_environment_are_filled_in() -> None:
    assert words("a $BUCKET/x", BUCKET="gs://b") == [("a", "gs://b/x")]


def test_redirections_are_no_words() -> None:
    (command,) = commands("a < /in > /out 2> /err 2>&1")

    assert command == Command(words=("a",), reads=("/in",), writes=("/out",))


def test_a_here_document_is_what_a_command_is_fed() -> None:
    first, second = commands("psql -d shop <<'EOF'\ninsert into t\nselect 1;\nEOF\necho done")

    assert (first.words, first.fed) == (("psql", "-d", "shop"), "insert into t\nselect 1;")
    assert second.words == ("echo", "done")


@pytest.mark.parametrize("script", ["a 'b", 'a "b', "a " * 30_000])
def test_what_cannot_be_read_is_refused(script: str) -> None:
    with pytest.raises(ValueError, match=r"quotation|words"):
        commands(script)


def test_a_command_knows_what_is_piped_into_it() -> None:
    first, second, third = commands("a b | c; d")

    assert (first.piped, second.piped, third.piped) == ((), ("a", "b"), ())


def test_the_text_of_an_sql_file_is_told_from_what_else_a_command_prints() -> None:
    assert words('a "$(cat /x/y.sql)" $(cat /x/y.txt)') == [("a", "text-of:/x/y.sql", "*")]
