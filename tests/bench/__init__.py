"""The benchmark: ircish and other IRC servers at the same work. ``python -m tests.bench``.

Not collected by pytest: it measures, it does not judge, and it takes minutes.
"""
