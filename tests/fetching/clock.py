"""Time that is played: a loop whose clock jumps to the next timer, so that pace is tested exactly and without waiting."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jump(selectors.SelectSelector):
    """Where the loop would sleep, its clock moves on instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "nothing is left that could wake the loop"
        self.now += timeout
        return super().select(0)


def play(told: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that opens no connection, from second 0 of a clock that only its own sleeps move."""
    jump = _Jump()
    loop = asyncio.SelectorEventLoop(jump)
    loop.time = lambda: jump.now  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(told)
    finally:
        loop.close()
