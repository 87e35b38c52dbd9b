"""Caching by content: an address that carries the hash of what it shows never changes."""

from __future__ import annotations

from fastapi import Request

_FOR_GOOD = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"


def cache_headers(content_hash: str, asked: str | None) -> dict[str, str]:
    """ETag and Cache-Control: for good where the address names this very content, else ask again each time."""
    return {"ETag": f'"{content_hash}"', "Cache-Control": _FOR_GOOD if asked == content_hash else _ASK_AGAIN}


def not_modified(request: Request, headers: dict[str, str]) -> bool:
    """Whether the client already holds this content (a proxy may have marked its tag as weak)."""
    held = request.headers.get("if-none-match", "")
    return headers["ETag"] in {tag.strip().removeprefix("W/") for tag in held.split(",")}
