"""`from missing import *`: which names a stand-in has to give, so that the code finds them."""

import ast
import builtins
import linecache
from types import FrameType


def names_left_open(frame: FrameType | None) -> list[str]:
    """The names that the module of the frame reads and does not have yet, nor makes itself."""
    while frame is not None and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    if frame is None:
        return []
    source = "".join(linecache.getlines(frame.f_code.co_filename))
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return []
    read: set[str] = set()
    made: set[str] = {*vars(builtins), *frame.f_globals}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else made).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            made.add(node.name)
        elif isinstance(node, ast.arg):
            made.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            made.add(node.name)
        elif isinstance(node, ast.alias):
            made.add((node.asname or node.name).partition(".")[0])
    return sorted(name for name in read - made if not name.startswith("_"))
