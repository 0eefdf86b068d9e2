"""`ogi discover ADDRESS|FILE`: the reports that a page lists, as rows of a catalogue. The command only; discovery finds."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from extractors import sources
from extractors.errors import CatalogueError, DocumentError, NothingFound, SettingsError
from extractors.fetching import discovery
from extractors.fetching.collect import fetch_one
from extractors.fetching.settings import Settings, load

FOUND, NONE, REFUSED = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("page", help="address of the page that lists the annual reports, or a file with such a page")
    parser.add_argument("--address", help="address that a file was saved from, to complete its links")
    parser.add_argument("--agency", default="", help="name of the agency, for the proposed rows")
    parser.add_argument("--catalog", type=Path, help="catalogue whose addresses are not proposed again")
    parser.add_argument("--accept", action="store_true", help="add the rows to --catalog instead of printing them")
    parser.add_argument("--settings", type=Path, help="TOML file with settings for fetching")
    parser.add_argument(
        "--max-pages", type=int, default=discovery.MAX_PAGES, help="pages of the list (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    """Print proposed rows, or add them. Returns 0 when reports were found (also when all are known), 1 when none, 2 for a page,
    catalogue or settings that cannot be used."""
    try:
        settings = load(options.settings) if options.settings else Settings()
        known = _known(options)
        found = discovery.discover(*_start(options, settings), max_pages=options.max_pages)
        proposed = discovery.rows(found.entries, options.agency, known)
        if options.accept:
            print(f"{discovery.accept(options.catalog, proposed)} rows added to {options.catalog}")
        else:
            discovery.write(sys.stdout, proposed)
    except NothingFound as error:
        print(error, file=sys.stderr)
        return NONE
    except (DocumentError, CatalogueError, SettingsError) as error:
        print(error, file=sys.stderr)
        return REFUSED
    for address, failure in found.failures:
        print(f"not read: {address}: {failure}", file=sys.stderr)
    print(
        f"{len(found.entries)} reports on {len(found.pages)} page(s) read as {found.adapter}, {len(proposed)} of them new",
        file=sys.stderr,
    )
    return FOUND


def _known(options: argparse.Namespace) -> list[str]:
    if options.catalog is None:
        if options.accept:
            raise CatalogueError("--accept needs --catalog")
        return []
    return [s.location for s in sources.load(options.catalog)] if options.catalog.exists() else []


def _start(options: argparse.Namespace, settings: Settings) -> tuple[str, discovery.Fetch]:
    """Where to begin, and how pages are had: a file is the first page, the others come from its site."""

    def online(address: str) -> tuple[str, bytes]:
        answer = fetch_one(address, settings)
        return answer.address, answer.data

    path = Path(options.page)
    if not path.is_file():
        return options.page, online
    if not options.address:
        options.max_pages = 1  # its further pages are nowhere
    first = options.address or "https://site.invalid/list.html"
    data = path.read_bytes()

    def from_file(address: str) -> tuple[str, bytes]:
        return (address, data) if address == first else online(address)

    return first, from_file
