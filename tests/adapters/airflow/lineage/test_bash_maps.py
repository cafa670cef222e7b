"""Sqoop, programs for maps, and clients of stores, on the command line."""

from __future__ import annotations

import pytest

from tests.adapters.airflow.lineage.written_calls import lineage, touched

SQOOP = "sqoop import --connect jdbc:"
FOUND: dict[str, tuple[list[str], list[str]]] = {
    f"{SQOOP}mysql://h:3306/shop --table orders --target-dir /data/o -m 1": (
        ["mysql://h:3306/shop.orders"],
        ["hdfs://default/data/o"],
    ),
    f"{SQOOP}postgresql://h:1/shop --table o --warehouse-dir /w -- --schema sales": (
        ["postgres://h:1/shop.sales.o"],
        ["hdfs://default/w/o"],
    ),
    f"{SQOOP}postgresql://h:1/shop --table o --hive-import --hive-database raw": (
        ["postgres://h:1/shop.public.o"],
        ["hive://default/raw.o"],
    ),
    f"{SQOOP}mysql://h:1/shop --table o --hcatalog-database raw --hcatalog-table p": (
        ["mysql://h:1/shop.o"],
        ["hive://default/raw.p"],
    ),
    f"{SQOOP}mysql://h:1/shop --query 'select * from a where $CONDITIONS' --target-dir s3://b/a": (
        ["mysql://h:1/shop.a"],
        ["s3://b/a"],
    ),
    "sqoop export --connect jdbc:oracle:thin:@h:1521/ORCL --table S.O --export-dir hdfs://n/o": (
        ["hdfs://n/o"],
        ["oracle://h:1521/ORCL.S.O"],
    ),
    "sqoop export --connect 'jdbc:sqlserver://h:1433;databaseName=shop' --table o": (
        [],
        ["mssql://h:1433/shop.dbo.o"],
    ),
    "ogr2ogr -f PostgreSQL PG:'host=h port=1 dbname=gis' /in/x.shp -nln geo.x -overwrite": (
        ["file:///in/x.shp"],
        ["postgres://h:1/gis.geo.x"],
    ),
    "ogr2ogr -f GeoJSON /out/x.geojson PG:'host=h port=1 dbname=gis' -sql 'select * from geo.x'": (
        ["postgres://h:1/gis.geo.x"],
        ["file:///out/x.geojson"],
    ),
    "ogr2ogr -f GeoJSON /out/x.geojson /in/x.shp": (
        ["file:///in/x.shp"],
        ["file:///out/x.geojson"],
    ),
    "shp2pgsql -s 4326 -I /in/x.shp geo.x | psql -h h -p 1 -d gis": (
        ["file:///in/x.shp"],
        ["postgres://h:1/gis.geo.x"],
    ),
    "raster2pgsql -s 4326 -t 10x10 /in/x.tif dem | psql -h h -p 1 -d gis": (
        ["file:///in/x.tif"],
        ["postgres://h:1/gis.public.dem"],
    ),
    "gdal_translate -of GTiff /in/x.nc /out/x.tif": (["file:///in/x.nc"], ["file:///out/x.tif"]),
    "gdalwarp -t_srs EPSG:4326 -q /in/x.tif /out/x.tif": (
        ["file:///in/x.tif"],
        ["file:///out/x.tif"],
    ),
    "gdal_merge.py -o /out/m.tif /in/a.tif /in/b.tif": (
        ["file:///in/a.tif", "file:///in/b.tif"],
        ["file:///out/m.tif"],
    ),
    "gdalbuildvrt /out/m.vrt /in/a.tif": (["file:///in/a.tif"], ["file:///out/m.vrt"]),
    "mc cp /in/a.csv store/bucket/a.csv": (["file:///in/a.csv"], ["s3://bucket/a.csv"]),
    "swift upload orders /in/a.csv --object-name a.csv": (
        ["file:///in/a.csv"],
        ["swift://orders/a.csv"],
    ),
    "swift download orders a.csv -o /out/a.csv": (
        ["swift://orders/a.csv"],
        ["file:///out/a.csv"],
    ),
    "snow sql -q 'insert into d.s.t select * from d.s.u'": (
        ["snowflake://default/d.s.u"],
        ["snowflake://default/d.s.t"],
    ),
    "vsql -h h -p 1 -d db -c 'insert into s.t select * from s.u'": (
        ["vertica://h:1/db.s.u"],
        ["vertica://h:1/db.s.t"],
    ),
}
LEFT_ALONE = [
    "sqoop list-tables --connect jdbc:mysql://h/shop",
    "sqoop import --table orders",
    "gdalinfo /in/x.tif",
    "mc ls store/bucket",
    "mc alias set store http://h:9000",
    "swift stat orders",
    "snow object list table",
    "ogr2ogr --version",
    "psql -h h -d gis --list",
]


@pytest.mark.parametrize("command", FOUND)
def test_programs_name_what_they_move(command: str) -> None:
    assert touched(lineage(operator="BashOperator", bash_command=command)) == FOUND[command]


@pytest.mark.parametrize("command", LEFT_ALONE)
def test_commands_that_move_nothing_are_left_alone(command: str) -> None:
    assert touched(lineage(operator="BashOperator", bash_command=command)) == ([], [])
