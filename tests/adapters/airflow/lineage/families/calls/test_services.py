"""What calls name by its address: web, FTP, documents, queues; and programs that are started."""

import pytest

from tests.adapters.airflow.lineage.written_calls import lineage, touched

NAMED = {
    "requests.get('https://h/x?a={{ ds }}')": (["https://h/x"], []),
    "requests.get('{{ base }}/v1/x')": (["http://{base}/v1/x"], []),
    "requests.get('{{ base }}/groups?query=(id==1)')": (
        ["http://{base}/groups"],
        [],
    ),
    "requests.request('GET', url='https://h/x')": (["https://h/x"], []),
    "requests.post('https://h/x', json={})": ([], ["https://h/x"]),
    "requests.post('https://h/x', files=upload()).json()": ([], ["https://h/x"]),
    "requests.post('https://h/x', json={'upload': 1}).json()": (["https://h/x"], []),
    "httpx.Client().get('https://h/x')": (["https://h/x"], []),
    "requests.Session().get('https://h/x')": (["https://h/x"], []),
    "urlopen(Request('https://h/x'))": ([], []),
    "urlretrieve('https://h/x', '/data/x')": (["https://h/x"], ["file:///data/x"]),
    "wget.download('https://h/x', '/data/x')": (["https://h/x"], ["file:///data/x"]),
    "HttpHook('GET', http_conn_id='api').run('v1/x')": (["http://api/v1/x"], []),
    "HttpHook('PUT', http_conn_id='api').run('v1/x')": ([], ["http://api/v1/x"]),
    "requests.request('patch', 'https://h/x')": ([], ["https://h/x"]),
    "SFTPHook('s').get_conn().open('/in/x', 'rb')": (["sftp://s/in/x"], []),
    "SFTPHook('s').get_conn().open('/in/x', 'w')": ([], ["sftp://s/in/x"]),
    "SFTPHook(ssh_conn_id='s').get_conn().putfo(BytesIO(), '/in/x')": ([], ["sftp://s/in/x"]),
    "SFTPHook('s').get_conn().getfo('/in/x', BytesIO())": (["sftp://s/in/x"], []),
    "FTPHook('s').get_conn().storbinary('STOR /in/x', BytesIO())": ([], ["ftp://s/in/x"]),
    "FTPHook('s').get_conn().retrbinary('RETR /in/x')": (["ftp://s/in/x"], []),
    "SFTPHook('s').store_file('/in/x', '/data/x')": (["file:///data/x"], ["sftp://s/in/x"]),
    "SFTPHook(ftp_conn_id='s').retrieve_file('/in/x', '/data/x')": (
        ["sftp://s/in/x"],
        ["file:///data/x"],
    ),
    "SMBConnection('me', remote_name='files').storeFile('share', '/in/x.csv', file())": (
        [],
        ["smb://files/share/in/x.csv"],
    ),
    "SMBConnection('me', remote_name='files').retrieveFile('share', 'in/x.csv', file())": (
        ["smb://files/share/in/x.csv"],
        [],
    ),
    "SMBConnection('me').retrieveFile('share', 'in/x.csv', file())": (
        ["smb://{server}/share/in/x.csv"],
        [],
    ),
    "smbclient.open_file('\\\\\\\\files\\\\share\\\\x.csv', 'w')": (
        [],
        ["smb://files/share/x.csv"],
    ),
    "pd.read_csv('\\\\\\\\files\\\\share\\\\x.csv')": (["smb://files/share/x.csv"], []),
    "SSHHook('s').get_conn().open_sftp().put('/data/x', '/in/x')": (
        ["file:///data/x"],
        ["sftp://s/in/x"],
    ),
    "InfluxDBClient(url='https://influx:8086').write_api().write('metrics', record=points())": (
        [],
        ["influxdb://influx:8086/metrics"],
    ),
    "api().write('metrics', record=points())": ([], []),
    "FTPHook('f').list_directory('/in')": (["ftp://f/in"], []),
    "FTP('h').retrbinary('RETR /in/x.csv', print_())": (["ftp://h/in/x.csv"], []),
    "FTP('h').storbinary('STOR x.csv', print_())": ([], ["ftp://h/x.csv"]),
    "SwiftHook('s').download('c', 'x', '/data/x')": (["swift://c/x"], ["file:///data/x"]),
    "FTPHost('h', 'user').open('in/x.csv', 'rb')": (["ftp://h/in/x.csv"], []),
    "FTPHost('h').upload('/data/x', 'in/x')": (["file:///data/x"], ["ftp://h/in/x"]),
    "SambaHook('s').push_from_local('in/x', '/data/x')": (["file:///data/x"], ["smb://s/in/x"]),
    "pysftp.Connection('h').get('/in/x', '/data/x')": (["sftp://h/in/x"], ["file:///data/x"]),
    "MongoHook('m').find('c', {}, mongo_db='d')": (["mongodb://m/d.c"], []),
    "MongoHook('m').insert_many('c', [], 'd')": ([], ["mongodb://m/d.c"]),
    "FTP('h').cwd('/in').retrbinary('RETR x.csv', print_())": (["ftp://h/in/x.csv"], []),
    "SSHClient().connect('h').open_sftp().chdir('/in').get('x', '/data/x')": (
        ["sftp://h/in/x"],
        ["file:///data/x"],
    ),
    "SFTPClient.from_transport(Transport(['h', 22])).get('/in/x', '/data/x')": (
        ["sftp://h/in/x"],
        ["file:///data/x"],
    ),
    "pysftp.Connection('h').cd('/in').get('x')": (["sftp://h/in/x"], []),
    "MongoClient()['d']['c'].insert_one({})": ([], ["mongodb://{server}/d.c"]),
    "MongoClient('mongodb://u:p@h:27017/x').d.c.find({})": (["mongodb://h:27017/d.c"], []),
    "MongoClient(host='h').d['c'].bulk_write([])": ([], ["mongodb://h/d.c"]),
    "MongoClient('mongodb://h/d').get_database().c.find_one({})": (["mongodb://h/c"], []),
    "MongoHook('m').get_conn().d.c.update_one({})": ([], ["mongodb://m/d.c"]),
    "client().get_database('d').get_collection('c').delete_one({})": (
        [],
        ["mongodb://{server}/d.c"],
    ),
    "platform()['c'].insert_many([])": ([], ["mongodb://{server}/c"]),
    "MongoClient('h').d.c.aggregate([{'$lookup': {'from': 'a'}}, {'$out': 'b'}])": (
        ["mongodb://h/d.a", "mongodb://h/d.c"],
        ["mongodb://h/d.b"],
    ),
    "Elasticsearch().index(index='i', document={})": ([], ["elasticsearch://{server}/i"]),
    "Elasticsearch('http://h:9200').search(index='i')": (["elasticsearch://h:9200/i"], []),
    "helpers.bulk(Elasticsearch(['http://h:9200']), [{'_index': 'i', '_id': 3}])": (
        [],
        ["elasticsearch://h:9200/i"],
    ),
    "Elasticsearch('http://h:9200').indices.create(index='i')": (
        [],
        ["elasticsearch://h:9200/i"],
    ),
    "Elasticsearch('http://h:9200').options(request_timeout=3).get(index='i', id=3)": (
        ["elasticsearch://h:9200/i"],
        [],
    ),
    "frame().write.format('kafka').options(topic='t', **{'kafka.bootstrap.servers': 'h:1,i:1'})"
    ".save()": ([], ["kafka://h:1/t"]),
    "spark().read.options(url='jdbc:postgresql://h/x').load().write.options(topic='t').save()": (
        [],
        ["kafka://{server}/t"],
    ),
    "helpers.scan(Elasticsearch(), index='i')": (["elasticsearch://{server}/i"], []),
    "KafkaProducer().send('topic', 'x')": ([], ["kafka://{server}/topic"]),
    "KafkaProducer(bootstrap_servers=['h:9092', 'i:9092']).send('topic')": (
        [],
        ["kafka://h:9092/topic"],
    ),
    "Producer({'bootstrap.servers': 'h:9092'}).produce('topic')": ([], ["kafka://h:9092/topic"]),
    "KafkaConsumer('a', 'b', bootstrap_servers='h')": (["kafka://h/a", "kafka://h/b"], []),
    "Consumer({}).subscribe(['topic'])": (["kafka://{server}/topic"], []),
    "subprocess.run(['aws', 's3', 'cp', 's3://a/x', 's3://b/x'])": (["s3://a/x"], ["s3://b/x"]),
    "os.system('gsutil cp gs://a/x gs://b/x')": (["gs://a/x"], ["gs://b/x"]),
}


