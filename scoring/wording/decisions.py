"""Wordings of what was decided, and of what could not be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.texts import Wording, say

_UNDECIDED: Final = {
    "INVALID_GEOMETRY": ("the outline is not a valid polygon", "地块边界无效"),
    "OUTSIDE_IMAGERY": ("the parcel lies outside the imagery", "地块不在影像范围内"),
    "TOO_SMALL": ("fewer than 8 full pixels lie inside the parcel", "地块内完整像元不足8个"),
    "UNVERIFIED": ("the reflectance of the imagery could not be confirmed", "影像反射率无法核实"),
    "CLOUDY": ("too few clear images were taken", "晴空影像过少"),
    "OUTSIDE_VALIDATION": (
        "region, crop or month lies outside what the model was tested on",
        "地区、作物或月份超出模型验证范围",
    ),
    "AMBIGUOUS": ("the crop cannot be told for certain", "作物类别无法确定"),
}


def _undecided(en: str, zh: str) -> Wording:
    return say(
        1,
        f"Not decided from imagery: {en}. The amount stays as last approved, or open; a visit decides.",
        f"影像无法判定：{zh}。额度维持上次审批结果或暂缺，由实地查看决定。",
        f"{{parcels}} parcel(s) not decided from imagery: {en}.",
        f"{{parcels}}个地块影像无法判定：{zh}。",
    )


DECISIONS: Final[Mapping[str, Wording]] = {
    **{f"NOT_DECIDED_{status}": _undecided(en, zh) for status, (en, zh) in _UNDECIDED.items()},
    "NO_PRICE": say(
        1,
        "The policy has no price for {crop_en}: no amount can be given.",
        "政策未列{crop_zh}的费用标准：无法核定额度。",
        "{parcels} parcel(s) grow {crop_en}, for which the policy has no price; they count for nothing here.",
        "{parcels}个地块种植{crop_zh}，政策未列费用标准，未计入额度。",
    ),
    "NO_PRICE_SEASON_UNKNOWN": say(
        1,
        "The policy prices {crop_en} by season, and when this crop was sown is not known or lies between its seasons: "
        "no amount can be given.",
        "政策按季节列{crop_zh}的费用标准，而播种时间未知或不在任何季节内：无法核定额度。",
        "{parcels} parcel(s) grow {crop_en}, priced by season, sown at a time that is not known or lies between "
        "seasons; they count for nothing here.",
        "{parcels}个地块种植{crop_zh}，其费用标准按季节划分，而播种时间未知或不在任何季节内，未计入额度。",
    ),
    "CROP_NOT_NAMED": say(
        1,
        "No crop is named for this parcel: no amount can be given.",
        "该地块没有作物名称：无法核定额度。",
        "{parcels} parcel(s) have no crop named; they count for nothing here.",
        "{parcels}个地块没有作物名称，未计入额度。",
    ),
    "LEFT_OUT": say(
        1,
        "Without an amount: left out of the farmer's limit.",
        "无额度，未计入农户额度。",
        "{parcels} of {of} parcels have no amount and are left out of this limit.",
        "{of}个地块中有{parcels}个无额度，未计入本额度。",
    ),
    "KEPT_APPROVED": say(
        5,
        "The last approved amount of {amount} {currency_en} is kept.",
        "维持上次审批额度{amount}{currency_zh}。",
        "{parcels} parcel(s) keep their last approved amounts, {amount} {currency_en} together.",
        "{parcels}个地块维持上次审批额度，合计{amount}{currency_zh}。",
    ),
}
