"""`python -m tests.generator --count 5 --out DIR`: documents with their truth beside them, to look at."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.generator import FORMS, LAYOUTS, QUIRKS, Generated, generate


def _truth(made: Generated) -> dict[str, object]:
    truth = made.truth
    return {
        "seed": made.seed, "layout": made.layout, "encoding": made.encoding, "quirks": list(made.quirks),
        "form": truth.form, "agency": truth.agency, "report_year": truth.year, "scope": truth.scope,
        "tables": {t: sorted(f) for t, f in truth.forms.items()},
        "prose": {k: str(v) for k, v in truth.prose.items()},
        "figures": {k: v for k, v in sorted((str(t), n) for t, n in made.required.items())},
        "cells": [
            {"table": t, "line": x, "column": c, "figure": str(truth.figures[t, x, c]),
             "values": sorted(map(str, e.values)), "missing": sorted(e.missing), "unit": e.unit}
            for (t, x, c), e in truth.expected.items()
        ],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.generator", description=__doc__)
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--form", choices=tuple(FORMS))
    parser.add_argument("--layout", choices=LAYOUTS)
    parser.add_argument("--quirk", action="append", choices=tuple(QUIRKS), help="may be given again; default: drawn")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for number in range(asked.count):
        made = generate(asked.seed + number, form=asked.form, layout=asked.layout, quirks=asked.quirk)
        (asked.out / made.name).write_bytes(made.data)
        text = json.dumps(_truth(made), ensure_ascii=False, indent=1)
        (asked.out / f"{made.name}.truth.json").write_text(text, encoding="utf-8")
        print(made.name, made.layout, made.truth.form, *made.quirks)


if __name__ == "__main__":
    main()
