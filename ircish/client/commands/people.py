"""People: you, others, and whom you want to hear or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ircish.client.command import Mistake, SlashCommand, slash_command
from ircish.client.commands.settings import changing
from ircish.command import Nick, Rest

if TYPE_CHECKING:
    from ircish.client.client import Client


@slash_command("nick")
def nick(client: Client, name: str) -> None:
    """Take another nickname."""
    if client.session and not client.session.closed and not client.inside:
        client.session.rename(name)
        client.flush()
    else:
        client.send("NICK", name)


@slash_command("whois", aliases=("wi",))
def whois(client: Client, nick: Nick = "", again: Nick = "") -> None:
    """Ask who somebody is.

    Alone, the one that you talk to in this window, or yourself. /whois ben ben asks ben's server,
    which knows how long ben has been silent.
    """
    window = client.windows.current
    nick = nick or (window.name if window.kind == "query" else client.nick)
    client.send("WHOIS", nick, *([again] if again else []))


@slash_command("who")
def who(client: Client, mask: str = "") -> None:
    """See who is in a channel, or whose nick fits a mask.

    /who #dev, /who a*; alone, this window's.
    """
    window = client.windows.current
    if not mask and window.kind not in ("channel", "query"):
        raise Mistake("<mask> is missing. Usage: /who <mask>")
    client.send("WHO", mask or window.name)


@slash_command("away")
def away(client: Client, text: Rest = "") -> None:
    """Say that you are away, and why.

    Alone when you are away already, say that you are back.
    """
    if not text and client.online().away:
        client.send("AWAY")
    else:
        client.send("AWAY", text or client.settings.away_message or "away")


@slash_command("back")
def back(client: Client) -> None:
    """Say that you are no longer away."""
    client.send("AWAY")


@slash_command("ignore")
def ignore(client: Client, mask: Nick = "") -> None:
    """Show nothing more of somebody.

    /ignore ben, /ignore *!*@*.example. Alone, see who is ignored.
    """
    _add(client, "ignore", mask, f"{mask} is ignored; /unignore {mask} ends that.")


@slash_command("unignore")
def unignore(client: Client, mask: Nick) -> None:
    """Show again what somebody says."""
    _remove(client, "ignore", mask, f"{mask} is shown again.")


@slash_command("highlight", aliases=("hilight",))
def highlight(client: Client, words: Rest = "") -> None:
    """Count words as a mention, like your nickname.

    /highlight tea. Alone, see which there are.
    """
    _add(client, "highlight", words, f"{words} counts as a mention; /unhighlight ends that.")


@slash_command("unhighlight", aliases=("dehilight",))
def unhighlight(client: Client, words: Rest) -> None:
    """Count words as a mention no more."""
    _remove(client, "highlight", words, f"{words} is like any other word again.")


def _add(client: Client, setting: str, word: str, said: str) -> None:
    """Add to a list, or show it where there is nothing to add."""
    if not word:
        listed = client.settings.get(setting)
        client.show(f"{setting}: {', '.join(listed)}" if listed else f"{setting}: nothing")
        return
    with changing(client):
        new = client.settings.add(setting, word)
    client.show(said if new else f"{word} is in the list already; /{setting} shows it.")


def _remove(client: Client, setting: str, word: str, said: str) -> None:
    with changing(client):
        was = client.settings.remove(setting, word)
    if not was:
        raise Mistake(f"{word} is not in the list; /{setting} shows it.")
    client.show(said)


def client_commands() -> list[SlashCommand]:
    return [nick, whois, who, away, back, ignore, unignore, highlight, unhighlight]
