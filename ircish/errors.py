"""Refused: how a command, a rule of the chat or a plugin says no to a user."""

from __future__ import annotations

from ircish.replies import Reply


class Refused(Exception):
    """What the user asked for was not done; ``reply`` and ``fields`` say why, in their dialect."""

    def __init__(self, reply: Reply, **fields: object) -> None:
        super().__init__(reply, fields)
        self.reply = reply
        self.fields = fields

    def __str__(self) -> str:
        return self.reply.sentence(self.fields) or self.reply.numeric

    @property
    def logged(self) -> str:
        """The same for the log, where nothing is kept that was meant for people."""
        return str(Refused(self.reply, **{**self.fields, "said": "..."}))


class Gone(Exception):
    """The connection that a handler works for is closed; nothing it says is heard any more."""
