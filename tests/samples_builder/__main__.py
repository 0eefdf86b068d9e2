"""Writes the samples into extractors/samples, or with --check says which differ from what is there. No building here."""

from __future__ import annotations

import argparse
import sys

from extractors import samples
from tests.samples_builder.all import build_all, same


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.samples_builder", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    check = parser.parse_args().check
    differs = []
    for name, data in build_all().items():
        path = samples.FOLDER / name
        if not path.exists() or not same(name, path.read_bytes(), data):
            differs.append(name)
            if not check:
                path.write_bytes(data)
    for name in differs:
        sys.stdout.write(f"{'differs' if check else 'written'}: {name}\n")
    return 1 if check and differs else 0


if __name__ == "__main__":
    sys.exit(main())
