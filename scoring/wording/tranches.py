"""Wordings of tranches: what confirms one, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.texts import Wording, say

#: Codes that send a case to a person whatever the pack says: imagery contradicts the plan, or time has run out.
TRANCHE_VISITS: Final = frozenset(("TRANCHE_OTHER_CROP", "TRANCHE_AREA_LESS", "TRANCHE_LATE", "TRANCHE_ALERT"))

TRANCHES: Final[Mapping[str, Wording]] = {
    "TRANCHE_CONFIRMED_PLAN": say(
        0,
        "Confirmed by the plan.",
        "种植计划已确认。",
        "Confirmed by the plan on {parcels} parcel(s).",
        "{parcels}个地块的种植计划已确认。",
    ),
    "TRANCHE_CONFIRMED_PLOUGHED": say(
        0,
        "Confirmed: the ground was seen bare after a cover, or growth began. NDVI tells bare ground, not the plough.",
        "已确认：观测到植被覆盖后转为裸地，或已出苗生长。植被指数只能反映裸地，不能直接证明翻耕。",
        "Confirmed: on {parcels} parcel(s) the ground was seen bare after a cover, or growth began.",
        "已确认：{parcels}个地块观测到植被覆盖后转为裸地，或已出苗生长。",
    ),
    "TRANCHE_CONFIRMED_SOWN": say(
        0,
        "Confirmed: growth of this season was seen.",
        "已确认：观测到本季出苗生长。",
        "Confirmed: growth of this season was seen on {parcels} parcel(s).",
        "已确认：{parcels}个地块观测到本季出苗生长。",
    ),
    "TRANCHE_CONFIRMED_CANOPY_CLOSED": say(
        0,
        "Confirmed: the canopy closed.",
        "已确认：观测到作物封垄。",
        "Confirmed: the canopy closed on {parcels} parcel(s).",
        "已确认：{parcels}个地块观测到作物封垄。",
    ),
    "TRANCHE_CONFIRMED_CROP_SEEN": say(
        0,
        "Confirmed: the planned {crop_en} was seen.",
        "已确认：观测到计划种植的{crop_zh}。",
        "Confirmed: the planned crops were seen on {parcels} parcel(s).",
        "已确认：{parcels}个地块观测到计划作物。",
    ),
    "TRANCHE_NO_AMOUNT": say(
        0,
        "The parcel has no amount.",
        "该地块无额度。",
        "{parcels} parcel(s) have no amount.",
        "{parcels}个地块无额度。",
    ),
    "TRANCHE_NO_PLAN": say(
        0,
        "Not yet: no crop is planned, so there is nothing to confirm. A plan opens it.",
        "暂未放款：没有种植计划，无从确认，提交计划后开启。",
        "Not yet on {parcels} parcel(s): no crop is planned.",
        "{parcels}个地块暂未放款：没有种植计划。",
    ),
    "TRANCHE_NOT_DECIDED": say(
        0,
        "Not yet: the amount was kept from the last approval and rests on no planned crop.",
        "暂未放款：额度沿用上次审批，没有对应的计划作物。",
        "Not yet on {parcels} parcel(s): their amounts were kept from the last approval.",
        "{parcels}个地块暂未放款：额度沿用上次审批。",
    ),
    "TRANCHE_NOT_OBSERVED": say(
        0,
        "Not yet: the parcel was not observed this season.",
        "暂未放款：本季尚未观测该地块。",
        "Not yet on {parcels} parcel(s): not observed this season.",
        "{parcels}个地块暂未放款：本季尚未观测。",
    ),
    "TRANCHE_NOT_PLOUGHED": say(
        0,
        "Not yet: neither bare ground after a cover nor growth was seen so far. A visit can tell.",
        "暂未放款：至今未观测到覆盖后的裸地，也未见出苗。可实地查看。",
        "Not yet on {parcels} parcel(s): neither bare ground after a cover nor growth was seen so far.",
        "{parcels}个地块暂未放款：至今未观测到覆盖后的裸地，也未见出苗。",
    ),
    "TRANCHE_NOT_SOWN": say(
        0,
        "Not yet: no growth of this season was seen so far.",
        "暂未放款：本季至今未观测到出苗生长。",
        "Not yet on {parcels} parcel(s): no growth of this season was seen so far.",
        "{parcels}个地块暂未放款：本季至今未观测到出苗生长。",
    ),
    "TRANCHE_NOT_CLOSED": say(
        0,
        "Not yet: no closed canopy was seen so far.",
        "暂未放款：至今未观测到作物封垄。",
        "Not yet on {parcels} parcel(s): no closed canopy was seen so far.",
        "{parcels}个地块暂未放款：至今未观测到作物封垄。",
    ),
    "TRANCHE_CROP_OPEN": say(
        0,
        "Not yet: which crop grows is not decided. A clear image or a visit can tell.",
        "暂未放款：作物尚未判定，需晴空影像或实地查看。",
        "Not yet on {parcels} parcel(s): which crop grows is not decided.",
        "{parcels}个地块暂未放款：作物尚未判定。",
    ),
    "TRANCHE_CROP_LATER": say(
        0,
        "In part: a further planned crop was not seen yet.",
        "部分放款：计划中的另一季作物尚未观测到。",
        "In part on {parcels} parcel(s): a further planned crop was not seen yet.",
        "{parcels}个地块部分放款：计划中的另一季作物尚未观测到。",
    ),
    "TRANCHE_OTHER_CROP": say(
        0,
        "Not yet: planned {crop_en}, seen {seen_en}. A person looks; the amount stands.",
        "暂未放款：计划{crop_zh}，观测为{seen_zh}。由人工核实，额度不变。",
        "Not yet on {parcels} parcel(s): another crop than planned was seen. A person looks; the amount stands.",
        "{parcels}个地块暂未放款：观测作物与计划不符，由人工核实，额度不变。",
    ),
    "TRANCHE_AREA_LESS": say(
        0,
        "Not yet: the crop was seen on less area than the amount rests on. A person looks; the amount stands.",
        "暂未放款：观测到的种植面积小于核定面积，由人工核实，额度不变。",
        "Not yet on {parcels} parcel(s): the crop was seen on less area than the amount rests on. A person looks.",
        "{parcels}个地块暂未放款：观测到的种植面积小于核定面积，由人工核实。",
    ),
    "TRANCHE_LATE": say(
        0,
        "This was to be expected {days} days after the first day of the season: a person looks.",
        "应于季初后第{days}天前确认，已逾期，由人工核实。",
        "On {parcels} parcel(s) this was to be expected {days} days after the first day of the season.",
        "{parcels}个地块应于季初后第{days}天前确认，已逾期。",
    ),
    "TRANCHE_ALERT": say(
        0,
        "An open alert of level action says that this parcel fell on its own: a person looks. It freezes nothing.",
        "该地块有未结的处置级预警（仅本地块异常）：由人工核实。预警本身不冻结放款。",
        "On {parcels} parcel(s) an open alert of level action says that they fell on their own: a person looks.",
        "{parcels}个地块有未结的处置级预警（仅本地块异常），由人工核实。",
    ),
}
