"""The record of a suggestion, apart from the solver so that nobody imports SciPy to name one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value for one cell that would close the identities named.

    `kind`: `implied` for a cell without a value, `correction` for one with. `set_number` numbers the alternative sets;
    the cells of a set belong together. `unique`: no other set as small exists, and the set leaves one value.
    """

    form: str
    table: str
    line: str
    column: str
    reported: Decimal | None
    suggested: Decimal
    kind: Literal["implied", "correction"]
    cause: str
    identities: tuple[str, ...]
    unique: bool
    set_number: int
