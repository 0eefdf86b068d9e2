"""What a Spark server says, in a line that a person can use. (What Spark does: tests/spark/proof.py.)"""

from orchestration.lib import lake

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
    assert lake._in_a_line(Exception(SAID)) == (
        "[TASK_WRITE_FAILED] Task failed while writing rows to file:/tables/raw.db/facts. SQLSTATE: 58030 "
        "(java.io.IOException: No space left on device)"
    )


def test_a_failure_without_a_stack_is_its_first_line():
    assert lake._in_a_line(Exception("[SYNTAX] near 'x'\nand more")) == "[SYNTAX] near 'x'"
    assert lake._in_a_line(TimeoutError()) == "TimeoutError"


def test_a_place_is_text_of_sql_whatever_is_in_it():
    assert lake._quoted("file:/a'b\\c") == "'file:/a\\'b\\\\c'"
