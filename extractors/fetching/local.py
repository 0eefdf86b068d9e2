"""Files beside the catalogue: from a relative location to bytes, never outside its folder. Keeps nothing, fetches no address."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from extractors.documents.limits import MAX_BYTES
from extractors.errors import EmptyDocument, MissingFile, TooLarge, UnsafeLocation, UnsupportedLocation

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def fetch(location: str, folder: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Bytes of the file that `location` names, relative to `folder` (the catalogue's).

    Raises UnsupportedLocation for an address with a scheme, UnsafeLocation for a path that leaves the folder (absolute,
    `..`, a link that leads out), MissingFile when there is no readable regular file, EmptyDocument for no bytes and
    TooLarge for more than `max_bytes`.
    """
    path = inside(location, folder)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise MissingFile(f"{location}: not a regular file")
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise MissingFile(f"{location}: no such file in {folder}") from None
    except OSError as error:
        raise MissingFile(f"{location}: cannot be read ({error.strerror})") from error
    if not data:
        raise EmptyDocument(f"{location}: the file has no bytes")
    if len(data) > max_bytes:
        raise TooLarge(f"{location}: more than {max_bytes} bytes")
    return data


def inside(location: str, folder: Path) -> Path:
    """The real path that a location names, links followed: what is compared is what is opened.

    Raises UnsupportedLocation and UnsafeLocation, as `fetch` does.
    """
    if _SCHEME.match(location):
        scheme = location.partition(":")[0].lower()
        raise UnsupportedLocation(
            f"{location}: {scheme} addresses are not fetched; expected http, https or a path beside the catalogue"
        )
    base = folder.resolve()
    try:
        path = (base / location).resolve()
    except (OSError, ValueError, RuntimeError) as error:  # a NUL, a name that is too long, a loop of links
        raise UnsafeLocation(f"{location!r}: not a usable path ({error})") from error
    if path == base or not path.is_relative_to(base) or Path(location).is_absolute():
        raise UnsafeLocation(f"{location}: leads out of the catalogue's folder {folder}")
    return path
