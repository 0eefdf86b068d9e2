"""When the whole way is run by itself: it follows the calendar of publication. Off until somebody switches it on."""

from zoneinfo import ZoneInfo

import dagster as dg

from orchestration.defs.automation.jobs import refresh_all
from orchestration.lib import watching

CHINA = "Asia/Shanghai"


@dg.schedule(
    job=refresh_all,
    cron_schedule="0 3 * * *",
    execution_timezone=CHINA,
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every day from 1 January to 15 April, when reports are published; on Mondays otherwise. 03:00 in China.",
)
def publication_calendar(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """A run on the days that are due."""
    day = context.scheduled_execution_time.astimezone(ZoneInfo(CHINA)).date()
    if watching.is_due(day):
        return dg.RunRequest(run_key=day.isoformat())
    return dg.SkipReason(f"{day:%A} {day}: outside the season of publication, only Mondays are due")
