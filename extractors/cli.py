"""`ogi`: the library on the command line. `ogi audit FILE…` reads reports and checks them, without a warehouse."""

from __future__ import annotations

import argparse
import html as html_escape
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractors.auditing.evaluate import evaluate
from extractors.errors import DocumentError, MissingFile
from extractors.forms.catalogue import Catalogue, default
from extractors.model import IdentityResult, Reading
from extractors.reading.read import read


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit of one file found; `error` where it could not be read or recognised."""

    file: str
    reading: Reading | None
    results: tuple[IdentityResult, ...]
    error: str | None

    @property
    def violated(self) -> tuple[IdentityResult, ...]:
        return tuple(r for r in self.results if r.verdict == "violated")


def audit(path: Path, catalogue: Catalogue) -> Audit:
    """Read one file and evaluate its identities. Errors of the document are part of the result."""
    try:
        if not path.is_file():
            raise MissingFile(str(path))
        reading = read(path.read_bytes(), catalogue=catalogue)
    except DocumentError as error:
        return Audit(str(path), None, (), str(error))
    return Audit(str(path), reading, evaluate(reading.facts, catalogue), None)


def as_json(audit: Audit) -> dict[str, Any]:
    """The object of shared names for one file: facts, residue, identities, suggestions."""
    reading = audit.reading
    said = reading.identification if reading else None
    return {
        "file": audit.file,
        "agency": said.agency_name if said else None,
        "report_year": said.report_year if said else None,
        "scope": said.scope if said else None,
        "forms": {t.table: t.form for t in reading.tables} if reading else {},
        "facts": [
            {
                "table": f.table, "line": f.line, "column": f.column,
                "value": None if f.value is None else int(f.value) if f.value == int(f.value) else float(f.value),
                "missing": f.missing, "raw": f.raw, "unit": f.unit, "where": f.where,
            }
            for f in (reading.facts if reading else ())
        ],
        "residue": [
            {"text": r.text, "where": r.where, "reason": r.reason} for r in (reading.residue if reading else ())
        ],
        "identities": [
            {
                "id": r.identity, "over": r.over,
                "lhs": None if r.lhs is None else float(r.lhs), "rhs": None if r.rhs is None else float(r.rhs),
                "difference": None if r.difference is None else float(r.difference), "verdict": r.verdict,
            }
            for r in audit.results
        ],
        "suggestions": [],
        "error": audit.error,
    }  # fmt: skip


def as_text(audit: Audit, catalogue: Catalogue) -> str:
    """For a terminal: what was recognised, what is violated in words with both sides, what is missing."""
    if audit.reading is None:
        return f"{audit.file}\n  not audited: {audit.error}\n"
    said = audit.reading.identification
    statements = {i.code: i for i in catalogue.identities}
    out = [
        audit.file,
        f"  {said.agency_name or 'agency not named in the text'}, {said.report_year or 'year not named'}",
    ]
    for table in audit.reading.tables:
        facts = [f for f in audit.reading.facts if (f.form, f.table) == (table.form, table.table)]
        known = sum(f.value is not None for f in facts)
        copies = f", {table.copies} equal copies" if table.copies > 1 else ""
        out.append(f"  {table.form} table {table.table} ({table.where}): {known} of {len(facts)} figures{copies}")
    out.extend(f"  unplaced: {r.text!r} at {r.where}: {r.reason}" for r in audit.reading.residue)
    for r in audit.violated:
        i = statements[r.identity]
        out.append(f"  VIOLATED {r.identity} [{r.over}] {i.statement_zh} ({i.statement_en}): {r.lhs} against {r.rhs}")
    counts = {v: sum(r.verdict == v for r in audit.results) for v in dict.fromkeys(r.verdict for r in audit.results)}
    said_counts = ", ".join(f"{n} {v.replace('_', ' ')}" for v, n in sorted(counts.items())) or "none applies"
    out.append(f"  identities: {said_counts}")
    return "\n".join(out) + "\n"


def as_html(audits: Sequence[Audit], catalogue: Catalogue) -> str:
    """One self-contained page with the same content as the text."""
    bodies = "".join(f"<pre>{html_escape.escape(as_text(a, catalogue))}</pre>" for a in audits)
    return (
        '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>ogi audit</title>'
        "<style>pre{white-space:pre-wrap;border:1px solid #999;padding:1em}</style></head>"
        f"<body><h1>ogi audit</h1>{bodies}</body></html>"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 no identity violated, 1 some violated, 2 a file that could not be read or recognised."""
    parser = argparse.ArgumentParser(
        prog="ogi", description="Read and check annual reports on disclosure of government information."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    auditing = commands.add_parser("audit", help="check one or many reports, without a warehouse")
    auditing.add_argument("files", nargs="+", type=Path, metavar="FILE")
    auditing.add_argument("--format", choices=("text", "json", "html"), default="text")
    arguments = parser.parse_args(argv)
    catalogue = default()
    audits = []
    for number, path in enumerate(arguments.files, 1):
        if sys.stderr.isatty():
            print(f"\r{number}/{len(arguments.files)} {path.name:60.60}", end="", file=sys.stderr)
        audits.append(audit(path, catalogue))
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if arguments.format == "json":
        print(json.dumps([as_json(a) for a in audits], ensure_ascii=False, indent=1))
    elif arguments.format == "html":
        print(as_html(audits, catalogue))
    else:
        print("\n".join(as_text(a, catalogue) for a in audits), end="")
    if any(a.error for a in audits):
        return 2
    return 1 if any(a.violated for a in audits) else 0


if __name__ == "__main__":
    sys.exit(main())
