"""Dask workers: a local cluster by default, an existing one by its address."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed import Client, LocalCluster, Worker, WorkerPlugin

from app.jobs.request import WORKER_MEMORY_MIB
from geo.errors import DataError, InputError

_CONNECT_TIMEOUT_S = 20
_KEEP_BYTES = str(2**32)

_CONFIG = {
    "distributed.logging.distributed": "error",
    "distributed.worker.daemon": True,
    # Nobody looks at what Dask samples of each worker's calls, a hundred times a second.
    "distributed.worker.profile.enabled": False,
    "distributed.comm.timeouts.connect": _CONNECT_TIMEOUT_S,
    "distributed.scheduler.worker-saturation": 1.0,
    # Results lie on disk, never in Dask: there is nothing to spill, and a worker that paused would wait for memory that
    # nobody gives back. One that goes over its limit is ended and started again.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    # Blocks come and go in arrays of the same sizes: handing their memory back to the kernel each time, as Dask asks
    # glibc to, costs a third of the run in page faults.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": _KEEP_BYTES,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": _KEEP_BYTES,
}


@contextmanager
def dask_client(scheduler: str | None, workers: int | None, memory_mib: int = WORKER_MEMORY_MIB) -> Iterator[Client]:
    """A client whose workers do the run's tiles.

    Args:
        scheduler: address of an existing scheduler ("tcp://host:8786"); its workers must see the same folders under the
            same paths and have Acreline installed. None starts a cluster on this machine for the time of the run.
        workers: worker processes of the local cluster; None means one for each core.
        memory_mib: memory of each process of the local cluster, MiB; one that goes over it is ended and started again.

    Raises:
        InputError: nothing answers at the address.
    """
    with dask.config.set(_CONFIG):
        chosen = _existing(scheduler) if scheduler else _local(workers or os.cpu_count() or 1, memory_mib)
        with chosen as client:
            try:
                yield client
            except BaseException:
                # What is under way ends with the first error; nobody needs a traceback of each of Dask's own tasks.
                logging.getLogger("asyncio").setLevel(logging.CRITICAL)
                raise


class _DeafToInterrupts(WorkerPlugin):
    """Ctrl-C reaches every process of a terminal; the run alone answers it and ends its workers."""

    def setup(self, worker: Worker) -> None:
        """Called in each worker as it starts."""
        if worker.nanny is not None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _existing(scheduler: str) -> Iterator[Client]:
    try:
        client = Client(scheduler, timeout=_CONNECT_TIMEOUT_S)  # type: ignore[no-untyped-call] # untyped library
    except (OSError, ValueError) as error:
        raise InputError(
            "SCHEDULER_UNREACHABLE",
            f"No Dask scheduler answers at {scheduler}.",
            "Start one with `dask scheduler`, or leave --scheduler out to use this machine.",
        ) from error
    with client:
        yield client


@contextmanager
def _local(workers: int, memory_mib: int) -> Iterator[Client]:
    with (
        local_cluster(workers, memory_mib) as cluster,
        Client(cluster) as client,  # type: ignore[no-untyped-call] # untyped library
    ):
        client.register_plugin(_DeafToInterrupts())
        yield client


def local_cluster(workers: int, memory_mib: int) -> LocalCluster:
    """Workers on this machine, each a process of one thread; to be closed by the caller.

    Args:
        workers: processes.
        memory_mib: memory of each, MiB; one that goes over it is ended and started again.

    Raises:
        DataError: they cannot be started.
    """
    try:
        with dask.config.set(_CONFIG):
            return LocalCluster(  # type: ignore[no-untyped-call] # untyped library
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=f"{memory_mib}MiB",
                dashboard_address="127.0.0.1:0",
                host="127.0.0.1",
                silence_logs=50,
            )
    except (RuntimeError, TimeoutError) as error:
        raise DataError(
            "WORKERS_NOT_STARTED",
            f"{workers} workers of {memory_mib} MiB cannot be started.",
            "Close other programs, use fewer workers, or raise ACRELINE_WORKER_MEMORY_MIB.",
        ) from error
