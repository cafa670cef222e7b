"""What the Python functions of tasks do, followed through their source and never run: which calls
they make with which texts, and what they return.

Local names, texts, lists and dicts, branches, functions, classes and files of the code base, and
what other tasks return are followed as far as they are known; what depends on the run becomes
`{{ name }}`, as in a template. Here: `tasks` (the calls of each task, XComs); `visiting`,
`gathering`, `expressions`, `special_calls`, `handed`, `calling`, `importing` and `statements` (a
function's source in order, each on top of the one before), `parameters`, `deciding`;
`values`, `objects`, `models` and `contexts` (what a name may stand for), `loaded` (what the
recorded run left in memory, as such values); `started` and `scripts` (programs that a task starts:
which, and what they do), `programs` (how these read their command line), `notebooks`;
`settings_files`, `text_methods`, `containers` and `known_calls` (what Python's own functions give),
`sources` (the code base's files), `written` (calls as JSON), `budget`. Not here: which calls are
worth keeping (`worth_reading`), and what they mean (lineage).
"""

from .tasks import Tasks

__all__ = ["Tasks"]
