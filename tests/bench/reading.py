"""`python -m tests.bench.reading`: reports per second of reading, all formats and each, against others on the same bytes.

HTML: against lxml that only parses (what the reader builds on), and against BeautifulSoup on html.parser with pandas.read_html
(what a script would use). PDF: against pdfplumber's own text and tables. The rivals stop at text and tables; so does the Document
of a page, and its ratios stand beside those of the whole reading, which goes on to forms, facts and residue. All take turns on the
same bytes, so that ratios hold on a noisy machine where times do not.
Reads the bundled samples and 100 generated reports (--generated N; 0 for none); with --catalog those of another catalogue instead
of the samples (files only).
"""

from __future__ import annotations

import argparse
import contextlib
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import lxml.html
import pandas
import pdfplumber
from bs4 import BeautifulSoup

from extractors import samples, sources
from extractors.documents.opening import open_document
from extractors.errors import DocumentError
from extractors.reading.read import read
from tests.bench import measuring
from tests.generator import iterate


def bare_html(data: bytes) -> object:
    """lxml alone: bytes to a tree."""
    return lxml.html.document_fromstring(data, parser=lxml.html.HTMLParser(encoding="utf-8"))


def bare_pdf(data: bytes) -> object:
    """pdfplumber alone: text and tables of every page."""
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        return [(page.extract_text(), page.extract_tables()) for page in pdf.pages]


def soup_html(data: bytes) -> object:
    """BeautifulSoup on html.parser for the text, pandas.read_html for the tables."""
    soup = BeautifulSoup(data, "html.parser")
    return soup.get_text(), pandas.read_html(io.StringIO(str(soup)))


RIVALS: dict[str, dict[str, Callable[[bytes], object]]] = {
    "html": {"lxml alone": bare_html, "html.parser + read_html": soup_html},
    "pdf": {"pdfplumber": bare_pdf},
}
Named = tuple[str, str, bytes]  # name, format, content


def of_catalogue(catalogue: Path) -> Iterator[Named]:
    """The documents of a catalogue. Raises OSError where one is missing."""
    for source in sources.load(catalogue):
        path = catalogue.parent / source.location
        yield source.source_id, path.suffix.lstrip("."), path.read_bytes()


def of_generator(count: int) -> Iterator[Named]:
    """Generated reports: five layouts of HTML, PDF, DOCX, Markdown and running text."""
    for i, made in enumerate(iterate(count, 1)):
        yield f"{made.layout} {i}", made.name.rpartition(".")[2], made.data


def _attempt(parser: Callable[[bytes], object], data: bytes) -> None:
    """Read; a refusal is an answer too, and takes its time."""
    with contextlib.suppress(DocumentError, ValueError):  # ValueError: read_html finds no table
        parser(data)


def run(documents: Iterable[Named], rounds: int) -> dict[str, Any]:
    """Seconds a document, reports a second by format, and ratios to the rivals."""
    entries = []
    for name, kind, data in documents:
        takes = {"ours": read, "document": open_document, **RIVALS.get(kind, {})}
        spent = measuring.in_turn({n: lambda d=data, p=parser: _attempt(p, d) for n, parser in takes.items()}, rounds)
        entries.append({"document": name, "format": kind, "bytes": len(data), "seconds": spent})
    formats = {}
    for kind in ("all", *dict.fromkeys(e["format"] for e in entries)):
        group = [e for e in entries if kind in ("all", e["format"])]
        ours = sum(e["seconds"]["ours"] for e in group)
        formats[kind] = {
            "reports": len(group),
            "bytes": sum(e["bytes"] for e in group) // len(group),
            "reports_per_second": round(len(group) / ours, 1),
            **{
                f"{side}_ratios": {
                    r: round(sum(e["seconds"][side] for e in group) / sum(e["seconds"][r] for e in group), 2)
                    for r in RIVALS.get(kind, {})
                }
                for side in ("ours", "document")
            },
        }
    return {"machine": measuring.machine(), "rounds": rounds, "formats": formats, "documents": entries}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reading")
    parser.add_argument("--catalog", type=Path, default=samples.CATALOGUE)
    parser.add_argument(
        "--generated", type=int, default=100, metavar="N", help="generated reports beside them (default 100)"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    named = list(of_catalogue(asked.catalog))
    result = run([*named, *of_generator(asked.generated)], asked.rounds)
    measuring.show(
        measuring.table(
            ("document", "format", "bytes", "ms", "others' ms"),
            [
                (
                    d["document"],
                    d["format"],
                    d["bytes"],
                    f"{d['seconds']['ours'] * 1000:.2f}",
                    ", ".join(f"{n} {t * 1000:.2f}" for n, t in d["seconds"].items() if n != "ours"),
                )
                for d in result["documents"][: len(named)]
            ],
        )
    )
    measuring.show("")
    measuring.show(
        measuring.table(
            ("format", "reports", "bytes each", "reports/s", "the Document, times as long as", "whole reading, times as long as"),
            [
                (
                    n, f["reports"], f["bytes"], f["reports_per_second"],
                    *(", ".join(f"{r}: {x}" for r, x in f[f"{side}_ratios"].items()) for side in ("document", "ours")),
                )
                for n, f in result["formats"].items()
            ],
        )
    )  # fmt: skip
    measuring.write_json(asked.json, result)


if __name__ == "__main__":
    main()
