"""Wordings of Kisan Credit Cards: shares, years, insurance and loans beside the limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.texts import Wording, say


def _premium(en: str, zh: str) -> Wording:
    return say(0, f"{en} insurance premium: {{amount}} {{currency_en}}.", f"{zh}保险费：{{amount}}{{currency_zh}}。")


CARDS: Final[Mapping[str, Wording]] = {
    "CONSUMPTION": say(
        6, "Post-harvest, household and consumption needs: {share}.", "收获后、家庭及消费需要：{share}。"
    ),
    "MAINTENANCE": say(6, "Repair and maintenance of farm assets: {share}.", "农业资产维修保养：{share}。"),
    "INSURANCE_NOT_STATED": say(0, "Insurance premiums are not stated and not included.", "未提供保险费，未计入。"),
    "YEAR_LIMIT": say(0, "Short-term limit of year {year}.", "第{year}年短期额度。"),
    "ESCALATION": say(0, "Year {year}: {share} for cost escalation.", "第{year}年：成本上升{share}。"),
    "CROP_INSURANCE": _premium("Crop", "作物"),
    "PERSONAL_INSURANCE": _premium("Personal", "人身"),
    "ASSET_INSURANCE": _premium("Asset", "资产"),
    "FLEXIBLE_CARD": say(
        0,
        "A flexible card of {amount} {currency_en}, set by the branch manager within {least} to {most}, is recorded "
        "beside this limit and was not computed.",
        "另记弹性信用卡{amount}{currency_zh}，由支行经理在{least}至{most}之间确定，非计算所得，不含于本额度。",
    ),
    "TERM_LOAN": say(
        0, "Term loan from year {year}: {amount} {currency_en}.", "第{year}年起定期贷款：{amount}{currency_zh}。"
    ),
}
