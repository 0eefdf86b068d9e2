"""`python -m tests.spark.in_pieces`: `make run`, with years so large that they go to Spark in several pieces. For the proof."""

import sys

from orchestration import run
from orchestration.lib import lake

if __name__ == "__main__":
    lake.ROWS_AT_ONCE = 10_000
    sys.exit(run.main())
