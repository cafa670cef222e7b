-- rpt_delay_by_carrier: one row per day and carrier, for each day that `report_days` names.
{% set days = ti.xcom_pull(task_ids="report_days") %}
PRAGMA busy_timeout = 30000;

CREATE TABLE IF NOT EXISTS rpt_delay_by_carrier (
    flight_date TEXT NOT NULL,
    carrier TEXT NOT NULL,
    flights INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    avg_dep_delay REAL,
    late_15_share REAL,
    PRIMARY KEY (flight_date, carrier)
);

DELETE FROM rpt_delay_by_carrier WHERE flight_date IN ('{{ days | join("', '") }}');

INSERT INTO rpt_delay_by_carrier (flight_date, carrier, flights, cancelled, avg_dep_delay, late_15_share)
SELECT
    flight_date,
    carrier,
    count(*) AS flights,
    sum(cancelled) AS cancelled,
    round(avg(dep_delay), 2) AS avg_dep_delay,
    round(avg(dep_delay >= 15), 4) AS late_15_share
FROM fct_departures
WHERE flight_date IN ('{{ days | join("', '") }}')
GROUP BY flight_date, carrier;
