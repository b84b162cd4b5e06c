"""What talks to a server: Session, which is IRC without a socket; blocking links on it for scripts;
and the console client."""

from ircish.client.session import Session

__all__ = ["Session"]
