"""What the steps are given: the warehouse, dbt, the time. Where they are is asked when a step runs."""

from datetime import UTC, datetime

import dagster as dg

from orchestration.lib.dbt import EXECUTABLE, PROJECT_DIR, Dbt
from orchestration.lib.warehouse import Warehouse


class Clock(dg.ConfigurableResource):
    """The time, injected: `fixed` (ISO 8601) stands still."""

    fixed: str = ""

    def now(self) -> datetime:
        """UTC, without zone, as the warehouse stores it."""
        return datetime.fromisoformat(self.fixed) if self.fixed else datetime.now(UTC).replace(tzinfo=None)


@dg.definitions
def resources() -> dg.Definitions:
    """The resources by the names that assets use."""
    return dg.Definitions(
        resources={
            "warehouse": Warehouse(),
            "clock": Clock(),
            "dbt": Dbt(project_dir=str(PROJECT_DIR), profiles_dir=str(PROJECT_DIR), dbt_executable=str(EXECUTABLE)),
        }
    )
