"""Recorder: runs DAG files in a child process against stand-ins for Airflow and for whatever is not
importable.

Here: starting the child and reading what it says (`runner`), choosing the files (`folder`), and the
child itself (`child/`). The child is loaded by file path under a name of its own and imports
nothing of this project, so that a code base with folders called `bridge` or `adapters` still loads.
Not here: what the recorded tasks mean.
"""
