"""The version of the reader: a hash of everything that could change what it reads. Nothing else belongs here."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_PARTS = ("agencies", "documents", "forms", "reading")
_FILES = ("model.py", "records.py")


@cache
def reader_version() -> str:
    """Twelve hexadecimal digits over code and form files: a document is read again exactly when they differ."""
    digest = hashlib.sha256()
    paths = [_FOLDER / name for name in _FILES]
    for part in _PARTS:
        paths.extend(p for p in (_FOLDER / part).rglob("*") if p.suffix in (".py", ".csv", ".toml"))
    for path in sorted(paths):
        digest.update(str(path.relative_to(_FOLDER)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
