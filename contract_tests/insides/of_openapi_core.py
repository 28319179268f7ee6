"""What is used of openapi-core beyond `openapi_core` and its `datatypes`."""

# Its validators, and what they cast with, are made once for each schema, instead of for each value.
from openapi_core.casting.schemas import oas31_schema_casters_factory

# The operation of a request is known here, so that the search among all paths is replaced by the place that it would find.
from openapi_core.templating.datatypes import TemplateResult

# A finding is made of an error's fields, so its classes have to be told apart.
from openapi_core.templating.media_types.exceptions import MediaTypeNotFound
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.responses.exceptions import ResponseNotFound
from openapi_core.validation.request.exceptions import MissingRequiredRequestBody, ParameterValidationError

# A body and its headers are remembered each by themselves.
from openapi_core.validation.response import V31ResponseDataValidator, V31ResponseHeadersValidator
from openapi_core.validation.response.exceptions import HeaderValidationError, MissingHeaderError
from openapi_core.validation.schemas import oas31_schema_validators_factory
