"""The tables of a profile and the keys in them, as a person writes them."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import NullableSchema, WithDefaultSchema

from contract_tests.contract.choices import APIS, Safety
from contract_tests.contract.operations import home_of, operations
from contract_tests.profile.kinds import POINTER, PREFIX, RATE, TARGET, Body, File, Form, Id, Secret, Text, Url


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Tls(Table):
    ca: File | None = Field(None, description="Certificates to trust instead of the usual ones: PEM, beside the profile.")
    certificate: File | None = Field(None, description="The certificate that this client shows: PEM, beside the profile.")
    key: File | None = Field(None, description="The key of that certificate, if it is not in the same file.")
    verify: bool = Field(True, description="false trusts any certificate; each run says so loudly.")

    @model_validator(mode="after")
    def _keys_have_certificates(self) -> Self:
        if self.key and not self.certificate:
            raise PydanticCustomError("no_certificate", "a key without a certificate")
        return self


class ConnectionTable(Table):
    connect_timeout: float = Field(5, gt=0, description="Seconds until a connection has to stand.")
    read_timeout: float = Field(30, gt=0, description="Seconds until the next byte has to come.")
    answer_timeout: float = Field(60, gt=0, description="Seconds until the whole of an answer has to be there.")
    max_answer_mb: float = Field(64, gt=0, description="The largest answer that is read, unpacked, in megabytes.")
    retries: int = Field(2, ge=0, le=10, description="How often a failed connection is tried again; no request is sent twice.")
    rate: str | None = Field(None, pattern=RATE, description="The most requests per second, minute or hour: 20/s, 20/m, 20/h.")
    tls: Tls = Field(default_factory=Tls, description="Certificates.")


class LoginTable(Table):
    method: Literal["POST", "PUT", "GET"] | None = Field(None, description="The verb of the request that logs in (POST).")
    path: str | None = Field(None, pattern=TARGET, description="Where it goes: a path below base_url, or a whole URL.")
    body: Body | None = Field(None, alias="json", description="Its JSON body.")
    form: Form | None = Field(None, description="Its body as an HTML form sends it.")
    bearer: str | None = Field(None, pattern=POINTER, description="The JSON pointer to the token in the answer.")
    cookie: Text | None = Field(None, description="The name of the cookie that the answer, or one on the way, sets.")
    grant: Literal["authorization_code", "refresh_token", "client_credentials", "password"] | None = Field(
        None, description="The OpenID or OAuth grant; authorization_code fills in the login form like a browser."
    )
    issuer: Url | None = Field(None, description="The OpenID provider; its discovery document says the rest.")
    token_url: Url | None = Field(None, description="The token endpoint, without a discovery document.")
    authorization_url: Url | None = Field(None, description="The authorization endpoint, without a discovery document.")
    client_id: Text | None = Field(None, description="The client that logs in.")
    client_secret: Secret | None = Field(None, description="Its secret, if it has one.")
    redirect_uri: Text | None = Field(None, description="One of its redirect URIs; nothing has to answer there.")
    scope: Text | None = Field(None, description="What to ask for; openid by default, if the grant involves a person.")
    username: Text | None = Field(None, description="What to type into the form (by default their email).")
    password: Secret | None = Field(None, description="What to type into the form (by default their password).")
    refresh_token: Secret | None = Field(None, description="The refresh token of the grant of that name.")


class Cookie(Table):
    name: Text = Field(description="The cookie's name.")
    value: Secret = Field(description="The cookie's value.")


class Basic(Table):
    user: Text = Field(description="The user name.")
    password: Secret = Field(description="The password.")


class PrincipalTable(Table):
    name: Text = Field(description="What reports call them; ALICE_TOKEN is the variable of alice in curl commands.")
    user_id: Id = Field(description="Their id, as the API writes it.")
    homes: list[Id]
    roles: list[Text] = Field([], description='Roles; one with "admin" in it makes an administrator.')
    bearer: Secret | None = Field(None, description="A token that logs them in.")
    cookie: Cookie | None = Field(None, description="A cookie that logs them in.")
    basic: Basic | None = Field(None, description="HTTP Basic: a user name and a password with each request.")
    login: LoginTable | None = Field(None, description="How they log in when a run begins; over the login of the API.")
    expired_bearer: Secret | None = Field(None, description="A token of theirs that is no longer good.")
    email: Text | None = Field(None, description="Their address; the user name of an OpenID login that names no other.")
    password: Secret | None = Field(None, description="Their password; the one of an OpenID login that names no other.")


class ClientTable(Table):
    client_id: Text = Field(description="The client's id.")
    redirect_uris: list[Text] = Field([], description="Where it gets its users back; registered at the provider.")


_KNOWN = "Ids of things that are there, by the name of the path parameter, for tests that may create nothing."


class Address(Table):
    base_url: Url | None = Field(None, description="Where the API is; said at the top, where both are.")
    path_prefix: str | None = Field(None, pattern=PREFIX, description="What comes between base_url and the documented paths.")


class Section(Address):
    """What is known of one API; `known` and `principals` have keys of their own for each."""

    login: LoginTable | None = Field(None, description="How everybody logs in who has no bearer, cookie or basic of their own.")
    known: Table = Field(default_factory=Table)
    principals: list[PrincipalTable] = []
    clients: list[ClientTable] = Field([], description="OpenID clients that the provider knows.")
    provider_keys: list[Text] = Field([], description="Keys of OpenID providers, as a registration names them.")
    invite_tokens: list[Secret] = Field([], description="Invitations that nobody has used yet.")


def _section(api: str) -> tuple[type[Section], Any]:
    """The table of an API: its people have homes, and its paths have parameters."""
    home = home_of(api)
    homes = Field(alias=f"{home.parameter}s", min_length=1, description=f"The ids of their {home.listed}.")
    person = create_model(f"PersonOf{api.title()}", __base__=PrincipalTable, homes=(list[Id], homes))
    parameters = dict.fromkeys(name for operation in operations(api).values() for name in operation.parameters)
    ids: Any = {name: (Id | None, Field(None, description=f"An id for {name}.")) for name in parameters}
    known = create_model(f"KnownOf{api.title()}", __base__=Table, **ids)
    fields: Any = {
        "known": (known, Field(default_factory=known, description=_KNOWN)),
        "principals": (list[person], Field([], description=f"Who can log in at {api}.")),
        home.listed: (list[dict[str, Any]], Field([], description=f"The mock's list of {home.listed}; not read.")),
    }
    section = create_model(api.title(), __base__=Section, **fields)
    return section, Field(default_factory=section, description=f"What is known of {api}.")


class ProfileBase(Address):
    """The profile of a deployment."""

    safety: Safety | None = Field(None, description="How far a run may go: only read, write to its own objects, or all.")
    judge_inferred: bool | None = Field(None, description="Whether our reading of what is left open is judged too.")
    resettable: bool = Field(False, description="Whether this is a mock of ours, where each test gets a state of its own.")
    overlays: list[File] = Field([], description="OpenAPI overlays for what this deployment does differently.")
    deviations: File | None = Field(None, description="Its known faults, which do not fail a run.")
    connection: ConnectionTable = Field(default_factory=ConnectionTable, description="How to reach the deployment.")

    def section(self, api: str) -> Section:
        """What it says of an API."""
        found: Section = getattr(self, api)
        return found


_sections: Any = {api: _section(api) for api in APIS}
ProfileTable: type[ProfileBase] = create_model("ProfileTable", __base__=ProfileBase, **_sections)


class _Schema(GenerateJsonSchema):
    """TOML has no null: a key is there or not."""

    def nullable_schema(self, schema: NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        return {key: value for key, value in super().default_schema(schema).items() if (key, value) != ("default", None)}


def profile_schema() -> dict[str, Any]:
    """The JSON schema of a profile."""
    return {"$schema": _Schema.schema_dialect, **ProfileTable.model_json_schema(schema_generator=_Schema)}
