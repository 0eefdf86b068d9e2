"""`ogi`: the library on the command line. `ogi audit FILE…` reads reports and checks them, without a warehouse."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from extractors.auditing.across import across
from extractors.auditing.comparisons import ComparisonResult
from extractors.auditing.comparisons import default as comparisons
from extractors.auditing.evaluate import evaluate
from extractors.auditing.prose import Quoted, against_tables
from extractors.auditing.suggestion import Suggestion
from extractors.documents.limits import MAX_BYTES
from extractors.errors import READER_ERROR, DocumentError, MissingFile, TooLarge, of_ours
from extractors.forms.catalogue import Catalogue, default
from extractors.model import Fact, IdentityResult, Reading, Verdict
from extractors.reading.read import read

_FEW = 8  # files for which starting processes costs more than it saves


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit of one file found; `error` where it could not be read or recognised."""

    file: str
    reading: Reading | None
    results: tuple[IdentityResult, ...]
    suggestions: tuple[Suggestion, ...]
    error: str | None
    across: tuple[tuple[str, ComparisonResult], ...] = ()
    """File of the year before, and what the two say together."""
    prose: tuple[Quoted, ...] = ()
    """What the prose says against the tables and against itself."""

    @property
    def violated(self) -> tuple[IdentityResult, ...]:
        return tuple(r for r in self.results if r.verdict == "violated")

    @property
    def is_violated(self) -> bool:
        beyond = (*(q.result for q in self.prose), *(r for _, r in self.across if not _is_suspicion(r.identity)))
        return bool(self.violated) or any(r.verdict == "violated" for r in beyond)


def _is_suspicion(identity: str) -> bool:
    """Whether it is one of the checks of plausibility: worth asking about, and no error of the report."""
    return any(i.code == identity and i.family == "plausibility" for i in comparisons().identities)


def audit(path: Path) -> Audit:
    """Read one file and evaluate its identities. Errors of the document are part of the result."""
    try:
        if not path.is_file():
            raise MissingFile(f"no such file: {path}")
        if path.stat().st_size > MAX_BYTES:
            raise TooLarge(f"{path.stat().st_size} bytes, more than {MAX_BYTES}")
        reading = read(path.read_bytes())
    except DocumentError as error:
        return Audit(str(path), None, (), (), str(error))
    except OSError as error:
        return Audit(str(path), None, (), (), f"unreadable: {error.strerror}")
    except Exception as error:  # noqa: BLE001  a defect of ours over one file must not take the others with it; it is shown
        return Audit(str(path), None, (), (), f"{READER_ERROR}: {of_ours(error)}; please report it with the file")
    results = evaluate(reading.facts, default())
    suggestions: tuple[Suggestion, ...] = ()
    if any(r.verdict in ("violated", "undecidable") for r in results):
        from extractors.auditing.suggest import suggest  # SciPy only where something is wrong

        suggestions = suggest(reading.facts, default())
    return Audit(str(path), reading, results, suggestions, None, prose=against_tables(reading))


def beside_each_other(audits: Sequence[Audit]) -> list[Audit]:
    """The same audits, each with what it and the one of the year before say together: several years of one agency."""
    pairs = across([a.reading for a in audits])
    return [
        replace(a, across=tuple((audits[number].file, result) for number, result in found))
        for a, found in zip(audits, pairs, strict=True)
    ]


def audit_all(paths: Sequence[Path]) -> Iterator[Audit]:
    """Audits in the order of `paths`, on all cores where there are more than a few."""
    if len(paths) <= _FEW:
        yield from map(audit, paths)
        return
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        yield from pool.map(audit, paths, chunksize=4)


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
        "facts": [_fact(f) for f in (reading.facts if reading else ())],
        "residue": [
            {"text": r.text, "where": r.where, "reason": r.reason} for r in (reading.residue if reading else ())
        ],
        "identities": [
            *(_result(r) for r in audit.results),
            *(_result(quoted.result) for quoted in audit.prose),
            *({**_result(r), "against": file} for file, r in audit.across),
        ],
        "suggestions": [
            {
                "table": s.table, "line": s.line, "column": s.column, "reported": _number(s.reported),
                "suggested": _number(s.suggested), "kind": s.kind, "cause": s.cause, "identities": list(s.identities),
                "unique": s.unique, "set": s.set_number,
            }
            for s in audit.suggestions
        ],
        "error": audit.error,
    }  # fmt: skip


