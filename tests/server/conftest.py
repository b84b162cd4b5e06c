"""Here sockets are fakes: see fakes.py."""

from __future__ import annotations

from collections.abc import Iterator

import fakes
import pytest


@pytest.fixture(autouse=True, scope="module")
def sends_go_to_the_fakes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ircish.server.writer.send", fakes.send)
        yield
