"""How much of a code base the import finds, against what Airflow itself loads of it.

    python -m tests.accuracy FOLDER --airflow path/to/a/python/with/airflow
    python -m tests.accuracy FOLDER --truth truth.json
    python -m tests.accuracy.datasets FOLDER tests/accuracy/truths/datasets_examples.json

Recall and precision of DAGs, tasks, edges, operator classes and schedules, and of datasets where a
person has labelled what tasks read and write. Without `--airflow`, the truth is read from a file
that an earlier run wrote with `--write-truth`.

`provider_examples` puts together the system tests that providers ship on PyPI; `truths/` has what
Airflow loads of them, and what tasks read and write: `datasets_examples.json` of those system tests
and of the example DAGs in the Airflow 2.11.2 wheel (put as the folders `system` and
`airflow_examples`). Labels of other code bases have the same form, and stay with who made them.

`sql_peers` puts lineage from the SQL of labelled tasks beside sqllineage.
"""
