"""Who may do what to an application, and when: one table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.book.decisions.people import Person, require_role
from app.db.tables.kinds import UserRole
from geo.errors import InputError


class Stage(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What a person does to it. Deciding on its proposal is app.book.decisions' own."""

    CHANGE = "change"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    TAKE_UP = "take_up"
    RETURN = "return"
    PROPOSE = "propose"
    GRANT = "grant"
    DRAW = "draw"
    APPROVE_DRAW = "approve_draw"
    REFUSE_DRAW = "refuse_draw"


@dataclass(frozen=True, slots=True)
class Rule:
    """When an act may be done, and by whom.

    Attributes:
        stages: in which it may be done.
        roles: of who may.
        apart: whether who prepared the application may not.
        took_up: whether only the reviewer who took it up may.
    """

    stages: frozenset[Stage]
    roles: tuple[UserRole, ...]
    apart: bool = False
    took_up: bool = False


_PREPARES: Final = (UserRole.OFFICER, UserRole.REVIEWER)
_REVIEWS: Final = (UserRole.REVIEWER, UserRole.RISK)
_BEFORE_PROPOSAL: Final = frozenset({Stage.DRAFT, Stage.SUBMITTED, Stage.IN_REVIEW})

RULES: Final[Mapping[Act, Rule]] = {
    Act.CHANGE: Rule(frozenset({Stage.DRAFT}), _PREPARES),
    Act.SUBMIT: Rule(frozenset({Stage.DRAFT}), _PREPARES),
    Act.WITHDRAW: Rule(_BEFORE_PROPOSAL, _PREPARES),
    Act.TAKE_UP: Rule(frozenset({Stage.SUBMITTED, Stage.IN_REVIEW}), _REVIEWS, apart=True),
    Act.RETURN: Rule(frozenset({Stage.IN_REVIEW}), _REVIEWS, apart=True, took_up=True),
    Act.PROPOSE: Rule(frozenset({Stage.IN_REVIEW}), _REVIEWS, apart=True, took_up=True),
    Act.GRANT: Rule(frozenset({Stage.APPROVED}), _PREPARES),
    Act.DRAW: Rule(frozenset({Stage.GRANTED}), _PREPARES),
    Act.APPROVE_DRAW: Rule(frozenset({Stage.GRANTED}), _REVIEWS),
    Act.REFUSE_DRAW: Rule(frozenset({Stage.GRANTED}), (*_PREPARES, UserRole.RISK)),
}

#: Acts that bring an application on: who must act next is who may do one of them.
_ONWARD: Final = (Act.SUBMIT, Act.TAKE_UP, Act.PROPOSE, Act.GRANT, Act.DRAW)


def next_roles(stage: Stage) -> tuple[UserRole, ...]:
    """Roles of those who must act next; none where it is over. A proposal is decided by whoever has the authority."""
    if stage is Stage.PROPOSED:
        return (UserRole.OFFICER, *_REVIEWS)
    return next((RULES[act].roles for act in reversed(_ONWARD) if stage in RULES[act].stages), ())


def may(act: Act, stage: Stage, by: Person, prepared: Collection[int], reviewer: int | None) -> bool:
    """Whether a person may do something now; `require` says why not."""
    rule = RULES[act]
    return (
        stage in rule.stages
        and by.role in rule.roles
        and not (rule.apart and by.id in prepared)
        and not (rule.took_up and by.id != reviewer)
    )


def require(
    act: Act, stage: Stage, by: Person, *, number: str, prepared: Collection[int], reviewer: int | None
) -> None:
    """Refuse what a person may not do now.

    Args:
        act: what.
        stage: where the application stands.
        by: who.
        number: of the application.
        prepared: numbers of those who drafted, changed or submitted it.
        reviewer: who took it up last; None: nobody.

    Raises:
        InputError: another role, another stage, one's own work, or somebody else took it up.
    """
    rule, what = RULES[act], act.replace("_", " ")
    require_role(by, rule.roles, f"may {what} an application")
    if stage not in rule.stages:
        said = f"The application {number} is {stage.replace('_', ' ')}: nobody can {what} it now."
        raise InputError("APPLICATION_STAGE", said, "Load the page again: it shows what can be done.")
    if rule.apart and by.id in prepared:
        said = f"{by.login} prepared the application {number}."
        raise InputError("MAKER_IS_CHECKER", said, "Let another person look at it.")
    if rule.took_up and by.id != reviewer:
        said = f"{by.login} has not taken the application {number} up."
        raise InputError("NOT_TAKEN_UP", said, "Take it up first, or let the reviewer go on who did.")
