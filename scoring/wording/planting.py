"""Wordings of planting loans: rent, growth, shares and ceilings, and papers that are missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.texts import Wording, say

PLANTING: Final[Mapping[str, Wording]] = {
    "RENT": say(
        6,
        "Rent of leased land: {area} {unit_en} at {price} {currency_en} per {unit_en}, shared across {cycles} crop(s).",
        "流转土地租金：{area}{unit_zh} × {price}{currency_zh}/{unit_zh}，由{cycles}季作物分担。",
        "Rent of leased land: {area} {unit_en} on {parcels} parcel(s).",
        "流转土地租金：{parcels}个地块，共{area}{unit_zh}。",
    ),
    "VIGOUR": say(
        4,
        "Growth against {peers} peers: factor {factor}.",
        "长势与{peers}个同类地块比较：系数{factor}。",
        "Growth against peers on {parcels} parcel(s).",
        "{parcels}个地块按长势调整。",
    ),
    "VIGOUR_FEW_PEERS": say(
        0,
        "Growth is not counted: fewer than {least} comparable parcels.",
        "可比地块不足{least}个，不计长势。",
        "Growth is not counted on {parcels} parcel(s): too few comparable ones.",
        "{parcels}个地块可比地块不足，不计长势。",
    ),
    "HAIRCUT": say(
        4,
        "Haircut for the land right: {share} of the cost is not counted.",
        "土地权属折扣：成本的{share}不计入。",
        "Haircut for the land right on {parcels} parcel(s): {share} of their cost is not counted.",
        "{parcels}个地块按土地权属折扣，成本的{share}不计入。",
    ),
    "OWN_FUNDS": say(
        5,
        "Own funds: {share} of the cost is financed, the rest is the farmer's.",
        "自有资金：融资比例{share}，其余由农户自筹。",
    ),
    "AREA_CAP": say(
        2,
        "Highest loan per {unit_en}: {price} {currency_en}.",
        "每{unit_zh}最高贷款{price}{currency_zh}。",
        "Highest loan per {unit_en} reached on {parcels} parcel(s).",
        "{parcels}个地块达到每{unit_zh}最高贷款额。",
    ),
    "OTHER_DEBT": say(
        2,
        "This parcel's share of other debt for the same use ({amount} {currency_en} in all).",
        "同用途其他负债（合计{amount}{currency_zh}）分摊至本地块。",
        "Less other debt for the same use: {amount} {currency_en}.",
        "扣除同用途其他负债{amount}{currency_zh}。",
    ),
    "PRODUCT_CAP": say(
        2,
        "This parcel's share of the cut to the product's ceiling of {amount} {currency_en} per farmer.",
        "每户产品上限{amount}{currency_zh}，本地块分摊。",
        "Capped by the product's ceiling of {amount} {currency_en} per farmer.",
        "不超过每户产品上限{amount}{currency_zh}。",
    ),
    "HOUSEHOLD_CAPACITY": say(
        2,
        "This parcel's share of the cut to the household's repayment capacity of {amount} {currency_en}.",
        "家庭还款能力{amount}{currency_zh}，本地块分摊。",
        "Capped by the household's repayment capacity of {amount} {currency_en}.",
        "不超过家庭还款能力{amount}{currency_zh}。",
    ),
    "KEPT_ABOVE_CAP": say(
        2,
        "Amounts kept as last approved already exceed a ceiling of {amount} {currency_en}; nothing is added to them.",
        "维持的审批额度已超过上限{amount}{currency_zh}，不再新增。",
    ),
    "LAND_RIGHT_NOT_STATED": say(
        3,
        "No land right is stated: worked out on the measured area, to be confirmed.",
        "未提供土地权属：按实测面积计算，待核实。",
        "No land right is stated for {parcels} parcel(s).",
        "{parcels}个地块未提供土地权属。",
    ),
    "INCOMPLETE_DEBT": say(
        3,
        "INCOMPLETE: no credit-bureau report, other debt is unknown (not zero).",
        "资料不全：缺征信报告，其他负债未知（不视为零）。",
    ),
    "INCOMPLETE_HOUSEHOLD": say(
        3, "INCOMPLETE: the household's repayment capacity is not stated.", "资料不全：未提供家庭还款能力。"
    ),
}
