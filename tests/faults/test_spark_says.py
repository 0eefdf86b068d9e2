"""What a Spark server says, in a line that a person can use. (What Spark does: tests/spark/proof.py.)"""

from orchestration.lib import dbt, lake

SAID = """[TASK_WRITE_FAILED] Task failed while writing rows to file:/tables/raw.db/facts. SQLSTATE: 58030

JVM stacktrace:
org.apache.spark.SparkException
\tat org.apache.spark.sql.errors.QueryExecutionErrors$.taskFailedWhileWritingRowsError(QueryExecutionErrors.scala:801)
Caused by: org.apache.hadoop.fs.FSError: java.io.IOException: No space left on device
\t... 21 more
Caused by: java.io.IOException: No space left on device
\tat java.base/java.io.FileOutputStream.writeBytes(Native Method)
"""


def test_a_failure_is_what_failed_and_the_innermost_reason():
    assert lake.in_a_line(SAID) == (
        "[TASK_WRITE_FAILED] Task failed while writing rows to file:/tables/raw.db/facts. SQLSTATE: 58030 "
        "(java.io.IOException: No space left on device)"
    )


def test_a_failure_without_a_stack_is_its_first_line():
    assert lake.in_a_line("[SYNTAX] near 'x'\nand more") == "[SYNTAX] near 'x'"
    assert lake.in_a_line("connection refused") == "connection refused"
    assert lake.in_a_line("") == "it does not say why"


DBT = f"""The dbt CLI process with command `dbt build` failed with exit code `1`.

[ERROR]: in model int_facts (models/intermediate/int_facts.sql)

  Runtime Error in model int_facts (models/intermediate/int_facts.sql)
    {SAID}
[ERROR]: in seed regions (seeds/regions.csv)
"""


def test_of_what_dbt_says_the_models_and_the_reason_remain():
    assert dbt._named(DBT) == "dbt failed on Spark in int_facts, regions: " + lake.in_a_line(SAID)


def test_a_place_is_text_of_sql_whatever_is_in_it():
    assert lake._quoted("file:/a'b\\c") == "'file:/a\\'b\\\\c'"


def test_years_are_sent_together_until_they_are_many_rows():
    most = lake.ROWS_AT_ONCE
    assert list(lake.pieces([2019, 2020, 2021, 2022, 2023], {2019: 1, 2020: most - 1, 2021: 1, 2022: most + 1})) == [
        [2019, 2020],
        [2021],
        [2022],
        [2023],
    ]
    assert list(lake.pieces([], {})) == []
