"""The READMEs: every example works as it stands, every link leads somewhere, and the tables leave nothing out."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from contract_tests import PACKAGE, cli
from contract_tests.contract.choices import APIS
from contract_tests.contract.finding import Kind
from contract_tests.contract.operations import operations, overlays, use_overlays
from contract_tests.faults import linagora as planted
from contract_tests.faults.servers import Deployment, mock, serve
from contract_tests.profile import ProfileError, load_profile
from contract_tests.profile.deviations import Deviation, read_deviations
from contract_tests.profile.tables import ConnectionTable, ProfileTable, Tls
from contract_tests.report.document import SCHEMA, VERSION
from contract_tests.report.verdict import EXIT, FAILED, State
from contract_tests.run.options import OPTIONS
from contract_tests.run.plugin import CONFORMANCE, LAYERS, layer
from contract_tests.selftests.command_lines import COMMAND, check
from contract_tests.selftests.runs import ALONE, LINAGORA_LAWS, QUIET, clean, run_python
from contract_tests.selftests.written_profiles import write_profile

ROOT = PACKAGE.parent
HOME, SUITE = ROOT / "README.md", PACKAGE / "README.md"
FILES = [HOME, ROOT / ".ci" / "recipes" / "README.md", *sorted(ROOT.glob("*/README.md")), PACKAGE / "recipes" / "README.md"]
MOCK, STAGING = "http://localhost:8000", "https://staging.example.org"
# A test that writes and one that only reads take the place of each run.
FEW = ["-k=taken_once or of_ones_own_is_listed", "--ignore-glob=/*/test_[!lt]*", "--ignore-glob=/*/selftests/*", *LINAGORA_LAWS]


def _blocks(language: str, *files: Path) -> list[str]:
    return [text for file in files for text in re.findall(rf"^```{language}\n(.*?)^```$", _text(file), re.MULTILINE | re.DOTALL)]


def _text(file: Path) -> str:
    return file.read_text("utf-8")


def _section(title: str, file: Path = SUITE) -> str:
    """A section of a README, with those below it."""
    level, _, rest = re.split(rf"^(#+) ({re.escape(title)})$", _text(file), maxsplit=1, flags=re.MULTILINE)[1:]
    return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def _named(text: str) -> set[str]:
    """What stands in backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def _tabled(title: str) -> set[str]:
    """What stands in backticks in the tables of a section."""
    return _named("\n".join(line for line in _section(title).splitlines() if line.startswith("|")))


def _ids(blocks: Iterable[str]) -> list[str]:
    return [block.strip().splitlines()[-1][:60] for block in blocks]


COMMANDS = [block for block in _blocks("sh", HOME, SUITE) if "pip install" not in block]
TOML, PYTHON = _blocks("toml", HOME, SUITE), _blocks("python", HOME, SUITE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_leads_somewhere(file: Path) -> None:
    links = {link for link in re.findall(r"\]\(([^)\s]+)\)", _text(file)) if not link.startswith(("https://", "http://"))}
    assert [link for link in links if not _leads(file, *link.partition("#")[::2])] == []


def _leads(file: Path, path: str, anchor: str) -> bool:
    place = file.parent / path if path else file
    if not anchor:
        return place.exists()
    titles = re.findall(r"^#+ (.*)$", _text(place), re.MULTILINE)
    return anchor in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("file", [HOME, SUITE, FILES[-1]], ids=["root", "suite", "recipes"])
def test_every_example_is_of_a_kind_that_is_tried(file: Path) -> None:
    assert set(re.findall(r"^```(\w*)$", _text(file), re.MULTILINE)) - {""} <= {"sh", "python", "toml", "yaml", "text"}
    outside = re.sub(r"^```.*?^```$", "", _text(file), flags=re.MULTILINE | re.DOTALL)
    assert not re.search(r"^ {4,}.*\.venv/bin", outside, re.MULTILINE)


def test_the_set_up_is_what_there_is_to_install() -> None:
    project = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]
    mock_alone, all_tests = (block.strip() for block in _blocks("sh", HOME) if "pip install" in block)
    make = "python3 -m venv .venv && .venv/bin/pip install -e"
    assert mock_alone == f"{make} . && .venv/bin/mock-server"
    assert all_tests == f"{make} '.[test]' && .venv/bin/pytest"
    assert "mock-server" in project["scripts"]
    assert "test" in project["optional-dependencies"]
    ends_in_pytest = [line for line in _text(HOME).splitlines() if line.endswith("bin/pytest")]
    assert ends_in_pytest[0] == all_tests  # which is what CI takes for the test command


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, str]]:
    """The addresses in the READMEs, and what answers in their place."""
    with serve(mock()) as running, serve(Deployment(mock())) as staging:
        yield {MOCK: running, STAGING: staging}


