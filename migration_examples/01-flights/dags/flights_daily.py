"""
### flights_daily

Stages one day of New York flights and weather into the warehouse and builds `fct_departures`.

`{{ ds }}` is the day of departure (New York). Every task replaces that day, so a day can be cleared
and run again. The source is the closed year 2013: the DAG ends with it, and a day is run by hand
(`airflow dags test flights_daily 2013-01-05`, or trigger it with a logical date).

Owner: data-platform. When `publish` fails the day is incomplete: clear from `stage_flights`.
"""

from datetime import timedelta

import pendulum

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.providers.standard.sensors.python import PythonSensor
    from airflow.sdk import DAG, task
except ImportError:  # Airflow 2
    from airflow.decorators import task
    from airflow.models.dag import DAG
    from airflow.operators.bash import BashOperator
    from airflow.operators.python import PythonOperator
    from airflow.sensors.python import PythonSensor
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from flights_etl import sources, staging, warehouse
from flights_etl.datasets import PUBLISH_LOG, STG_FLIGHTS

DEFAULT_ARGS = {
    "owner": "data-platform",
    "depends_on_past": False,
    "retries": 1,
    "retry_delay": timedelta(minutes=1),
}

# The year comes as one zip of 31 MB: unpack it once, then cut the day out of it.
# Each file is moved into place when it is whole, so two days may run at the same time.
LAND_FLIGHTS = """
set -euo pipefail
mkdir -p "$LANDING/{{ ds }}"
scratch=$(mktemp -d "$LANDING/.landing.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

if [ ! -s "$LANDING/flights.csv" ]; then
    python3 -m zipfile -e "$SOURCE" "$scratch"
    mv -f "$scratch/flights.csv" "$LANDING/flights.csv"
fi

IFS=- read -r year month day <<< "{{ ds }}"
head -n 1 "$LANDING/flights.csv" > "$scratch/day.csv"
prefix="$((10#$year)),$((10#$month)),$((10#$day)),"
LC_ALL=C grep "^$prefix" "$LANDING/flights.csv" >> "$scratch/day.csv"
mv -f "$scratch/day.csv" "$LANDING/{{ ds }}/flights.csv"
echo "landed $(($(wc -l < "$LANDING/{{ ds }}/flights.csv") - 1)) flights of {{ ds }}"
"""


def publish_day(day, outlet_events):
    departures = staging.publish(day)
    # flights_delay_report reads the day from here: a dataset event carries no date of its own.
    outlet_events[PUBLISH_LOG].extra = {"day": day, "departures": departures}


with DAG(
    dag_id="flights_daily",
    description="Flights and weather of one day -> fct_departures",
    doc_md=__doc__,
    schedule="@daily",
    start_date=pendulum.datetime(2013, 1, 1, tz="UTC"),
    end_date=pendulum.datetime(2013, 12, 31, tz="UTC"),
    catchup=False,
    max_active_runs=4,
    dagrun_timeout=timedelta(hours=1),
    default_args=DEFAULT_ARGS,
    tags=["flights", "warehouse"],
    user_defined_macros={
        "flights_zip": sources.flights_zip,
        "landing_dir": warehouse.landing_dir,
    },
) as dag:
    wait_for_flights = PythonSensor(
        task_id="wait_for_flights",
        python_callable=sources.source_has_day,
        op_kwargs={"day": "{{ ds }}"},
        mode="reschedule",
        poke_interval=10,
        timeout=10 * 60,
    )

    land_flights = BashOperator(
        task_id="land_flights",
        bash_command=LAND_FLIGHTS,
        env={"SOURCE": "{{ flights_zip() }}", "LANDING": "{{ landing_dir() }}"},
        append_env=True,
    )

    stage_flights = PythonOperator(
        task_id="stage_flights",
        python_callable=staging.stage_flights,
        op_kwargs={"day": "{{ ds }}"},
        outlets=[STG_FLIGHTS],
    )

    @task
    def stage_weather(day: str) -> int:
        return staging.stage_weather(day)

    @task
    def summarise_origin(origin: str, day: str) -> int:
        return staging.summarise_origin(origin, day)

    build_fct_departures = SQLExecuteQueryOperator(
        task_id="build_fct_departures",
        conn_id=warehouse.CONN_ID,
        sql="sql/build_fct_departures.sql",
        split_statements=True,
        doc_md="One row per scheduled departure, with the weather of its hour.",
    )

    publish = PythonOperator(
        task_id="publish",
        python_callable=publish_day,
        op_kwargs={"day": "{{ ds }}"},
        outlets=[PUBLISH_LOG],
    )

    weather = stage_weather(day="{{ ds }}")
    summaries = summarise_origin.partial(day="{{ ds }}").expand(origin=sources.ORIGINS)

    wait_for_flights >> land_flights >> stage_flights >> [build_fct_departures, summaries]
    wait_for_flights >> weather >> build_fct_departures
    [build_fct_departures, summaries] >> publish
