"""The sentences of a report as keys: what two reports have in common is found without their text. No figure is read here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

from extractors.model import Prose, Sentence

SHORTEST = 25
"""Letters and digits. The longest heading that the forms prescribe (五、政府信息公开工作存在的主要问题及改进情况) has 22: headings,
labels, dates and menus are the same every year and say nothing about who wrote the rest."""

_END = re.compile(r"[。；;！!？?]")


def sentences(prose: Sequence[Prose]) -> tuple[Sentence, ...]:
    """Each sentence of SHORTEST letters and digits or more, once, in reading order; a paragraph ends a sentence.

    Two are the same where they are verbatim the same but for white space, which is layout: figures and years count.
    """
    found: dict[str, Sentence] = {}
    for paragraph in prose:
        for sentence in _END.split("".join(paragraph.text.split())):
            if len(sentence) < SHORTEST or (characters := sum(map(str.isalnum, sentence))) < SHORTEST:
                continue
            key = blake2b(sentence.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
            found.setdefault(key, Sentence(key, characters, paragraph.where))
    return tuple(found.values())
