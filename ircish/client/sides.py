"""What stands on the two sides of a Client: the face that shows it, and what connects it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from ircish.client.place import Place

LinkState = Literal["off", "connecting", "connected", "waiting"]
"""``waiting`` is for the next try; ``connected`` says nothing of being let in yet."""


class Face(Protocol):
    """What shows a Client, to a person."""

    def changed(self) -> None:
        """Something is to be shown anew, soon."""

    def notify(self, title: str, text: str) -> None:
        """Tell somebody who may be looking elsewhere."""

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call back after a while."""

    def leave(self) -> None:
        """End the program; what has to be asked first is asked."""

    def copy(self, text: str) -> None:
        """Put a text on the clipboard."""

    def redraw(self) -> None:
        """Draw all anew; settings or the look have changed."""

    def search(self, text: str) -> None:
        """Show where the window has a text."""


class Connector(Protocol):
    """What connects a Client to a server: Linking."""

    def connect(self, place: Place) -> None: ...
    def disconnect(self) -> None: ...
    def retry_now(self) -> None: ...
    def flush(self) -> None: ...
    def settled(self) -> None: ...
    def give_up(self) -> None: ...
