"""A small spec and the two real ones, with edits, and what an edit is for clients."""

from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from contract_tests.contract.choices import APIS
from contract_tests.contract.operations import spec_file

BREAKING, RISKY, HARMLESS, NONE = "breaking", "risky", "harmless", "none"
GONE = object()  # in place of a value: the key or item is removed
SHOP = """
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{token: []}]
paths:
  /items:
    get:
      operationId: listItems
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: sort, in: query, schema: {type: string, enum: [name, price]}}
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
        - {name: X-Shop, in: header, schema: {type: string, pattern: '^[a-z]+$'}}
      responses:
        '200':
          description: Items
          headers:
            X-Total: {required: true, schema: {type: integer}}
          content:
            application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Item'}}}
        '400': {$ref: '#/components/responses/Bad'}
    post:
      operationId: createItem
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/NewItem'}}
          text/csv: {schema: {type: string}}
      responses:
        '201':
          description: The item
          content:
            application/json: {schema: {$ref: '#/components/schemas/Item'}}
        '400': {$ref: '#/components/responses/Bad'}
  /items/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer, format: int32}}
    get:
      operationId: getItem
      responses:
        '200':
          description: The item
          content:
            application/json: {schema: {$ref: '#/components/schemas/Item'}}
        '404': {$ref: '#/components/responses/Bad'}
    delete:
      operationId: deleteItem
      security: [{token: []}, {oauth: [write]}]
      responses:
        '204': {description: Deleted}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
    session: {type: apiKey, in: cookie, name: sid}
    oauth:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: https://login.example.org/token, scopes: {write: Write, admin: All}}}
  responses:
    Bad:
      description: An error
      content:
        application/json: {schema: {$ref: '#/components/schemas/Error'}}
  schemas:
    Error:
      type: object
      required: [code]
      properties:
        code: {type: integer}
        cause: {$ref: '#/components/schemas/Error'}
    Maker:
      type: object
      required: [name]
      properties:
        name: {type: string}
    Item:
      type: object
      required: [id, name, state]
      properties:
        id: {type: integer, format: int32, readOnly: true}
        name: {type: string, minLength: 1, maxLength: 100}
        state: {type: string, enum: [new, used]}
        made: {type: string, format: date-time}
        maker: {anyOf: [{$ref: '#/components/schemas/Maker'}, {type: 'null'}]}
        price: {type: number, minimum: 0}
        notes: {type: array, maxItems: 10, uniqueItems: true, items: {type: string}}
    NewItem:
      type: object
      additionalProperties: false
      required: [name]
      properties:
        name: {type: string, minLength: 1, maxLength: 100}
        state: {type: string, enum: [new, used]}
        code: {type: string, pattern: '^[A-Z]+$'}
        price: {type: [number, 'null'], minimum: 0}
        notes: {type: array, maxItems: 10, items: {type: string}}
"""
LIST, CREATE, READ, DELETE = "paths /items get", "paths /items post", "paths /items/{id} get", "paths /items/{id} delete"
ITEM, NEW = "components schemas Item properties", "components schemas NewItem properties"
ANSWER = f"{LIST} responses 200"


@dataclass(frozen=True, eq=False)
class Pair:
    """`new` and `old` are the edits of the two: a place, as keys with spaces between them, and what stands there."""

    verdict: str
    says: str  # a part of the line that tells the worst of it
    new: dict[str, Any]
    old: dict[str, Any] = field(default_factory=dict)
    api: str = "shop"

    def __str__(self) -> str:
        return f"{self.api}: {self.says or ', '.join(self.new)}"

    def documents(self) -> tuple[Any, Any]:
        document = originals()[self.api]
        return edited(document, self.old), edited(document, self.new)


@cache
def originals() -> dict[str, Any]:
    texts = {"shop": SHOP} | {api: spec_file(api).read_text("utf-8") for api in APIS}
    return {name: yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) for name, text in texts.items()}


def edited(document: Any, edits: dict[str, Any]) -> Any:
    """A copy of the document with other values at these places; a function makes the new value of the old one."""
    new = deepcopy(document)
    for place, value in edits.items():
        *way, last = (int(key) if key.isdigit() and len(key) < 3 else key for key in place.split())
        node = new
        for key in way:
            node = node[key]
        if value is GONE:
            del node[last]
        elif isinstance(node, list) and last == len(node):
            node.append(deepcopy(value))
        else:
            node[last] = value(node[last]) if callable(value) else deepcopy(value)
    return new


PARAMETERS, SCHEMAS = f"{LIST} parameters", "components schemas"
