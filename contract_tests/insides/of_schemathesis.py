"""What is used of Schemathesis beyond `schemathesis` and `schemathesis.openapi`."""

# A single check, as those of `openapi_checks` below.
from schemathesis.checks import not_a_server_error

# The value of a body that a case does not have.
from schemathesis.core import NotSet

# A finding is made of a failure's fields, so its classes have to be told apart.
from schemathesis.core.failures import AcceptedNegativeData, Failure, FailureGroup, MalformedJson, ServerError

# Whether a case is invalid in its path, its query or its body: valid ids are replaced by real ones.
from schemathesis.core.parameters import ParameterLocation

# Its memory of a walk: the checks that look at several answers ask it.
from schemathesis.engine.recorder import ScenarioRecorder

# Its fixed cases one by one, without the tests that it would make of them: laws, limits and fault runs choose among them.
from schemathesis.generation.drivers import CoverageGenerator, ExamplesGenerator
from schemathesis.generation.feedback import NO_FEEDBACK

# A case with another Content-Type is left out where the document takes any.
from schemathesis.generation.meta import CONTENT_TYPE_PROBES, coverage_scenario
from schemathesis.generation.overrides import Override

# The failures of the checks below.
from schemathesis.openapi.checks import (
    ContentDeserializationError,
    EnsureResourceAvailability,
    JsonSchemaError,
    MalformedMediaType,
    MissingContentType,
    MissingHeaderNotRejected,
    MissingHeaders,
    RejectedPositiveData,
    UndefinedContentType,
    UndefinedStatusCode,
    UnsupportedMethodResponse,
    UseAfterFree,
)

# Its checks one by one, to count which looked at which answer, and to leave one out where it does not apply.
from schemathesis.specs.openapi import checks as openapi_checks
