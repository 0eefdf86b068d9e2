"""The archive: bytes by their sha256, written once, checked when read. Knows no source and no document."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from extractors.errors import OgiError


class ArchiveDamaged(OgiError):
    """An object of the archive is missing or its bytes are not those of its name: ours to repair, so the run stops."""


class Archive:
    """Objects below `root`, each at `<2>/<2>/<sha256>`. Nothing is ever overwritten or removed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the object is, or would be."""
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def put(self, data: bytes) -> str:
        """Keep `data` and return its sha256. Bytes that are there already stay untouched.

        Raises ArchiveDamaged when an object of that name has another size.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        if path.exists():
            if path.stat().st_size != len(data):
                raise ArchiveDamaged(f"{path}: expected {len(data)} bytes, found {path.stat().st_size}")
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o444)
            os.replace(name, path)  # a reader sees the whole object or none
        except BaseException:
            os.unlink(name)
            raise
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of an object. Raises ArchiveDamaged when it is missing or does not match its name."""
        path = self.path(sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise ArchiveDamaged(f"{path}: archived once, now missing") from None
        found = hashlib.sha256(data).hexdigest()
        if found != sha256:
            raise ArchiveDamaged(f"{path}: its bytes have the sha256 {found}")
        return data
