"""What a step prints is kept and let through; the streams are as before afterwards."""

from __future__ import annotations

import io
import sys

import pytest

from bridge.execution.capture import captured_streams


def test_what_is_written_is_kept_and_let_through(capsys: pytest.CaptureFixture[str]) -> None:
    with captured_streams() as captured:
        sys.stdout.write("out")
        sys.stdout.writelines(["a", "b"])
        sys.stderr.write("err")

    assert captured.output is not None
    assert (captured.output.stdout, captured.output.stderr) == ("outab", "err")
    assert capsys.readouterr() == ("outab", "err")


def test_silence_is_nothing() -> None:
    with captured_streams() as captured:
        pass

    assert captured.output is None


def test_for_all_else_it_is_the_same_stream() -> None:
    with captured_streams():
        assert sys.stdout.encoding == sys.__stdout__.encoding  # type: ignore[union-attr]
        assert sys.stdout.isatty() is False


def test_streams_are_as_before_whoever_ends_first() -> None:
    before = sys.stdout
    first, second = captured_streams(), captured_streams()

    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)

    assert sys.stdout is before


def test_a_stream_that_user_code_sets_stays() -> None:
    before, own = sys.stdout, io.StringIO()
    try:
        with captured_streams():
            sys.stdout = own

        assert sys.stdout is own
    finally:
        sys.stdout = before


def test_nul_cannot_reach_the_database() -> None:
    with captured_streams() as captured:
        sys.stdout.write("a\0b")

    assert captured.output is not None
    assert "\0" not in captured.output.stdout
