"""A limit worked out for one farmer, with every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from scoring.money import Mode, plain_number, round_to
from scoring.pack_schema import Pack
from scoring.receipt import Fact, write_line


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        code: reason code.
        en: English text.
        zh: Chinese text.
        effect: what the step adds, major units.
        amount: running amount after it.
        facts: what the texts say.
    """

    code: str
    en: str
    zh: str
    effect: Decimal
    amount: Decimal
    facts: Mapping[str, Fact]

    def to_dict(self) -> dict[str, object]:
        """JSON form; amounts as plain numbers."""
        return {
            "code": self.code,
            "en": self.en,
            "zh": self.zh,
            "effect": plain_number(self.effect),
            "amount": plain_number(self.amount),
            "facts": dict(self.facts),
        }


@dataclass(frozen=True, slots=True)
class Working:
    """Steps and figures under a policy.

    Attributes:
        pack: the policy.
        steps: in order; their effects add up to the limit.
        figures: the answer, plain numbers.
        day: of the decision; None where it is not said.
    """

    pack: Pack
    steps: tuple[Step, ...]
    figures: Mapping[str, object]
    day: date | None = None

    def to_dict(self) -> dict[str, object]:
        """JSON form: the policy, whether it is in force, the figures, all steps, and the notes that hold on the day."""
        notes = [note for note in self.pack.notes if self.day is None or note.holds(self.day)]
        return {
            "policy_id": self.pack.id,
            "policy_version": self.pack.version,
            "policy_hash": self.pack.content_hash,
            "approval": self.pack.approval.by,
            "decided_on": None if self.day is None else str(self.day),
            "in_force": None if self.day is None else self.pack.in_force(self.day),
            "currency": self.pack.currency.code,
            **self.figures,
            "steps": [step.to_dict() for step in self.steps],
            "notes": [note.model_dump(mode="json") for note in notes],
            "conditions": [condition.model_dump(mode="json") for condition in self.pack.conditions],
        }


@dataclass(slots=True)
class Tally:
    """Running amount of one working.

    Attributes:
        pack: the policy.
        lines: steps so far.
        amount: their sum.
    """

    pack: Pack
    lines: list[Step] = field(default_factory=list)
    amount: Decimal = Decimal(0)

    def add(self, code: str, effect: Decimal, facts: Mapping[str, Fact]) -> None:
        """Post one step."""
        self.amount += effect
        line = write_line(self.pack, "farmer", code, self.pack.minor(effect), facts)
        self.lines.append(Step(code, str(line["en"]), str(line["zh"]), effect, self.amount, facts))

    @property
    def last_effect(self) -> Decimal:
        """Effect of the step posted last."""
        return self.lines[-1].effect

    def in_minor_units(self, amount: Decimal) -> Decimal:
        """Amount to the smallest unit of the currency, nearest; without decimals where it is whole."""
        exact = round_to(amount, Decimal(1).scaleb(-self.pack.currency.exponent), Mode.HALF_UP)
        return exact.to_integral_value() if exact == exact.to_integral_value() else exact

    def working(self, figures: Mapping[str, object]) -> Working:
        """The finished working."""
        return Working(self.pack, tuple(self.lines), figures)
