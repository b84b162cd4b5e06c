"""The modes of channels and of users: which there are, and how they are written.

Modern IRC, "Channel modes": lists have entries, the key always a parameter, the limit one when it
is set, the others none. Who may set them is in setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ircish.chat.names import fold

STATUS = {"q": "~", "o": "@", "v": "+"}
"""What a member can hold, and the sign before their nick, the highest first: q, a founder, on whom
no operator acts; o, an operator; v, a voice where the channel is moderated."""

SIGNS = "".join(STATUS.values())
"""What may stand before a channel: those of that status and of a higher one (ISUPPORT
STATUSMSG)."""

OPERATORS = frozenset("qo")
"""The statuses whose holders are the operators of a channel."""

LISTS = "beI"
"""Lists of masks: b, who is kept out or silenced; e, who is not all the same; I, who needs no
invitation."""

MUTE = "m:"
"""How a ban begins that only silences (EXTBAN in ISUPPORT): those it fits may come in. An
exception that begins so lets them speak, and not come in."""

FLAGS = "Cimnst"
"""The modes of a channel without a parameter: C, no CTCP but actions; i, on invitation only; m,
moderated; n, members only; s, secret; t, operators set the topic."""

CHANMODES = f"{LISTS},k,l,{FLAGS}"
"""ISUPPORT's CHANMODES: k, the key one needs; l, how many may be in."""

USER_MODES = "Biosw"
"""What a user can be: B, a bot; i, invisible to strangers; o, a server operator; s, told what the
server does (operators only); w, told wallops."""

KEY_LENGTH = 23
"""Characters of a key (RFC 2812 §2.3.1)."""

MASK_LENGTH = 120
"""Characters of a mask: its MODE must fit a line, beside who set it."""

Change = tuple[str, str, str]
"""(sign, letter, parameter)"""


def parse(letters: str, params: Sequence[str]) -> Iterator[Change]:
    """The changes in ``+o-l ben``. What needs a parameter and has none gets ""."""
    sign, rest = "+", iter(params)
    for letter in letters:
        if letter in "+-":
            sign = letter
        elif letter in STATUS or letter in f"{LISTS}k" or (letter == "l" and sign == "+"):
            yield sign, letter, next(rest, "")
        else:
            yield sign, letter, ""


def full_mask(mask: str) -> str:
    """``nick!user@host`` for a mask of which parts may be missing: ben is ``ben!*@*``."""
    if fold(mask).startswith(MUTE):
        return MUTE + full_mask(mask[len(MUTE) :])
    nick, bang, rest = mask.partition("!")
    if not bang:
        nick, rest = ("", mask) if "@" in mask else (mask, "")
    user, _, host = rest.partition("@")
    return f"{nick or '*'}!{user or '*'}@{host or '*'}"


def signs(status: str) -> str:
    """The signs of a status, the highest first."""
    return "".join([STATUS[letter] for letter in status])


def to_channel(target: str) -> bool:
    """Whether what is said to ``target`` is said in a channel, to all or (``@#dev``) to some."""
    return target.lstrip(SIGNS)[:1] == "#"


def toggled(letters: Iterable[str], letter: str) -> str:
    """``letters`` with ``letter`` put in or taken out, in alphabetical order."""
    return "".join(sorted(set(letters) ^ {letter}))


def is_operator(status: str) -> bool:
    """Whether a status is one of an operator of the channel."""
    return not OPERATORS.isdisjoint(status)
