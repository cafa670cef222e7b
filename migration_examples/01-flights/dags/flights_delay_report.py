"""
### flights_delay_report

Delay per carrier of a day, from `fct_departures`: a table (`rpt_delay_by_carrier`) and a CSV file.

Scheduled on the dataset that `flights_daily.publish` updates. The date of such a run is not the day
of the data (on Airflow 3 it has no logical date at all), and several days published at about the
same time come as *one* run, of whose events the later ones may be missing. So the first task says
which days to report:

1. the run's conf, for a day of your choice: `{"day": "2013-01-05"}`
2. else, where dataset events started the run, the days they name and all others not reported yet
3. else the run's logical date (`airflow dags test flights_delay_report 2013-01-05`)
"""

from datetime import timedelta

import pendulum

try:
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import DAG, task
except ImportError:  # Airflow 2
    from airflow.decorators import task
    from airflow.models.dag import DAG
    from airflow.operators.python import PythonOperator
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from flights_etl import reporting, warehouse
from flights_etl.datasets import PUBLISH_LOG

with DAG(
    dag_id="flights_delay_report",
    description="fct_departures -> delay per carrier",
    doc_md=__doc__,
    schedule=[PUBLISH_LOG],
    start_date=pendulum.datetime(2013, 1, 1, tz="UTC"),
    catchup=False,
    default_args={
        "owner": "analytics",
        "retries": 1,
        "retry_delay": timedelta(minutes=1),
    },
    tags=["flights", "report"],
) as dag:

    @task(task_id="report_days")
    def find_report_days(**context) -> list[str]:
        conf = context["dag_run"].conf or {}
        if conf.get("day"):
            return [conf["day"]]
        # Airflow 3 says "asset", Airflow 2 says "dataset".
        events = context.get("triggering_asset_events") or context.get("triggering_dataset_events")
        extras = [event.extra for group in (events or {}).values() for event in group]
        if not extras:
            return [context["ds"]]
        days = {extra["day"] for extra in extras if "day" in extra}
        return sorted(days | reporting.unreported_days())

    report_days = find_report_days()

    build_rpt_delay_by_carrier = SQLExecuteQueryOperator(
        task_id="build_rpt_delay_by_carrier",
        conn_id=warehouse.CONN_ID,
        sql="sql/build_rpt_delay_by_carrier.sql",
        split_statements=True,
    )

    write_report = PythonOperator(
        task_id="write_report",
        python_callable=reporting.write_report,
        op_kwargs={"days": report_days},
    )

    report_days >> build_rpt_delay_by_carrier >> write_report