@pytest.mark.parametrize("text", NAMED)
def test_addresses_that_a_call_names_are_found(text: str) -> None:
    assert touched(lineage(text)) == NAMED[text]


@pytest.mark.parametrize(
    "text",
    [
        "mapping().get('https://h/x')",
        "requests.get('{{ url }}')",
        "requests.delete('https://h/x')",
        "queue().send('topic')",
        "text().index('x')",
        "text().find('x')",
        "answer()['rows'].find({})",
        "get_client().find({})",
        "session().merge('x')",
        "MongoClient().d.command('ping')",
        "helpers.bulk(Elasticsearch(), [{'_id': 3}])",
        "Elasticsearch('http://h:9200').scroll(scroll_id='x').get('_scroll_id')",
    ],
)
def test_calls_of_other_things_by_the_same_name_are_left_alone(text: str) -> None:
    assert lineage(text).datasets == ()


@pytest.mark.parametrize("asked", ["get('hits')", "get('hits').get('hits')", "raw.index('x')"])
def test_what_is_called_on_an_answer_names_no_index(asked: str) -> None:
    client = "Elasticsearch('http://h:9200')"

    found = lineage(f"{client}.search(index='i')", f"{client}.search(index='i').{asked}")

    assert touched(found) == (["elasticsearch://h:9200/i"], [])


def test_sending_is_a_guess_and_asking_is_not() -> None:
    (sent,), (asked,) = (
        lineage(text).datasets
        for text in ("requests.post('https://h/x')", "requests.get('https://h/x')")
    )

    assert (sent.confidence, asked.confidence) == (0.3, 0.85)


def test_dbt_that_is_called_is_said_to_be() -> None:
    found = lineage("dbtRunner().invoke(['run', '--select', 'x'])")

    assert "runs_dbt" in [each.code for each in found.findings]
