"""Wordings of what one more look or paper would change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.texts import Text


def _both(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


#: The amount now; `name` is the subject.
NOW: Final = _both("{name}: {now} now.", "{name}：目前{now}。")
NOTHING_NOW: Final = _both("{name}: no amount now.", "{name}：目前无额度。")
NOTHING_OPEN: Final = _both(
    "Neither an image nor a visit nor a paper would change it.", "影像、实地查看或补充材料均不会改变该额度。"
)

#: What an action would make of the amount.
ACTIONS: Final[Mapping[str, Text]] = {
    "image": _both(
        "If one more clear image decided {parcels}: {range}{guess}. Greatest change {change}.",
        "如再有一幅晴空影像能判定{parcels}：{range}{guess}。最大变动{change}。",
    ),
    "visit": _both(
        "A visit that measures {parcels} and sees the crop: {range}. Greatest change {change}.",
        "实地测量{parcels}并查看作物：{range}。最大变动{change}。",
    ),
    "paper": _both(
        "A paper, not an image: {papers} ({parcels}): {range}. Greatest change {change}.",
        "需要材料而非影像：{papers}（{parcels}）：{range}。最大变动{change}。",
    ),
}
RANGE: Final = _both("{low} to {high}", "{low}至{high}")
NO_AMOUNT: Final = _both("no amount", "无额度")
GUESS: Final = _both(", {guess} if the crops are those thought", "，若作物如所推测则为{guess}")

PAPERS: Final[Mapping[str, Text]] = {
    "PLAN": _both("the plan", "种植计划"),
    "LAND_RIGHT": _both("the land right", "土地权属证明"),
    "BUREAU_REPORT": _both("the credit-bureau report", "征信报告"),
    "HOUSEHOLD_CAPACITY": _both("the household's repayment capacity", "家庭还款能力证明"),
}

#: Why no image can help a parcel.
NO_IMAGE: Final[Mapping[str, Text]] = {
    "TOO_SMALL": _both(
        "No image can help {parcels}: fewer than 8 full pixels lie inside. A visit can.",
        "{parcels}：地块内完整像元不足8个，影像无济于事，需实地查看。",
    ),
    "OUTSIDE_VALIDATION": _both(
        "No image can help {parcels}: region, crop or month lies outside what the model was tested on. A visit can.",
        "{parcels}：地区、作物或月份超出模型验证范围，影像无济于事，需实地查看。",
    ),
    "INVALID_GEOMETRY": _both(
        "Neither an image nor a visit says an amount for {parcels} before there is a valid outline.",
        "{parcels}：地块边界无效，须先有有效边界，影像和实地查看均无法给出额度。",
    ),
    "NO_PRICE": _both(
        "No image can help {parcels}: the policy has no price for what grows there.",
        "{parcels}：政策未列所种作物的费用标准，影像无济于事。",
    ),
}

#: Joins the names of parcels and papers.
AND: Final = _both(", ", "、")
#: Names after the first few.
MORE: Final = _both(" and {count} more", "等{count}个地块")
