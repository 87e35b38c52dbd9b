"""Sentinel-1 items as the catalogues write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pystac
import pytest

BOX = [3.0, 50.0, 3.1, 50.1]


@pytest.fixture
def radar_item() -> Callable[..., pystac.Item]:
    """Makes an item that says what the given properties say; assets vv and vh unless named."""

    def make(
        when: str = "2019-05-01T17:32:00Z",
        collection: str = "sentinel-1-rtc",
        assets: tuple[str, ...] = ("vv", "vh"),
        band: dict[str, Any] | None = None,
        item_id: str | None = None,
        **properties: Any,
    ) -> pystac.Item:
        moment = datetime.fromisoformat(when)
        item = pystac.Item(
            id=item_id or f"S1A_IW_{moment:%Y%m%dT%H%M%S}",
            geometry=None,
            bbox=BOX,
            datetime=moment,
            properties={"platform": "sentinel-1a", **{key.replace("__", ":"): v for key, v in properties.items()}},
            collection=collection,
        )
        for name in assets:
            asset = pystac.Asset(href=f"/data/{item.id}/{name}.tif")
            if band is not None:
                asset.extra_fields["raster:bands"] = [band]
            item.add_asset(name, asset)
        return item

    return make
