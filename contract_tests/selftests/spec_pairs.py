"""Small edits of specs, each with what it is for clients."""

from typing import Any

from contract_tests.selftests.edited_specs import (
    ANSWER,
    BREAKING,
    CREATE,
    DELETE,
    GONE,
    HARMLESS,
    ITEM,
    LIST,
    NEW,
    NONE,
    PARAMETERS,
    READ,
    RISKY,
    SCHEMAS,
    Pair,
    originals,
)


def _reversed(node: Any) -> Any:
    """The same with its keys, and those of all that is in it, in another order."""
    if isinstance(node, dict):
        return {key: _reversed(node[key]) for key in reversed(node)}
    return [_reversed(one) for one in node] if isinstance(node, list) else node


def _inlined(document: str, place: str) -> Any:
    """What stands at a place, in place of a reference to it."""
    node = originals()[document]
    for key in place.split():
        node = node[key]
    return node


BODY, JSON = f"{CREATE} requestBody", "content application/json"
COMMUNITY, CHANGES = f"{SCHEMAS} Community", f"{SCHEMAS} NewCommunity"
COMMUNITIES, TICKETS = "paths /api/communities", "paths /api/v1/tickets"
NULL = {"type": "null"}
JSON_TEXT, JSON_NUMBER = ({"application/json": {"schema": {"type": name}}} for name in ("string", "integer"))
TEXT, TEXT_OR_NUMBER = {"type": "string"}, {"type": ["string", "integer"]}
OLD_VERSION = {"openapi": "3.0.3"}
FIRST = {"name": "filter", "in": "query"}
FILTER, OPEN = f"{PARAMETERS} 4", f"{SCHEMAS} NewItem additionalProperties"
PAIRS = [
    # Operations
    Pair(BREAKING, "deleteItem: is gone (DELETE /items/{id})", {DELETE: GONE}),
    Pair(
        BREAKING,
        "deleteItem: moved from DELETE /items/{id} to POST /items/{id}",
        {"paths /items/{id} post": _inlined("shop", DELETE), DELETE: GONE},
    ),
    Pair(
        BREAKING,
        "getItem: moved from GET /items/{id} to GET /v2/items/{id}",
        {"paths /v2/items/{id}": _inlined("shop", "paths /items/{id}"), "paths /items/{id}": GONE},
    ),
    Pair(RISKY, "findItems: has the operationId findItems, had listItems", {f"{LIST} operationId": "findItems"}),
    Pair(HARMLESS, "deleteItem: is deprecated now", {f"{DELETE} deprecated": True}),
    Pair(
        HARMLESS,
        "replaceItem: is new (PUT /items/{id})",
        {"paths /items/{id} put": {"operationId": "replaceItem", "responses": {}}},
    ),
    Pair(RISKY, "differs in callbacks", {f"{CREATE} callbacks": {"made": {"{$url}": {"post": {"responses": {}}}}}}),
    Pair(RISKY, "differs in webhooks", {"webhooks": {"made": {"post": {"responses": {}}}}}),
    Pair(RISKY, "differs in servers", {"servers": [{"url": "/v2"}]}),
    Pair(
        RISKY,
        "path parameter id is called item now",
        {
            "paths /items/{item}": _inlined("shop", "paths /items/{id}"),
            "paths /items/{item} parameters 0 name": "item",
            "paths /items/{id}": GONE,
        },
    ),
    # Logins
    Pair(BREAKING, "deleteItem: no longer takes token as a login", {f"{DELETE} security": [{"oauth": ["write"]}]}),
    Pair(BREAKING, "no longer takes oauth write as a login", {f"{DELETE} security 1 oauth": ["write", "admin"]}),
    Pair(BREAKING, "no longer takes token as a login", {"components securitySchemes token scheme": "digest"}),
    Pair(BREAKING, "needs a login now: token", {}, {f"{READ} security": []}),
    Pair(
        RISKY,
        "login oauth differs in flows",
        {"components securitySchemes oauth flows clientCredentials tokenUrl": "https://x.example"},
    ),
    Pair(HARMLESS, "takes session as a login now", {"security": [{"token": []}, {"session": []}]}),
    Pair(HARMLESS, "can be called without a login now", {f"{READ} security": []}),
    # Parameters
    Pair(
        BREAKING,
        "query parameter page is new and required",
        {f"{PARAMETERS} 4": {"name": "page", "in": "query", "required": True}},
    ),
    Pair(BREAKING, "query parameter sort is gone", {f"{PARAMETERS} 1": GONE}),
    Pair(BREAKING, "query parameter sort is required now", {f"{PARAMETERS} 1 required": True}),
    Pair(BREAKING, "query parameter sort may no longer be price", {f"{PARAMETERS} 1 schema enum": ["name"]}),
    Pair(BREAKING, "query parameter sort is integer, was string", {f"{PARAMETERS} 1 schema": {"type": "integer"}}),
    Pair(BREAKING, "query parameter limit has maximum 50, had 100", {f"{PARAMETERS} 0 schema maximum": 50}),
    Pair(BREAKING, "query parameter tags is written in another way", {f"{PARAMETERS} 2 explode": False}),
    Pair(BREAKING, "path parameter id has format uuid, had int32", {"paths /items/{id} parameters 0 schema format": "uuid"}),
    Pair(RISKY, "query parameter limit has default 50, had 20", {f"{PARAMETERS} 0 schema default": 50}),
    Pair(
        BREAKING,
        "header parameter X-Shop has pattern ^[a-f]+$, which refuses what was allowed, such as g",
        {f"{PARAMETERS} 3 schema pattern": "^[a-f]+$"},
    ),
    Pair(RISKY, "header parameter X-Shop has pattern ^[a-z-]+$, had", {f"{PARAMETERS} 3 schema pattern": "^[a-z-]+$"}),
    Pair(HARMLESS, "query parameter page is new", {f"{PARAMETERS} 4": {"name": "page", "in": "query"}}),
    Pair(HARMLESS, "path parameter id has format int64, had int32", {"paths /items/{id} parameters 0 schema format": "int64"}),
    Pair(HARMLESS, "query parameter limit has no maximum, had 100", {f"{PARAMETERS} 0 schema maximum": GONE}),
    Pair(HARMLESS, "header parameter X-Shop has no pattern", {f"{PARAMETERS} 3 schema pattern": GONE}),
    Pair(
        BREAKING,
        "query parameter filter is written in another way",
        {FILTER: FIRST | {"content": JSON_TEXT}},
        {FILTER: FIRST | {"schema": {}}},
    ),
    Pair(
        BREAKING,
        "query parameter filter application/json is integer, was string",
        {FILTER: FIRST | {"content": JSON_NUMBER}},
        {FILTER: FIRST | {"content": JSON_TEXT}},
    ),
    Pair(BREAKING, "query parameter sort has allowEmptyValue false, had true", {}, {f"{PARAMETERS} 1 allowEmptyValue": True}),
    Pair(HARMLESS, "query parameter sort is deprecated now", {f"{PARAMETERS} 1 deprecated": True}),
    Pair(HARMLESS, "query parameter sort differs in description", {f"{PARAMETERS} 1 description": "By what"}),
    # Bodies of requests
    Pair(BREAKING, "createItem: body is gone", {BODY: GONE}),
    Pair(
        BREAKING, "getItem: body is new and required", {f"{READ} requestBody": {"required": True, "content": {"text/plain": {}}}}
    ),
    Pair(BREAKING, "createItem: body is required now", {}, {f"{BODY} required": False}),
    Pair(BREAKING, "createItem: body text/csv is gone", {f"{BODY} content text/csv": GONE}),
    Pair(BREAKING, "schema NewItem, in requests: code is required now", {f"{SCHEMAS} NewItem required 1": "code"}),
    Pair(BREAKING, "schema NewItem, in requests: code is gone", {f"{NEW} code": GONE}),
    Pair(
        BREAKING, "size is new and required", {f"{NEW} size": {"type": "string"}, f"{SCHEMAS} NewItem required": ["name", "size"]}
    ),
    Pair(BREAKING, "name has maxLength 50, had 100", {f"{NEW} name maxLength": 50}),
    Pair(BREAKING, "price has minimum 0 (excluded), had 0", {f"{NEW} price exclusiveMinimum": 0}),
    Pair(BREAKING, "price may no longer be null", {f"{NEW} price type": "number"}),
    Pair(BREAKING, "notes may no longer have an item twice", {f"{NEW} notes uniqueItems": True}),
    Pair(BREAKING, "notes[] has minLength 1, had 0", {f"{NEW} notes items minLength": 1}),
    Pair(BREAKING, "may no longer have other properties", {}, {f"{SCHEMAS} NewItem additionalProperties": GONE}),
    Pair(BREAKING, "state may only be new", {f"{NEW} state": {"const": "new"}}, {f"{NEW} state": {"type": "string"}}),
    Pair(BREAKING, "price has multipleOf 0.5, had none", {f"{NEW} price multipleOf": 0.5}),
    Pair(HARMLESS, "price has multipleOf 2, had 4", {f"{NEW} price multipleOf": 2}, {f"{NEW} price multipleOf": 4}),
    Pair(BREAKING, "createItem: schema NewItem, in requests: price is string, was number", {f"{NEW} price type": "string"}),
    Pair(BREAKING, "code differs in not", {f"{NEW} code not": {"const": "X"}}),
    Pair(
        RISKY, "body application/json differs in encoding", {f"{BODY} {JSON} encoding": {"name": {"contentType": "text/plain"}}}
    ),
    Pair(RISKY, "schema NewItem, in requests: code is gone", {f"{NEW} code": GONE, OPEN: True}, {OPEN: True}),
    Pair(HARMLESS, "schema NewItem, in requests may have other properties now", {OPEN: True}),
    Pair(HARMLESS, "getItem: body is new", {f"{READ} requestBody": {"content": {"text/plain": {}}}}),
    Pair(HARMLESS, "body differs in description", {f"{BODY} description": "The item"}),
    Pair(HARMLESS, "state is deprecated now", {f"{NEW} state deprecated": True}),
    Pair(HARMLESS, "body text/plain is new", {f"{BODY} content text/plain": {"schema": {"type": "string"}}}),
    Pair(HARMLESS, "size is new", {f"{NEW} size": {"type": "string"}}),
    Pair(HARMLESS, "state may be broken now", {f"{NEW} state enum": ["new", "used", "broken"]}),
    Pair(HARMLESS, "name is no longer required", {f"{SCHEMAS} NewItem required": []}),
    Pair(HARMLESS, "notes may be string now", {f"{NEW} notes": lambda notes: {"oneOf": [notes, {"type": "string"}]}}),
    # Types, alternatives and values of a property in a request, old after new
    *(
        Pair(verdict, says, {f"{NEW} code": new}, {f"{NEW} code": old})
        for verdict, says, new, old in [
            (BREAKING, "code is integer, was number", {"type": "integer"}, {"type": "number"}),
            (HARMLESS, "code is number, was integer", {"type": "number"}, {"type": "integer"}),
            (HARMLESS, "code is number, was integer", {"type": ["number", "null"]}, {"type": ["integer", "null"]}),
            (BREAKING, "code is string, was anything", {"type": "string"}, {}),
            (BREAKING, "code may no longer be string", {"type": ["integer", "array"]}, {"type": ["string", "array"]}),
            (BREAKING, "code may no longer be boolean", {"type": "string"}, {"type": ["string", "boolean"]}),
            (BREAKING, "1 breaking", TEXT_OR_NUMBER | {"maxLength": 3}, TEXT_OR_NUMBER | {"maxLength": 5}),
            (NONE, "", TEXT, {"anyOf": [TEXT, {"const": "x"}]}),
            (NONE, "", {"oneOf": [{"const": 1}, TEXT, {"const": "x"}]}, {"anyOf": [TEXT, {"const": 1}]}),
            (BREAKING, "code may no longer be 1", {"type": "number", "enum": [2.5]}, {"type": "number", "enum": [1, 2.5]}),
            (
                BREAKING,
                "code.* is integer, was string",
                {"additionalProperties": {"type": "integer"}},
                {"additionalProperties": TEXT},
            ),
            (HARMLESS, "code may be anything now", {}, {"enum": ["a", 1]}),
            (HARMLESS, "code may be anything, no longer only a", TEXT, {"enum": ["a"]}),
            (BREAKING, "code may only be b, no longer a", {"const": "b"}, {"const": "a"}),
            (BREAKING, "code has format int32, had int64", {"format": "int32"}, {"format": "int64"}),
            (BREAKING, "code has pattern a, had none", TEXT | {"pattern": "a"}, TEXT),
            (HARMLESS, "code differs in not", {}, {"not": TEXT}),
            (RISKY, "code differs in not", {"not": {"type": "null"}}, {"not": TEXT}),
            (RISKY, "code differs in contentEncoding", {"contentEncoding": "base64"}, {}),
            (BREAKING, "code[] is integer, was string", {"items": {"type": "integer"}}, {"items": TEXT}),
            (BREAKING, "code[contains] may only be 1", {"contains": {"const": 1}}, {"contains": {}}),
            (BREAKING, "code[names] has maxLength 5", {"propertyNames": {"maxLength": 5}}, {}),
            (
                BREAKING,
                "code.^x is integer, was string",
                {"patternProperties": {"^x": {"type": "integer"}}},
                {"patternProperties": {"^x": TEXT}},
            ),
        ]
    ),
    # Answers
    Pair(
        BREAKING,
        "createItem: answer 201 is gone",
        {f"{CREATE} responses": lambda found: {"200": found["201"], "400": found["400"]}},
    ),
    Pair(BREAKING, "listItems: answer 200 application/json is gone", {f"{ANSWER} content": {"text/csv": {}}}),
    Pair(BREAKING, "answer 200 application/json is object, was array", {f"{ANSWER} {JSON} schema": {"type": "object"}}),
    Pair(BREAKING, "answer 200 header X-Total is gone, and was required", {f"{ANSWER} headers X-Total": GONE}),
    Pair(BREAKING, "answer 200 header X-Total is no longer required", {f"{ANSWER} headers X-Total required": False}),
    Pair(
        BREAKING,
        "schema Item, in answers: name is gone, and was required",
        {f"{ITEM} name": GONE, f"{SCHEMAS} Item required": ["id"]},
    ),
    Pair(BREAKING, "schema Item, in answers: state is no longer required", {f"{SCHEMAS} Item required": ["id", "name"]}),
    Pair(BREAKING, "schema Item, in answers: id is string, was integer", {f"{ITEM} id": {"type": "string", "readOnly": True}}),
    Pair(BREAKING, "name may be null now", {f"{ITEM} name type": ["string", "null"]}),
    Pair(BREAKING, "made has no format, had date-time", {f"{ITEM} made format": GONE}),
    Pair(BREAKING, "price is string, was number", {f"{ITEM} price": {"type": "string"}}),
    Pair(BREAKING, "maker may be string now", {f"{ITEM} maker anyOf 2": {"type": "string"}}),
    Pair(BREAKING, "answer 200 header X-Total is string, was integer", {f"{ANSWER} headers X-Total schema": {"type": "string"}}),
    Pair(RISKY, "answer 200 header X-Page is gone", {}, {f"{ANSWER} headers X-Page": {"schema": {"type": "integer"}}}),
    Pair(
        RISKY,
        "name has pattern ^[a-z]+$, had ^[a-f]+$",
        {f"{ITEM} name pattern": "^[a-z]+$"},
        {f"{ITEM} name pattern": "^[a-f]+$"},
    ),
    Pair(RISKY, "schema Item, in answers: size is new", {f"{ITEM} size": {}}, {f"{SCHEMAS} Item additionalProperties": False}),
    Pair(RISKY, "listItems: answer 202 is new", {f"{LIST} responses 202": {"description": "Later"}}),
    Pair(RISKY, "schema Item, in answers: state may be broken now", {f"{ITEM} state enum": ["new", "used", "broken"]}),
    Pair(RISKY, "schema Item, in answers: made is gone", {f"{ITEM} made": GONE}),
    Pair(RISKY, "notes has maxItems 20, had 10", {f"{ITEM} notes maxItems": 20}),
    Pair(RISKY, "notes may have an item twice now", {f"{ITEM} notes uniqueItems": GONE}),
    Pair(RISKY, "answer 200 text/csv is new", {f"{ANSWER} content text/csv": {}}),
    Pair(HARMLESS, "answer 404 is gone", {f"{READ} responses 404": GONE}),
    Pair(HARMLESS, "answer 403 is new", {f"{LIST} responses 403": {"description": "Forbidden"}}),
    Pair(HARMLESS, "answer 200 header X-Page is new", {f"{ANSWER} headers X-Page": {"schema": {"type": "integer"}}}),
    Pair(HARMLESS, "schema Item, in answers: size is new", {f"{ITEM} size": {"type": "string"}}),
    Pair(HARMLESS, "schema Item, in answers: made is required now", {f"{SCHEMAS} Item required 3": "made"}),
    Pair(HARMLESS, "maker may no longer be null", {f"{ITEM} maker": {"$ref": "#/components/schemas/Maker"}}),
    Pair(HARMLESS, "schema Error, in answers: code has minimum 400, had none", {f"{SCHEMAS} Error properties code minimum": 400}),
    Pair(HARMLESS, "answer 200 differs in description", {f"{ANSWER} description": "All items"}),
    Pair(HARMLESS, "answer 200 differs in links", {f"{ANSWER} links": {"read": {"operationId": "getItem"}}}),
    Pair(HARMLESS, "answer 200 header X-Total differs in description", {f"{ANSWER} headers X-Total description": "How many"}),
    # What is for people, and what is only written in another way
    Pair(HARMLESS, "createItem: differs in summary, x-team", {f"{CREATE} summary": "Add an item", f"{CREATE} x-team": "shop"}),
    Pair(HARMLESS, "schema Item, in answers: name differs in description", {f"{ITEM} name description": "What it is called"}),
    Pair(HARMLESS, "differs in example", {f"{BODY} {JSON} example": {"name": "Chair"}}),
    Pair(NONE, "", {"info version": "1.0.1", "info title": "The shop"}),
    Pair(NONE, "", {"paths": _reversed, "components": _reversed}),
    Pair(NONE, "", {f"{ITEM} maker anyOf": lambda both: both[::-1]}),
    Pair(NONE, "", {f"{SCHEMAS} Item required": ["state", "name", "id"], f"{PARAMETERS} 1 schema enum": ["price", "name"]}),
    Pair(NONE, "", {f"{BODY} {JSON} schema": _inlined("shop", f"{SCHEMAS} NewItem")}),
    Pair(NONE, "", {f"{LIST} responses 400": _inlined("shop", "components responses Bad")}),
    Pair(NONE, "", {f"{BODY} {JSON} schema": {"allOf": [{"$ref": "#/components/schemas/NewItem"}]}}),
    Pair(NONE, "", {f"{ITEM} maker": {"oneOf": [NULL, {"$ref": "#/components/schemas/Maker"}]}}),
    Pair(NONE, "", {f"{NEW} price": {"anyOf": [{"type": "number", "minimum": 0}, NULL]}}),
    Pair(NONE, "", {f"{NEW} code minLength": 0}),
    Pair(NONE, "", {f"{SCHEMAS} Unused": {"type": "object"}, "tags": [{"name": "items"}]}),
    Pair(NONE, "", {f"{PARAMETERS} 3 name": "x-shop"}),
    # OpenAPI 3.0
    Pair(BREAKING, "name may be null now", OLD_VERSION | {f"{ITEM} name nullable": True}, OLD_VERSION),
    Pair(BREAKING, "price has minimum 0 (excluded), had 0", OLD_VERSION | {f"{NEW} price exclusiveMinimum": True}, OLD_VERSION),
    # The specs of this project
    Pair(
        BREAKING,
        "requestMembership: schema Community, in answers: domain_ids is no longer",
        {f"{COMMUNITY} required": ["_id", "title"]},
        api="linagora",
    ),
    Pair(
        BREAKING,
        "createCommunity: query parameter noTitleCheck is gone",
        {f"{COMMUNITIES} post parameters 0": GONE},
        api="linagora",
    ),
    Pair(BREAKING, "description is required now", {f"{CHANGES} required 2": "description"}, api="linagora"),
    Pair(BREAKING, "schema Id, in requests", {f"{SCHEMAS} Id maximum": 1000}, api="casavi"),
    Pair(
        BREAKING,
        "schema TicketRating, in answers: rating is string",
        {f"{SCHEMAS} TicketRating properties rating": {"type": "string"}},
        api="casavi",
    ),
    Pair(
        RISKY, "schema CommunityType, in answers may be secret now", {f"{SCHEMAS} CommunityType enum 4": "secret"}, api="linagora"
    ),
    Pair(RISKY, "query parameter limit has default 10, had 20", {"components parameters Limit schema default": 10}, api="casavi"),
    Pair(
        HARMLESS,
        "createTicket: answer 503 is new",
        {f"{TICKETS} post responses 503": {"description": "Closed at night"}},
        api="casavi",
    ),
    Pair(HARMLESS, "urgent is new", {f"{SCHEMAS} NewTicket properties urgent": {"type": "boolean"}}, api="casavi"),
    Pair(HARMLESS, "listCommunities: differs in description", {f"{COMMUNITIES} get description": "All of them"}, api="linagora"),
    Pair(NONE, "", {"paths": _reversed, "components": _reversed}, api="casavi"),
]
