"""Plain sentences about money: what the bank lends, what is owed, and papers that are missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.plain.sentences import Plain, plain

MONEY: Final[Mapping[str, Plain]] = {
    "OWN_FUNDS": plain(
        (
            "The bank lends {share} of the cost. The rest is your own money.",
            "本行借给您成本的{share}，其余由您自己出。",
        ),
    ),
    "AREA_CAP": plain(
        (
            "The rules allow at most {price} {currency_en} for each {unit_en}.",
            "按规则每{unit_zh}最多借{price}{currency_zh}。",
        ),
        (
            "On {parcels} of your plots the most is reached that the rules allow for each {unit_en}.",
            "您有{parcels}块地已经到了每{unit_zh}最多能借的数。",
        ),
    ),
    "OTHER_DEBT": plain(
        (
            "You have other loans for the same purpose, {amount} {currency_en} in all. A part is taken off here.",
            "您还有同样用途的借款，一共{amount}{currency_zh}，这块地分摊一部分。",
        ),
        (
            "You have other loans for the same purpose, {amount} {currency_en}. They are taken off.",
            "您还有同样用途的借款{amount}{currency_zh}，已经扣除。",
        ),
        ("If you have paid some of them back, bring the proof.", "如果已经还了，请带证明来。"),
    ),
    "PRODUCT_CAP": plain(
        ("One farmer gets at most {amount} {currency_en} of this loan.", "这种贷款每户最多{amount}{currency_zh}。"),
    ),
    "HOUSEHOLD_CAPACITY": plain(
        (
            "By what we know of your household, it can pay back at most {amount} {currency_en}.",
            "按我们了解的情况，您家最多能还{amount}{currency_zh}。",
        ),
        None,
        ("If your household earns more or owes less now, bring the proof.", "如果家里收入多了或者债少了，请带证明来。"),
    ),
    "KEPT_ABOVE_CAP": plain(
        (
            "What was approved before is more than the most allowed now, {amount} {currency_en}. Nothing is added.",
            "以前批准的已经超过现在最多能借的{amount}{currency_zh}，不再增加。",
        ),
    ),
    "INCOMPLETE_DEBT": plain(
        (
            "We have no credit report and do not know what else you owe.",
            "我们没有您的征信报告，不知道您还有没有别的债。",
        ),
        None,
        ("Allow us to ask for your credit report.", "请授权我们查征信报告。"),
    ),
    "INCOMPLETE_HOUSEHOLD": plain(
        ("We do not know how much your household can pay back.", "我们不知道您家能还多少。"),
        None,
        ("Tell us what your household earns and owes.", "请告诉我们家里的收入和欠款。"),
    ),
    "FACTS_DISAGREE": plain(
        (
            "We were told different debts or incomes for your plots, and counted the more careful figure.",
            "您各块地的资料里，欠款或收入写得不一样，我们按比较稳妥的算。",
        ),
        None,
        ("Tell us which figure is right.", "请告诉我们哪个是对的。"),
    ),
    "TERM_LOANS_OUTSTANDING": plain(
        (
            "Your longer loans, {amount} {currency_en} in all, are part of the amount. This plot has its share.",
            "您的长期借款一共{amount}{currency_zh}，含在额度里，这块地分摊一部分。",
        ),
        (
            "Your longer loans, {amount} {currency_en}, are part of this amount.",
            "您的长期借款{amount}{currency_zh}含在额度里。",
        ),
    ),
    "FACILITY_ENDED": plain(
        (
            "Your card is in year {year}, and it runs for {years} years. It has to be renewed.",
            "您的卡已经是第{year}年，期限是{years}年，需要重新办理。",
        ),
        None,
        ("Renew your card at the branch.", "请到网点重新办理。"),
    ),
    "CARD_FACTS_DISAGREE": plain(
        (
            "We were told different years, premiums or longer loans for your plots, and counted the least figure.",
            "您各块地的资料里，年度、保险费或长期借款写得不一样，我们按最小的算。",
        ),
        None,
        ("Tell us which figure is right.", "请告诉我们哪个是对的。"),
    ),
    "CONSUMPTION": plain(
        (
            "{share} is added for what your household needs after the harvest.",
            "另加{share}，用于收获以后和家里的开支。",
        ),
    ),
    "MAINTENANCE": plain(
        ("{share} is added for repairs on the farm.", "另加{share}，用于修理农具和设施。"),
    ),
}
