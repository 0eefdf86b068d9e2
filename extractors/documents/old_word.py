"""Old Word, WPS and RTF to DOCX with LibreOffice, where it is installed, and on through word.py. Reads no byte itself."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from extractors.documents import word
from extractors.documents.limits import CONVERTER_KILOBYTES, CONVERTER_SECONDS
from extractors.documents.sniff import RTF
from extractors.errors import Damaged, Encrypted, NeedsConverter, TooLarge
from extractors.model import Document

PACKAGE = "libreoffice-writer-nogui"
"""The Debian package that brings the converter."""

# A profile of its own for each run: no macro runs, no link is followed, and the proxy of last resort leads nowhere.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""


def read(data: bytes, media_type: str) -> Document:
    """Document of an old Word, WPS or RTF file. Raises NeedsConverter, Encrypted, Damaged, TooLarge, EmptyDocument."""
    if _is_encrypted(data):
        raise Encrypted("the Word document asks for a password")
    soffice = shutil.which("soffice")
    if soffice is None:
        raise NeedsConverter(f"old Word, WPS and RTF are read through LibreOffice: install {PACKAGE}")
    with tempfile.TemporaryDirectory(prefix="ogi-word-") as folder:
        made = _converted(data, "old.rtf" if media_type == RTF else "old.doc", Path(folder), soffice)
    return replace(word.read(made), media_type=media_type)


def _is_encrypted(data: bytes) -> bool:
    """The flag fEncrypted of Word 97's file information block, which opens a sector."""
    starts = (o for o in range(512, len(data) - 12, 512) if data[o : o + 2] == b"\xec\xa5" and data[o + 3] <= 1)
    start = next(starts, None)
    return start is not None and bool(data[start + 11] & 1)


def _converted(data: bytes, name: str, folder: Path, soffice: str) -> bytes:
    (folder / name).write_bytes(data)
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    command = [
        "/bin/sh", "-c", f'ulimit -v {CONVERTER_KILOBYTES}; exec "$0" "$@"',
        soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nologo",
        "--convert-to", "docx", "--outdir", str(folder), str(folder / name),
    ]  # fmt: skip
    # A session of its own, because soffice is a script whose child would outlive it.
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LANG": "C.UTF-8"},
    )  # fmt: skip
    try:
        said, _ = process.communicate(timeout=CONVERTER_SECONDS)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise TooLarge(f"LibreOffice takes more than {CONVERTER_SECONDS} seconds to convert it") from error
    made = folder / "old.docx"
    if not made.is_file():
        raise Damaged(f"LibreOffice cannot convert it: {said.decode(errors='replace').strip()[-200:] or 'no word'}")
    return made.read_bytes()
