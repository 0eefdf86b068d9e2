"""The list of documents. A new sample is a module here, a row of the catalogue and an expected file."""

from __future__ import annotations

from tests.samples_builder import blank, deyang, guyuan, haizhou, huaian, neijiang, shanghai, word, yanping

DOCUMENTS = (deyang, haizhou, guyuan, neijiang, yanping, huaian, shanghai, blank)


def build_all() -> dict[str, bytes]:
    """File name -> bytes of every sample."""
    return {module.NAME: module.build() for module in DOCUMENTS}


def same(name: str, one: bytes, other: bytes) -> bool:
    """Whether two builds of a file are the same (DOCX: whether all their members are)."""
    return one == other or (name.endswith(".docx") and word.members(one) == word.members(other))
