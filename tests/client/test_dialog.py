"""Dialogs: how they are laid out in which room."""

from __future__ import annotations

import pytest
from prompt_toolkit.utils import get_cwidth

from ircish.client.dialog import Choice, Dialog, pasted, pieces


def nothing() -> None: ...


PASTE = pasted(["def f():", "  x", "  y"], nothing, nothing, nothing, nothing, 3)
LEAVE = Dialog(
    "2 others are on your server. Should it go on without you?",
    (
        Choice("y", "yes, leave it running", nothing),
        Choice("n", "no, stop it", nothing),
        Choice("c", "stay here", nothing),
    ),
)


def shown(dialog: Dialog, columns: int, rows: int) -> list[str]:
    lines = "".join(text for _, text in pieces(dialog, columns, rows)).split("\n")
    return [line.strip() for line in lines]


@pytest.mark.parametrize(
    ("columns", "rows", "lines"),
    [
        (
            80,
            20,
            [
                "Paste 3 lines, sent as 3 messages?",
                "def f(): …",
                "[s] send  [e] edit  [j] join into one line  [c] cancel",
            ],
        ),
        (
            80,
            2,
            [
                "Paste 3 lines, sent as 3 messages?",
                "[s] send  [e] edit  [j] join into one line  [c] cancel",
            ],
        ),
        (
            40,
            3,
            [
                "Paste 3 lines, sent as 3 messages?",
                "[s] send  [e] edit",
                "[j] join into one line  [c] cancel",
            ],
        ),
        (40, 2, ["Paste 3 lines, sent as 3 messages?", "[s] send [e] edit [j] join [c] cancel"]),
        (20, 3, ["Paste 3 lines, se…", "[s] send [e] edit", "[j] join [c] cancel"]),
        (20, 2, ["Paste 3 lines, se…", "[s] [e] [j] [c]"]),
        (20, 1, ["[s] [e] [j] [c]"]),
    ],
)
def test_a_paste_shows_all_its_keys_in_any_room(columns: int, rows: int, lines: list[str]) -> None:
    assert shown(PASTE, columns, rows) == lines


def test_a_question_that_is_too_wide_is_wrapped() -> None:
    assert shown(LEAVE, 40, 10) == [
        "2 others are on your server. Should it",
        "go on without you?",
        "[y] yes, leave it running",
        "[n] no, stop it  [c] stay here",
    ]
    assert shown(LEAVE, 40, 3)[-1] == "[y] yes [n] no [c] stay"


@pytest.mark.parametrize("dialog", [PASTE, LEAVE, PASTE._replace(preview="日本" * 50)])
def test_a_dialog_is_never_larger_than_its_room(dialog: Dialog) -> None:
    for columns in range(17, 121):
        for rows in range(1, 8):
            text = "".join(text for _, text in pieces(dialog, columns, rows))
            assert text.count("\n") < rows
            assert max(map(get_cwidth, text.split("\n"))) <= columns
            assert all(f"[{choice.key}]" in text for choice in dialog.choices)
