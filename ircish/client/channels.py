"""What a Session knows of a channel it is in: who is there, topic, modes; and how to read modes.

Nothing that is read here can be wrong enough to fail: what makes no sense changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

PREFIX = "(ov)@+"
CHANMODES = "beI,k,l,imnpst"
"""Where a server does not say (ISUPPORT): RFC 1459's."""


@dataclass(slots=True)
class Member:
    """Somebody in a channel."""

    nick: str
    marks: str = ""
    """``@+``: their ranks, the highest first"""
    away: bool = False
    account: str = ""
    """"" where there is none or it is not known"""


@dataclass(slots=True)
class Channel:
    """A channel that we are in."""

    name: str
    topic: str = ""
    topic_by: str = ""
    """``nick!user@host``, or a nick alone"""
    topic_time: int | None = None
    """ms since the epoch"""
    members: dict[str, Member] = field(default_factory=dict)
    """by folded nick"""
    complete: bool = False
    """All who are there are known."""
    settings: dict[str, str] = field(default_factory=dict)
    """The modes that are set, and their parameters."""

    @property
    def modes(self) -> str:
        """The modes that are set, such as ``+klnt sesame 50``; "" where none is known."""
        letters = sorted(self.settings)
        params = [self.settings[letter] for letter in letters if self.settings[letter]]
        return " ".join([f"+{''.join(letters)}", *params]) if letters else ""


@dataclass(frozen=True, slots=True)
class Modes:
    """How a server's channel modes are read (ISUPPORT PREFIX and CHANMODES)."""

    ranks: Mapping[str, str]
    """the letter of each rank and its mark, the highest first"""
    lists: str
    always: str
    """letters that always have a parameter"""
    setting: str
    """letters that have one only when they are set"""

    @classmethod
    def parse(cls, isupport: Mapping[str, str]) -> Modes:
        """The modes that a server has told; RFC 1459's where that makes no sense."""
        prefix = isupport.get("PREFIX", PREFIX)
        match = _PREFIX.fullmatch(prefix) or _PREFIX.fullmatch(PREFIX)
        letters, marks = match.groups("") if match else ("", "")
        if len(letters) != len(marks):
            letters, marks = "ov", "@+"
        kinds = (*isupport.get("CHANMODES", CHANMODES).split(","), "", "", "")
        return cls(dict(zip(letters, marks, strict=True)), *kinds[:3])

    @property
    def marks(self) -> str:
        """The marks, the highest first."""
        return "".join(self.ranks.values())

    def ordered(self, marks: str) -> str:
        """Marks, each once, the highest first."""
        return "".join(mark for mark in self.ranks.values() if mark in marks)

    def name(self, word: str) -> tuple[str, str]:
        """Marks and nick of a word of NAMES: ``@+ann!~ann@host`` (userhost-in-names)."""
        nick = word.lstrip(self.marks)
        return self.ordered(word[: len(word) - len(nick)]), nick.partition("!")[0]

    def changes(self, words: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Sign, letter and parameter ("" where there is none) of each change in MODE's words."""
        sign, params = "+", iter(words[1:])
        for letter in "".join(words[:1]):
            if letter in "+-":
                sign = letter
            elif letter.isascii() and letter.isalnum():
                takes = letter in self.ranks or letter in self.lists or letter in self.always
                takes = takes or (sign == "+" and letter in self.setting)
                yield sign, letter, next(params, "") if takes else ""

    def apply(self, channel: Channel, words: Sequence[str], fold: Callable[[str], str]) -> None:
        """Change a channel as MODE's words say."""
        for sign, letter, param in self.changes(words):
            if mark := self.ranks.get(letter):
                if member := channel.members.get(fold(param)):
                    marks = member.marks.replace(mark, "") + (mark if sign == "+" else "")
                    member.marks = self.ordered(marks)
            elif letter in self.lists:
                pass
            elif sign == "+":
                channel.settings[letter] = param
            else:
                channel.settings.pop(letter, None)


_PREFIX = re.compile(r"(?:\(([A-Za-z]*)\)([^\s\w]*))?", re.ASCII)
