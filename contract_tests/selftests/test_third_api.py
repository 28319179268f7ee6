"""A third API is a spec, and one room or file for it in the mock, among the actors and among the laws; nothing else changes."""

import shutil
from pathlib import Path

import pytest

from contract_tests import PACKAGE
from contract_tests.selftests.runs import ALONE, run_python

SPEC = """\
openapi: 3.1.0
info: {title: Toys, version: 1.0.0, x-home: {parameter: shop_id, listed: shops}}
security: [{bearer: []}]
paths:
  /api/toys:
    get:
      operationId: listToys
      x-provenance: documented
      parameters: [{name: shop_id, in: query, required: true, schema: {type: string, pattern: '^[a-z]{1,9}$'}, example: main}]
      responses:
        '200':
          description: The toys of a shop
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Toy'}}}}
        '400': {$ref: '#/components/responses/Refused'}
        '401':
          description: Nobody is logged in
          headers: {WWW-Authenticate: {required: true, schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
    cookie: {type: apiKey, in: cookie, name: toys.sid}
  responses:
    Refused:
      description: Not as the spec says
      content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
  schemas:
    Toy: {type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}}}
    Error:
      type: object
      required: [error]
      properties:
        error:
          type: object
          required: [code, message, details]
          properties: {code: {type: integer}, message: {type: string}, details: {type: string}}
"""

MOCK = """\
from mock_server.dispatch import Behaviour, Reply

TOYS = [{"id": "1", "name": "Kite"}]


def credentials(connection, session, mint):
    tina = {"name": "tina", "user_id": "t1", "shop_ids": ["main"], "roles": []} | mint("t1")
    return {"shops": [{"id": "main", "name": "main"}], "principals": [tina]}


BEHAVIOUR = Behaviour(
    handlers={"listToys": lambda call: Reply(200, TOYS)},
    load_caller=lambda connection, session, login: login.user_id if login.user_id == "t1" else None,
    load_scenario=lambda connection, session, data, ids: None,
    credentials=credentials,
)
"""

ACTORS = """\
from typing import ClassVar

from contract_tests.actors.api import Api
from contract_tests.actors.people import Cast, People
from contract_tests.actors.real_values import RealValues


class Toys(People):
    api: ClassVar[str] = "toys"

    def walk_values(self, operation, caller):
        return RealValues({"shop_id": self.cast.home})


API = Api(
    name="toys",
    roles={"tina": "anything of toys"},
    choose=lambda people: Cast("main", {"tina": people[0]}) if people else "the profile names nobody of the toys API",
    people=lambda wire, cast, prefix, profile: Toys(wire, cast, prefix),
    harmless="listToys",
    senders=("tina", "anonymous"),
)
"""

LAW = """\
from contract_tests.actors.expectations import expect, json_is, status
from contract_tests.contract.basis import documented


@documented("GET /api/toys: the toys of a shop", "toys")
def test_the_toys_of_a_shop_are_listed(people):
    toys = people("toys")
    answer = toys["tina"].call("listToys", query={"shop_id": "main"})
    expect(answer, status(200), json_is([{"id": "1", "name": "Kite"}]))
"""

PROFILE = """\
[[toys.principals]]
name = "tina"
user_id = "t1"
shop_ids = ["main"]
bearer = "${TINA}"
"""

RULE = "-- next --"
PROGRAM = f"""\
from pathlib import Path

import pytest

from contract_tests.profile import load_profile
from mock_server.apis.toys import TOYS

OPTIONS = ["-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--api", "toys"]
print("ended with", int(pytest.main([*OPTIONS, "contract_tests/conformance", "contract_tests/laws/toys"])))
print("{RULE}")
TOYS[0]["name"] = "Ball"
print("ended with", int(pytest.main([*OPTIONS, "contract_tests/laws/toys"])))
print("{RULE}")
print(load_profile(Path("toys.toml")).of("toys")[0].homes)
"""

FILES = {
    "toys.toml": PROFILE,
    "specs/toys.yaml": SPEC,
    "mock_server/apis/toys/__init__.py": MOCK,
    "contract_tests/actors/toys.py": ACTORS,
    "contract_tests/laws/toys/__init__.py": "",
    "contract_tests/laws/toys/test_toys.py": LAW,
}
ROOT = PACKAGE.parent


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of both packages with the four places filled in."""
    folder = tmp_path_factory.mktemp("three")
    for name in ("contract_tests", "mock_server", "specs", "fixtures"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "selftests"))
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def said(copy: Path) -> tuple[str, str, str]:
    """What a whole run says, one where the mock is wrong, and a profile; in one process, since loading takes longest."""
    here = ALONE | {"PYTHONPATH": str(copy), "TINA": "a-secret-token"}
    done = run_python("-c", PROGRAM, folder=copy, environment=here)
    assert done.returncode == 0, done.stdout + done.stderr
    sound, faulty, profile = done.stdout.split(RULE)
    return sound, faulty, profile


def test_the_third_api_is_served_generated_and_judged(said: tuple[str, str, str]) -> None:
    assert "The contract holds at the mock: 3 tests passed" in said[0]
    assert "1 of 1 operations answered" in said[0]
    assert "ended with 0" in said[0]


def test_a_fault_of_the_third_api_is_found(said: tuple[str, str, str]) -> None:
    assert 'got      [{"id": "1", "name": "Ball"}]' in said[1]
    assert "ended with 1" in said[1]


def test_a_profile_knows_the_people_of_the_third_api(said: tuple[str, str, str]) -> None:
    assert said[2] == "\n('main',)\n"
