"""What is known of scenes besides their pixels: when they were published, and a hash of all they rest on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pystac

from geo.errors import InputError
from tiles.access import asset_identities
from tiles.guard import baseline_of, reflectance_rule
from tiles.sources.base import acquired_at

_MINUTES_PER_DEGREE: Final = 4  # the sun moves 15 degrees an hour
_KNOWN_AT: Final = ("published", "created", "updated")


def solar_day(item: pystac.Item, lon: float) -> date:
    """Date of acquisition in mean solar time at a longitude in degrees: one pass of the satellite is one day."""
    return (acquired_at(item) + timedelta(minutes=_MINUTES_PER_DEGREE * lon)).date()


def known_at(item: pystac.Item) -> datetime:
    """When a scene became known, aware UTC: when it was published, else when it was acquired.

    Raises:
        InputError: the publication time is no instant (SCENE_TIME).
    """
    said = next((item.properties[key] for key in _KNOWN_AT if item.properties.get(key)), None)
    if said is None:
        return acquired_at(item)
    try:
        when = datetime.fromisoformat(str(said))
    except ValueError as error:
        raise InputError(
            "SCENE_TIME", f"Scene {item.id} gives {said!r} as its publication time.", "Write it as an ISO 8601 instant."
        ) from error
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def content_hashes(items: Iterable[pystac.Item]) -> dict[str, str]:
    """SHA-256 of all of each scene that a cube depends on, by item id; reads every local file once.

    That is its id, instants, processing baseline and reflectance rule besides what identifies the asset files
    (`tiles.access.asset_identity`): corrected metadata give another hash.

    Raises:
        DataError: a file is missing, or nothing identifies it.
        InputError: a server asks for a token or key, or a publication time is no instant.
        TransientError: a server does not answer.
    """
    named = [(item, sorted(item.assets.items())) for item in items]
    identities = iter(asset_identities([asset for _, assets in named for _, asset in assets]))
    return {item.id: _content_hash(item, [(key, next(identities)) for key, _ in assets]) for item, assets in named}


def joint_hash(hashes: Iterable[str]) -> str:
    """SHA-256 of several hashes, whatever their order."""
    return hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest()


def _content_hash(item: pystac.Item, files: list[tuple[str, str]]) -> str:
    said = (item.id, acquired_at(item), known_at(item), baseline_of(item), reflectance_rule(item))
    lines = [*map(str, said), *(f"{key} {identity}" for key, identity in files)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
