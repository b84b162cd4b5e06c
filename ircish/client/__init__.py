"""What talks to a server: a session without a socket, and a small link that gives it one."""

from ircish.client.session import Session

__all__ = ["Session"]
