"""Small profiles, and what is said where one is refused."""

from pathlib import Path
from typing import Any

import pytest

from contract_tests.profile import Profile, ProfileError, load_profile

RESIDENT = {"principals": [{"name": "a", "user_id": 1, "community_ids": [1], "bearer": "t"}]}
PERSON: dict[str, Any] = {"name": "a", "user_id": "1", "domain_ids": ["d"], "bearer": "t"}
ALICE = '[[linagora.principals]]\nname = "alice"\nuser_id = "1"\ndomain_ids = ["d"]\n'


def load(folder: Path, text: str) -> Profile:
    file = folder / "p.toml"
    file.write_text(text, "utf-8")
    return load_profile(file)


def refused(folder: Path, text: str) -> list[str]:
    """The lines in which a file is refused, without the name of the file."""
    with pytest.raises(ProfileError) as error:
        load(folder, text)
    lines = str(error.value).splitlines()
    assert all(line.startswith((f"{folder / 'p.toml'}:", "and ")) for line in lines)
    return [line.removeprefix(f"{folder / 'p.toml'}:") for line in lines]
