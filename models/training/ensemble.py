"""Ensembles of SeriesNet: members trained one beside the other on the processors at hand, and asked together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from models.training.memberfit import EnsemblePlan, Pool, fit_member, log_prior, network_logits
from models.training.seriesfit import Progress
from models.training.seriesnet import SeriesNet

Floats = NDArray[np.float64]
Values = NDArray[np.float32]

#: Optimizer steps from which processes of their own are worth the seconds that they take to start.
_WORTH_PROCESSES: Final = 500


@dataclass(frozen=True, slots=True)
class Job:
    """A network to train and the series to ask it about.

    Attributes:
        pools: series to learn from.
        plan: how to fit, of one member.
        ask: series, each (n, slots, bands), whose logits are wanted.
    """

    pools: tuple[Pool, ...]
    plan: EnsemblePlan
    ask: tuple[Values, ...] = ()


@dataclass(frozen=True, slots=True)
class Trained:
    """A network and what it said.

    Attributes:
        network: in evaluation mode, on the CPU.
        said: logits of each of the job's series, (n, classes), free of class frequencies.
        loss: mean over the last tenth of the steps.
    """

    network: SeriesNet
    said: tuple[Floats, ...]
    loss: float


def train(
    jobs: Sequence[Job], days: Values, progress: Progress | None = None, stage: str = "ensemble"
) -> list[Trained]:
    """Train networks, each by one thread, as many at a time as there are processors; in order of the jobs.

    What comes out does not depend on the number of processors.

    Args:
        jobs: what to train.
        days: (slots,) middle of the slots, days since 1 January of the main year.
        progress: told after each network.
        stage: name of this work for `progress`.
    """
    done = []
    for trained in _results(jobs, days):
        done.append(trained)
        if progress is not None:
            progress(stage, len(done), len(jobs), trained.loss)
    return done


def _results(jobs: Sequence[Job], days: Values) -> Iterator[Trained]:
    """Where a GPU does the work, or processes cost more than they bring, one job after the other here."""
    workers = min(os.cpu_count() or 1, len(jobs))
    here = workers <= 1 or any(job.plan.device != "cpu" for job in jobs)
    if here or sum(job.plan.steps for job in jobs) < _WORTH_PROCESSES:
        for job in jobs:
            yield _trained(job, days)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_trained, jobs, [days] * len(jobs))


def _trained(job: Job, days: Values) -> Trained:
    with _one_thread():
        network, loss = fit_member(job.pools, days, job.plan)
        said = tuple(network_logits(network, values, days, job.plan.shifts) for values in job.ask)
    return Trained(network, said, loss)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums are split over threads, so that their number would show in the last digits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Networks that speak together.

    Attributes:
        networks: members, in evaluation mode, on the CPU.
        days: (slots,) middle of the slots that they were trained on, days since 1 January of the main year.
        shifts: calendar shifts over which a prediction is averaged, days.
    """

    networks: tuple[SeriesNet, ...]
    days: Values
    shifts: tuple[float, ...]

    def logits(self, values: Values) -> Floats:
        """Mean logits over members and shifts, free of class frequencies.

        Args:
            values: (n, slots, bands) reflectance, NaN gaps.

        Returns:
            (n, classes); each row normalised so that its exponentials add up to 1.
        """
        total = sum(network_logits(network, values, self.days, self.shifts) for network in self.networks)
        return np.asarray(log_softmax(total / len(self.networks), axis=1), dtype=np.float64)

    def probabilities(self, values: Values, prior: Floats | None = None) -> Floats:
        """Probabilities, (n, classes), where classes have frequencies, (classes,); all alike without them."""
        logits = self.logits(values)
        return np.asarray(softmax(logits if prior is None else logits + log_prior(prior), axis=1), dtype=np.float64)
