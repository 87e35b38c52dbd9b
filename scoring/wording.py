"""What every reason line says, in English and Chinese; a pack may word a code its own way.

`parcel` speaks of one parcel, `farmer` of all parcels of one farmer. Braces hold facts of the line. `rank` orders the
principal reasons, most telling first; 0 never counts as one.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

MOST_PRINCIPAL: Final = 4


class Text(BaseModel):
    """A text in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts of one reason code.

    Attributes:
        parcel: for a parcel's receipt.
        farmer: for a farmer's receipt; the parcel's text where None.
        rank: 1 is the most telling kind of reason, 0 is never a principal reason.
    """

    parcel: Text
    farmer: Text | None
    rank: int

    def text(self, subject_kind: str) -> Text:
        """Text for a "parcel" or a "farmer"."""
        return self.farmer if subject_kind == "farmer" and self.farmer is not None else self.parcel


def _say(rank: int, en: str, zh: str, farmer_en: str = "", farmer_zh: str = "") -> Wording:
    farmer = Text(en=farmer_en, zh=farmer_zh) if farmer_en else None
    return Wording(Text(en=en, zh=zh), farmer, rank)


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
    return _say(
        1,
        f"Not decided from imagery: {en}. The amount stays as last approved, or open; a visit decides.",
        f"影像无法判定：{zh}。额度维持上次审批结果或暂缺，由实地查看决定。",
        f"{{parcels}} parcel(s) not decided from imagery: {en}.",
        f"{{parcels}}个地块影像无法判定：{zh}。",
    )


def _premium(en: str, zh: str) -> Wording:
    return _say(0, f"{en} insurance premium: {{amount}} {{currency_en}}.", f"{zh}保险费：{{amount}}{{currency_zh}}。")


WORDINGS: Final[Mapping[str, Wording]] = {
    **{f"NOT_DECIDED_{status}": _undecided(en, zh) for status, (en, zh) in _UNDECIDED.items()},
    "NO_PRICE": _say(
        1,
        "The policy has no price for {crop_en}: no amount can be given.",
        "政策未列{crop_zh}的费用标准：无法核定额度。",
        "{parcels} parcel(s) grow {crop_en}, for which the policy has no price; they count for nothing here.",
        "{parcels}个地块种植{crop_zh}，政策未列费用标准，未计入额度。",
    ),
    "CROP_NOT_NAMED": _say(
        1,
        "No crop is named for this parcel: no amount can be given.",
        "该地块没有作物名称：无法核定额度。",
        "{parcels} parcel(s) have no crop named; they count for nothing here.",
        "{parcels}个地块没有作物名称，未计入额度。",
    ),
    "LEFT_OUT": _say(
        1,
        "Without an amount: left out of the farmer's limit.",
        "无额度，未计入农户额度。",
        "{parcels} of {of} parcels have no amount and are left out of this limit.",
        "{of}个地块中有{parcels}个无额度，未计入本额度。",
    ),
    "KEPT_APPROVED": _say(
        5,
        "The last approved amount of {amount} {currency_en} is kept.",
        "维持上次审批额度{amount}{currency_zh}。",
        "{parcels} parcel(s) keep their last approved amounts, {amount} {currency_en} together.",
        "{parcels}个地块维持上次审批额度，合计{amount}{currency_zh}。",
    ),
    "CROP_COST": _say(
        6,
        "{crop_en} (cycle {cycle}): {area} {unit_en} at {price} {currency_en} per {unit_en}.",
        "{crop_zh}（第{cycle}季）：{area}{unit_zh} × {price}{currency_zh}/{unit_zh}。",
        "{crop_en}: {area} {unit_en} on {parcels} parcel(s).",
        "{crop_zh}：{parcels}个地块，共{area}{unit_zh}。",
    ),
    "CROP_STATED": _say(
        6,
        "{crop_en}: {area} {unit_en} at {price} {currency_en} per {unit_en}.",
        "{crop_zh}：{area}{unit_zh} × {price}{currency_zh}/{unit_zh}。",
    ),
    "CYCLE_NO_PRICE": _say(
        4,
        "{crop_en} (cycle {cycle}) has no price in the policy and adds nothing.",
        "{crop_zh}（第{cycle}季）政策无费用标准，未计入。",
        "On {parcels} parcel(s) a further crop, {crop_en}, has no price and adds nothing.",
        "{parcels}个地块另种{crop_zh}，政策无费用标准，未计入。",
    ),
    "CYCLE_UNCERTAIN": _say(
        4,
        "A further crop (cycle {cycle}), perhaps {crop_en}, is not certain and adds nothing yet.",
        "另有一季作物（第{cycle}季），可能为{crop_zh}，尚不确定，暂不计入。",
        "On {parcels} parcel(s) a further crop, perhaps {crop_en}, is not certain and adds nothing yet.",
        "{parcels}个地块另有一季作物，可能为{crop_zh}，尚不确定，暂不计入。",
    ),
    "CYCLE_REPEATED": _say(
        0,
        "{crop_en} seen again (cycle {cycle}) is counted once.",
        "{crop_zh}再次出现（第{cycle}季），只计一次。",
        "On {parcels} parcel(s) {crop_en} was seen again and is counted once.",
        "{parcels}个地块{crop_zh}再次出现，只计一次。",
    ),
    "RENT": _say(
        6,
        "Rent of leased land: {area} {unit_en} at {price} {currency_en} per {unit_en}, shared across {cycles} crop(s).",
        "流转土地租金：{area}{unit_zh} × {price}{currency_zh}/{unit_zh}，由{cycles}季作物分担。",
        "Rent of leased land: {area} {unit_en} on {parcels} parcel(s).",
        "流转土地租金：{parcels}个地块，共{area}{unit_zh}。",
    ),
    "VIGOUR": _say(
        4,
        "Growth against {peers} peers: factor {factor}.",
        "长势与{peers}个同类地块比较：系数{factor}。",
        "Growth against peers on {parcels} parcel(s).",
        "{parcels}个地块按长势调整。",
    ),
    "VIGOUR_FEW_PEERS": _say(
        0,
        "Growth is not counted: fewer than {least} comparable parcels.",
        "可比地块不足{least}个，不计长势。",
        "Growth is not counted on {parcels} parcel(s): too few comparable ones.",
        "{parcels}个地块可比地块不足，不计长势。",
    ),
    "HAIRCUT": _say(
        4,
        "Haircut for the land right: {share} of the cost is not counted.",
        "土地权属折扣：成本的{share}不计入。",
        "Haircut for the land right on {parcels} parcel(s): {share} of their cost is not counted.",
        "{parcels}个地块按土地权属折扣，成本的{share}不计入。",
    ),
    "OWN_FUNDS": _say(
        5,
        "Own funds: {share} of the cost is financed, the rest is the farmer's.",
        "自有资金：融资比例{share}，其余由农户自筹。",
    ),
    "AREA_CAP": _say(
        2,
        "Highest loan per {unit_en}: {price} {currency_en}.",
        "每{unit_zh}最高贷款{price}{currency_zh}。",
        "Highest loan per {unit_en} reached on {parcels} parcel(s).",
        "{parcels}个地块达到每{unit_zh}最高贷款额。",
    ),
    "OTHER_DEBT": _say(
        2,
        "This parcel's share of other debt for the same use ({amount} {currency_en} in all).",
        "同用途其他负债（合计{amount}{currency_zh}）分摊至本地块。",
        "Less other debt for the same use: {amount} {currency_en}.",
        "扣除同用途其他负债{amount}{currency_zh}。",
    ),
    "PRODUCT_CAP": _say(
        2,
        "This parcel's share of the cut to the product's ceiling of {amount} {currency_en} per farmer.",
        "每户产品上限{amount}{currency_zh}，本地块分摊。",
        "Capped by the product's ceiling of {amount} {currency_en} per farmer.",
        "不超过每户产品上限{amount}{currency_zh}。",
    ),
    "HOUSEHOLD_CAPACITY": _say(
        2,
        "This parcel's share of the cut to the household's repayment capacity of {amount} {currency_en}.",
        "家庭还款能力{amount}{currency_zh}，本地块分摊。",
        "Capped by the household's repayment capacity of {amount} {currency_en}.",
        "不超过家庭还款能力{amount}{currency_zh}。",
    ),
    "KEPT_ABOVE_CAP": _say(
        2,
        "Amounts kept as last approved already exceed a ceiling of {amount} {currency_en}; nothing is added to them.",
        "维持的审批额度已超过上限{amount}{currency_zh}，不再新增。",
    ),
    "ROUNDING": _say(0, "Rounding to {step} {currency_en} ({mode}).", "取整至{step}{currency_zh}（{mode}）。"),
    "CONSUMPTION": _say(
        6, "Post-harvest, household and consumption needs: {share}.", "收获后、家庭及消费需要：{share}。"
    ),
    "MAINTENANCE": _say(6, "Repair and maintenance of farm assets: {share}.", "农业资产维修保养：{share}。"),
    "INSURANCE_NOT_STATED": _say(0, "Insurance premiums are not stated and not included.", "未提供保险费，未计入。"),
    "CERTIFIED_AREA": _say(
        4,
        "Certified area of {area} {unit_en} is less than the measured {measured} {unit_en}, and counts.",
        "确权面积{area}{unit_zh}小于实测{measured}{unit_zh}，按确权面积计。",
        "On {parcels} parcel(s) the certified area is less than the measured one, and counts.",
        "{parcels}个地块确权面积小于实测面积，按确权面积计。",
    ),
    "AREA_MISMATCH": _say(
        3,
        "Certified {area} {unit_en}, measured {measured} {unit_en}: further apart than the policy allows.",
        "确权{area}{unit_zh}与实测{measured}{unit_zh}差异超出政策允许范围。",
        "On {parcels} parcel(s) certified and measured area lie further apart than the policy allows.",
        "{parcels}个地块确权与实测面积差异超出政策允许范围。",
    ),
    "CROP_MISMATCH": _say(
        3,
        "Declared {declared_en}, observed {crop_en}: the observed crop is priced, a person looks.",
        "申报{declared_zh}，观测为{crop_zh}：按观测作物计价，由人工核实。",
        "On {parcels} parcel(s) the crop observed differs from the one declared.",
        "{parcels}个地块观测作物与申报不符。",
    ),
    "LAND_RIGHT_NOT_STATED": _say(
        3,
        "No land right is stated: worked out on the measured area, to be confirmed.",
        "未提供土地权属：按实测面积计算，待核实。",
        "No land right is stated for {parcels} parcel(s).",
        "{parcels}个地块未提供土地权属。",
    ),
    "INCOMPLETE_DEBT": _say(
        3,
        "INCOMPLETE: no credit-bureau report, other debt is unknown (not zero).",
        "资料不全：缺征信报告，其他负债未知（不视为零）。",
    ),
    "INCOMPLETE_HOUSEHOLD": _say(
        3, "INCOMPLETE: the household's repayment capacity is not stated.", "资料不全：未提供家庭还款能力。"
    ),
    "FACTS_DISAGREE": _say(
        3,
        "The farmer's parcels state different debts or capacities: the more careful figure counts.",
        "同一农户各地块的负债或还款能力不一致：取较审慎者。",
    ),
    "YEAR_LIMIT": _say(0, "Short-term limit of year {year}.", "第{year}年短期额度。"),
    "ESCALATION": _say(0, "Year {year}: {share} for cost escalation.", "第{year}年：成本上升{share}。"),
    "CROP_INSURANCE": _premium("Crop", "作物"),
    "PERSONAL_INSURANCE": _premium("Personal", "人身"),
    "ASSET_INSURANCE": _premium("Asset", "资产"),
    "FLEXIBLE_CARD": _say(
        0,
        "A flexible card of {amount} {currency_en}, set by the branch manager within {least} to {most}, is recorded "
        "beside this limit and was not computed.",
        "另记弹性信用卡{amount}{currency_zh}，由支行经理在{least}至{most}之间确定，非计算所得，不含于本额度。",
    ),
    "TERM_LOAN": _say(
        0, "Term loan from year {year}: {amount} {currency_en}.", "第{year}年起定期贷款：{amount}{currency_zh}。"
    ),
}

CODES: Final = frozenset(WORDINGS)

UNITS: Final[Mapping[str, tuple[str, str]]] = {"mu": ("mu", "亩"), "acre": ("acre", "英亩"), "ha": ("ha", "公顷")}
_CURRENCIES: Final[Mapping[str, tuple[str, str]]] = {"CNY": ("yuan", "元"), "INR": ("rupees", "卢比")}
MODES: Final[Mapping[str, tuple[str, str]]] = {
    "down": ("down", "向下"),
    "up": ("up", "向上"),
    "half_up": ("to the nearest", "四舍五入"),
    "half_even": ("to the nearest even", "四舍六入五成双"),
}


def currency_words(code: str) -> tuple[str, str]:
    """English and Chinese name of a currency; its code where no name is known."""
    return _CURRENCIES.get(code, (code, code))


def braces(template: str) -> frozenset[str]:
    """Names in the braces of a template."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


def common_braces(code: str) -> frozenset[str]:
    """Names that a pack's own text for a code may use: those known on parcels' and on farmers' receipts alike."""
    wording = WORDINGS[code]
    names = braces(wording.parcel.en) | braces(wording.parcel.zh)
    if wording.farmer is not None:
        names &= braces(wording.farmer.en) | braces(wording.farmer.zh)
    return names
