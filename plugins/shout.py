"""Shouting, in the client only: !!tea is said as TEA, and so is /shout tea."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ircish import Rest, SlashCommand, hookimpl, slash_command

if TYPE_CHECKING:
    from ircish import Client


@hookimpl
def client_typed(text: str) -> str | None:
    """What to take for what was typed; None leaves it as it is."""
    return text[2:].upper() if text.startswith("!!") and text[2:].strip() else None


@slash_command("shout")
def shout(client: Client, text: Rest) -> None:
    """Say something LOUD; !! at the start of a line does the same."""
    client.say(text.upper())


@hookimpl
def client_commands() -> list[SlashCommand]:
    return [shout]
