"""What the newest watch says of a site beyond the share built, from the row that holds it (scoring.sites.judging)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.api.sites.page_schemas import SiteDetail


def site_detail(said: Mapping[str, Any]) -> SiteDetail:
    """Those parts of a standing's detail that pages show; an absent part is null, or empty."""
    return SiteDetail.model_validate(
        {
            "curve": said.get("curve", []),
            "measures": said.get("measures", {}),
            "capacity": said.get("capacity"),
            "places": said.get("places") or [],
            "water": said.get("water"),
            "over_permit": said.get("over_permit"),
            "whole": said.get("whole"),
            "unseen": said.get("unseen") or [],
            "failure": said.get("failure"),
        }
    )
