"""The host's own OpenAPI document: the routes it serves, made from the route table."""

from __future__ import annotations

import re

from openwop_testing._json import JsonObject
from openwop_testing.routes import ROUTES

__all__ = ["describe"]


def describe(major: int) -> JsonObject:
    """Return an OpenAPI 3.1 document of the operations of a major."""
    paths: dict[str, JsonObject] = {}
    for route in ROUTES:
        template = route.template(major)
        if not template:
            continue
        operation: JsonObject = {
            "operationId": route.operation_id,
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in re.findall(r"\{(\w+)\+?\}", template)
            ],
            "responses": {"default": {"description": "See the protocol."}},
        }
        if route.scope:
            operation["security"] = [{"bearer": []}]
        paths.setdefault(template.replace("+}", "}"), {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "OpenWOP fake host", "version": f"{major}.0"},
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }
