"""The README's picture of the client: ``python tests/client/picture.py`` draws it anew."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from rich.style import Style
from rich.text import Text
from stage import Stage
from test_screens import at_work, talk

FILE = Path(__file__).parents[2] / "ircish" / "client" / "screen.svg"


def conversed(stage: Stage) -> Stage:
    """A talk in a channel, and a command that is being typed."""
    talk(stage)
    stage.type("on my way, thank you\n")
    stage.hear("@label=9 :ann!~ann@host PRIVMSG #dev :on my way, thank you")
    stage.type("/topic Rel")
    return stage


def picture(stage: Stage) -> str:
    """What a stage shows, as SVG by Rich."""
    shown = stage.shown
    console = Console(
        record=True,
        width=shown.columns,
        file=io.StringIO(),
        force_terminal=True,
        legacy_windows=False,
    )
    for y in range(shown.lines):
        line = Text()
        for x in range(shown.columns):
            char = shown.buffer[y][x]
            line.append(
                char.data,
                Style(
                    color=_color(char.fg),
                    bgcolor=_color(char.bg),
                    bold=char.bold,
                    underline=char.underscore,
                    italic=char.italics,
                    reverse=char.reverse,
                ),
            )
        console.print(line, end="" if y == shown.lines - 1 else "\n", soft_wrap=True)
    return console.export_svg(title="ircish", unique_id="ircish")


def _color(name: str) -> str | None:
    if name == "default":
        return None
    if len(name) == 6 and all(digit in "0123456789abcdef" for digit in name):
        return f"#{name}"
    return {"brown": "yellow"}.get(name, name.replace("bright", "bright_"))


def main() -> None:
    with at_work() as stage:
        FILE.write_text(picture(conversed(stage)), "utf-8")


if __name__ == "__main__":
    main()
