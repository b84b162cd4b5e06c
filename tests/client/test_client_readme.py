"""The page of keys, commands and settings, and the picture, held against the program."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from picture import FILE, conversed, picture
from test_screens import at_work

from ircish.client.command import Commands
from ircish.client.commands.help import commands_table
from ircish.client.keys import keys_table
from ircish.client.settings import settings_table

PAGE = (Path(FILE).parent / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("keys", keys_table),
        ("slash", lambda: commands_table(Commands().listed())),
        ("client settings", settings_table),
    ],
)
def test_a_table_is_what_the_client_says_of_itself(name: str, table: Callable[[], str]) -> None:
    found = re.search(f"<!-- {name} -->\n(.*?)<!-- /{name} -->", PAGE, re.DOTALL)
    assert found
    assert found[1] == table()


def words(svg: str) -> list[str]:
    """The text of each row of a picture."""
    texts = re.findall(r'<text [^>]*y="([0-9.]+)"[^>]*>([^<]*)</text>', svg)
    rows: dict[float, str] = {}
    for y, text in texts:
        rows[float(y)] = rows.get(float(y), "") + html.unescape(text)
    return [rows[y].replace("\xa0", " ").rstrip() for y in sorted(rows)]


def test_the_picture_shows_what_the_client_shows() -> None:
    with at_work() as stage:
        assert words(picture(conversed(stage))) == words(FILE.read_text("utf-8"))
        assert "on my way, thank you" in stage