@pytest.mark.parametrize("block", COMMANDS, ids=_ids(COMMANDS))
def test_the_commands_work(
    block: str, servers: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_profile(tmp_path, f'base_url = "{servers[STAGING]}"\njudge_inferred = true').rename(tmp_path / "staging.toml")
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    clean(monkeypatch, ALONE | {"PYTEST_ADDOPTS": shlex.join([*QUIET, *FEW])})
    monkeypatch.setattr(cli, "become", _in_this_process)
    monkeypatch.chdir(tmp_path)
    for address, ours in servers.items():
        block = block.replace(address, ours)
    if ".venv/bin/" not in block:
        subprocess.run(["bash", "-euo", "pipefail", "-c", block], check=True)
        return
    for line in block.splitlines():
        status = _run(*shlex.split(line, comments=True))
        assert status == 0, f"{line}: {status}\n{capfd.readouterr()}"


def _run(program: str, *words: str) -> int:
    """The exit status of one of our commands; in this process, since most of the time goes into starting another one."""
    arguments = [found for word in words for found in (map(str, Path().glob(word)) if "*" in word else [word])]
    if program == ".venv/bin/pytest":
        return int(pytest.main([str(PACKAGE) if word == "contract_tests" else word for word in arguments]))
    assert program == ".venv/bin/contract-tests"
    try:
        return cli.main(arguments)
    except SystemExit as ended:
        return int(ended.code or 0)


def _in_this_process(module: str, *arguments: str) -> NoReturn:
    if module == "pytest":
        sys.exit(pytest.main(list(arguments)))
    check(shlex.join(["contract-tests", "faults", *arguments]))  # the tests of the matrix run it
    sys.exit()


def test_every_command_in_a_text_is_one_that_is_taken() -> None:
    found = [command.strip() for file in FILES for text in _named(_text(file)) for command in COMMAND.findall(text)]
    found = [command for command in found if not command.startswith("mock-server ready ")]  # what it says
    assert len(found) > 5
    for command in found:
        check(command)


def test_the_law_is_one_file_more(servers: dict[str, str], tmp_path: Path) -> None:
    (law,) = (text for text in PYTHON if "def test_" in text and "community_mock" not in text)
    left_out = shutil.ignore_patterns("__pycache__", "test_*", "selftests", "faults", "machines", "recipes")
    shutil.copytree(PACKAGE, tmp_path / "contract_tests", ignore=left_out)
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    file = tmp_path / "contract_tests" / "laws" / "linagora" / "test_example.py"
    file.write_text(law, "utf-8")
    options = [*QUIET, "--rootdir", str(tmp_path), "--target", servers[MOCK]]
    here = ALONE | {"PYTHONPATH": str(tmp_path)}
    done = run_python("-m", "pytest", *options, str(file), folder=tmp_path, environment=here)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_the_fault_is_one_that_is_planted() -> None:
    (example,) = (text for text in PYTHON if text.startswith("Fault("))
    assert str(eval(example, vars(planted).copy())) in map(str, planted.FAULTS)


@pytest.mark.parametrize("example", TOML, ids=_ids(TOML))
def test_profiles_and_deviations_are_read(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "example.toml"
    file.write_text(example, "utf-8")
    for name in re.findall(r"\$\{(\w+)\}", example):
        monkeypatch.setenv(name, "secret")
    if "[[deviation]]" in example:
        assert len(read_deviations(file).known) == example.count("[[deviation]]")
    else:
        assert len(load_profile(file).principals) == example.count(".principals]]")


def test_mistakes_in_a_profile_are_told_as_they_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shown,) = (text for text in _blocks("text", SUITE) if "saftey" in text)
    monkeypatch.chdir(tmp_path)
    lines = ["", "[[linagora.principals]]", 'name = "alice"', 'user_id = "1"', 'domain_ids = ["2"]', 'bearer = "plain"', ""]
    Path("staging.toml").write_text("\n".join([f'base_url = "{STAGING}"', 'saftey = "sandbox"', *lines]), "utf-8")
    with pytest.raises(ProfileError) as raised:
        load_profile(Path("staging.toml"))
    assert str(raised.value) == shown.strip()


def test_the_overlay_is_applied(tmp_path: Path) -> None:
    (example,) = _blocks("yaml", SUITE)
    file, before = tmp_path / "example.yaml", overlays()
    file.write_text(example, "utf-8")
    try:
        use_overlays([file])
        assert operations("casavi")["createTicket"].path == "/api/v2/requests"
    finally:
        use_overlays(before)


def test_the_options_are_all_in_the_table() -> None:
    table = _section("Run it").partition("### ")[0]
    assert set(re.findall(r"`--([a-z-]+)[ `]", table)) - {"hypothesis-seed"} == set(OPTIONS)


def test_every_exit_status_is_explained() -> None:
    told = set(re.findall(r"^\| (\d) \|", _section("Exit status"), re.MULTILINE))
    assert told == {str(status) for status in (*EXIT.values(), FAILED, int(pytest.ExitCode.USAGE_ERROR))}


def test_every_layer_is_explained_and_has_tests() -> None:
    layers = {CONFORMANCE[0], *(name for name, _ in LAYERS.values())}
    assert set(re.findall(r"^\| `(\w+)`", _section("Layers"), re.MULTILINE)) == layers
    files = [file for file in PACKAGE.rglob("test_*.py") if "selftests" not in file.parts]
    assert {layer(file) for file in files} == layers


def test_the_keys_of_files_are_explained() -> None:
    differences, profiles, report = map(_tabled, ("Known differences", "Profiles", "report.json"))
    assert {*Deviation.model_fields, *Kind} <= differences
    assert {*ProfileTable.model_fields, *ConnectionTable.model_fields, *Tls.model_fields} <= profiles
    schema = json.loads(_text(SCHEMA))
    outcomes = schema["properties"]["outcomes"]["propertyNames"]["enum"]
    entries = {*schema["$defs"]["broken"]["properties"]} - {"number", "known"}
    assert {*schema["properties"], *State, *outcomes, *entries} <= report
    assert f"This is version {VERSION}." in _section("report.json")


def test_the_map_names_every_room_and_module() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*?\|(.*)\|$", _section("The rooms"), re.MULTILINE)
    shown = {room: _named(modules) for room, modules in rows}
    assert shown == dict(_rooms())


def _rooms() -> Iterator[tuple[str, set[str]]]:
    for path in PACKAGE.iterdir():
        if path.suffix == ".py" and path.stem != "__init__":
            yield path.stem, set()
        elif path.is_dir() and path.name != "__pycache__":
            names = {file.stem for file in path.rglob("*.py")}
            yield path.name, {name for name in names if not name.startswith(("test_", "__", "conftest"))}


def test_the_map_of_the_code_names_every_room_of_the_suite() -> None:
    drawn = _section("The code on one page", HOME)
    rooms = {room for room, _ in _rooms() if (PACKAGE / room).is_dir()} - {"entry_point"}
    assert {room for room in rooms if f"      {room}/ " not in drawn} == set()


def test_every_extension_of_the_specs_is_explained() -> None:
    used = {key for api in APIS for key in re.findall(r"\b(x-[a-z-]+):", _text(ROOT / "specs" / f"{api}.yaml"))}
    explained = {name.partition(":")[0] for name in _named(_text(ROOT / "specs" / "README.md"))}
    assert used - explained == set()
