"""Outlines of units for the map, made anew after parcels came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.alerts.reach import units_below
from app.artefacts.folders import required
from app.jobs.queued.shop import Shop
from app.maplayers.making import make_outlines
from app.maplayers.parcelset import parcels_within
from app.queue.claiming import Claim
from app.queue.working import Progress


def make_units(shop: Shop, held: Claim, progress: Progress) -> Mapping[str, Any]:
    """Make the outlines that people of some units see (asked: units, their codes); what is made already stays."""
    folder = required(shop.folders.layers, "ACRELINE_LAYER_DIR")
    codes, made = held.asked["units"], {}
    for place, code in enumerate(codes):
        progress.tell("Outlines", place, len(codes))
        with shop.engine.connect() as connection:
            done = make_outlines(connection, parcels_within(connection, units_below(connection, code)), folder)
        made[code] = {"parcels": done.parcels, "drawn": done.drawn, "already_there": done.already_there}
    return {"units": made}
