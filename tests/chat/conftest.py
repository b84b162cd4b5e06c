"""The chat of these tests: nothing but the core, without a server."""

from __future__ import annotations

import pytest
from cast import new_chat

from ircish.chat.chat import Chat


@pytest.fixture
def chat() -> Chat:
    """ann, who founded it, and ben are in #Dev; cat is in #tea alone; nobody is in #lobby."""
    return new_chat()
