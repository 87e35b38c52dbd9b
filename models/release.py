"""A release: a folder that holds weights and their model card, checked against each other when it is loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from geo.errors import DataError
from models.card import ModelCard, read_card, write_card
from models.network import CropNet, NetworkSpec

WEIGHTS: Final = "weights.safetensors"
CARD: Final = "card.json"


@dataclass(frozen=True, slots=True)
class Release:
    """A network that is ready to predict, and its card.

    Attributes:
        network: in evaluation mode, on the CPU.
        card: what is known about it.
        hash: SHA-256 over card and weights.
    """

    network: CropNet
    card: ModelCard
    hash: str


def load_release(folder: Path | None = None) -> Release:
    """Load a release.

    Args:
        folder: holds card.json and weights.safetensors; None for the one that ships with Acreline.

    Raises:
        DataError: a file is missing or damaged, or weights and card do not belong together.
    """
    folder = folder or Path(str(resources.files("models").joinpath("release")))
    card = read_card(folder / CARD)
    blob = _checked_weights(folder / WEIGHTS, card)
    network = CropNet(NetworkSpec(**card.network.model_dump()))
    _fill(network, blob, folder / WEIGHTS)
    return Release(network.eval(), card, card.hash)


def save_release(network: CropNet, card: ModelCard, folder: Path) -> Release:
    """Write weights and card; the card's hash of the weights is set here.

    Returns:
        The release as it now lies in the folder, loaded back.
    """
    folder.mkdir(parents=True, exist_ok=True)
    blob = save(_tensors(network))
    (folder / WEIGHTS).write_bytes(blob)
    sealed = card.model_copy(update={"weights_sha256": hashlib.sha256(blob).hexdigest()})
    write_card(sealed, folder / CARD)
    return load_release(folder)


def _tensors(network: CropNet) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(network.state_dict().items())}


def _checked_weights(path: Path, card: ModelCard) -> bytes:
    if not path.is_file():
        raise DataError("MODEL_MISSING", f"The weights {path} are missing.", "Reinstall, or train a model.")
    blob = path.read_bytes()
    if hashlib.sha256(blob).hexdigest() != card.weights_sha256:
        raise DataError(
            "MODEL_DAMAGED", f"The weights {path} are not those of their card.", "Take weights and card of one release."
        )
    return blob


def _fill(network: CropNet, blob: bytes, path: Path) -> None:
    try:
        network.load_state_dict(load(blob))
    except (SafetensorError, RuntimeError) as error:
        raise DataError(
            "MODEL_SHAPE", f"The weights {path} do not fit the network of their card.", "Take a whole release."
        ) from error
