"""The outlook of a limit in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from scoring.next_look.outlook import NextLook, Outlook
from scoring.pack_schema import Pack
from scoring.receipt import money_fact
from scoring.wording import currency_words
from scoring.wording.next_looks import (
    ACTIONS,
    AND,
    GUESS,
    MORE,
    NO_AMOUNT,
    NO_IMAGE,
    NOTHING_NOW,
    NOTHING_OPEN,
    NOW,
    PAPERS,
    RANGE,
)
from scoring.wording.texts import Text

Language: TypeAlias = Literal["en", "zh"]

#: Parcels that a line names.
_NAMED: Final = 3


def outlook_lines(outlook: Outlook, pack: Pack, language: Language) -> list[str]:
    """Lines in one language: the amount now, what would change it, and what no image can help."""
    lines = [_now(outlook, pack, language)]
    lines += [_look(look, pack, language) for look in outlook.looks]
    lines += [
        _in(NO_IMAGE[reason], language).format(parcels=_names(ids, language))
        for reason, ids in outlook.no_image.items()
    ]
    return lines if len(lines) > 1 else [*lines, _in(NOTHING_OPEN, language)]


def _now(outlook: Outlook, pack: Pack, language: Language) -> str:
    if outlook.now_minor is None:
        return _in(NOTHING_NOW, language).format(name=outlook.subject_id)
    return _in(NOW, language).format(name=outlook.subject_id, now=_money(outlook.now_minor, pack, language))


def _look(look: NextLook, pack: Pack, language: Language) -> str:
    guess = (
        "" if look.guess_minor is None else _in(GUESS, language).format(guess=_money(look.guess_minor, pack, language))
    )
    return _in(ACTIONS[look.action], language).format(
        parcels=_names(look.parcels, language),
        papers=_in(AND, language).join(_in(PAPERS[paper], language) for paper in look.papers),
        range=_range(look, pack, language),
        change=_money(look.change_minor, pack, language),
        guess=guess,
    )


def _range(look: NextLook, pack: Pack, language: Language) -> str:
    low, high = (
        _money(minor, pack, language) if minor else _in(NO_AMOUNT, language)
        for minor in (look.low_minor, look.high_minor)
    )
    return low if look.low_minor == look.high_minor else _in(RANGE, language).format(low=low, high=high)


def _names(ids: Sequence[str], language: Language) -> str:
    more = len(ids) - _NAMED
    said = _in(AND, language).join(ids[:_NAMED])
    count = len(ids) if language == "zh" else more
    return said + (_in(MORE, language).format(count=count) if more > 0 else "")


def _money(minor: int, pack: Pack, language: Language) -> str:
    words = currency_words(pack.currency.code)
    amount = money_fact(minor, pack)
    return f"{amount} {words[0]}" if language == "en" else f"{amount}{words[1]}"


def _in(text: Text, language: Language) -> str:
    return text.en if language == "en" else text.zh
