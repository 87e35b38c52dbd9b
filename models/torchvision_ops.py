"""Declare two torchvision operators where torchvision's compiled part cannot be loaded.

The registry's torchvision wheel is built for CUDA; beside a CPU build of torch its library does not load and
`import torchvision` ends at the missing operator `torchvision::nms`. Nothing here calls these operators: only their
schemas must exist. Import this module before segmentation_models_pytorch or timm.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

import torch

_SCHEMAS: Final = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


def declare_missing() -> torch.library.Library | None:
    """Declare the operators that are missing.

    Returns:
        The library that holds the new declarations (they live as long as it does), None where nothing was missing.
    """
    missing = [name for name in _SCHEMAS if not _is_declared(name)]
    if not missing or _compiled_part_loads():
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]  # torch leaves it untyped
    for name in missing:
        library.define(_SCHEMAS[name])  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return library


def _is_declared(name: str) -> bool:
    return hasattr(torch.ops.torchvision, name)


def _compiled_part_loads() -> bool:
    """Whether torchvision's own library loads beside this torch (it then declares the operators itself)."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return False
    return any(_loads(path) for path in sorted(Path(spec.origin).parent.glob("_C*")))


def _loads(path: Path) -> bool:
    try:
        torch.ops.load_library(str(path))  # type: ignore[no-untyped-call]  # torch leaves it untyped
    except OSError:
        return False
    return True


#: Kept alive: the declarations vanish with it.
LIBRARY: Final = declare_missing()
