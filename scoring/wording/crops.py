"""Wordings of crops: what is grown, on which area, at which price, and what does not agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.texts import Wording, say

CROPS: Final[Mapping[str, Wording]] = {
    "CROP_COST": say(
        6,
        "{crop_en} (cycle {cycle}): {area} {unit_en} at {price} {currency_en} per {unit_en}.",
        "{crop_zh}（第{cycle}季）：{area}{unit_zh} × {price}{currency_zh}/{unit_zh}。",
        "{crop_en}: {area} {unit_en} on {parcels} parcel(s).",
        "{crop_zh}：{parcels}个地块，共{area}{unit_zh}。",
    ),
    "CROP_STATED": say(
        6,
        "{crop_en}: {area} {unit_en} at {price} {currency_en} per {unit_en}.",
        "{crop_zh}：{area}{unit_zh} × {price}{currency_zh}/{unit_zh}。",
    ),
    "CYCLE_NO_PRICE": say(
        4,
        "{crop_en} (cycle {cycle}) has no price in the policy and adds nothing.",
        "{crop_zh}（第{cycle}季）政策无费用标准，未计入。",
        "On {parcels} parcel(s) a further crop, {crop_en}, has no price and adds nothing.",
        "{parcels}个地块另种{crop_zh}，政策无费用标准，未计入。",
    ),
    "CYCLE_SEASON_UNKNOWN": say(
        4,
        "A further crop (cycle {cycle}), {crop_en}, is priced by season; when it was sown is not known or lies between "
        "the seasons, and it adds nothing.",
        "另有一季作物（第{cycle}季）{crop_zh}按季节计价，其播种时间未知或不在任何季节内，未计入。",
        "On {parcels} parcel(s) a further crop, {crop_en}, is priced by season; when it was sown is not known or lies "
        "between the seasons, and it adds nothing.",
        "{parcels}个地块另种{crop_zh}，按季节计价，其播种时间未知或不在任何季节内，未计入。",
    ),
    "CYCLE_UNCERTAIN": say(
        4,
        "A further crop (cycle {cycle}), perhaps {crop_en}, is not certain and adds nothing yet.",
        "另有一季作物（第{cycle}季），可能为{crop_zh}，尚不确定，暂不计入。",
        "On {parcels} parcel(s) a further crop, perhaps {crop_en}, is not certain and adds nothing yet.",
        "{parcels}个地块另有一季作物，可能为{crop_zh}，尚不确定，暂不计入。",
    ),
    "CYCLE_REPEATED": say(
        0,
        "{crop_en} seen again (cycle {cycle}) is counted once.",
        "{crop_zh}再次出现（第{cycle}季），只计一次。",
        "On {parcels} parcel(s) {crop_en} was seen again and is counted once.",
        "{parcels}个地块{crop_zh}再次出现，只计一次。",
    ),
    "CERTIFIED_AREA": say(
        4,
        "Certified area of {area} {unit_en} is less than the measured {measured} {unit_en}, and counts.",
        "确权面积{area}{unit_zh}小于实测{measured}{unit_zh}，按确权面积计。",
        "On {parcels} parcel(s) the certified area is less than the measured one, and counts.",
        "{parcels}个地块确权面积小于实测面积，按确权面积计。",
    ),
    "AREA_MISMATCH": say(
        3,
        "Certified {area} {unit_en}, measured {measured} {unit_en}: further apart than the policy allows.",
        "确权{area}{unit_zh}与实测{measured}{unit_zh}差异超出政策允许范围。",
        "On {parcels} parcel(s) certified and measured area lie further apart than the policy allows.",
        "{parcels}个地块确权与实测面积差异超出政策允许范围。",
    ),
    "CROP_MISMATCH": say(
        3,
        "Declared {declared_en}, observed {crop_en}: the observed crop is priced, a person looks.",
        "申报{declared_zh}，观测为{crop_zh}：按观测作物计价，由人工核实。",
        "On {parcels} parcel(s) the crop observed differs from the one declared.",
        "{parcels}个地块观测作物与申报不符。",
    ),
}
