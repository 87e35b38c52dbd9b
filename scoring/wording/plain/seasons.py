"""Plain sentences about limits before the season: the plan, and what earlier seasons showed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.plain.sentences import Plain, plain

SEASONS: Final[Mapping[str, Plain]] = {
    "NOT_DECIDED_NO_PLAN": plain(
        (
            "We do not know what you plan to grow here. What was approved before stays as it is.",
            "我们不知道这块地打算种什么。以前批准的额度不变。",
        ),
        (
            "We do not know what you plan to grow on {parcels} of your plots.",
            "您有{parcels}块地，我们不知道打算种什么。",
        ),
        ("Tell us what you plan to grow.", "请告诉我们打算种什么。"),
    ),
    "PLAN_AREA_CERTIFIED": plain(
        (
            "No crop was seen here in the years before, so the area on your certificate counts.",
            "前几年没有看到这块地种庄稼，所以按证书上的面积算。",
        ),
        (
            "No crop was seen on {parcels} of your plots in the years before, so the area on your certificates counts.",
            "您有{parcels}块地前几年没有看到种庄稼，所以按证书上的面积算。",
        ),
    ),
    "PLAN_AREA_OUTLINE": plain(
        (
            "No crop was seen here in the years before and we have no certificate, so the outline on our map counts.",
            "前几年没有看到这块地种庄稼，我们也没有证书，所以按图上的边界算面积。",
        ),
        (
            "For {parcels} of your plots we know no area but that of the outline on our map.",
            "您有{parcels}块地只能按图上的边界算面积。",
        ),
        ("Bring your land certificate.", "请带土地证书来。"),
    ),
    "PLAN_NEVER_CROPPED": plain(
        (
            "You plan {crop_en}, and no crop was seen here in the years before. Somebody checks.",
            "您打算种{crop_zh}，可是前几年没有看到这块地种庄稼，会有人核实。",
        ),
        (
            "On {parcels} of your plots no crop was seen in the years before. Somebody checks.",
            "您有{parcels}块地前几年没有看到种庄稼，会有人核实。",
        ),
        ("If you did grow something there, tell us.", "如果其实种过，请告诉我们。"),
    ),
    "PLAN_OTHER_CROP": plain(
        (
            "You plan {crop_en}; another crop was seen here in the years before. Your plan counts; somebody checks.",
            "您打算种{crop_zh}，可是前几年看到的是别的作物。先按您的打算算，再由人核实。",
        ),
        (
            "On {parcels} of your plots another crop was seen in the years before than you plan. Somebody checks.",
            "您有{parcels}块地前几年看到的作物和您打算种的不一样，会有人核实。",
        ),
        ("If you grew the planned crop before, tell us.", "如果以前种过打算种的作物，请告诉我们。"),
    ),
}
