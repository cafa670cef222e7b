-- fct_departures: one row per scheduled departure of {{ ds }}, with the weather at that airport in that hour.
-- The hour is matched on time_hour (UTC): the local hour comes twice on the night the clocks go back.
PRAGMA busy_timeout = 30000;

CREATE TABLE IF NOT EXISTS fct_departures (
    flight_date TEXT NOT NULL,
    carrier TEXT NOT NULL,
    flight INTEGER NOT NULL,
    origin TEXT NOT NULL,
    dest TEXT NOT NULL,
    tailnum TEXT,
    sched_dep_hour INTEGER NOT NULL,
    dep_delay INTEGER,
    arr_delay INTEGER,
    cancelled INTEGER NOT NULL,
    temp REAL,
    wind_speed REAL,
    precip REAL,
    visib REAL,
    PRIMARY KEY (flight_date, carrier, flight, origin)
);

DELETE FROM fct_departures WHERE flight_date = '{{ ds }}';

INSERT INTO fct_departures (
    flight_date, carrier, flight, origin, dest, tailnum, sched_dep_hour,
    dep_delay, arr_delay, cancelled, temp, wind_speed, precip, visib
)
SELECT
    f.flight_date,
    f.carrier,
    f.flight,
    f.origin,
    f.dest,
    f.tailnum,
    f.sched_dep_hour,
    f.dep_delay,
    f.arr_delay,
    CASE WHEN f.dep_time IS NULL THEN 1 ELSE 0 END AS cancelled,
    w.temp,
    w.wind_speed,
    w.precip,
    w.visib
FROM stg_flights AS f
LEFT JOIN stg_weather AS w
    ON w.origin = f.origin
    AND w.time_hour = f.time_hour
WHERE f.flight_date = '{{ ds }}';