def _result(r: IdentityResult | ComparisonResult) -> dict[str, Any]:
    return {
        "id": r.identity, "over": r.over, "lhs": _number(r.lhs), "rhs": _number(r.rhs),
        "difference": _number(r.difference), "verdict": r.verdict,
    }  # fmt: skip


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "table": fact.table, "line": fact.line, "column": fact.column, "value": _number(fact.value),
        "missing": fact.missing, "raw": fact.raw, "unit": fact.unit, "where": fact.where,
    }  # fmt: skip


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def as_text(audit: Audit, catalogue: Catalogue) -> str:
    """For a terminal: what was recognised, the tables as read, what is violated in words, what is missing."""
    if audit.reading is None:
        return f"{audit.file}\n  not audited: {audit.error}\n"
    said = audit.reading.identification
    out = [
        audit.file,
        f"  {said.agency_name or 'agency not named in the text'}, {said.report_year or 'year not named'}",
    ]
    for table in audit.reading.tables:
        facts = [f for f in audit.reading.facts if (f.form, f.table) == (table.form, table.table)]
        known = sum(f.value is not None for f in facts)
        copies = f", {table.copies} equal copies" if table.copies > 1 else ""
        out.append(f"  {table.form} table {table.table} ({table.where}): {known} of {len(facts)} figures{copies}")
        out.extend(_as_read(facts))
    out.extend(f"  ! {warning}" for warning in audit.reading.warnings)
    out.extend(f"  unplaced: {r.text!r} at {r.where}: {r.reason}" for r in audit.reading.residue)
    statements = {i.code: i for i in (*catalogue.identities, *comparisons().identities)}

    def finding(r: IdentityResult | ComparisonResult, word: str = "VIOLATED", beside: str = "") -> str:
        i = statements[r.identity]
        sides = f"{_number(r.lhs)} against {_number(r.rhs)}"
        return f"  {word} {r.identity} [{r.over}]{beside}: {i.statement_zh} ({i.statement_en}): {sides}"

    out.extend(finding(r) for r in audit.violated)
    for quoted in audit.prose:
        if quoted.result.verdict == "violated":
            out.append(f"{finding(quoted.result)}: “{quoted.sentence}” ({quoted.where})")
    for file, c in audit.across:
        if c.verdict == "violated":
            word = "IMPLAUSIBLE" if _is_suspicion(c.identity) else "VIOLATED"
            out.append(finding(c, word, f" with {file}"))
    for s in audit.suggestions:
        was = "nothing" if s.reported is None else _number(s.reported)
        sure = "" if s.unique else f" (one of several: set {s.set_number})"
        out.append(
            f"  maybe {s.table} {s.line} × {s.column}: {_number(s.suggested)} where the report has {was}{sure}: "
            f"{s.cause}; {', '.join(s.identities)}"
        )
    out.append(f"  identities: {_counts(r.verdict for r in audit.results) or 'none applies'}")
    if audit.prose:
        out.append(f"  prose: {_counts(quoted.result.verdict for quoted in audit.prose)}")
    for file in dict.fromkeys(file for file, _ in audit.across):
        out.append(f"  with {file}: {_counts(c.verdict for other, c in audit.across if other == file)}")
    return "\n".join(out) + "\n"


def _counts(verdicts: Iterable[Verdict]) -> str:
    return ", ".join(f"{n} {v.replace('_', ' ')}" for v, n in sorted(Counter(verdicts).items()))


_SIGNS = {
    "blank": "·",
    "dash": "-",
    "slash": "/",
    "none_word": "无",
    "absent": "absent",
    "illegible": "?",
    "ambiguous": "??",
}


def _as_read(facts: Sequence[Fact]) -> Iterator[str]:
    """One line a line of the form: its code and its cells, with a sign for each reason that there is no figure."""
    lines: dict[str, list[str]] = {}
    for fact in facts:
        shown = str(_number(fact.value)) if fact.value is not None else _SIGNS[fact.missing or "absent"]
        lines.setdefault(fact.line, []).append(shown)
    width = max((len(code) for code in lines), default=0)
    for code, cells in lines.items():
        yield f"    {code:<{width}}  {'  '.join(f'{c:>6}' for c in cells)}"


def as_html(audits: Sequence[Audit], catalogue: Catalogue) -> str:
    """One self-contained page with the tables as read and the identities beside them."""
    from extractors.auditing.page import render  # Jinja2 only where a page is asked for

    return render([(a.file, a.reading, a.results, a.prose, a.across, a.error) for a in audits], catalogue)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 no identity violated, 1 some violated, 2 a file that could not be read or recognised."""
    parser = argparse.ArgumentParser(
        prog="ogi",
        description="Read and check annual reports on disclosure of government information (政府信息公开工作年度报告).",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    auditing = commands.add_parser(
        "audit",
        help="check one or many reports, without a warehouse",
        description="Reads HTML, PDF, DOCX and text; prints what was recognised, what is violated and what is missing; the prose is "
        "compared with the tables. "
        "Of several years of one agency, what one year carries over to the next is compared, too, and "
        "what is not plausible beside the year before is said. "
        "Exit status: 0 no identity violated, 1 some violated, 2 a file that could not be read or recognised.",
    )
    auditing.add_argument("files", nargs="+", type=Path, metavar="FILE")
    auditing.add_argument("--format", choices=("text", "json", "html"), default="text", help="default: text")
    discovering = commands.add_parser("discover", help="list the reports of an agency's index page as catalogue rows")
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["discover"]:
        from extractors.fetching import propose  # an HTTP client only where something is fetched

        propose.add_arguments(discovering)
        return propose.run(parser.parse_args(words))
    for command in entry_points(group="ogi.commands"):  # what others add: the library knows none of them
        commands.add_parser(command.name, add_help=False)
        if words[:1] == [command.name]:
            return int(command.load()(words[1:]))
    arguments = parser.parse_args(words)
    audits = beside_each_other(list(_with_progress(arguments.files)))
    catalogue = default()
    if arguments.format == "json":
        print(json.dumps([as_json(a) for a in audits], ensure_ascii=False, indent=1))
    elif arguments.format == "html":
        print(as_html(audits, catalogue))
    else:
        print("\n".join(as_text(a, catalogue) for a in audits), end="")
    if any(a.error for a in audits):
        return 2
    return 1 if any(a.is_violated for a in audits) else 0


def _with_progress(paths: Sequence[Path]) -> Iterator[Audit]:
    if len(paths) == 1 or not sys.stderr.isatty():
        yield from audit_all(paths)
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(audit_all(paths), "auditing", total=len(paths), console=Console(stderr=True), transient=True)


if __name__ == "__main__":
    sys.exit(main())
