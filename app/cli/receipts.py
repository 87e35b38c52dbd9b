"""Receipts on the terminal: lines on the left, effects on the right, the total below; and a limit told to a farmer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.text import Text as Line

from app.cli.money import major_text
from scoring.receipts.explanation import Explanation, Language, in_brackets
from scoring.receipts.limit import Limit
from scoring.working import Working

_WORDS: Final = {
    "en": {"total": "Limit", "none": "No limit can be given.", "visit": "A visit is needed.", "range": "Range"},
    "zh": {"total": "授信额度", "none": "暂无法给出额度。", "visit": "需要实地走访。", "range": "区间"},
}
_HEADINGS: Final = {
    "en": {"reasons": "Why", "changes": "What would change it", "objection": "If you do not agree"},
    "zh": {"reasons": "原因", "changes": "怎样才会变", "objection": "如果您不同意"},
}
_EXAMPLE: Final = {
    "en": "Example: the policy was approved by no bank.",
    "zh": "示例：该政策未经任何银行批准。",
}
_SIMULATED: Final = {
    "en": "Simulated data: no real land, farmer or loan.",
    "zh": "模拟数据：并非真实的土地、农户或贷款。",
}


def print_receipts(console: Console, limits: Sequence[Limit], language: Language) -> None:
    """Print the receipt of each limit."""
    for limit in limits:
        _print_one(console, limit, language)


def print_explanation(console: Console, told: Explanation, language: Language) -> None:
    """Print what a farmer is told."""
    words = _HEADINGS[language]
    say(console, told.about, style="bold")
    for sentence in (told.opening, told.span, told.visit):
        if sentence:
            say(console, sentence)
    if told.reasons:
        say(console, words["reasons"], style="bold")
    for number, reason in enumerate(told.reasons, start=1):
        say(console, f"  {number}. {reason.text}{in_brackets(reason.effect, language)}")
    if told.changes:
        say(console, words["changes"], style="bold")
    for change in told.changes:
        say(console, f"  - {change}")
    say(console, told.automated)
    say(console, words["objection"], style="bold")
    for sentence in told.objection:
        say(console, f"  {sentence}")


def print_labels(console: Console, language: Language, *, example: bool, simulated: bool) -> None:
    """Say what is no real limit: of a simulated run, or of a policy that nobody approved."""
    for holds, words in ((simulated, _SIMULATED), (example, _EXAMPLE)):
        if holds:
            say(console, words[language], style="bold yellow")


def print_working(console: Console, working: Working) -> None:
    """Print the steps of a limit worked out from facts: effect, running amount, text; then the figures."""
    currency = working.pack.currency.code
    for step in working.steps:
        console.print(f"{step.effect:>14,} {step.amount:>14,} {currency}  {step.en}", highlight=False, markup=False)
    if working.day is not None and not working.pack.in_force(working.day):
        console.print(f"The policy is not in force on {working.day}.", style="yellow", highlight=False)
    for name, value in working.figures.items():
        console.print(f"{name}: {value}", highlight=False, markup=False)


def say(console: Console, text: str, style: str = "") -> None:
    """Print a line as it is: brackets of ids and texts are no markup."""
    console.print(Line(text, style=style))


def _print_one(console: Console, limit: Limit, language: Language) -> None:
    words = _WORDS[language]
    say(console, f"{limit.subject_id}  ({limit.policy_id})", style="bold")
    for line in limit.lines:
        effect = int(line["effect_minor"])
        say(console, f"{_money(effect, limit.currency) if effect else '':>18}  {line[language]}")
    if limit.amount_minor is None:
        say(console, words["none"])
    else:
        low, high = (_money(minor, limit.currency) for minor in (limit.low_minor, limit.high_minor))
        say(console, f"{_money(limit.amount_minor, limit.currency):>18}  {words['total']}", style="bold")
        say(console, f"{'':>18}  {words['range']}: {low} - {high}")
    if limit.needs_visit:
        say(console, words["visit"])


def _money(minor: int | None, currency: str) -> str:
    return "-" if minor is None else major_text(minor, currency)
