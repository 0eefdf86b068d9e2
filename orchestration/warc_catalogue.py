"""`python -m orchestration.warc_catalogue FILE… --catalog CSV`: the reports in somebody's crawl, as rows of a catalogue. Reads no network.

So Common Crawl's or anybody's WARC files are a source without a crawl of our own: the rows say `FILE#ADDRESS`.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from extractors import sources
from extractors.documents.encoding import decode
from extractors.errors import CatalogueError, DocumentError, UnsafeLocation
from extractors.fetching import discovery, warc
from extractors.fetching.adapters.page import Entry
from extractors.fetching.pages import is_html

FOUND, NONE, REFUSED = 0, 1, 2
_NAMES = ("年度报告", "年报", "年度工作报告")


def main(arguments: list[str] | None = None) -> int:
    """Print the proposed rows, or add them to the catalogue with --accept. Returns 0 when reports were found, 1 when none,
    2 for a file or catalogue that cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m orchestration.warc_catalogue", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("files", nargs="+", type=Path, help="WARC files, in or below the catalogue's folder")
    parser.add_argument(
        "--catalog", type=Path, required=True, help="catalogue that the rows are for; need not exist yet"
    )
    parser.add_argument("--accept", action="store_true", help="add the rows instead of printing them")
    options = parser.parse_args(arguments)
    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # speaks of every odd file
    counts: Counter[str] = Counter()
    try:
        known = {s.location for s in sources.load(options.catalog)} if options.catalog.exists() else set()
        found = [pair for file in options.files for pair in reports(file, options.catalog.parent, counts)]
        proposed = [
            row | {"location": location}
            for location, entry in dict(found).items() if location not in known
            for row in discovery.rows([entry])
        ]  # fmt: skip
        if options.accept:
            print(f"{discovery.accept(options.catalog, proposed)} rows added to {options.catalog}")
        else:
            discovery.write(sys.stdout, proposed)
    except (CatalogueError, DocumentError, OSError) as error:
        print(error, file=sys.stderr)
        return REFUSED
    said = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    print(f"{sum(counts.values())} records: {said or 'none'}; {len(proposed)} new rows", file=sys.stderr)
    return FOUND if found else NONE


def reports(file: Path, folder: Path, counts: Counter[str]) -> Iterator[tuple[str, Entry]]:
    """(location, report) for the responses of a WARC file that are reports by what they say; the others are counted by reason.

    A file that is damaged gives what stands before the damage, which is counted. Raises UnsafeLocation for a file that is
    not below `folder`: the catalogue could not name it.
    """
    from extractors.reading.read import read

    path = file.resolve()
    if not path.is_relative_to(folder.resolve()):
        raise UnsafeLocation(f"{file}: not in or below {folder}, the folder of the catalogue")
    name = path.relative_to(folder.resolve()).as_posix()
    responses = warc.responses(path)
    while True:
        try:
            found = next(responses)
        except StopIteration:
            return
        except DocumentError as error:
            counts[error.reason] += 1
            return
        if isinstance(found, tuple):
            counts[found[1].reason] += 1
            continue
        try:
            said = read(found.data).identification if found.status == 200 and _worth_reading(found.data) else None
        except DocumentError as error:
            counts[error.reason] += 1
            continue
        if said is None:
            counts["not_a_report"] += 1
            continue
        counts["reports"] += 1
        title = " ".join((said.title or "").split())
        yield f"{name}#{found.address}", Entry(found.address, title, said.report_year)


def _worth_reading(data: bytes) -> bool:
    """Spares the reader the millions of pages of a crawl that do not even name such a report."""
    if not is_html(data):
        return True
    text, _ = decode(data)
    return "公开" in text and any(name in text for name in _NAMES)


if __name__ == "__main__":
    sys.exit(main())
