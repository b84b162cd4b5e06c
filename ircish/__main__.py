"""``python -m ircish``."""

from ircish.cli import main

raise SystemExit(main())
