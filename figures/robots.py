"""Which readers are robots, by the name that they give themselves."""

from __future__ import annotations

import re
from functools import cache

MAX_LENGTH = 300
"""Names of browsers are shorter; looking through a long one takes long."""
MAX_KNOWN = 2_000

_known: dict[int, bool] = {}


@cache
def _names() -> re.Pattern[str]:
    # Half a megabyte, which only a process that serves readers needs.
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA  # noqa: PLC0415

    return re.compile("|".join(each["pattern"] for each in CRAWLER_USER_AGENTS_DATA))


def is_robot(user_agent: str) -> bool:
    """Return whether a user agent names a robot, or nothing at all.

    Looking for 1,500 names takes two milliseconds, so the answer is kept, under a hash that is
    salted anew in each process: no user agent is.
    """
    if not user_agent:
        return True
    name = user_agent[:MAX_LENGTH]
    key = hash(name)
    found = _known.get(key)
    if found is None:
        if len(_known) >= MAX_KNOWN:
            _known.clear()
        found = _known[key] = _names().search(name) is not None
    return found
