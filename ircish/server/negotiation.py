"""What a connection speaks is found out, not configured: irc or plain. No socket, no clock."""

from __future__ import annotations

from ircish.wire import Message

NICK_WAITS = 0.5
"""Seconds that PASS and NICK wait for a line which says what the client is."""

PROGRAM_WAITS = 2.0
"""Seconds that they wait where a PING came behind them: nobody types one then, and what a program
sends next says what it is."""

MOST_HELD = 16
"""Lines that wait; who sends more of PASS and NICK is not an IRC client."""

DECIDES_IRC = ("CAP", "USER")
"""What no person types."""

GREETING_AFTER = 1.0
"""Seconds of silence after which a person is greeted; that decides nothing."""


class Negotiation:
    """Only CAP or USER makes a connection irc; any other verb makes it plain, but for a PING behind
    a NICK, which is answered at once and decides nothing."""

    def __init__(self, now: float) -> None:
        self.dialect: str | None = None
        self.greet = False
        """Set when a greeting is due, for whoever writes it to unset."""
        self._held: list[Message] = []
        self._deadline: float | None = now + GREETING_AFTER

    def feed(self, message: Message, now: float) -> list[Message]:
        """The messages that can be done now."""
        if self.dialect == "irc":
            return [message]
        if message.verb in DECIDES_IRC:
            return self._decide("irc", message)
        if message.verb == "PING" and self._held:
            self._deadline = now + PROGRAM_WAITS
            return [message]
        if message.verb == "QUIT":
            self._held = []  # they would come in only to leave
        if self.dialect == "plain" or message.verb not in ("PASS", "NICK"):
            return self._decide("plain", message)
        self._held.append(message)
        if len(self._held) == MOST_HELD:
            return self._decide("plain", None)
        self._deadline = now + NICK_WAITS
        return []

    def refused(self, verb: str) -> list[Message]:
        """A line with that verb cannot be done; it says all the same what the client is."""
        if self.dialect:
            return []
        return self._decide("irc" if verb in DECIDES_IRC else "plain", None)

    def waits(self, now: float) -> float | None:
        """Seconds after which ``silence`` has to be told of, None for never."""
        return None if self._deadline is None else max(0.0, self._deadline - now)

    def silence(self) -> list[Message]:
        """Nothing came for as long as ``waits`` said, or nothing will: what is to be done now."""
        self._deadline = None
        if self._held:
            return self._decide("plain", None)
        self.greet = True
        return []

    def _decide(self, dialect: str, message: Message | None) -> list[Message]:
        self.dialect = dialect
        self._deadline = None
        messages = self._held + ([message] if message else [])
        self._held = []
        return messages
