"""Wordings of limits before the season: the plan, and what earlier seasons showed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.texts import Wording, say

#: Codes that may stand in the inputs as remarks (scoring.remarks), in the order in which receipts give them.
REMARKS: Final[Mapping[str, Wording]] = {
    "PLAN_AREA_SEEN": say(
        0,
        "Before the season: the planned crop, on the area that the season {season} showed as cropped.",
        "季前测算：按计划作物，面积取{season}季观测到的种植面积。",
        "Before the season: on {parcels} parcel(s) the planned crop counts on the area that an earlier season showed.",
        "季前测算：{parcels}个地块按计划作物及以往季观测到的种植面积计。",
    ),
    "PLAN_AREA_CERTIFIED": say(
        4,
        "Before the season: no earlier season showed a crop here; the planned crop counts on the certified area.",
        "季前测算：以往各季未观测到作物，计划作物按确权面积计。",
        "Before the season: no earlier season showed a crop on {parcels} parcel(s); their certified area counts.",
        "季前测算：{parcels}个地块以往各季未观测到作物，按确权面积计。",
    ),
    "PLAN_AREA_OUTLINE": say(
        4,
        "Before the season: no earlier season showed a crop here and no certified area is stated; the planned crop "
        "counts on the area of the outline.",
        "季前测算：以往各季未观测到作物，也无确权面积，计划作物按地块边界面积计。",
        "Before the season: {parcels} parcel(s) count by the area of their outline; nothing else is known of it.",
        "季前测算：{parcels}个地块无其他面积依据，按边界面积计。",
    ),
    "PLAN_NEVER_CROPPED": say(
        3,
        "Planned {crop_en}, but no crop was seen in any of the {seasons} earlier season(s) decided, last {seen_en}: "
        "a person looks.",
        "计划种植{crop_zh}，但已判定的{seasons}个以往季均未见作物（最近为{seen_zh}），由人工核实。",
        "On {parcels} parcel(s) with a plan no crop was seen in any earlier season.",
        "{parcels}个有种植计划的地块以往各季均未见作物。",
    ),
    "PLAN_OTHER_CROP": say(
        3,
        "Planned {crop_en}, but another crop was seen in all {seasons} earlier season(s) decided, last {seen_en}: "
        "the plan is priced, a person looks.",
        "计划种植{crop_zh}，但已判定的{seasons}个以往季均为其他作物（最近为{seen_zh}）：按计划计价，由人工核实。",
        "On {parcels} parcel(s) the planned crop was not seen in any earlier season.",
        "{parcels}个地块以往各季均未见计划作物。",
    ),
}

SEASONS: Final[Mapping[str, Wording]] = {
    "NOT_DECIDED_NO_PLAN": say(
        1,
        "No crop is planned for this parcel: the amount stays as last approved, or open, until a plan is stated.",
        "该地块没有种植计划：额度维持上次审批结果或暂缺，待提交计划。",
        "{parcels} parcel(s) have no planned crop.",
        "{parcels}个地块没有种植计划。",
    ),
    **REMARKS,
}
