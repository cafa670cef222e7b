"""The notes one file's run leaves behind: findings, and where in the user's files we are."""

import sys
from types import FrameType
from typing import Any

MAX_NOTES = 500  # a loop over an unknown value must not fill the pipe


class Journal:
    """Findings of the file being read; one per child process."""

    def __init__(self) -> None:
        self.file = ""
        self.roots: tuple[str, ...] = ()
        self.home = ""
        self.notes: dict[tuple[str, str, str, int], dict[str, Any]] = {}

    def begin(self, file: str, roots: list[str], home: str) -> None:
        """Start a file; roots are those of the code base, home is the folder above the DAGs'."""
        self.file = file
        self.home = home
        self.roots = tuple(root.rstrip("/") + "/" for root in roots)
        self.notes = {}

    def note(
        self,
        severity: str,
        code: str,
        message: str,
        *,
        place: tuple[str, int] | None = None,
        dag_id: str | None = None,
        task_id: str | None = None,
    ) -> None:
        """Keep a finding once per (code, message, place); the place defaults to the user's line
        being run.
        """
        if len(self.notes) >= MAX_NOTES:
            return
        file, line = place or self.place()
        self.notes.setdefault(
            (code, message, file, line),
            {
                "severity": severity,
                "code": code,
                "message": message,
                "file": file,
                "line": line or None,
                "dag_id": dag_id,
                "task_id": task_id,
            },
        )

    def has(self, code: str) -> bool:
        """Was something of this code noted?"""
        return any(noted == code for noted, *_ in self.notes)

    def is_user_file(self, filename: str) -> bool:
        """Of the code base, and not of a virtual environment that lives inside it."""
        return filename.startswith(self.roots) and "/site-packages/" not in filename

    def user_frame(self, start: FrameType | None = None) -> FrameType | None:
        """The innermost frame of the file being read, else of the code base, else None."""
        frame = start or sys._getframe(1)  # noqa: SLF001
        helper: FrameType | None = None
        current: FrameType | None = frame
        while current is not None:
            filename = current.f_code.co_filename
            if filename == self.file:
                return current
            if helper is None and self.is_user_file(filename):
                helper = current
            current = current.f_back
        return helper

    def module_being_run(self) -> str:
        """The file whose top level is being run: the one being read, or a module it imports."""
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001
        while frame is not None:
            filename = frame.f_code.co_filename
            if frame.f_code.co_name == "<module>" and (
                filename == self.file or self.is_user_file(filename)
            ):
                return filename
            frame = frame.f_back
        return self.file

    def place(self) -> tuple[str, int]:
        """(file, line) of the user's line being run; line 0 if nobody's."""
        frame = self.user_frame(sys._getframe(1))  # noqa: SLF001
        if frame is None:
            return self.file, 0
        return frame.f_code.co_filename, frame.f_lineno or 0

    def relative(self, filename: str, folder: str) -> str:
        """The file as the snapshot writes it: below the folder if it is there."""
        if filename.startswith(folder.rstrip("/") + "/"):
            return filename[len(folder.rstrip("/")) + 1 :]
        for root in self.roots:
            if filename.startswith(root):
                return "../" + filename[len(root) :]
        return filename


journal = Journal()
