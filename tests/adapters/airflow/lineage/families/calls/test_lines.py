"""The tables of calls: what a line says, and that all that it asks for is recorded."""

import re

import pytest

from adapters.airflow.legacy.record.child.worth_reading import (
    ASKING,
    COMMON,
    NAMES,
    OF_CLOUDS,
    OF_MODELS,
    OF_VECTORS,
)
from adapters.airflow.legacy.snapshot import Call
from adapters.airflow.lineage.families.calls.known import CALLS
from adapters.airflow.lineage.families.calls.lines import Line, parsed

# Places that are filled without a parameter.
_GIVEN = {"server", "host", "mode"}


def test_a_line_is_modules_steps_and_places() -> None:
    (line,) = parsed("m|n: Box(name).put|add(*, Key|K)   ~{Key} -> s3://{name}/{Key} & {name}\n# x")

    assert line.modules == ("m", "n")
    assert [step.names for step in line.steps] == [("Box",), ("put", "add")]
    assert line.places == (
        ("read", "~{Key}"),
        ("write", "s3://{name}/{Key}"),
        ("write", "{name}"),
    )


def given(text: str, call: Call) -> object:
    (line,) = parsed(text)
    return line.values(call)


def test_parameters_are_taken_by_place_and_by_name() -> None:
    call = Call(name="f", arguments=(1, 2), named={"d": 4})

    assert given("f(a, b, c, e|d) - -> -", call) == {"a": 1, "b": 2, "e": 4}
    assert given("f(a, *, b, d) - -> -", call) == {"a": 1, "d": 4}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("f(a) - -> -", True),
        ("Box.f(a) - -> -", True),
        ("B*.f(a) - -> -", True),
        ("Box.open.f(a) - -> -", True),
        ("open.Box.f(a) - -> -", False),
        ("Bag.f(a) - -> -", False),
        ("m: f(a) - -> -", True),
        ("m.n: f(a) - -> -", True),
        ("other|m: Box.f(a) - -> -", True),
        ("n: f(a) - -> -", False),
    ],
)
def test_a_line_is_about_calls_on_what_its_steps_lead_to(text: str, *, fits: bool) -> None:
    on = (Call(name="Box", module="m.n.o"), Call(name="x"), Call(name="open"))

    assert (given(text, Call(name="f", on=on)) is not None) == fits


@pytest.mark.parametrize("line", CALLS.lines, ids=lambda line: line.steps[-1].names[0])
def test_every_call_of_a_table_is_recorded_and_says_where_its_places_are(line: Line) -> None:
    parameters = {name for step in line.steps for names in step.parameters for name in names[:1]}
    parameters |= {step.item for step in line.steps if step.item is not None}
    asked = {
        name.partition(".")[0]
        for _, place in line.places
        for names in re.findall(r"\{([\w.|]+)", place)
        for name in names.split("|")
    }

    kept = NAMES | COMMON | OF_MODELS | OF_VECTORS | OF_CLOUDS | ASKING
    assert set(line.steps[-1].names) <= kept
    assert asked - _GIVEN <= parameters


def test_nothing_is_recorded_that_no_table_reads() -> None:
    assert {
        name for line in CALLS.lines for name in line.steps[-1].names
    } >= NAMES | COMMON | ASKING
    assert not NAMES & COMMON
