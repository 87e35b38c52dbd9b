"""Wordings of loans that fall due or are overdue beside what was seen of their crop.

Every text says what was seen and what a person may do next. None says why a farmer did not pay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.texts import Text

#: By code of scoring.lending.stages; braces hold days.
STAGES: Final[Mapping[str, Text]] = {
    "DUE_HARVESTED": Text(
        en="Crop seen harvested on {on}: the reminder fits the cash flow.",
        zh="{on}观测到作物已收获：此时提醒还款与现金流相符。",
    ),
    "DUE_GROWING": Text(
        en="Crop seen growing, no harvest seen yet: remind, and ask when it will be sold.",
        zh="观测到作物正常生长，尚未见收获：提醒还款，并了解预计销售时间。",
    ),
    "DUE_BEFORE_HARVEST": Text(
        en="Falls due on {due_on}, before the crop can be harvested and sold (expected from {harvest_on}): an "
        "extension may be due.",
        zh="{due_on}到期，早于作物可收获销售的时间（预计{harvest_on}起）：或需办理展期。",
    ),
    "DUE_FAILED_REGIONAL": Text(
        en="Crop failure seen on {on}, seen across the region: look at insurance and relief before the due day.",
        zh="{on}观测到作物受损，且周边普遍受损：请在到期前考虑保险理赔与纾困措施。",
    ),
    "DUE_FAILED_OWN": Text(
        en="Crop failure seen on {on}, not seen on the neighbours: visit before the due day.",
        zh="{on}观测到作物受损，周边未见同样情况：请在到期前实地查看。",
    ),
    "DUE_FAILED_UNCLEAR": Text(
        en="Crop failure seen on {on}; too few neighbours were seen to tell whether the region fell with it: visit.",
        zh="{on}观测到作物受损，可比邻近地块不足，无法判断是否区域性受损：请实地查看。",
    ),
    "DUE_NOT_SEEN": Text(
        en="Nothing was seen of the crop: remind, and ask how it stands.",
        zh="未观测到作物情况：提醒还款，并询问作物状况。",
    ),
    "OVERDUE_HARVESTED": Text(
        en="Crop seen growing and harvested on {on}: ask for the reason.",
        zh="观测到作物生长并于{on}收获：请询问未还款原因。",
    ),
    "OVERDUE_GROWING": Text(
        en="Crop seen growing, no harvest seen yet: ask for the reason, and when the crop will be sold.",
        zh="观测到作物正常生长，尚未见收获：请询问未还款原因及预计销售时间。",
    ),
    "OVERDUE_BEFORE_HARVEST": Text(
        en="Fell due on {due_on}, before the crop could be harvested and sold (expected from {harvest_on}): an "
        "extension may be due.",
        zh="{due_on}到期，早于作物可收获销售的时间（预计{harvest_on}起）：或需办理展期。",
    ),
    "OVERDUE_FAILED_REGIONAL": Text(
        en="Crop failure seen on {on}, seen across the region: the way of relief stands open.",
        zh="{on}观测到作物受损，且周边普遍受损：可走纾困途径。",
    ),
    "OVERDUE_FAILED_OWN": Text(
        en="Crop failure seen on {on}, not seen on the neighbours: visit and ask what happened.",
        zh="{on}观测到作物受损，周边未见同样情况：请实地查看并了解情况。",
    ),
    "OVERDUE_FAILED_UNCLEAR": Text(
        en="Crop failure seen on {on}; too few neighbours were seen to tell whether the region fell with it: visit and "
        "ask.",
        zh="{on}观测到作物受损，可比邻近地块不足，无法判断是否区域性受损：请实地查看并了解情况。",
    ),
    "OVERDUE_NOT_SEEN": Text(
        en="Nothing was seen of the crop: imagery says nothing here; ask for the reason.",
        zh="未观测到作物情况，影像无法说明问题：请询问未还款原因。",
    ),
}

#: Words for states of a crop and for ways that stand open.
STATE_WORDS: Final[Mapping[str, Text]] = {
    "failed_own": Text(en="failed alone", zh="仅本地块受损"),
    "failed_regional": Text(en="failed with the region", zh="区域性受损"),
    "failed_unclear": Text(en="failed, scope unclear", zh="受损（范围不明）"),
    "not_seen": Text(en="not seen", zh="未观测到"),
    "growing": Text(en="growing", zh="正常生长"),
    "harvested": Text(en="harvested", zh="已收获"),
    "visit": Text(en="visit", zh="实地查看"),
    "relief": Text(en="relief", zh="纾困"),
    "extension": Text(en="extension", zh="展期"),
    "ask": Text(en="ask", zh="询问"),
    "remind": Text(en="remind", zh="提醒"),
}

#: Phrases of the list; braces hold facts.
LIST_WORDS: Final[Mapping[str, Text]] = {
    "COUNTS": Text(
        en="{on}: {overdue} overdue, {due} fall due; {ways}.", zh="{on}：逾期{overdue}笔，即将到期{due}笔；{ways}。"
    ),
    "WHEN_OVERDUE": Text(en="{days} days overdue, told {told_on}", zh="逾期{days}天（{told_on}数据）"),
    "WHEN_DUE": Text(en="due {due_on}, in {days} days", zh="{due_on}到期，还有{days}天"),
    "PLOTS": Text(en="plots: {plots}", zh="地块：{plots}"),
    "MORE": Text(en="... and {count} more; --json has all.", zh="……另有{count}笔；--json列出全部。"),
}
