"""From digital numbers to reflectance: what the metadata say of it, and whether the pixels agree."""

from __future__ import annotations

from tiles.guard.metadata import OFFSET_SINCE_0400, SCALE, ReflectanceRule, baseline_of, reflectance_rule

__all__ = ["OFFSET_SINCE_0400", "SCALE", "ReflectanceRule", "baseline_of", "reflectance_rule"]
