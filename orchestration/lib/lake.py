"""The only door to Spark: raw tables by year, the reader on the workers, what the models made. Runs no model and no check.

The work database stays the one truth about what was read. Spark writes a year's partitions first, then the same rows enter the
work database in its transaction, under a token. A year that Spark was given and the work database does not know (a killed run,
a full disk), or that Spark lacks (another server, a lost catalogue), is written again from the work database before anything
else. So no year stays half replaced, and the engine can be changed from run to run.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import uuid
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from extractors.fetching.archive import Archive
from extractors.records import TABLES, RawTable
from extractors.task import Result, Task
from extractors.version import reader_version
from orchestration.lib import arrow, engine, on_workers
from orchestration.lib.engine import EngineError
from orchestration.lib.home import Home
from orchestration.lib.warehouse import Connection

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger(__name__)
SETTINGS = {
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
}
SCHEMAS = ("raw", "staging", "intermediate", "marts", "quality")
INBOX = "raw.inbox"
SENT = "raw.sent"
LEFT_OVER = "raw.left_over"
_NAMED = re.compile(r"\[[A-Z_.]+\] ")  # how Spark begins the name of an error
BY_YEAR = on_workers.REPORT_TABLES
WHOLE = tuple(t for t in TABLES.values() if not t.by_report)
DOCUMENTS_A_TASK = 128
ROWS_AT_ONCE = 100_000  # that the client holds and sends in one piece, and the server with it
_TYPES = {"bool": "boolean", "timestamp": "timestamp_ntz"}
TOKENS = RawTable("lake_tokens", (("token", "string"),), "writing to Spark that the work database knows")


@contextmanager
def connect() -> Iterator[Lake]:
    """A session of the server that SPARK_REMOTE names, ended afterwards.

    Raises EngineError where the client is not installed, nothing listens, the server is of another version, or Spark fails at
    what is asked of it: in a line, the stacks of its machines go to the log.
    """
    address = engine.remote()
    _listens(address)
    for chatty in ("pyspark.sql.connect.logging", "SQLQueryContextLogger"):  # they write whole stacks on the terminal
        logging.getLogger(chatty).setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # pandas 3: Arrow is all that is used here
            from pyspark import __version__
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineError(
            f"the extra [spark] is not installed here ({error}): pip install --no-deps -r .ci/spark.lock"
        ) from error
    try:
        session = SparkSession.builder.remote(address).create()
        version = session.version
    except Exception as error:
        raise EngineError(f"no Spark Connect server answers at {address}: {_first(error)}") from error
    try:
        if version.split(".")[:2] != __version__.split(".")[:2]:
            raise EngineError(
                f"the server at {address} is Spark {version}, this client {__version__}: install the same"
            )
        for key, value in SETTINGS.items():
            session.conf.set(key, value)
        yield Lake(session)
    except PySparkException as error:
        log.error("Spark said: %s", error)
        raise EngineError(
            f"Spark failed: {in_a_line(str(error))}; the next run begins with what Spark was given"
        ) from None
    finally:
        with suppress(PySparkException):  # a server that is gone has ended its sessions
            session.stop()


class Lake:
    """Tables of a Spark server. SQL text carries names of the contract and whole numbers, never values."""

    def __init__(self, session: Any) -> None:
        self._spark = session

    @property
    def version(self) -> str:
        return str(self._spark.version)

    def check(self) -> None:
        """Raises EngineError where the catalogue would be lost, nothing can be written, or the workers cannot read."""
        self.check_catalogue()
        self.check_writing()
        self.workers()

    def check_catalogue(self) -> str:
        """What keeps the tables. Raises EngineError for a catalogue that ends with the server."""
        kept = self._setting("spark.sql.catalogImplementation")
        address = self._setting("spark.hadoop.javax.jdo.option.ConnectionURL")
        if kept == "hive" and ":memory:" not in address:
            return f"hive ({address or 'settings of the server'})"
        other = self._setting("spark.sql.catalog.spark_catalog")
        if other:
            return other
        raise EngineError(
            f"the server's catalogue does not persist ({kept}{', ' + address if address else ''}): tables would be lost when it "
            "restarts. Start it with spark.sql.catalogImplementation=hive and a metastore on disk"
        )

    def check_writing(self) -> None:
        """Raises EngineError where a table cannot be written."""
        try:
            self._run("create database if not exists raw")
            probe = f"raw.probe_{uuid.uuid4().hex}"  # a name of its own: nothing that was left behind is in its way
            self._run(f"create table {probe} using parquet as select 1 as one")
            self._run(f"drop table {probe}")
        except Exception as error:
            raise EngineError(f"the server cannot write a table: {_first(error)}") from error

    def workers(self) -> list[dict[str, str]]:
        """The Pythons that answered. Raises EngineError where they lack Python or this project, or have another reader."""
        frame = self._spark.range(4).repartition(4)
        try:
            found = frame.mapInArrow(on_workers.about, "python string, reader string, executable string").toArrow()
        except Exception as error:
            raise EngineError(
                f"the workers cannot read: {_cause(error)}. They need Python {_python()} and this project "
                "(PYSPARK_PYTHON in the server's environment and spark.executorEnv.PYSPARK_PYTHON)"
            ) from error
        rows: list[dict[str, str]] = found.to_pylist()
        other = {row["reader"] for row in rows} - {reader_version()}
        if other:
            raise EngineError(
                f"the workers have reader {', '.join(sorted(other))}, here is {reader_version()}: install the same version there"
            )
        return rows

    def mend(self, connection: Connection, made: Collection[tuple[str, str]] = ()) -> list[int]:
        """Write again, from the work database, the years that it and Spark do not agree about. Returns these years.

        `made`: the tables (schema, name) that are about to be made, besides the raw ones.
        """
        for schema in SCHEMAS:
            self._run(f"create database if not exists {schema}")
        if _has_given(connection):
            ours_alone = {tuple(name.split(".")) for name in (INBOX, SENT)}
            self._sweep({("raw", t.name) for t in (*BY_YEAR, *WHOLE)} | ours_alone | {*made})
        for table in BY_YEAR:
            self._create(table)
        ours = {t.name: self._counts(connection, t.name) for t in BY_YEAR}
        theirs = {t.name: self._counts(None, t.name) for t in BY_YEAR}
        years = {
            year
            for name in ours
            for year in ours[name].keys() | theirs[name].keys()
            if ours[name].get(year) != theirs[name].get(year)
        }
        unknown = _unknown(connection)
        years |= unknown
        for table in BY_YEAR:
            for some in pieces(sorted(years), ours[table.name]):
                with self._given(connection, table, f"where {_in(some)}") as rows:
                    self._replace_years(table, some, rows)
        if unknown:
            _journal().unlink()
        return sorted(years)

    def read(
        self, connection: Connection, archive: Archive, due: Sequence[Task], gone: Iterable[tuple[str, int]]
    ) -> list[Result]:
        """Read on the workers, replace the years that this changes, and add the same rows to the work database.

        `gone`: (report, year) whose rows the work database has dropped in this transaction.
        """
        tasks = arrow.of_rows(on_workers.TASK, [on_workers.as_row(t, archive.place) for t in due])
        inbox = ", ".join(f"{name} {kind}" for name, kind in on_workers.ENDED)
        inbox += "".join(f", {t.name} array<struct<{_columns(t, ':')}>>" for t in BY_YEAR)
        frame = self._spark.createDataFrame(tasks, _columns(on_workers.TASK)) if due else self._empty(on_workers.TASK)
        pieces = max(8, -(-len(due) // DOCUMENTS_A_TASK))
        read = frame.repartition(pieces).mapInArrow(on_workers.read_partition, inbox)
        _begin(connection, ())  # so that what is left of a table that was not finished is known to be ours
        read.write.mode("overwrite").format("parquet").saveAsTable(INBOX)

        new = {
            r["y"]
            for r in self._rows(f"select distinct r.report_year as y from {INBOX} lateral view explode(readings) as r")
        }
        dropped = list(gone)
        years = sorted(new | {year for _, year in dropped})
        token = _begin(connection, years)
        self._spark.createDataFrame([(r,) for r, _ in dropped], "report_id string").createOrReplaceTempView("gone")
        for table in BY_YEAR:
            columns = ", ".join(name for name, _ in _last_year(table))
            fresh = f"select {columns} from (select inline({table.name}) from {INBOX})"
            kept = (
                f"select {columns} from raw.{table.name} as t where {_in(years)} "
                "and not exists (select 1 from gone where gone.report_id = t.report_id)"
            )
            self._replace_years(table, years, f"{kept} union all {fresh}")
            for year in sorted(new):
                rows = self._arrow(f"select * from ({fresh}) where report_year = {int(year)}")
                _insert(connection, f"raw.{table.name}", rows)
        by_source = {task.source.source_id: task for task in due}
        found = self._rows(f"select {', '.join(name for name, _ in on_workers.ENDED)} from {INBOX}")
        ended = [on_workers.ended(by_source[row["source_id"]], row) for row in found]
        self._run(f"drop table {INBOX}")
        connection.execute(f"insert into raw.{TOKENS.name} values (?)", [token])
        return ended

    def push(self, connection: Connection) -> None:
        """The tables of the contract that belong to no report, whole: sources, documents, outcomes, forms, corrections."""
        for table in WHOLE:
            self._create(table)
            with self._given(connection, table) as rows:
                self._run(f"insert overwrite raw.{table.name} {rows}")

    def pull(self, connection: Connection, schema: str, table: str) -> None:
        """Put what Spark made in the place of the table of the work database, year by year where it has years."""
        name = f"{schema}.{table}"
        columns = self._spark.table(name).columns
        years = [None]
        if "report_year" in columns:
            years = [row["y"] for row in self._rows(f"select distinct report_year as y from {name} order by y")] or [
                None
            ]
        connection.execute(f"create schema if not exists {schema}")
        _drop(connection, schema, table)
        for number, year in enumerate(years):
            where = (
                ""
                if year is None and len(years) == 1
                else f" where report_year <=> {'null' if year is None else int(year)}"
            )
            rows = self._arrow(f"select * from {name}{where}")
            if number:
                _insert(connection, name, rows)
            else:
                connection.register("incoming", rows)
                connection.execute(f"create table {name} as from incoming")
                connection.unregister("incoming")

    def table(self, name: str) -> pa.Table:
        """All rows of a table."""
        return self._arrow(f"select * from {name}")

    def tables(self, schema: str) -> list[str]:
        """The names of the tables of a schema."""
        return sorted(r["tableName"] for r in self._rows(f"show tables in {schema}") if not r["isTemporary"])

    def _sweep(self, names: Collection[tuple[str, ...]]) -> None:
        """Remove the folders that lie where these tables go and that no table of the catalogue has.

        A server that was killed while it made a table, or whose catalogue was lost, leaves them, and Spark makes no table over them.
        SQL removes no folder; but a partition that is dropped takes its folder along, wherever that lies.
        """
        known = {(schema, name) for schema in SCHEMAS for name in self.tables(schema)}
        home = {
            schema: row["info_value"]
            for schema in SCHEMAS
            for row in self._rows(f"describe database {schema}")
            if row["info_name"] == "Location"
        }
        places = [_quoted(f"{home[schema]}/{name}") for schema, name in sorted({*names} - known)]
        if places:
            added = " ".join(f"partition (place = {n}) location {place}" for n, place in enumerate(places))
            dropped = ", ".join(f"partition (place = {n})" for n in range(len(places)))
            self._run(
                f"create table if not exists {LEFT_OVER} (nothing int, place int) using parquet partitioned by (place)"
            )
            self._run(f"alter table {LEFT_OVER} add if not exists {added}")
            self._run(f"alter table {LEFT_OVER} drop if exists {dropped}")

    def _replace_years(self, table: RawTable, years: Sequence[int], select: str) -> None:
        """Replace the partitions of these years, and no other, with the rows of a query."""
        if not years:
            return
        columns = ", ".join(name for name, _ in _last_year(table))
        self._run(f"create or replace temporary view fresh as select {columns} from ({select}) where {_in(years)}")
        self._run(f"insert overwrite raw.{table.name} partition (report_year) select * from fresh")
        left = {row["y"] for row in self._rows("select distinct report_year as y from fresh")}
        for year in set(years) - left:  # overwriting by partition touches no year that has no rows any more
            self._run(f"alter table raw.{table.name} drop if exists partition (report_year = {int(year)})")

    def _create(self, table: RawTable) -> None:
        """The table of today's contract; one of an older contract is made again, and mended."""
        name = f"raw.{table.name}"
        wanted = [column for column, _ in _last_year(table)]
        if self._spark.catalog.tableExists(name) and self._spark.table(name).columns != wanted:
            self._run(f"drop table {name}")
        by_year = " partitioned by (report_year)" if table.by_report else ""
        self._run(f"create table if not exists {name} ({_columns(table)}) using parquet{by_year}")

    def _counts(self, connection: Connection | None, table: str) -> dict[int, int]:
        query = f"select report_year, count(*) as n from raw.{table} group by report_year"
        if connection is not None:
            return dict(connection.execute(query).fetchall())
        return {row["report_year"]: row["n"] for row in self._rows(query)}

    @contextmanager
    def _given(self, connection: Connection, table: RawTable, where: str = "") -> Iterator[str]:
        """The query of rows of the work database. More than ROWS_AT_ONCE go piece by piece into a table of their own first, so that
        neither side ever holds them all, and what they replace is replaced in one statement."""
        columns = ", ".join(name for name, _ in _last_year(table))
        batches = connection.sql(f"from raw.{table.name} {where}").to_arrow_reader(ROWS_AT_ONCE)
        first, second = next(batches, None), next(batches, None)
        if second is None:
            yield self._view(table, columns, first)
            return
        self._run(f"drop table if exists {SENT}")
        self._run(f"create table {SENT} using parquet as {self._view(table, columns, first)}")
        for batch in chain([second], batches):
            self._run(f"insert into {SENT} {self._view(table, columns, batch)}")
        yield f"select {columns} from {SENT}"
        self._run(f"drop table {SENT}")

    def _view(self, table: RawTable, columns: str, rows: pa.RecordBatch | None) -> str:
        """The query of rows that the client holds."""
        import pyarrow as pa

        frame = self._empty(table)
        if rows is not None and rows.num_rows:
            frame = self._spark.createDataFrame(pa.Table.from_batches([rows]), _columns(table))
        frame.createOrReplaceTempView("pushed")
        return f"select {columns} from pushed"

    def _empty(self, table: RawTable) -> Any:
        return self._spark.createDataFrame([], _columns(table))

    def _setting(self, key: str) -> str:
        return str(self._spark.conf.get(key, "") or "")

    def _run(self, statement: str) -> None:
        self._spark.sql(statement).collect()

    def _rows(self, query: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._arrow(query).to_pylist()
        return rows

    def _arrow(self, query: str) -> pa.Table:
        return self._spark.sql(query).toArrow()


def _columns(table: RawTable, between: str = " ") -> str:
    return ", ".join(f"{name}{between}{_TYPES.get(kind, kind)}" for name, kind in table.columns)


def _last_year(table: RawTable) -> list[tuple[str, str]]:
    """The columns with the partition's last, as Spark keeps them."""
    if not table.by_report:
        return list(table.columns)
    return [c for c in table.columns if c[0] != "report_year"] + [c for c in table.columns if c[0] == "report_year"]


def pieces(years: Iterable[int], rows: Mapping[int, int]) -> Iterator[list[int]]:
    """The years, in pieces of about ROWS_AT_ONCE rows and of one year at least."""
    piece: list[int] = []
    for year in years:
        if piece and sum(rows.get(y, 0) for y in (*piece, year)) > ROWS_AT_ONCE:
            yield piece
            piece = []
        piece.append(year)
    if piece:
        yield piece


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _in(years: Sequence[int]) -> str:
    return f"report_year in ({', '.join(str(int(year)) for year in years) or 'null'})"


def _insert(connection: Connection, name: str, rows: pa.Table) -> None:
    connection.register("incoming", rows)
    connection.execute(f"insert into {name} by name select * from incoming")
    connection.unregister("incoming")


def _drop(connection: Connection, schema: str, table: str) -> None:
    found = connection.execute(
        "select table_type from information_schema.tables where table_schema = ? and table_name = ?", [schema, table]
    ).fetchone()
    if found:
        connection.execute(f"drop {'view' if found[0] == 'VIEW' else 'table'} {schema}.{table}")


def _journal() -> Path:
    return Home.from_env().work / "spark_years.json"


def _begin(connection: Connection, years: Sequence[int]) -> str:
    """Note on disk, before Spark is given anything, which years are being replaced; the token says when that is committed."""
    connection.execute(f"create table if not exists raw.{TOKENS.name} (token varchar)")
    connection.execute(f"delete from raw.{TOKENS.name}")
    token = uuid.uuid4().hex
    before = (
        json.loads(_journal().read_text(encoding="utf-8"))["years"] if _journal().exists() else []
    )  # perhaps of this transaction
    _journal().write_text(json.dumps({"token": token, "years": sorted({*before, *years})}), encoding="utf-8")
    return token


def _has_given(connection: Connection) -> bool:
    """Whether this home has given Spark anything yet: then what lies where its tables go is its own."""
    connection.execute(f"create table if not exists raw.{TOKENS.name} (token varchar)")
    return _journal().exists() or bool(connection.execute(f"select count(*) from raw.{TOKENS.name}").fetchall()[0][0])


def _unknown(connection: Connection) -> set[int]:
    """Years that Spark was given in a transaction which the work database never committed."""
    if not _journal().exists():
        return set()
    noted = json.loads(_journal().read_text(encoding="utf-8"))
    connection.execute(f"create table if not exists raw.{TOKENS.name} (token varchar)")
    known = {row[0] for row in connection.execute(f"select token from raw.{TOKENS.name}").fetchall()}
    return set() if noted["token"] in known else {int(year) for year in noted["years"]}


def _listens(address: str) -> None:
    parts = urlsplit(address)
    try:
        port = parts.port or 15002
    except ValueError:
        port = 0
    if parts.scheme != "sc" or not parts.hostname or not port:
        raise EngineError(f"SPARK_REMOTE is {address!r}: expected sc://host:15002")
    try:
        socket.create_connection((parts.hostname, port), timeout=10).close()
    except OSError as error:
        raise EngineError(f"no Spark Connect server answers at {address}: {error}") from error


def _python() -> str:
    import platform

    return ".".join(platform.python_version_tuple()[:2])


def _first(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__


def in_a_line(said: str) -> str:
    """What failed, and the innermost reason that Spark gives, of all that it says."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it does not say why"]
    what = next((line for line in lines if _NAMED.match(line)), lines[0])
    reasons = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    return f"{what[:300]} ({reasons[-1][:200]})" if reasons else what[:300]


def _cause(error: BaseException) -> str:
    """The line of a worker's failure that says most: what could not be run or imported."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [x for x in lines if "Cannot run program" in x or "Error:" in x or "VERSION_MISMATCH" in x]
    return (telling or lines or [type(error).__name__])[0][:300]
