"""Writes prose and tables as HTML. Knows no report."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from tests.samples_builder.layout import Box, Rows

Inside = Callable[[Box], str]
"""The HTML inside a cell."""


def paragraphs(*texts: str, attributes: str = "") -> str:
    return "".join(f"<p{attributes}>{escape(t, quote=False)}</p>\n" for t in texts)


def table(rows: Rows, inside: Inside, attributes: str = ' border="1" cellspacing="1"') -> str:
    out = [f"<table{attributes}><tbody>\n"]
    for row in rows:
        out.append("<tr>")
        for box in row:
            spans = (f' colspan="{box.columns}"' if box.columns > 1 else "") + (
                f' rowspan="{box.rows}"' if box.rows > 1 else ""
            )
            out.append(f"<td{spans}>{inside(box)}</td>")
        out.append("</tr>\n")
    return "".join([*out, "</tbody></table>\n"])
