"""Talking: to a channel, to one person, once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ircish.client.command import Mistake, SlashCommand, is_channel, slash_command
from ircish.client.log import FAILED, Kind
from ircish.command import Nick, Rest

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.windows import Window


@slash_command("say")
def say(client: Client, text: Rest) -> None:
    """Say a text as it stands, also one that begins with a slash."""
    client.say(text)


@slash_command("me")
def me(client: Client, text: Rest) -> None:
    """Tell what you do.

    /me waves
    """
    client.say(text, kind="action")


@slash_command("msg", aliases=("m",))
def msg(client: Client, target: Nick, text: Rest) -> None:
    """Tell one person something, or a channel.

    /msg ben hello, /msg #dev hello: what is said to a person stands in a window of its own, and
    you stay where you are.
    """
    _tell(client, target, text, "message")


@slash_command("notice")
def notice(client: Client, target: Nick, text: Rest) -> None:
    """Tell somebody something that no program answers."""
    _tell(client, target, text, "notice")


def _tell(client: Client, targets: str, text: str, kind: Kind) -> None:
    session = client.online()
    for target in filter(None, targets.split(",")):
        _, name = session.audience(target)  # @#dev is for some of #dev
        client.say(text, _window(client, name), kind, target if name != target else "")


def _window(client: Client, name: str) -> Window:
    if not is_channel(client, name):
        if is_channel(client, name.lstrip("~&@%+")):
            raise Mistake(f"This server cannot tell only some of a channel: {name}")
        return client.query(name)
    if window := client.windows.find(name, "channel"):
        return window
    raise Mistake(f"You are not in {name}; /join {name} goes in.")


@slash_command("query", aliases=("q",))
def query(client: Client, nick: Nick = "", text: Rest = "") -> None:
    """Talk to one person in a window of its own.

    Alone, close the window that is shown, where it is one.
    """
    windows = client.windows
    if not nick:
        if windows.current.kind != "query":
            raise Mistake("/query NICK opens a window for talking to somebody.")
        windows.close(windows.current)
    elif is_channel(client, nick):
        raise Mistake(f"{nick} is a channel; /join {nick} goes in.")
    else:
        window = client.query(nick)
        windows.show(window)
        if text:
            client.say(text, window)
    client.changed()


@slash_command("ctcp")
def ctcp(client: Client, nick: Nick, question: str, text: Rest = "") -> None:
    """Ask somebody's program something.

    /ctcp ben version
    """
    question = question.upper()
    client.send("PRIVMSG", nick, f"\1{question} {text}".rstrip(" ") + "\1")
    client.show(f"Asked {nick} by CTCP: {question}")


@slash_command("ping")
def ping(client: Client, nick: Nick = "") -> None:
    """Measure how long a message takes to somebody and back."""
    window = client.windows.current
    if not nick and window.kind == "query":
        nick = window.name
    if not nick:
        raise Mistake("<nick> is missing. Usage: /ping <nick>")
    client.send("PRIVMSG", nick, f"\1PING {client.now()}\1")
    client.show(f"Asked {nick} by CTCP: PING")


@slash_command("resend")
def resend(client: Client) -> None:
    """Say again what was not sent in this window."""
    if client.resend(client.windows.current):
        return
    for number, window in enumerate(client.windows, 1):
        if any(entry.flags & FAILED for entry in window.log):
            raise Mistake(f"All was sent here, but not in {window.name}, window {number}.")
    raise Mistake("All that you said was sent.", done=True)


def client_commands() -> list[SlashCommand]:
    return [say, msg, query, me, notice, resend, ctcp, ping]
