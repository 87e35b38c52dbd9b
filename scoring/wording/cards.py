"""Wordings of Kisan Credit Cards: shares, years, insurance and loans beside the limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.texts import Wording, say


def _premium(en: str, zh: str) -> Wording:
    return say(
        0,
        f"This parcel's share of the {en.lower()} insurance premium of {{amount}} {{currency_en}}.",
        f"{zh}保险费{{amount}}{{currency_zh}}，本地块分摊。",
        f"{en} insurance premium: {{amount}} {{currency_en}}.",
        f"{zh}保险费：{{amount}}{{currency_zh}}。",
    )


CARDS: Final[Mapping[str, Wording]] = {
    "CONSUMPTION": say(
        6, "Post-harvest, household and consumption needs: {share}.", "收获后、家庭及消费需要：{share}。"
    ),
    "MAINTENANCE": say(6, "Repair and maintenance of farm assets: {share}.", "农业资产维修保养：{share}。"),
    "INSURANCE_NOT_STATED": say(0, "Insurance premiums are not stated and not included.", "未提供保险费，未计入。"),
    "YEAR_LIMIT": say(0, "Short-term limit of year {year}.", "第{year}年短期额度。"),
    "ESCALATION": say(0, "Year {year}: {share} for cost escalation.", "第{year}年：成本上升{share}。"),
    "CROP_INSURANCE": _premium("Crop", "作物"),
    "CROP_INSURANCE_INSIDE": say(
        0,
        "A crop insurance premium of {amount} {currency_en} is stated; under this policy it lies inside the scale of "
        "finance and is not added again.",
        "另填作物保险费{amount}{currency_zh}；本政策的融资标准已含该费用，不重复计入。",
    ),
    "PERSONAL_INSURANCE": _premium("Personal", "人身"),
    "ASSET_INSURANCE": _premium("Asset", "资产"),
    "FLEXIBLE_CARD": say(
        0,
        "A flexible card of {amount} {currency_en}, set by the branch manager within {least} to {most}, is recorded "
        "beside this limit and was not computed.",
        "另记弹性信用卡{amount}{currency_zh}，由支行经理在{least}至{most}之间确定，非计算所得，不含于本额度。",
    ),
    "TERM_LOANS_OUTSTANDING": say(
        6,
        "This parcel's share of the term loans outstanding in the year, {amount} {currency_en} in all.",
        "当年定期贷款余额（合计{amount}{currency_zh}），本地块分摊。",
        "Term loans outstanding in the year: {amount} {currency_en}.",
        "当年定期贷款余额{amount}{currency_zh}。",
    ),
    "KEPT_PART": say(
        0,
        "Less the part of it that amounts kept as last approved hold already.",
        "扣除维持的审批额度中已包含的部分。",
    ),
    "FACILITY_ENDED": say(
        3,
        "The facility is in year {year} and the policy has {years}: worked out as a first year, to be renewed.",
        "授信已进入第{year}年，政策期限为{years}年：按第1年计算，须重新办理。",
    ),
    "CARD_FACTS_DISAGREE": say(
        3,
        "The farmer's parcels state different years of the facility, premiums or term loans: the least figure counts.",
        "同一农户各地块的授信年度、保险费或定期贷款不一致：取最小者。",
    ),
    "TERM_LOAN": say(
        0, "Term loan from year {year}: {amount} {currency_en}.", "第{year}年起定期贷款：{amount}{currency_zh}。"
    ),
}
