"""Old Word through LibreOffice. `old.doc` is a report of one table, saved as Word 97 by LibreOffice 7.4."""

import http.server
import shutil
import threading
from pathlib import Path

import pytest

from extractors.documents import old_word
from extractors.documents.opening import open_document
from extractors.documents.sniff import DOC, RTF, media_type
from extractors.errors import Damaged, Encrypted, NeedsConverter

OLD = Path(__file__).with_name("old.doc").read_bytes()


@pytest.fixture
def soffice() -> None:
    if shutil.which("soffice") is None:
        pytest.fail(f"LibreOffice is missing: apt-get install -y --no-install-recommends {old_word.PACKAGE}")


@pytest.mark.usefixtures("soffice")
def test_an_old_word_file_is_read_through_libreoffice() -> None:
    document = open_document(OLD)
    assert document.media_type == DOC
    assert [p.text for p in document.prose] == ["某某县2019年政府信息公开工作年度报告", "完"]
    assert [(c.row, c.column, c.text, c.column_span) for c in document.grids[0].cells][:3] == [
        (0, 0, "指标\n单位", 2), (0, 2, "数", 1), (1, 0, "收到申请数", 1),
    ]  # fmt: skip


@pytest.mark.usefixtures("soffice")
def test_rtf_is_read_and_its_links_are_not_followed() -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        link = f"http://127.0.0.1:{server.server_address[1]}/x.png"
        rtf = rf'{{\rtf1\ansi \u25910?\par {{\field{{\*\fldinst INCLUDEPICTURE "{link}" \\d}}{{\fldrslt }}}}\par end}}'
        data = rtf.encode("ascii")
        assert media_type(data) == RTF
        document = open_document(data)
        server.shutdown()
    assert [p.text for p in document.prose] == ["收", "end"]
    assert asked == []


def test_a_truncated_word_file_is_damaged() -> None:
    with pytest.raises(Damaged):
        open_document(OLD[: len(OLD) // 2])


def test_without_libreoffice_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(NeedsConverter, match="libreoffice-writer-nogui"):
        open_document(OLD)


def test_an_encrypted_word_file_says_so() -> None:
    locked = bytearray(OLD)
    start = locked.index(b"\xec\xa5\x01\x01")
    locked[start + 11] |= 1
    with pytest.raises(Encrypted):
        open_document(bytes(locked))
