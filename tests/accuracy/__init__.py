"""How much of a code base the import finds, against what Airflow itself loads of it.

    python -m tests.accuracy FOLDER --airflow path/to/a/python/with/airflow
    python -m tests.accuracy FOLDER --truth truth.json --datasets datasets.json

Recall and precision of DAGs, tasks, edges, operator classes and schedules, and of datasets where a
person has labelled what tasks read and write. Without `--airflow`, the truth is read from a file
that an earlier run wrote with `--write-truth`.

`provider_examples` puts together the system tests that providers ship on PyPI; `truths/` has what
Airflow loads of them.
"""
