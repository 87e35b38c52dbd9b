"""What states of alerts are called, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from scoring.alerts.notice_text import EVENTS, LEVELS
from scoring.alerts.rules import AlertRules
from scoring.wording import Text

Language: TypeAlias = Literal["en", "zh"]

STATUSES: Final[Mapping[str, Text]] = {
    "open": Text(en="open", zh="未处理"),
    "acknowledged": Text(en="acknowledged", zh="已知悉"),
    "visited": Text(en="visited", zh="已走访"),
    "closed": Text(en="closed", zh="已关闭"),
    "false_alarm": Text(en="false alarm", zh="误报"),
}
SCOPES: Final[Mapping[str, Text]] = {
    "own": Text(en="fell alone", zh="仅本地块下降"),
    "regional": Text(en="fell with its neighbours", zh="与邻近地块一同下降"),
    "unclear": Text(en="alone or with its neighbours: not clear", zh="是否与邻近地块一同下降尚不明确"),
}
ACTS: Final[Mapping[str, Text]] = {
    **EVENTS,
    "reopened": Text(en="open again", zh="重新打开"),
    "acknowledged": Text(en="acknowledged", zh="已知悉"),
    "assigned": Text(en="assigned", zh="已分派"),
    "visited": Text(en="visited", zh="已走访"),
    "closed": Text(en="closed", zh="已关闭"),
    "false_alarm": Text(en="called false", zh="判为误报"),
    "noted": Text(en="noted", zh="备注"),
}
OUTCOMES: Final[Mapping[str, Text]] = {
    "confirmed": Text(en="confirmed", zh="属实"),
    "partly": Text(en="partly confirmed", zh="部分属实"),
    "not_confirmed": Text(en="not confirmed", zh="不属实"),
    "other_cause": Text(en="another cause", zh="另有原因"),
    "not_reached": Text(en="not reached", zh="未能到达"),
}
DRAWN: Final[Mapping[str, Text]] = {
    "ranked": Text(en="by expected loss", zh="按预期损失"),
    "random": Text(en="by chance", zh="随机抽取"),
    "asked": Text(en="on request", zh="人工指定"),
}
#: What to look for where no alert says so.
WHOLE_PARCEL: Final = Text(
    en="Drawn by chance, whatever the imagery says: look at the whole parcel and say what is there.",
    zh="随机抽取，与影像结论无关：请查看整个地块并如实记录。",
)
BASES: Final[Mapping[str, Text]] = {
    "outstanding": Text(en="of what is owed", zh="按贷款余额"),
    "drawing": Text(en="of what may be drawn", zh="按可用额度"),
    "sanctioned": Text(en="of what is sanctioned", zh="按授信额度"),
    "unknown": Text(en="amount not known", zh="金额不详"),
}


def said(words: Mapping[str, Text], key: str, language: Language) -> str:
    """A state in a language; its key where there is no word."""
    text = words.get(str(key))
    return str(key) if text is None else in_language(text, language)


def in_language(text: Text, language: Language) -> str:
    """A text in one of its two languages."""
    return text.en if language == "en" else text.zh


def level_words(level: str) -> str:
    """A level in both languages: "Warning 预警"."""
    return f"{LEVELS[level].en} {LEVELS[level].zh}"


def cause_title(rules: AlertRules | None, cause: str, language: Language) -> str:
    """What a cause is called; its key where its rules are not at hand."""
    rule = None if rules is None else rules.causes.get(cause)
    return cause if rule is None else in_language(rule.title, language)
