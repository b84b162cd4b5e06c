"""IRC's formatting codes and URLs in a text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ircish.client.formatting import MOST_LINK, Format, link, name, plain, spans, urls
from ircish.text import UNSAFE

B = Format(bold=True)
RED = Format(fg=4)
CODES = [
    "\x02",
    "\x1d",
    "\x1f",
    "\x1e",
    "\x16",
    "\x11",
    "\x0f",
    "\x03",
    "\x04",
    "\x034",
    "\x0304,9",
]
HOSTILE = [chr(n) for n in (*range(32), *range(0x7F, 0xA0))] + list(
    "\u00ad\u061c\u200b\u200e\u2028\u202e\u2066\ufeff\ufff9\U000e0041\ud800"
)
texts = st.lists(st.one_of(st.sampled_from([*CODES, *HOSTILE]), st.text(max_size=5)), max_size=20)


@pytest.mark.parametrize(
    ("text", "shown", "formatted"),
    [
        ("", "", []),
        ("no codes", "no codes", []),
        ("a \x02b\x02 c", "a b c", [(2, 3, B)]),
        ("\x02to the end", "to the end", [(0, 10, B)]),
        ("\x02\x02none", "none", []),
        ("\x1di\x1d\x1fu\x1f\x1es\x1e\x16r\x16\x11m\x11.", "iusrm.", [
            (0, 1, Format(italic=True)),
            (1, 2, Format(underline=True)),
            (2, 3, Format(strike=True)),
            (3, 4, Format(reverse=True)),
            (4, 5, Format(monospace=True)),
        ]),
        ("\x02b\x1dbi\x02i\x0fnone", "bbiinone", [
            (0, 1, B),
            (1, 3, Format(bold=True, italic=True)),
            (3, 4, Format(italic=True)),
        ]),
        ("\x034red\x03.", "red.", [(0, 3, RED)]),
        ("\x0304red\x0f.", "red.", [(0, 3, RED)]),
        ("\x03041", "1", [(0, 1, RED)]),
        ("\x03041,5x", "1,5x", [(0, 4, RED)]),
        ("\x034,12x", "x", [(0, 1, Format(fg=4, bg=12))]),
        ("\x034,123", "3", [(0, 1, Format(fg=4, bg=12))]),
        ("\x034,12a\x035b", "ab", [(0, 1, Format(fg=4, bg=12)), (1, 2, Format(fg=5, bg=12))]),
        ("\x034,x", ",x", [(0, 2, RED)]),
        ("\x03,5x", ",5x", []),
        ("\x034a\x03,5x", "a,5x", [(0, 1, RED)]),
        ("\x0304,99x", "x", [(0, 1, RED)]),
        ("\x034,5a\x0304,99x", "ax", [(0, 1, Format(fg=4, bg=5)), (1, 2, RED)]),
        ("\x034a\x0399b", "ab", [(0, 1, RED)]),
        ("\x034,5a\x0399b", "ab", [(0, 1, Format(fg=4, bg=5)), (1, 2, Format(bg=5))]),
        ("\x0398x", "x", [(0, 1, Format(fg=98))]),
        ("\x02\x034x\x03y", "xy", [(0, 1, Format(bold=True, fg=4)), (1, 2, B)]),
        ("\x03٤ is no digit", "٤ is no digit", []),
        ("\x04ff00FFx\x04y", "xy", [(0, 1, Format(fg="ff00FF"))]),
        ("\x04ff0000,00ff00x", "x", [(0, 1, Format(fg="ff0000", bg="00ff00"))]),
        ("\x04ff0000,0x", ",0x", [(0, 3, Format(fg="ff0000"))]),
        ("\x04ff00x", "ff00x", []),
        ("\x16a\x03b", "ab", [(0, 2, Format(reverse=True))]),
        ("Rules: 5\x0313,8,6\x03,7,8, \x029\x02\x1d!", "Rules: 5,6,7,8, 9!", [
            (8, 10, Format(fg=13, bg=8)),
            (16, 17, B),
            (17, 18, Format(italic=True)),
        ]),
        ("a\tb\x1b[31mc\x9b", "a b[31mc", []),
    ],
)  # fmt: skip
def test_codes_become_spans(
    text: str, shown: str, formatted: list[tuple[int, int, Format]]
) -> None:
    found = spans(text)
    merged: list[tuple[int, int, Format]] = []
    for start, end, format in found[1]:
        if merged and merged[-1][1:] == (start, format):
            merged[-1] = merged[-1][0], end, format
        else:
            merged.append((start, end, format))
    assert (found[0], merged) == (shown, formatted)
    assert plain(text) == shown


@settings(deadline=None, max_examples=300)
@given(texts.map("".join))
def test_whatever_comes_nothing_steers_a_terminal(text: str) -> None:
    shown, formatted = spans(text)
    assert not UNSAFE.search(shown)
    done = 0
    for start, end, format in formatted:
        assert done <= start < end <= len(shown)
        assert format != Format()
        done = end
    assert not UNSAFE.search(name(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("no url: here", []),
        ("https://example.org", ["https://example.org"]),
        ("(see https://x/y_(z)).", ["https://x/y_(z)"]),
        ("(https://x/y)", ["https://x/y"]),
        ("https://x/[a]] https://y/{b}}", ["https://x/[a]", "https://y/{b}"]),
        ("<https://x/y>, \"http://z\", 'ftp://w'", ["https://x/y", "http://z", "ftp://w"]),
        ("https://x/y?a=1&b=2#c!!! ok", ["https://x/y?a=1&b=2#c"]),
        ("HTTPS://X/Y; irc://h/#dev, ircs://h", ["HTTPS://X/Y", "irc://h/#dev", "ircs://h"]),
        ("mailto:ann@example.org. mailto:nobody", ["mailto:ann@example.org"]),
        ("javascript:alert(1) file:///etc/passwd data://x xhttps://y", []),
        ("https:// http://. ftp://)", []),
        ("读https://例え.jp/道。好", ["https://例え.jp/道"]),
        ("https://a\u00a0b", ["https://a"]),
    ],
)
def test_urls_are_whole_and_end_where_they_end(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in urls(text)] == found


def test_a_line_of_brackets_takes_no_time() -> None:
    text = "https://x/" + ")" * 100_000
    assert [text[start:end] for start, end in urls(text)] == ["https://x/"]


@pytest.mark.parametrize(
    ("url", "given"),
    [
        ("https://x/y_(z)?q=a;b&c#d%20", "https://x/y_(z)?q=a;b&c#d%20"),
        ("mailto:ann@example.org", "mailto:ann@example.org"),
        ("https://x/ü", "https://x/%C3%BC"),
        ("https://x/\x1b]8;;", ""),
        ("https://x/\x07", ""),
        ("https://x/a\u202eb", ""),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://", ""),
        ("https://x/" + "a" * MOST_LINK, ""),
        ("https://x/" + "ü" * (MOST_LINK // 2), ""),
    ],
)
def test_only_harmless_urls_become_links(url: str, given: str) -> None:
    assert link(url) == given
