"""What fits a line of IRC readers: a text is refused or cut before it happens, not after."""

from __future__ import annotations

from ircish import replies
from ircish.errors import Refused
from ircish.events import Source
from ircish.wire import MAX_LINE, one_line


def check_fits(text: str, source: Source, target: str) -> None:
    """Raises Refused when IRC readers could not be sent ``text`` as one line."""
    check_line(text)
    characters = len(text) + len(target) + len(source.nick) + len(source.user)
    if characters * 4 + len(source.host) < MAX_LINE - 20:  # in UTF-8 at the most
        return
    over = len(text.encode()) - room(source, target)
    if over > 0:
        raise Refused(replies.RELAY_TOO_LONG, over=over, fits=room(source, target))


def room(source: Source, target: str) -> int:
    """Bytes of text that IRC readers can be sent in one line."""
    return MAX_LINE - len(f":{source.prefix} PRIVMSG {target} :\r\n".encode())


def check_line(text: str) -> None:
    """Raises Refused for what would be two lines, ValueError for half a surrogate pair, which
    only a plugin can have made."""
    if not one_line(text):
        raise Refused(replies.CONTROL_INSIDE)
    if not text.isascii():
        text.encode()


def cut(reason: str, head: str) -> str:
    """As much of a reason as IRC readers can be sent behind ``head`` in one line."""
    check_line(reason)
    fits = MAX_LINE - len(f"{head}\r\n".encode())
    return reason.encode()[:fits].decode(errors="ignore") if len(reason) * 4 > fits else reason
