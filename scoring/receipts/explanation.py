"""A limit as a farmer is told it: the amount, at most four reasons, what would change it, and how to object.

Nothing is worked out here: every figure stands in the limit, every rule in the policy that it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from scoring.money import in_words, to_major
from scoring.pack_schema import Pack
from scoring.receipt import CROP_FACTS, crop_words
from scoring.receipts.limit import Limit
from scoring.wording import UNITS, currency_words
from scoring.wording.plain import PLAIN
from scoring.wording.texts import Text

Language: TypeAlias = Literal["en", "zh"]

#: Large numbers as people say them: currency and language, the number, decimals that may stand before its word.
_LARGE: Final[Mapping[tuple[str, str], tuple[int, str]]] = {
    ("CNY", "zh"): (10_000, "{}万元"),
    ("INR", "en"): (100_000, "{} lakh"),
}
_FEW_DECIMALS: Final = Decimal("0.01")

_SAY: Final[Mapping[str, Text]] = {
    "parcel": Text(en="Your plot {subject}", zh="您的地块 {subject}"),
    "farmer": Text(en="Your plots together ({subject})", zh="您的全部地块（{subject}）"),
    "amount": Text(en="By the rules of our bank the highest loan is {amount}.", zh="按本行的规则，最高可贷{amount}。"),
    "none": Text(en="No amount can be given yet.", zh="现在还不能给出额度。"),
    "span": Text(
        en="What we know is not exact: by the same rules it could be {low} to {high}.",
        zh="我们了解的情况不一定完全准确，按同样的规则，可能在{low}到{high}之间。",
    ),
    "adds": Text(en="adds {amount}", zh="加{amount}"),
    "takes": Text(en="takes off {amount}", zh="减{amount}"),
    "visit": Text(en="Somebody from the bank has to come and look.", zh="需要本行工作人员到地里看一看。"),
    "automated": Text(
        en="A computer program worked this out from satellite pictures and from the papers that we have of you.",
        zh="这是计算机程序根据卫星图片和您的资料算出来的。",
    ),
    "turn_to": Text(en="Turn to {who}: {how}.", zh="请找{who}：{how}。"),
    "days": Text(en="You have {days} days from the day on which you got this.", zh="请在收到之日起{days}天内提出。"),
    "by": Text(en="You have {days} days, until {day}.", zh="请在{days}天内提出，最晚{day}。"),
    "answer": Text(en="You get an answer within {days} days.", zh="我们在{days}天内答复您。"),
    "ask": Text(
        en="The rules of the bank do not say how to object: ask the office that told you the amount.",
        zh="本行的规则没有写明怎样提出异议：请向告知您额度的网点询问。",
    ),
}
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One principal reason.

    Attributes:
        code: reason code, for machines.
        text: plain sentences.
        effect: what it adds or takes off, in words; empty where it does neither.
        effect_minor: the same in the smallest unit of the currency.
    """

    code: str
    text: str
    effect: str
    effect_minor: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a farmer is told of one limit, in one language.

    Attributes:
        about: which plot, or all of them.
        amount: in words; empty where there is none.
        opening: the amount in a sentence.
        span: the interval in a sentence; empty where there is none.
        reasons: at most four, the most telling first.
        changes: what would change the amount, as far as it is known.
        visit: that somebody has to look; empty where nobody has to.
        automated: that a program worked it out.
        objection: the right to an explanation and a person's review, whom to ask, how, and until when.
    """

    about: str
    amount: str
    opening: str
    span: str
    reasons: tuple[Reason, ...]
    changes: tuple[str, ...]
    visit: str
    automated: str
    objection: tuple[str, ...]


def explain(limit: Limit, pack: Pack, language: Language, told_on: date | None = None) -> Explanation:
    """A limit in plain words.

    Args:
        limit: what was decided.
        pack: the policy that it rests on.
        language: "en" or "zh".
        told_on: local day on which the farmer is told; without it the last day of an objection is not named.
    """
    amount = "" if limit.amount_minor is None else amount_text(limit.amount_minor, pack, language)
    return Explanation(
        about=say(limit.kind, language, subject=limit.subject_id),
        amount=amount,
        opening=say("amount", language, amount=amount) if amount else say("none", language),
        span=_span(limit, pack, language),
        reasons=tuple(_reason(line, limit.kind, pack, language) for line in limit.principal),
        changes=_changes(limit, language),
        visit=say("visit", language) if limit.needs_visit else "",
        automated=say("automated", language),
        objection=objection_texts(pack, language, told_on),
    )


def amount_text(minor: int, pack: Pack, language: Language) -> str:
    """An amount as people say it: "12,300 yuan", "12,300元（1.23万元）", "133,000 rupees (1.33 lakh)"."""
    amount = to_major(minor, pack.currency.exponent)
    name = in_language(currency_words(pack.currency.code), language)
    large = _in_large_units(amount, _LARGE.get((pack.currency.code, language)))
    if language == "zh":
        return f"{in_words(amount)}{name}" + (f"（{large}）" if large else "")
    return f"{in_words(amount)} {name}" + (f" ({large})" if large else "")


def objection_texts(pack: Pack, language: Language, told_on: date | None) -> tuple[str, ...]:
    """How a farmer gets an explanation and a person's review, as the policy says it."""
    objection = pack.objection
    if objection is None:
        return (say("ask", language),)
    right, who, how = (getattr(text, language) for text in (objection.right, objection.who, objection.how))
    texts = [right, say("turn_to", language, who=who, how=how)]
    if told_on is None:
        texts.append(say("days", language, days=objection.days))
    else:
        texts.append(say("by", language, days=objection.days, day=day_text(last_day(pack, told_on), language)))
    if objection.answer_days is not None:
        texts.append(say("answer", language, days=objection.answer_days))
    return tuple(texts)


