"""The state of the chat and its rules: no socket, no thread, no clock, no random number."""

from ircish.chat.chat import Chat
from ircish.chat.names import fold
from ircish.chat.outcome import Outcome
from ircish.chat.state import Bounds, Channel, User

__all__ = ["Bounds", "Channel", "Chat", "Outcome", "User", "fold"]
