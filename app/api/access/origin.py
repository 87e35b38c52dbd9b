"""Whether a request that changes something comes from the page itself."""

from __future__ import annotations

from typing import Final

from fastapi import Request

from geo.errors import InputError

#: Methods that change nothing (RFC 9110, 9.2.1).
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def require_same_origin(request: Request, origin: str | None) -> None:
    """Refuse what a browser sends for another site.

    Browsers say where a request comes from and pages cannot change that; a client that is no browser says nothing, and
    no cookie of somebody else comes with it.

    Args:
        request: the request; one of a safe method is never refused.
        origin: scheme, host and port that browsers see; None: those that the request names.

    Raises:
        InputError: it comes from another site.
    """
    if request.method in SAFE_METHODS:
        return
    own = origin or f"{request.url.scheme}://{request.url.netloc}"
    said, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if (said is not None and said != own) or (site is not None and site != "same-origin"):
        raise InputError("OTHER_ORIGIN", "The request comes from another site.", "Open the page itself and try again.")
