"""What a run can be aimed at, and how far it may go. For the options of the command, so nothing here takes time to load."""

from pathlib import Path
from typing import Literal, get_args

_PACKAGE = Path(__file__).resolve().parents[1]
# Inside an installed package, beside it in a checkout.
SPECS = next(folder for folder in (_PACKAGE / "specs", _PACKAGE.parent / "specs") if folder.is_dir())
APIS = tuple(sorted(file.stem for file in SPECS.glob("*.yaml")))

Safety = Literal["read-only", "sandbox", "full"]
SAFETIES: tuple[str, ...] = get_args(Safety)
