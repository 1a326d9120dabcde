"""What a service sends by itself: the webhooks of a document, the callbacks of operations."""

from __future__ import annotations

from collections.abc import Iterator

from openwop_codegen.diagnostics import Report
from openwop_codegen.ir import Incoming, Plain, Type
from openwop_codegen.loader import Place
from openwop_codegen.media import body_kind, chosen_medium
from openwop_codegen.names import pascal
from openwop_codegen.schemas import SchemaReader
from openwop_codegen.shapes import JSON

__all__ = ["IncomingReader"]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class IncomingReader:
    """Reads what one variant's document says that the service sends.

    Args:
        report: What takes the findings.
        schemas: What reads the schemas.
    """

    def __init__(self, report: Report, schemas: SchemaReader) -> None:
        self.report = report
        self.schemas = schemas

    def webhooks(self, root: Place) -> Iterator[Incoming]:
        """Iterate over the webhooks of the document at *root*.

        `x-webhooks` is where documents of OpenAPI 3.0 put them.
        """
        for member in ("webhooks", "x-webhooks"):
            for name, item in root.items(member):
                if not name.startswith("x-"):
                    yield from self._item(item.follow(), name, "webhook")

    def callbacks(self, operation: Place, op_id: str) -> Iterator[Incoming]:
        """Iterate over the callbacks of *operation*, whose id is *op_id*."""
        for name, reference in operation.items("callbacks"):
            callback = reference.follow()
            for expression in callback.map:
                if not expression.startswith("x-"):
                    item = callback.at(expression).follow()
                    yield from self._item(item, f"{op_id}.{name}", "callback", expression)

    def _item(self, item: Place, name: str, kind: str, expression: str = "") -> Iterator[Incoming]:
        found = [(method, item.at(method)) for method in _METHODS if method in item.map]
        for method, operation in found:
            own = name if len(found) == 1 else f"{name}.{method}"
            yield self._incoming(item, operation, own, kind, method, expression)
        if not found:
            self.report.warn(item.where, "dropped", f"the {kind} {name} says no method")

    def _incoming(
        self, item: Place, place: Place, name: str, kind: str, method: str, expression: str
    ) -> Incoming:
        headers: dict[str, None] = {}
        for owner in (item, place):
            for element in owner.elements("parameters"):
                parameter = element.follow()
                headers[f"{parameter.get('in')} {parameter.get('name')}"] = None
        body = place.find("requestBody")
        chosen = chosen_medium(body.follow(), self.report) if body is not None else None
        payload: Type | None = None
        nullable = is_text = False
        if chosen is not None:
            medium, media = chosen
            schema = media.find("schema")
            if body_kind(medium) != "json":
                self.report.warn(media.where, "free-typed", f"{medium} of a {kind} is left as text")
                payload, is_text = Plain("str"), True
            elif schema is None:
                payload = JSON
            else:
                shape = self.schemas.shape(schema, f"{pascal(name)}Payload")
                payload, nullable = shape.type, shape.nullable and shape.type != JSON
        answers = tuple(
            f"{status}: {' '.join(str(answer.follow().get('description') or '').split())}"
            for status, answer in place.items("responses")
        )
        return Incoming(
            name=name,
            kind="webhook" if kind == "webhook" else "callback",
            method=method.upper(),
            expression=expression,
            type=payload,
            nullable=nullable,
            is_text=is_text,
            parameters=tuple(headers),
            answers=answers,
            summary=str(place.get("summary") or "").strip(),
            description=str(place.get("description") or "").strip(),
            variants=(self.schemas.variant,),
            where=place.where,
        )
