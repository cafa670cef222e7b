"""What a step prints, kept for the run's history: by file descriptor or by Python's streams."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import IO, Any, cast

from bridge.execution.outcome import StepOutput

HEAD = 64 * 1024  # what is kept of a stream: its begin, where settings are printed …
TAIL = 192 * 1024  # … and its end, where errors are


class Captured:
    """Filled in when the step has ended."""

    output: StepOutput | None = None


@contextmanager
def captured_streams() -> Generator[Captured, None, None]:
    """Keep what Python code writes to stdout and stderr meanwhile, and let it through.

    The streams belong to the whole process: of two runs in two threads, both keep both.
    """
    found = Captured()
    sys.stdout, sys.stderr = out, err = _Tee(sys.stdout), _Tee(sys.stderr)
    try:
        yield found
    finally:
        found.output = _output(out.ended(), err.ended())
        sys.stdout, sys.stderr = _without_ended(sys.stdout), _without_ended(sys.stderr)


def _without_ended(stream: Any) -> Any:
    """The stream below those that keep nothing any more; another that was set stays."""
    while isinstance(stream, _Tee) and stream.has_ended:
        stream = stream.stream
    return stream


class Descriptors:
    """The standard output and error of a process of our own, kept by file descriptor.

    So what C code and subprocesses write is kept too. From the first use on, the process's
    descriptors 1 and 2 are files that belong to us.
    """

    def __init__(self) -> None:
        self._files: list[IO[bytes]] = []
        for target, name in ((1, "stdout"), (2, "stderr")):
            file = tempfile.TemporaryFile(prefix="bridge-", buffering=0)  # noqa: SIM115 - kept open
            os.dup2(file.fileno(), target)
            raw = open(target, "wb", buffering=0, closefd=False)  # noqa: SIM115
            # unbuffered, so that what programs write between two lines stays between them
            stream = io.TextIOWrapper(
                cast("IO[bytes]", raw),
                encoding="utf-8",
                errors="backslashreplace",
                write_through=True,
            )
            setattr(sys, name, stream)
            self._files.append(file)

    @contextmanager
    def captured(self) -> Generator[Captured, None, None]:
        """Keep what is written meanwhile."""
        found = Captured()
        try:
            yield found
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            texts = [_taken(file) for file in self._files]
            found.output = _output(*texts)


class _Tee:
    """Hands on to a stream and keeps its begin and its end; for all else it is that stream."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.has_ended = False
        self._parts: list[str] = []
        self._size = 0
        self._head: str | None = None
        self._left_out = 0

    def write(self, text: str) -> int:
        """Hand on, and keep."""
        written: int = self.stream.write(text)
        if self.has_ended:
            return written
        self._parts.append(text)
        self._size += len(text)
        if self._size > HEAD + 2 * TAIL:
            self._shorten()
        return written

    def ended(self) -> str:
        """What is kept of all that was written; from now on nothing is."""
        self.has_ended = True
        if not self._parts and self._head is None:
            return ""
        if self._head is not None or self._size > HEAD + TAIL:
            self._shorten()
            return _marked(self._head or "", self._left_out, "".join(self._parts))
        return "".join(self._parts)

    def _shorten(self) -> None:
        text = "".join(self._parts)
        if self._head is None:
            self._head, text = text[:HEAD], text[HEAD:]
        self._left_out += max(0, len(text) - TAIL)
        self._parts = [text[-TAIL:]]
        self._size = len(self._parts[0])

    def writelines(self, lines: Iterable[str]) -> None:
        """Hand on, and keep."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _taken(file: IO[bytes]) -> str:
    """What a file holds, shortened; it is empty afterwards."""
    number = file.fileno()
    size = os.fstat(number).st_size
    if not size:
        return ""
    if size <= HEAD + TAIL:
        text = os.pread(number, size, 0).decode(errors="replace")
    else:
        head = os.pread(number, HEAD, 0).decode(errors="replace")
        tail = os.pread(number, TAIL, size - TAIL).decode(errors="replace")
        text = _marked(head, size - HEAD - TAIL, tail)
    os.ftruncate(number, 0)
    os.lseek(number, 0, os.SEEK_SET)  # shared with the descriptor that is written to
    return text


def _marked(head: str, left_out: int, tail: str) -> str:
    return f"{head}\n[… {left_out:,} characters left out …]\n{tail}" if left_out else head + tail


def _output(out: str, err: str) -> StepOutput | None:
    # a database text must not hold NUL
    clean = [text.replace("\0", "\N{REPLACEMENT CHARACTER}") for text in (out, err)]
    return StepOutput(*clean) if out or err else None
