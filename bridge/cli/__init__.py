"""The command line: parse, call one function of the core, print.

Belongs here: options, tables, wording, exit codes, and the files a command writes. Not here:
deciding anything that the web pages or Airflow would have to decide again.

Modules import what is heavy (the store, the graph, pydantic) inside the functions that need it, so
that `--help` and `list` answer at once.
"""

from bridge.cli.app import main

__all__ = ["main"]
