"""Files that calls name: frames, the standard library, file systems."""

import pytest

from tests.adapters.airflow.lineage.written_calls import lineage, touched

NAMED = {
    "pd.read_csv('s3://b/{{ ds }}.csv')": (["s3://b/{ds}.csv"], []),
    "pd.read_csv(['s3://b/x', 's3://b/y'])": (["s3://b/x", "s3://b/y"], []),
    "pd.read_excel(io='gs://b/x')": (["gs://b/x"], []),
    "pd.ExcelFile('/data/x.xlsx')": (["file:///data/x.xlsx"], []),
    "pd.ExcelWriter('/data/x.xlsx')": ([], ["file:///data/x.xlsx"]),
    "pd.read_html('https://h/x')": (["https://h/x"], []),
    "frame().to_parquet('/data/x')": ([], ["file:///data/x"]),
    "frame().write_parquet('/data/x')": ([], ["file:///data/x"]),
    "pq.write_table(frame(), '/data/x')": ([], ["file:///data/x"]),
    "gpd.read_file('/data/x.shp')": (["file:///data/x.shp"], []),
    "frame().to_file('/data/x.gpkg')": ([], ["file:///data/x.gpkg"]),
    "wr.to_parquet(frame(), 's3://b/x')": ([], ["s3://b/x"]),
    "wr.read_parquet(path='s3://b/x')": (["s3://b/x"], []),
    "deltalake.write_deltalake('s3://b/x', frame())": ([], ["s3://b/x"]),
    "x.open('/data/x', 'wb')": ([], ["file:///data/x"]),
    "x.open('/data/x')": (["file:///data/x"], []),
    "open('/data/x', mode='a')": ([], ["file:///data/x"]),
    "Path('/data/x').write_text('x')": ([], ["file:///data/x"]),
    "Path('/data/x').read_bytes()": (["file:///data/x"], []),
    "Path('/data/x').open('w')": ([], ["file:///data/x"]),
    "ObjectStoragePath('s3://c@b/x').write_bytes('x')": ([], ["s3://b/x"]),
    "shutil.copy('/data/x', '/data/y')": (["file:///data/x"], ["file:///data/y"]),
    "os.rename('/data/x', '/data/y')": (["file:///data/x"], ["file:///data/y"]),
    "glob.glob('/data/x*.csv')": (["file:///data/x*.csv"], []),
    "ZipFile('/data/x.zip', 'w')": ([], ["file:///data/x.zip"]),
    "ZipFile('/data/x.zip').open('inside.csv')": ([], []),
    "ZipFile('/data/x.zip', 'w').write('/data/in.csv', 'inside.csv')": (
        ["file:///data/in.csv"],
        [],
    ),
    "tarfile.open('/data/x.tar')": (["file:///data/x.tar"], []),
    "np.save('/data/x.npy', frame())": ([], ["file:///data/x.npy"]),
    "np.load('/data/x.npy')": (["file:///data/x.npy"], []),
    "joblib.dump(frame(), '/data/x')": ([], ["file:///data/x"]),
    "S3FileSystem().open('b/x', 'wb')": ([], ["s3://b/x"]),
    "GCSFileSystem().get('b/x', '/data/x')": (["gs://b/x"], ["file:///data/x"]),
    "SparkSession().read.parquet('s3://b/x')": (["s3://b/x"], []),
    "frame().write.mode('append').parquet('s3://b/x')": ([], ["s3://b/x"]),
    "frame().read.format('csv').load('s3://b/x')": (["s3://b/x"], []),
    "DeltaTable.forPath(spark(), 's3://b/x')": (["s3://b/x"], []),
}


@pytest.mark.parametrize("text", NAMED)
def test_files_that_a_call_names_are_found(text: str) -> None:
    assert touched(lineage(text)) == NAMED[text]


@pytest.mark.parametrize(
    "text",
    [
        "json.load('s3://b/x')",
        "text().replace('/data/x', '/data/y')",
        "frame().rename('/data/x', '/data/y')",
        "other.load('/data/x')",
        "frame().to_csv(buffer())",
        "x.glob('/data/*')",
    ],
)
def test_calls_of_other_things_by_the_same_name_are_left_alone(text: str) -> None:
    assert lineage(text).datasets == ()
