"""The command `contract-tests spec-diff`: what it takes for a spec, what it prints, and what is no spec in one line."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from contract_tests import cli
from contract_tests.selftests.edited_specs import NEW, PARAMETERS, edited, originals

SHOP = originals()["shop"]
CHANGED = edited(
    SHOP,
    {f"{PARAMETERS} 0 schema maximum": 50, f"{PARAMETERS} 0 schema default": 10, f"{NEW} size": {"type": "string"}},
)
TOLD = """\
1 breaking, 1 risky, 1 harmless
breaking:
  listItems: query parameter limit has maximum 50, had 100
risky:
  listItems: query parameter limit has default 10, had 20
harmless:
  createItem: schema NewItem, in requests: size is new
"""
COMMENT = """\
## ❌ 1 breaking, 1 risky, 1 harmless

### Breaking

- **listItems**: query parameter limit has maximum 50, had 100

### Risky

- **listItems**: query parameter limit has default 10, had 20

<details><summary>Harmless</summary>

- **createItem**: schema NewItem, in requests: size is new

</details>
"""
OVERLAY = """
overlay: 1.1.0
info: {title: Half, version: 1.0.0}
actions:
  - {target: "$.paths.*.*.parameters[?@.name == 'limit'].schema", update: {maximum: 50}}
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose branch `main` has specs/shop.yaml, and whose working tree has changed it."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "specs").mkdir()
    for name, content in (("shop.yaml", json.dumps(SHOP)), ("values.yaml", "no: spec"), ("README.md", "no spec")):
        (folder / "specs" / name).write_text(content, "utf-8")
    for command in ("init -q -b main", "add .", "-c user.name=x -c user.email=x commit -q -m x"):
        subprocess.run(["git", *command.split()], cwd=folder, check=True)
    (folder / "specs" / "shop.yaml").write_text(json.dumps(CHANGED), "utf-8")
    return folder


@pytest.fixture(autouse=True)
def _inside(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is in a copy of its own."""
    shutil.copytree(repository, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("main", "specs"),
        ("main", "specs/shop.yaml"),
        ("main:specs", "specs"),
        ("HEAD:specs/shop.yaml", "copy.json"),
        ("HEAD:./specs/shop.yaml", "specs/shop.yaml"),
    ],
)
def test_a_side_is_a_file_a_folder_or_a_git_ref(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("copy.json").write_text(json.dumps(CHANGED), "utf-8")
    assert cli.main(["spec-diff", old, new]) == 1
    assert capsys.readouterr() == (TOLD, "")


def test_a_ref_alone_is_a_path_from_the_top_wherever_one_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir("specs")
    assert cli.main(["spec-diff", "main", "shop.yaml"]) == 1
    assert cli.main(["spec-diff", "main", "HEAD"]) == 0
    assert capsys.readouterr().out == f"{TOLD}no difference\n"


def test_a_comment_on_a_pull_request_folds_up_what_harms_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["spec-diff", "main", "specs", "--markdown"]) == 1
    assert capsys.readouterr().out == COMMENT


def test_a_document_that_is_gone_takes_its_operations_along(capsys: pytest.CaptureFixture[str]) -> None:
    Path("specs/shop.yaml").rename("specs/store.yaml")
    Path("specs/other.yaml").write_text(json.dumps(edited(SHOP, {"paths": {}})), "utf-8")
    assert cli.main(["spec-diff", "main", "specs"]) == 1
    assert capsys.readouterr().out.startswith("4 breaking, 4 harmless\n")


def test_overlays_adapt_both_sides_or_one(capsys: pytest.CaptureFixture[str]) -> None:
    Path("half.yaml").write_text(OVERLAY, "utf-8")
    assert cli.main(["spec-diff", "main", "HEAD", "--new-overlay", "half.yaml"]) == 1
    assert "has maximum 50, had 100" in capsys.readouterr().out
    assert cli.main(["spec-diff", "main", "specs", "--overlay", "half.yaml"]) == 0
    assert cli.main(["spec-diff", "main", "specs", "--old-overlay", "half.yaml"]) == 0


@pytest.mark.parametrize(
    ("old", "says"),
    [
        ("nothing.yaml", "nothing.yaml: there is no such file"),
        ("v1", "v1: is no file here, and git knows no such ref"),
        ("main:nothing.yaml", "main:nothing.yaml: main has no such file or folder"),
        ("--output=x", None),
        ("specs/values.yaml", "specs/values.yaml: no OpenAPI 3.0 or 3.1: `openapi` is missing"),
        ("tabs.yaml", "tabs.yaml: neither YAML nor JSON: "),
        ("swagger.yaml", "swagger.yaml: no OpenAPI 3.0 or 3.1: `openapi` is 2.0"),
        ("outside.yaml", "outside.yaml: refers to other.yaml#/x; bundle it into one document first"),
        ("dangling.yaml", "dangling.yaml: there is no "),
        ("shapeless.yaml", "shapeless.yaml: "),
        ("crossed.yaml", "crossed.yaml: "),
        ("empty", "empty: there is no OpenAPI document in it"),
    ],
)
def test_what_is_no_spec_is_one_line_and_status_2(old: str, says: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    schema = f"{PARAMETERS} 0 schema"
    broken = {
        "outside": edited(SHOP, {schema: {"$ref": "other.yaml#/x"}}),
        "dangling": edited(SHOP, {schema: {"$ref": "#/components/schemas/Nothing"}}),
        "shapeless": edited(SHOP, {schema: {"type": "nothing"}}),
        "crossed": edited(SHOP, {f"{PARAMETERS} 0": {"$ref": "#/components/schemas/Item"}}),
        "swagger": edited(SHOP, {"openapi": "2.0"}),
    }
    for name, document in broken.items():
        Path(f"{name}.yaml").write_text(json.dumps(document), "utf-8")
    Path("tabs.yaml").write_text("\tx: [", "utf-8")
    Path("empty").mkdir()
    if says is None:
        with pytest.raises(SystemExit) as ended:
            cli.main(["spec-diff", old, "specs"])
        assert ended.value.code == 2
        return
    assert cli.main(["spec-diff", old, "specs/shop.yaml"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(says)
    assert told.err.count("\n") == 1