def last_day(pack: Pack, told_on: date) -> date:
    """Last day of an objection: moved to a working day where the calendar moves days on, never brought forward.

    Raises:
        ValueError: the policy does not say how to object.
    """
    if pack.objection is None:
        raise ValueError(f"{pack.id} does not say how to object")
    last = pack.objection.last_day(told_on)
    return last if pack.calendar is None else max(last, pack.calendar.due(last))


def day_text(day: date, language: Language) -> str:
    """A day as people write it: "22 November 2026", "2026年11月22日"."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def say(key: str, language: Language, **facts: object) -> str:
    """A sentence of this module with its facts."""
    return str(getattr(_SAY[key], language)).format_map(facts)


def in_brackets(text: str, language: Language) -> str:
    """A remark behind a sentence, in the brackets of the language; nothing where there is none."""
    if not text:
        return ""
    return f"（{text}）" if language == "zh" else f" ({text})"


def in_language(words: tuple[str, str], language: Language) -> str:
    """The English or the Chinese of a pair."""
    return words[0] if language == "en" else words[1]


def _in_large_units(amount: Decimal, unit: tuple[int, str] | None) -> str:
    """In units of 10,000 or 100,000 where that is exact with two decimals; else empty."""
    if unit is None or amount < unit[0]:
        return ""
    number = amount / unit[0]
    return unit[1].format(f"{number.normalize():f}") if number == number.quantize(_FEW_DECIMALS) else ""


def _span(limit: Limit, pack: Pack, language: Language) -> str:
    if limit.low_minor is None or limit.high_minor is None or limit.low_minor == limit.high_minor:
        return ""
    low, high = (amount_text(minor, pack, language) for minor in (limit.low_minor, limit.high_minor))
    return say("span", language, low=low, high=high)


def _reason(line: Mapping[str, Any], kind: str, pack: Pack, language: Language) -> Reason:
    effect = int(line["effect_minor"])
    size = amount_text(abs(effect), pack, language)
    return Reason(
        code=line["code"],
        text=_sentence(line, kind, pack, language),
        effect=say("adds" if effect > 0 else "takes", language, amount=size) if effect else "",
        effect_minor=effect,
    )


def _sentence(line: Mapping[str, Any], kind: str, pack: Pack, language: Language) -> str:
    """The plain sentence of a line; the receipt's own text for a code that a newer version may have written."""
    plain = PLAIN.get(line["code"])
    if plain is None:
        return str(line[language])
    template: str = getattr(plain.text(kind), language)
    said = template.format_map(_words(line["facts"], pack, language))
    return said[:1].upper() + said[1:]


def _words(facts: Mapping[str, Any], pack: Pack, language: Language) -> dict[str, Any]:
    words = {name: _fact(fact, language) for name, fact in facts.items()}
    for name in CROP_FACTS:
        if name in facts:
            words[f"{name}_{language}"] = in_language(crop_words(str(facts[name])), language).lower()
    unit = UNITS[str(facts.get("unit", pack.prices.area_unit))]
    words[f"unit_{language}"] = in_language(unit, language)
    words[f"currency_{language}"] = in_language(currency_words(pack.currency.code), language)
    return words


def _fact(fact: Any, language: Language) -> Any:
    """A fact as it is written: Chinese has no space before the per cent sign."""
    return fact.replace(" %", "%") if language == "zh" and isinstance(fact, str) else fact


def _changes(limit: Limit, language: Language) -> tuple[str, ...]:
    """What would change the amount, each once, in the order of the reasons."""
    found = (PLAIN[line["code"]].change for line in limit.principal if line["code"] in PLAIN)
    return tuple(dict.fromkeys(str(getattr(change, language)) for change in found if change is not None))
