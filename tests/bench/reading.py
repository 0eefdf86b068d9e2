"""`python -m tests.bench.reading`: reports per second of reading, all formats and each, against the bare parsers.

The bare parser of HTML is lxml on the same bytes; of PDF, pdfplumber's own table extraction. Ratios hold on a noisy machine
where times do not. Reads the bundled samples, or with --catalog those of another catalogue (files only).
"""

from __future__ import annotations

import argparse
import io
from collections import defaultdict
from pathlib import Path

import lxml.html
import pdfplumber

from extractors import samples, sources
from extractors.errors import DocumentError
from extractors.reading.read import read
from tests.bench import measuring


def bare_html(data: bytes) -> object:
    """lxml alone: bytes to a tree."""
    return lxml.html.document_fromstring(data, parser=lxml.html.HTMLParser(encoding="utf-8"))


def bare_pdf(data: bytes) -> object:
    """pdfplumber alone: text and tables of every page."""
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        return [(page.extract_text(), page.extract_tables()) for page in pdf.pages]


BARE = {".html": ("lxml", bare_html), ".pdf": ("pdfplumber", bare_pdf)}


def _attempt(data: bytes) -> None:
    """Read; a refusal is an answer too, and takes its time."""
    try:
        read(data)
    except DocumentError:
        return


def run(catalogue: Path, rounds: int) -> dict[str, object]:
    """Seconds a document, reports a second and ratios. Raises OSError where a document is missing."""
    documents: list[dict[str, object]] = []
    for source in sources.load(catalogue):
        path = catalogue.parent / source.location
        data = path.read_bytes()
        entry: dict[str, object] = {
            "source_id": source.source_id,
            "format": path.suffix.lstrip("."),
            "bytes": len(data),
            "seconds": measuring.seconds(lambda d=data: _attempt(d), rounds),
        }
        if path.suffix in BARE:
            name, parser = BARE[path.suffix]
            entry |= {"against": name, "bare_seconds": measuring.seconds(lambda d=data, p=parser: p(d), rounds)}
        documents.append(entry)
    groups: dict[str, list[dict[str, object]]] = defaultdict(list)
    for entry in documents:
        groups["all"].append(entry)
        groups[str(entry["format"])].append(entry)
    formats = {}
    for name, entries in groups.items():
        spent = sum(float(str(e["seconds"])) for e in entries)
        summary: dict[str, object] = {"reports": len(entries), "reports_per_second": round(len(entries) / spent, 1)}
        if name != "all" and all("bare_seconds" in e for e in entries):
            bare = sum(float(str(e["bare_seconds"])) for e in entries)
            summary |= {"against": entries[0]["against"], "ratio": round(spent / bare, 2)}
        formats[name] = summary
    return {"machine": measuring.machine(), "rounds": rounds, "formats": formats, "documents": documents}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reading")
    parser.add_argument("--catalog", type=Path, default=samples.CATALOGUE)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    result = run(asked.catalog, asked.rounds)
    measuring.show(
        measuring.table(
            ("document", "format", "bytes", "ms", "bare ms", "ratio"),
            [
                (
                    d["source_id"], d["format"], d["bytes"], f"{d['seconds'] * 1000:.2f}",
                    f"{d['bare_seconds'] * 1000:.2f}" if "bare_seconds" in d else "",
                    f"{d['seconds'] / d['bare_seconds']:.1f}" if "bare_seconds" in d else "",
                )
                for d in result["documents"]
            ],
        )
    )  # fmt: skip
    measuring.show("")
    measuring.show(
        measuring.table(
            ("format", "reports", "reports/s", "against", "ratio"),
            [
                (n, f["reports"], f["reports_per_second"], f.get("against", ""), f.get("ratio", ""))
                for n, f in result["formats"].items()
            ],
        )
    )
    measuring.write_json(asked.json, result)


if __name__ == "__main__":
    main()
