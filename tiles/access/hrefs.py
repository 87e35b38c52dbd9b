"""What an href says of itself, and how it may be shown."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

#: Seconds that a server may stay silent, for every request.
TIMEOUT_S: Final = 60

_SIGNED_HOST: Final = ".blob.core.windows.net"
_QUERY = re.compile(r"\?[^\s,'\"]+?(?=:?(?:[\s,'\"]|$))")


def is_remote(href: str) -> bool:
    """Whether an href names something else than a local file."""
    return "://" in href and not href.startswith("file:")


def is_signed(href: str) -> bool:
    """Whether reading an href needs a signature of Planetary Computer."""
    return (urlsplit(href).hostname or "").endswith(_SIGNED_HOST)


def host_of(href: str) -> str:
    """Host (and port) of an href; of an object store's href, its bucket."""
    return urlsplit(href).netloc.rpartition("@")[2]


def unsigned(href: str) -> str:
    """An href as it may be shown: without query, user and password."""
    parts = urlsplit(href)
    return f"{parts.scheme}://{host_of(href)}{parts.path}" if parts.netloc else href


def without_queries(text: str) -> str:
    """Another library's text as it may be shown: without the queries of URLs in it."""
    return _QUERY.sub("", text)
