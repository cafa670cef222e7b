"""One snapshot of several: what source, DagBag and REST know of the same DAGs. Pure.

The rules. Nothing that any of them knows is left out. What a DAG and its tasks are set to
(schedule, retries, pool, edges) is what the Airflow that loads them says: a DagBag, then REST, then
the source. What a task is made of (arguments, SQL, code, place) is what the source says, and a
DagBag where it has a value that the source could only assume. How it runs (paused, last run,
durations) only REST knows. Where two disagree, one counts and a finding names both.

Here: `snapshots` puts the parts together, `dags` and `tasks` hold the rules for their fields,
`templates` tells a filled template from another value. Not
here: taking a snapshot (`take`, `loading`, `rest`).
"""
