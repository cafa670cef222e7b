"""What the Python functions of tasks do, followed through their source and never run: which calls
they make with which texts, and what they return.

Local names, texts, lists and dicts, branches, functions, classes and files of the code base, and
what other tasks return are followed as far as they are known; what depends on the run becomes
`{{ name }}`, as in a template. Here: `tasks` (the calls of each task, XComs), `statements`,
`expressions` and `calling` (a function's source, read in order), `values`, `objects` and `contexts`
(what a name may stand for), `loaded` (what the recorded run left in memory, as such values),
`text_methods`, `containers` and `known_calls` (what Python's own functions give), `sources` (the
code base's files), `written` (calls as JSON), `budget`. Not here: which calls are worth keeping
(`worth_reading`), and what they mean (lineage).
"""

from .tasks import Tasks

__all__ = ["Tasks"]
