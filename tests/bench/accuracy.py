"""Accuracy over generated reports: wrong values, readable cells found, per layout and quirk. A benchmark: always exits 0.

`python -m tests.bench.accuracy [--count 2000] [--seed 0] [--show 20]`
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict

from extractors.errors import DocumentError
from extractors.reading.read import read
from tests.generator import Generated, iterate
from tests.property.compare import Comparison, compare

_COLUMNS = ("reports", "right", "readable", "found", "wrong", "unfound", "misnamed", "lost", "invented", "sparse", "prose", "identity", "refused")  # fmt: skip


def judge(made: Generated) -> tuple[Comparison, str]:
    """(findings, reason of refusal or empty). A refused report loses every readable cell and every figure."""
    try:
        return compare(made, read(made.data)), ""
    except DocumentError as error:
        lost = Comparison(readable=sum(e.readable for e in made.truth.expected.values()))
        lost.lost = made.required
        return lost, str(error)


def _count(tally: Counter[str], found: Comparison, refused: str) -> None:
    tally["reports"] += 1
    tally["right"] += found.right and not refused
    tally["readable"] += found.readable
    tally["found"] += found.found
    tally["refused"] += bool(refused)
    for name in ("wrong", "unfound", "misnamed", "sparse", "prose", "identity"):
        tally[name] += len(getattr(found, name))
    tally["lost"] += found.lost.total()
    tally["invented"] += found.invented.total()


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3f} %" if whole else "-"


def _print(title: str, tallies: dict[str, Counter[str]]) -> None:
    print(f"\n{title:<26}" + "".join(f"{c:>10}" for c in _COLUMNS) + f"{'found %':>12}")
    for name, t in sorted(tallies.items(), key=lambda x: (x[1]["found"] - x[1]["readable"], x[0])):
        print(f"{name:<26}" + "".join(f"{t[c]:>10}" for c in _COLUMNS) + f"{_share(t['found'], t['readable']):>12}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=20, help="examples of findings to print")
    asked = parser.parse_args()
    whole: Counter[str] = Counter()
    groups: dict[str, dict[str, Counter[str]]] = {
        k: defaultdict(Counter) for k in ("layout", "form", "encoding", "quirk", "quirk alone")
    }
    examples: list[str] = []
    reading = 0.0
    for made in iterate(asked.count, asked.seed):
        begun = time.perf_counter()
        found, refused = judge(made)
        reading += time.perf_counter() - begun
        keys = [("layout", made.layout), ("form", made.truth.form), ("encoding", made.encoding or "-")]
        keys += [("quirk", q) for q in made.quirks or ("none",)]
        if len(made.quirks) < 2:
            keys.append(("quirk alone", made.quirks[0] if made.quirks else "none"))
        _count(whole, found, refused)
        for group, name in keys:
            _count(groups[group][name], found, refused)
        first = [refused] if refused else [
            f"{kind}: {x}" for kind in ("wrong", "sparse", "unfound", "misnamed", "prose", "identity") for x in getattr(found, kind)[:1]
        ] + [f"{kind}: {dict(c)}" for kind, c in (("lost", found.lost), ("invented", found.invented)) if c]  # fmt: skip
        if first and len(examples) < asked.show:
            examples.append(
                f"seed {made.seed} {made.layout} {made.truth.form} {','.join(made.quirks) or 'no quirk'}\n    "
                + "\n    ".join(first)
            )
    for group, tallies in groups.items():
        _print(group, tallies)
    if examples:
        print("\nexamples:\n" + "\n".join(examples))
    print(
        f"\n{whole['reports']} reports, {whole['right']} right in everything; wrong values {whole['wrong']}; "
        f"readable cells found {_share(whole['found'], whole['readable'])} ({whole['found']} of {whole['readable']}); "
        f"figures lost {whole['lost']}, invented {whole['invented']}; {1000 * reading / whole['reports']:.1f} ms a report"
    )


if __name__ == "__main__":
    main()
