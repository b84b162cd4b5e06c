"""What plugins do in a connection's thread, watched: a caller who waits too long for it goes on in
another thread, and this one is left to itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ircish.stuck import Stuck, TakenOver

if TYPE_CHECKING:
    from ircish.context import Context
    from ircish.plugin import Plugin

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A plugin's command or hook that is at work for a connection."""

    ctx: Context
    plugin: Plugin
    what: str
    """the verb, or the hook's name"""
    began: float
    """monotonic, in seconds"""
    outer: Call | None
    """the command in which a hook was asked"""

    def longer_than(self, seconds: float) -> Call | None:
        """This, or the innermost one around it that takes longer."""
        if time.monotonic() - self.began > seconds:
            return self
        return self.outer and self.outer.longer_than(seconds)

    def owns(self, file: str) -> bool:
        """Whether a file is that plugin's, or another's around it."""
        return self.plugin.owns(file) or bool(self.outer and self.outer.owns(file))


class Turn:
    """A thread's turn at a connection, which it loses where a plugin's call takes too long."""

    __slots__ = ("call", "given_up", "ident")

    def __init__(self) -> None:
        self.ident = 0
        """the thread's"""
        self.call: Call | None = None
        """The innermost that is at work; changed under the connection's lock only by its thread."""
        self.given_up: GivenUp | None = None


class GivenUp(Stuck):
    """A thread that has lost its turn: in which call, and what of it its caller was told then."""

    def __init__(self, ident: int, call: Call) -> None:
        super().__init__(ident, call.owns, call.plugin, call.what)
        self.call = call
        self.told = list(call.ctx.finish())


def watched(ctx: Context, plugin: Plugin, what: str, call: Callable[[], T]) -> T:
    """What a plugin's ``call`` returns or raises, counted, and watched where it is made in the
    connection's own thread. Raises TakenOver where it came too late."""
    connection = ctx.connection
    turn, began = connection.turn, time.monotonic()
    if turn.ident != threading.get_ident():  # one that a handler began, or that was given up
        return call()
    outer = turn.call
    turn.call = Call(ctx, plugin, what, began, outer)
    try:
        return call()
    finally:
        with connection.lock:
            turn.call = outer
            lost = connection.turn is not turn
        plugin.tally(what).ran(time.monotonic() - began)
        if lost and outer is None:  # a hook within a command lets that come to its end
            raise TakenOver
