"""The syntax tree of a file that is no Python: a line that cannot be read (a syntax error, Python
2) is replaced by `pass`, so that the rest is still read.
"""

import ast

_MAX_REPAIRS = 60


def repaired_tree(source: str) -> tuple[ast.Module | None, list[int]]:
    """The tree of as much of the source as is Python, and the lines that had to be left out."""
    lines = source.expandtabs(8).splitlines()
    left_out: list[int] = []
    for _ in range(_MAX_REPAIRS):
        try:
            return ast.parse("\n".join(lines) + "\n"), left_out
        except SyntaxError as error:  # noqa: PERF203 - one round per line left out
            at = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
            while at > 0 and (at + 1 in left_out or not lines[at].strip()):
                at -= 1
            if not lines or at + 1 in left_out:
                break
            text = lines[at]
            indent = text[: len(text) - len(text.lstrip())]
            lines[at] = indent + _instead_of(text.strip())
            left_out.append(at + 1)
        except (ValueError, RecursionError, MemoryError):
            break
    return None, left_out


def _instead_of(text: str) -> str:
    """A line that is Python in the place of one that is not, so that the block around it still
    stands.
    """
    if not text.endswith(":"):
        return "pass"
    first = text.split(" ", maxsplit=1)[0].rstrip(":")
    return {
        "except": "except Exception:",
        "elif": "elif True:",
        "else": "else:",
        "finally": "finally:",
    }.get(first, "if True:")
