"""What a text must be to stand as a principal reason for a decision.

Regulation B (12 CFR 1002.9(b)(2)) wants specific reasons, and says that internal standards or policies, or a score that
was not reached, are none. Its commentary sees no use in more than four.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator

from scoring.wording import Text

#: Principal reasons that one decision may carry.
MOST_REASONS: Final = 4

#: Words by which a text shows that it names no fact of the applicant.
_EMPTY: Final = (
    "does not meet policy",
    "not meet our policy",
    "not meet the bank's policy",
    "internal standard",
    "internal polic",
    "qualifying score",
    "minimum score",
    "insufficient score",
    "credit scoring system",
    "不符合政策",
    "不符合我行政策",
    "不符合银行政策",
    "内部标准",
    "内部政策",
    "评分不足",
    "综合评分",
)


def _specific(text: Text) -> Text:
    for said in (text.en, text.zh):
        found = next((words for words in _EMPTY if words in said.lower()), None)
        if found is not None:
            raise ValueError(f"{said!r} is no reason ({found!r}): name the fact")
    return text


#: A text in both languages that names a fact of the applicant.
ReasonText = Annotated[Text, AfterValidator(_specific)]
