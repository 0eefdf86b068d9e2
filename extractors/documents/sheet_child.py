"""`python sheet_child.py SECONDS MEMORY CELLS < spreadsheet > JSON`: calamine in a process of its own. Imports nothing of ours.

A damaged XLS can make calamine ask for half a terabyte, and Rust answers by ending the process: here it may.
"""

import datetime
import io
import json
import resource
import sys
from decimal import Decimal

import python_calamine as calamine


def text(value: object) -> str:
    """A value as its cell shows it: whole numbers without `.0`, at most Excel's fifteen digits, dates in ISO 8601."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{Decimal(f'{value:.15g}'):f}"
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def sheets(data: bytes, most: int) -> dict[str, object]:
    """The visible sheets as rows of text with merged ranges, relative to the first cell in use."""
    out: list[dict[str, object]] = []
    try:
        with calamine.load_workbook(io.BytesIO(data)) as book:
            for number, about in enumerate(book.sheets_metadata):
                if about.typ != calamine.SheetTypeEnum.WorkSheet or about.visible != calamine.SheetVisibleEnum.Visible:
                    continue
                sheet = book.get_sheet_by_index(number)
                if sheet.start is None:
                    continue
                if sheet.height * sheet.width > most:
                    return {"error": "too_large", "detail": f"sheet {about.name}: {sheet.height} × {sheet.width} cells"}
                top, left = sheet.start
                merged = [(a - top, b - left, c - top, d - left) for (a, b), (c, d) in sheet.merged_cell_ranges or ()]
                rows = [[text(v) for v in row] for row in sheet.to_python()]
                out.append({"name": about.name, "rows": rows, "merged": merged})
    except calamine.PasswordError as error:
        return {"error": "encrypted", "detail": str(error)}
    except calamine.CalamineError as error:
        return {"error": "damaged", "detail": str(error)}
    return {"sheets": out}


if __name__ == "__main__":
    seconds, memory, most = (int(a) for a in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(sheets(sys.stdin.buffer.read(), most), sys.stdout)
