"""Risk figures on the terminal."""

from __future__ import annotations

from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from app.cli.money import major_text
from scoring.risk.loss import BookLoss
from scoring.risk.measures import PSI_ACT, PSI_LOOK, Interval, plain
from scoring.risk.report import Measured
from scoring.risk.training import TrainedCard
from scoring.risk.uplift import Uplift, Verdict


def print_uplift(console: Console, found: Uplift) -> None:
    """Both models, the difference with its interval, and what it shows."""
    table = _table("On blocks that the models did not see", ("",), ("Gini", "KS"))
    table.add_row("Baseline", _said(found.baseline_gini), _said(found.baseline_ks))
    table.add_row("With satellite", _said(found.full_gini), _said(found.full_ks))
    table.add_row("Uplift", _said(found.gini), _said(found.ks))
    console.print(table)
    _line(console, f"{found.judged} applicants, {found.defaults} defaults, {found.blocks} blocks; 95 % over blocks.")
    _line(console, f"Uplift in Gini: {found.verdict}.")
    if found.verdict is Verdict.TOO_FEW:
        _line(console, "An interval from so few blocks or outcomes decides nothing.")


def trained_dict(trained: TrainedCard) -> dict[str, object]:
    """Plain values of a trained card."""
    return {
        "card": trained.card.id,
        "hash": trained.card.content_hash,
        "information": {name: round(value, 6) for name, value in trained.information.items()},
        "left_out": trained.left_out,
        "judged": {
            each.part: {
                "rows": each.rows,
                "defaults": each.defaults,
                "gini": each.gini.as_dict(),
                "ks": each.ks.as_dict(),
                "psi": plain(each.stability),
            }
            for each in trained.judged
        },
    }


def print_trained(console: Console, trained: TrainedCard, out: Path) -> None:
    """What a card took, and how it does on each part of the table."""
    for name, information in trained.information.items():
        _line(console, f"{name}: information {information:.3f}" + _left_out(trained, name))
    table = _table("The card", ("Part",), ("Rows", "Defaults", "Gini", "KS", "PSI"))
    for each in trained.judged:
        row = (str(each.rows), str(each.defaults), _said(each.gini), _said(each.ks), f"{each.stability:.3f}")
        table.add_row(each.part, *row)
    console.print(table)
    _line(console, f"An example until a named person approves it: {out}")


def print_measured(console: Console, measured: Measured) -> None:
    """Separation, calibration and stability of a PD."""
    _line(console, f"{measured.rows} applicants, {measured.defaults} defaults, {measured.blocks} blocks.")
    _line(console, f"Gini {_said(measured.gini)}, KS {_said(measured.ks)}; 95 % over blocks.")
    table = _table("Calibration", (), ("Applicants", "Predicted", "Observed"))
    for band in measured.calibration:
        table.add_row(str(band.rows), f"{band.predicted:.4f}", _said(band.observed, 4))
    console.print(table)
    if measured.stability is not None:
        said = "act" if measured.stability >= PSI_ACT else "look" if measured.stability >= PSI_LOOK else "stable"
        _line(console, f"PSI {measured.stability:.3f} ({said}; rule of thumb {PSI_LOOK} and {PSI_ACT}).")


def print_loss(console: Console, book: BookLoss, out: Path) -> None:
    """Expected loss by grade and of the book."""
    table = _table("Expected loss", ("Grade",), ("Loans", "Exposure", "Expected loss"))
    for row in book.by("grade").to_dict("records"):
        amounts = (major_text(int(row[name]), book.currency) for name in ("ead_minor", "el_minor"))
        table.add_row(str(row["grade"]), str(row["loans"]), *amounts)
    whole = (major_text(amount, book.currency) for amount in (book.ead_minor, book.el_minor))
    table.add_row("Book", str(len(book.loans)), *whole)
    console.print(table)
    _line(
        console,
        f"Each loan is rounded once, half to even: {float(book.el_minor - book.exact):+.2f} minor units in all.",
    )
    _line(console, f"Loans: {out}")


def _left_out(trained: TrainedCard, name: str) -> str:
    return f" (left out: {trained.left_out[name]})" if name in trained.left_out else ""


def _said(figure: Interval, digits: int = 3) -> str:
    return f"{figure.value:.{digits}f} ({figure.low:.{digits}f} to {figure.high:.{digits}f})"


def _table(title: str, texts: tuple[str, ...], numbers: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)
    for name in texts:
        table.add_column(name)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _line(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False)
