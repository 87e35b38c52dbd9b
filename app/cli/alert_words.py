"""Words around an alert on the terminal, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.alerts.words import Language, in_language
from scoring.wording import Text

_T: Final[Mapping[str, Text]] = {
    "alert": Text(en="Alert", zh="预警"),
    "alerts": Text(en="Alerts", zh="预警数"),
    "first": Text(en="the first {}: --limit", zh="前{}条：--limit"),
    "no_loss": Text(
        en="{} without an expected loss (no loan, or a figure is not known) come last.",
        zh="{}条没有预期损失（无贷款或数据不详），排在最后。",
    ),
    "other_money": Text(
        en="Ranked by loans in {}; those in {} are not added: --currency.",
        zh="按{}贷款排序；{}贷款不计入：--currency。",
    ),
    "parcel": Text(en="parcel", zh="地块"),
    "season": Text(en="season", zh="生长季"),
    "unit": Text(en="unit", zh="机构"),
    "opened": Text(en="opened", zh="首次发现"),
    "changed": Text(en="last change", zh="最近变化"),
    "seen": Text(en="still seen", zh="仍可观测到"),
    "ended": Text(en="no longer seen since", zh="不再观测到，自"),
    "stopped": Text(
        en="site watched no more since {}: no watch will end this alert, close it",
        zh="项目自{}起不再监测：系统不会自动结束此预警，请关闭",
    ),
    "first_seen": Text(en="first seen", zh="影像首见"),
    "status": Text(en="Status", zh="状态"),
    "assigned": Text(en="assigned to", zh="负责人"),
    "severity": Text(en="Severity", zh="损失程度"),
    "probability": Text(en="a visit would confirm it", zh="走访属实概率"),
    "at_risk": Text(en="still at risk", zh="尚可挽回"),
    "expected": Text(en="Expected loss avoided", zh="预期可避免损失"),
    "exposure": Text(en="Lent on the parcel", zh="地块贷款敞口"),
    "unknown": Text(en="not known", zh="不详"),
    "no_loan": Text(en="no loan known", zh="未知有贷款"),
    "evidence": Text(en="Evidence", zh="依据"),
    "rule": Text(en="rule", zh="规则"),
    "looks": Text(en="looks", zh="观测"),
    "value": Text(en="value", zh="数值"),
    "band": Text(en="expected", zh="预期范围"),
    "neighbours": Text(en="neighbours that show the same", zh="同样受影响的邻近地块"),
    "pictures": Text(en="pictures", zh="影像切片"),
    "loans": Text(en="Loans", zh="贷款"),
    "facility": Text(en="facility", zh="授信"),
    "plots": Text(en="plots", zh="地块"),
    "signals": Text(en="Signals from outside", zh="外部信号"),
    "history": Text(en="History", zh="历史"),
    "visits": Text(en="Visits", zh="走访"),
    "look_for": Text(en="Look for", zh="走访要点"),
    "none": Text(en="none", zh="无"),
    "position": Text(en="position", zh="位置"),
    "far": Text(en="FAR from the parcel", zh="远离地块"),
    "changed_rules": Text(en="changed since", zh="此后已变更"),
    "caution": Text(
        en="An alert changes no loan, and accuses nobody: people decide after they have looked.",
        zh="预警不改变任何贷款，也不认定任何人的责任：由人员核实后决定。",
    ),
}


def word(name: str, language: Language) -> str:
    """A word or sentence by its name."""
    return in_language(_T[name], language)
