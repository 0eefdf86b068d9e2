"""The bundled samples, as data: a catalogue, one document a report, and what is expected of each. No code but where they are.

Every document is rebuilt by tests/samples_builder: real agency, year and figures, the form's official labels, prose of our own.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
CATALOGUE = FOLDER / "catalog.csv"
EXPECTED = FOLDER / "expected"
