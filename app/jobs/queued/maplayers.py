"""Imagery of a run by date, for the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.artefacts.folders import required
from app.jobs.maplayers.job import LayerRequest, make_layers
from app.jobs.queued.shop import Shop, Told
from app.queue.claiming import Claim
from app.queue.working import Progress


def make_run_layers(shop: Shop, held: Claim, progress: Progress) -> Mapping[str, Any]:
    """Make pictures of a run's clear dates (asked: run_id, clear, most; as LayerRequest has them)."""
    asked = held.asked
    folder = required(shop.folders.layers, "ACRELINE_LAYER_DIR")
    request = LayerRequest(shop.runs.folder(asked["run_id"]), folder, asked["clear"], asked["most"])
    said = make_layers(request, Told(progress)).as_dict()
    return {name: value for name, value in said.items() if name != "folder"}  # no paths for clients
