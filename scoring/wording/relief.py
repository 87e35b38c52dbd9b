"""Wordings of what stands beside an alert: notice to insurers, claims, and relief that may be offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.texts import Text

#: Sentences by code; braces hold facts.
RELIEF: Final[Mapping[str, Text]] = {
    "COVER": Text(
        en="{insurer}, policy {policy}: {kind} cover.",
        zh="{insurer}，保单号{policy}：{kind}。",
    ),
    "COVER_DAYS_UNKNOWN": Text(
        en="The days of cover are not known: read the policy.",
        zh="保险期间不明：请查阅保单。",
    ),
    "COVER_CROP_UNKNOWN": Text(
        en="The crop insured is not known: read the policy.",
        zh="承保作物不明：请查阅保单。",
    ),
    "COVER_OTHER_CROP": Text(
        en="It insures {crop}, and another crop is declared for that day: read the policy.",
        zh="承保作物为{crop}，与当日申报作物不同：请查阅保单。",
    ),
    "COVER_NONE": Text(
        en="The book knows no crop policy that covers this parcel on {day}.",
        zh="系统内没有在{day}承保该地块作物的保单。",
    ),
    "NOTICE_BY": Text(
        en="Report the loss by {last_day} ({days_left} day(s) left), counted from {counts_from}.",
        zh="请于{last_day}前报案（剩余{days_left}天），自{counts_from}起算。",
    ),
    "NOTICE_PASSED": Text(
        en="PASSED: the last day to report the loss was {last_day}, {days_past} day(s) ago, counted from "
        "{counts_from}. Ask the insurer all the same.",
        zh="已过期：报案截止日为{last_day}，已过{days_past}天，自{counts_from}起算。仍请向保险公司询问。",
    ),
    "NOTICE_CAREFUL": Text(
        en="It may have happened soon after {not_before}: then the last day is {careful_day}.",
        zh="损失可能发生在{not_before}之后不久：若如此，截止日为{careful_day}。",
    ),
    "NOTICE_BY_POLICY": Text(
        en="Report the loss at once: the policy's own wording says by when.",
        zh="请立即报案：具体时限以保单条款为准。",
    ),
    "NOTICE_NO_RULE": Text(
        en="The bank's policy states no time for notice to this insurer: read the policy, and report at once.",
        zh="本行政策未载明对该保险公司的报案时限：请查阅保单并立即报案。",
    ),
    "CLAIM_THERE": Text(
        en="A claim is on record: {event}, {from_day}, {outcome}.",
        zh="已有理赔记录：{event}，{from_day}，{outcome}。",
    ),
    "CLAIM_NONE": Text(en="No claim is on record.", zh="尚无理赔记录。"),
    "OFFER_DECLARED": Text(
        en="Needs a declared crop loss of at least {least}; seen here: {seen}. The declared figure counts.",
        zh="须经主管部门认定作物损失不低于{least}；此处观测为{seen}，以认定结果为准。",
    ),
    "OFFER_LOSS": Text(
        en="Needs a crop loss of at least {least}; seen here: {seen}.",
        zh="须作物损失不低于{least}；此处观测为{seen}。",
    ),
    "OFFER_MONTHS": Text(en="At most {months} months.", zh="最长{months}个月。"),
    "OFFERED": Text(
        en="These may be offered; a person decides, and no alert changes a loan.",
        zh="以上方案可供提出，由人工决定；任何预警均不改变贷款。",
    ),
    "POLICY_NOT_AT_HAND": Text(
        en="The policy {policy} is not at hand: name one with --policy, and its folder with --packs.",
        zh="未找到政策包{policy}：请用--policy指定，并用--packs指明所在目录。",
    ),
    "BESIDE": Text(en="Insurance and relief", zh="保险与纾困"),
    "NOT_STATED": Text(
        en="The policy pack states nothing of {what}.",
        zh="本行政策包未载明{what}。",
    ),
}

#: Words for kinds of cover, outcomes of claims and kinds of relief, and for what is not known.
WORDS: Final[Mapping[str, Text]] = {
    "crop": Text(en="crop", zh="作物保险"),
    "income": Text(en="income", zh="收入保险"),
    "asset": Text(en="asset", zh="财产保险"),
    "open": Text(en="open", zh="处理中"),
    "paid": Text(en="paid", zh="已赔付"),
    "refused": Text(en="refused", zh="已拒赔"),
    "withdrawn": Text(en="withdrawn", zh="已撤回"),
    "extension": Text(en="extension", zh="展期"),
    "renewal": Text(en="renewal", zh="续贷"),
    "grace": Text(en="grace", zh="宽限"),
    "unknown": Text(en="not known", zh="不明"),
    "claims": Text(en="notice to insurers", zh="向保险公司报案的时限"),
    "relief": Text(en="relief", zh="纾困方案"),
}


def sentence(code: str, language: str, **facts: object) -> str:
    """A sentence of RELIEF in "en" or "zh"; the facts are put in as they are."""
    text = RELIEF[code]
    return (text.en if language == "en" else text.zh).format_map(facts)


def word(key: str | None, language: str) -> str:
    """A word of WORDS; what stands in no list is given back, and None is not known."""
    text = WORDS.get("unknown" if key is None else key)
    if text is None:
        return str(key)
    return text.en if language == "en" else text.zh
