"""Windows: go to one, move it, close it, empty it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ircish.client.command import Mistake, SlashCommand, WindowName, slash_command

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.windows import Window

WORDS = ("next", "prev", "last", "list", "move", "close")
"""What /win understands beside numbers and names."""


@slash_command("win", aliases=("w", "window"))
def win(client: Client, where: WindowName = "list", number: int = 0) -> None:
    """Go to a window, list or move them.

    /win 3, /win #dev, /win next, prev or last go there. /win list shows them all, /win close
    closes this one, /win move 3 gives it that number.
    """
    windows = client.windows
    here = windows.number(windows.current)
    if number and where != "move":
        raise Mistake(f"That is more than /win {where} takes: {number}.")
    match where:
        case "list":
            for each in windows:
                client.show(_line(client, each))
        case "next" | "prev" | "previous":
            step = 1 if where == "next" else -1
            windows.show(windows[(here - 1 + step) % len(windows) + 1])
        case "last":
            windows.show(windows.before)
        case "close":
            leave(client, windows.current)
        case "move":
            _move(client, number)
        case _:
            windows.show(_named(client, where))
    client.changed()


def _line(client: Client, window: Window) -> str:
    number = client.windows.number(window)
    mentions = f", {window.mentions} for you" if window.mentions else ""
    news = f" ({window.news} new{mentions})" if window.news else ""
    here = " *" if window is client.windows.current else ""
    return f"{number:>3} {window.name}{news}{here}"


def _move(client: Client, number: int) -> None:
    windows = client.windows
    if windows.current is windows.server:
        raise Mistake("The server's window stays number 1.")
    if not 2 <= number <= len(windows):
        raise Mistake(f"/win move takes a number from 2 to {len(windows)}.")
    windows.move(windows.current, number)


def _named(client: Client, where: str) -> Window:
    """The window of a number or a name, or the only one whose name begins so, or has it."""
    windows = client.windows
    if where.isascii() and where.isdigit():
        try:
            return windows[int(where[:9])]
        except IndexError:
            many = "is 1 window" if len(windows) == 1 else f"are {len(windows)} windows"
            raise Mistake(f"There is no window {where}; there {many}.") from None
    if found := windows.find(where):
        return found
    wanted = client.fold(where)
    names = [(client.fold(each.name), each) for each in windows]
    close = [each for name, each in names if name.lstrip("#&").startswith(wanted.lstrip("#&"))]
    close = close or [each for name, each in names if wanted in name]
    if len(close) == 1:
        return close[0]
    if close:
        listed = ", ".join(each.name for each in close)
        raise Mistake(f"{where} could be any of {listed}.")
    raise Mistake(f"There is no window {where}; /win list shows them.")


@slash_command("close", aliases=("wc",))
def close(client: Client) -> None:
    """Close this window, and leave its channel."""
    leave(client, client.windows.current)


def leave(client: Client, window: Window, reason: str = "") -> None:
    """Close a window; where it is of a channel that we are in, leave that. Raises Mistake."""
    if window is client.windows.server:
        raise Mistake("The server's window stays open; /quit leaves ircish.")
    if waiting := client.speech.waiting_in(window):
        lines = "1 line of yours is" if waiting == 1 else f"{waiting} lines of yours are"
        raise Mistake(f"{lines} not sent yet; they would be lost. Again in a moment, or /cancel.")
    session = client.session if client.inside else None
    if window.kind == "channel" and session and session.channel(window.name):
        client.send("PART", window.name, *([reason] if reason else []))
    client.windows.close(window)
    client.changed()


@slash_command("cancel")
def cancel(client: Client) -> None:
    """Do not send what still waits in this window.

    That may be the rest of a long paste. /resend says it all the same.
    """
    many = client.speech.cancel(client.windows.current)
    lines = "1 line is" if many == 1 else f"{many or 'No'} lines are"
    client.show(f"{lines} cancelled.")


@slash_command("clear")
def clear(client: Client) -> None:
    """Empty this window.

    What the server keeps comes back when you scroll up.
    """
    window = client.windows.current
    window.log.clear()
    window.follow()
    window.unread = None
    client.recall.emptied(window)
    client.changed()


def client_commands() -> list[SlashCommand]:
    return [win, close, cancel, clear]
