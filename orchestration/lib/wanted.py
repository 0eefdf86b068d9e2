"""What is wanted, and how it may be asked for: the catalogue, the inbox, the settings of fetching. Collects nothing."""

from __future__ import annotations

import os
from pathlib import Path

from extractors import sources as catalogue
from extractors.errors import CatalogueError
from extractors.fetching import settings as fetching
from extractors.fetching.settings import Settings
from extractors.sources import Source
from orchestration.lib.home import Home

INBOX = "inbox:"
"""What the locations of dropped files begin with."""


def sources(home: Home) -> tuple[Source, ...]:
    """The catalogue, and behind it the files of the inbox that it does not name, which bring no priors.

    Raises CatalogueError.
    """
    named = catalogue.load(home.catalogue)
    taken, located = {s.source_id for s in named}, {s.location for s in named}
    line = named[-1].line
    dropped = []
    for path in inbox_files(home.inbox):
        key = INBOX + path.name
        if key in located:
            continue
        if key in taken:
            raise CatalogueError(
                f"{home.catalogue}: source_id {key!r} is that of the file {path}, but names another location"
            )
        dropped.append(Source(key, "", "", "", "", None, key, line + 1 + len(dropped)))
    return (*named, *dropped)


def inbox_files(inbox: Path) -> list[Path]:
    """Files dropped in the inbox, by name. Hidden and half-copied ones (`.part`) are not yet there."""
    if not inbox.is_dir():
        return []
    found = (p for p in inbox.iterdir() if p.is_file() and not p.name.startswith("."))
    return sorted(p for p in found if p.suffix not in (".part", ".crdownload", ".tmp"))


def settings() -> Settings:
    """How the web is asked: the file that OGI_FETCHING names, the defaults without it. Raises SettingsError."""
    named = os.environ.get("OGI_FETCHING")
    return fetching.load(Path(named).absolute()) if named else Settings()
