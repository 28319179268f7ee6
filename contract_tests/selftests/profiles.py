"""A profile as a QA engineer would write it for a deployment."""

from pathlib import Path

from contract_tests.profiles import Principal
from contract_tests.targets import mock_target


def write_profile(folder: Path, top: str = "judge_inferred = false") -> Path:
    """Writes a profile with the people of the mock's default scenario; `top` are more lines at its beginning."""
    people = mock_target().profile.of("linagora")
    file = folder / "profile.toml"
    file.write_text("\n".join([top, *map(_table, people)]), "utf-8")
    return file


def _table(person: Principal) -> str:
    lines = {"name": person.name, "user_id": person.user_id, "bearer": person.bearer}
    told = [f'{name} = "{value}"' for name, value in lines.items()]
    return "\n".join(["[[linagora.principals]]", *told, f"domain_ids = {list(person.homes)}", f"roles = {list(person.roles)}"])
