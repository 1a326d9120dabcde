"""From the operations of one document to ways over the wire and their arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, cast

import attrs

from openwop_codegen.access import AccessReader
from openwop_codegen.config import Config, OperationConfig, Override
from openwop_codegen.diagnostics import Report
from openwop_codegen.incoming import IncomingReader
from openwop_codegen.ir import (
    Answer,
    Argument,
    External,
    Incoming,
    Named,
    OneOf,
    Page,
    Place as Spot,
    Plain,
    Type,
    Way,
)
from openwop_codegen.loader import Loader, Place
from openwop_codegen.media import (
    answer_kind,
    body_kind,
    chosen_medium,
    main_kind,
    other_bodies,
    streams_beside,
)
from openwop_codegen.names import PARAMETER_RESERVED, pascal, snake
from openwop_codegen.paging import PageReader
from openwop_codegen.schemas import SchemaReader
from openwop_codegen.shapes import JSON, Shape, joined
from openwop_codegen.unread import report_unread

__all__ = ["METHODS", "Found", "OperationReader"]

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
CALL_OPTIONS: Final = frozenset(
    {
        "timeout",
        "deadline",
        "retry",
        "extra_headers",
        "extra_query",
        "extra_body",
        "idempotency_key",
    }
)
_STREAMS: Final = frozenset({"sse", "ndjson"})
_STYLES: Final = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}


@attrs.frozen(kw_only=True)
class Found:
    """One operation of one variant.

    Attributes:
        id: Its id.
        tag: The tag that it stands under.
        way: How it goes over the wire.
        arguments: Its arguments.
        paging: How a list continues.
        stream: The value of the stream extension, where it has one.
        deprecated: Whether it should not be used any more.
    """

    id: str
    tag: str
    way: Way
    arguments: tuple[Argument, ...]
    paging: Page | None
    stream: str
    deprecated: bool


class OperationReader:
    """Reads the operations of one variant's document.

    Args:
        config: The configuration.
        report: What takes the findings.
        variant: The variant that is read.
        loader: What reads the documents.
    """

    def __init__(self, config: Config, report: Report, variant: str, loader: Loader) -> None:
        self.config = config
        self.report = report
        self.variant = variant
        self.root = loader.open(config.documents[variant])
        self.schemas = SchemaReader(config, report, variant, self.root)
        self.pages = PageReader(config, report, variant, self.schemas)
        self.access = AccessReader(config, report, self.root)
        self.incoming: list[Incoming] = []
        self._incoming = IncomingReader(report, self.schemas)

    def operations(self) -> Iterator[Found]:
        """Iterate over the operations in the order of the document."""
        for path, reference in self.root.items("paths"):
            item = reference.follow()
            for method in METHODS:
                operation = item.find(method)
                if operation is not None:
                    yield self._operation(path, item, method, operation)
                    yield from self._others(path, item, method, operation)
            for key in item.map:
                standing = {"parameters", "summary", "description", "servers", "$ref"}
                if key not in METHODS and key not in standing and not key.startswith("x-"):
                    self.report.warn(item.where, "dropped", f"{key!r} is no HTTP method")
        self.incoming += self._incoming.webhooks(self.root)
        report_unread(self.root, self.report)
        components = self.root.find("components") or self.root
        for _, place in components.items("schemas"):
            self.schemas.declare(place)

    def _others(self, path: str, item: Place, method: str, place: Place) -> Iterator[Found]:
        """Iterate over the further operations that one with several media types is."""
        if not self.config.automatic:
            return
        op_id = str(place.get("operationId") or _made_id(method, path))
        settings = self.config.operations.get(op_id, OperationConfig())
        is_stream = op_id in self.config.streams or settings.answer
        if streams_beside(place) and not is_stream:
            yield self._operation(path, item, method, place, "stream")
        reference = place.find("requestBody")
        for medium in other_bodies(reference.follow()) if reference is not None else ():
            if not settings.body:
                yield self._operation(path, item, method, place, body_kind(medium), medium)

    def _operation(
        self, path: str, item: Place, method: str, place: Place, form: str = "", medium: str = ""
    ) -> Found:
        given = place.get("operationId")
        op_id = str(given) if given else _made_id(method, path)
        if not given:
            self.report.note(place.where, "named", f"has no operationId; it is called {op_id}")
        if form:
            self.report.note(place.where, "media", f"another form of it is {op_id}_{form}")
            op_id = f"{op_id}_{form}"
        settings = self.config.operations.get(op_id, OperationConfig())
        stem = pascal(op_id)
        tags = cast("list[str]", place.get("tags") or ["default"])
        arguments, idempotency = self._parameters(item, place, settings, stem)
        if medium:
            settings = attrs.evolve(settings, body=medium)
        body, content_type, more = self._body(place, settings, stem)
        arguments = self._told_apart([*arguments, *more], settings, place)
        mark = self.config.extensions.stream
        streams = op_id in self.config.streams or bool(mark and place.get(mark))
        answer = self._answer(place, stem, settings, streams=streams, form=form)
        way = Way(
            method=method.upper(),
            path=path.partition("#")[0],  # what tells operations on one address apart
            body=body,
            content_type=content_type,
            answer=answer,
            credential=self.access.credential(place),
            security=self.access.security(place),
            idempotency=idempotency,
            server=self.access.server(item, place),
            optional_body=self._may_lack_body(method, place),
            errors=self._errors(place),
            bodies=self._error_bodies(place, stem),
            summary=str(place.get("summary") or "").strip(),
            description=str(place.get("description") or "").strip(),
            where=place.where,
            **self._extensions(place),
        )
        if not form:
            self.incoming += self._incoming.callbacks(place, op_id)
        ext = self.config.extensions
        return Found(
            id=op_id,
            tag=tags[0],
            way=way,
            arguments=tuple(arguments),
            paging=self.pages.of(place, answer, arguments),
            stream=str(place.get(ext.stream) or "") if ext.stream else "",
            deprecated=place.get("deprecated") is True,
        )

    def _extensions(self, place: Place) -> dict[str, Any]:
        ext = self.config.extensions
        known = {getattr(ext, field.name) for field in attrs.fields(type(ext))} - {""}
        for key in place.map:
            if key.startswith("x-") and key not in known and key not in ext.ignored:
                self.report.note(place.where, "extension", f"{key} means nothing to the generator")
        scope = place.get(ext.scope) if ext.scope else None
        return {
            "gate": str(place.get(ext.gate) or "") if ext.gate else "",
            "section": str(place.get(ext.section) or "") if ext.section else "",
            "optional": bool(ext.optional and place.get(ext.optional)),
            "scopes": tuple([scope] if isinstance(scope, str) else scope or ()),
        }

    def _errors(self, place: Place) -> dict[int, tuple[str, ...]]:
        key = self.config.extensions.codes
        codes = place.find(key) if key else None
        told = {status: tuple(codes.strings(status)) for status in codes.map} if codes else {}
        found: dict[int, tuple[str, ...]] = {}
        responses = place.find("responses")
        for status in (*(responses.map if responses is not None else ()), *told):
            if status.isdigit() and int(status) >= 400:
                found[int(status)] = told.get(status, ())
        return found

    def _error_bodies(self, place: Place, stem: str) -> dict[int, Type]:
        """Return the types of error bodies by status; 0 stands for every other status."""
        found: dict[int, Type] = {}
        if self.config.client is None:
            return found
        for status, reference in place.items("responses"):
            number = 0 if status == "default" else int(status) if status.isdigit() else -1
            if number != 0 and number < 400:
                continue
            response = reference.follow()
            for medium, media in response.items("content"):
                schema = media.find("schema")
                if schema is None or body_kind(medium) != "json":
                    continue
                shape = self.schemas.shape(schema, f"{stem}Error{number or ''}")
                if isinstance(shape.type, (Named, OneOf)):
                    found[number] = shape.type
                break
        return found

    def _inner(self, schema: Place | None, path: str) -> Place | None:
        """Return the schema inside the envelope that *schema* describes, where it does."""
        envelope = self.config.envelope
        if schema is None or envelope is None or not path.startswith(envelope.paths):
            return schema
        members = self.schemas.members(schema).properties
        described = envelope.member in members and set(members) <= {envelope.member, envelope.meta}
        return members[envelope.member] if described else schema

    def _is_wrapped(self, path: str) -> bool:
        return self.config.envelope is not None and path.startswith(self.config.envelope.paths)

    # Arguments ----------------------------------------------------------------------------------

    def _parameters(
        self, item: Place, place: Place, settings: OperationConfig, stem: str
    ) -> tuple[list[Argument], bool]:
        """Return the arguments of the parameters, and whether a key of idempotency is honoured."""
        found: dict[tuple[str, str], Place] = {}
        for owner in (item, place):
            for element in owner.elements("parameters"):
                parameter = element.follow()
                found[str(parameter.get("in")), str(parameter.get("name"))] = parameter
        idempotency = False
        arguments: list[Argument] = []
        ignored = {name.lower() for name in self.config.ignored_headers}
        for (location, wire), parameter in found.items():
            if location == "header" and wire.lower() == self.config.idempotency_header.lower():
                idempotency = True
            elif location == "header" and wire.lower() in ignored:
                continue
            elif location not in _STYLES:
                self.report.warn(parameter.where, "dropped", f"a parameter in {location!r}")
            else:
                arguments.append(self._parameter(parameter, location, wire, settings, stem))
        path = str(place.keys[-2]) if len(place.keys) > 1 else ""
        order = {wire: path.find(f"{{{wire}}}") for location, wire in found if location == "path"}
        arguments.sort(key=lambda one: self._path_order(one, order))
        return arguments, idempotency

    def _path_order(self, argument: Argument, order: Mapping[str, int]) -> int:
        spot = argument.places[self.variant][0]
        return order.get(spot.wire, 0) - 10_000 if spot.location == "path" else 0

    def _parameter(
        self, place: Place, location: str, wire: str, settings: OperationConfig, stem: str
    ) -> Argument:
        content = next((inner for _, inner in place.items("content")), None)
        schema = place.find("schema") or (content.find("schema") if content is not None else None)
        style = str(place.get("style") or _STYLES[location])
        explode = bool(place.get("explode", style == "form"))
        hint = f"{stem}{pascal(wire)}"
        shape = self.schemas.shape(schema, hint) if schema is not None else Shape(type=JSON)
        ext = self.config.extensions
        kind = str(place.get(ext.kind) or shape.kind) if ext.kind else shape.kind
        return self._argument(
            settings,
            wire,
            attrs.evolve(
                shape,
                doc=str(place.get("description") or shape.doc).strip(),
                secret=shape.secret or bool(ext.secret and place.get(ext.secret)),
                deprecated=shape.deprecated or place.get("deprecated") is True,
            ),
            Spot(
                wire=wire,
                location=cast("Literal['path', 'query', 'header', 'cookie']", location),
                style="json" if content is not None else style,
                explode=explode,
                required=location == "path" or place.get("required") is True,
                kind=self.config.kinds.get(kind, kind),
                reserved=location == "query" and place.get("allowReserved") is True,
            ),
        )

    def _argument(self, settings: OperationConfig, wire: str, shape: Shape, spot: Spot) -> Argument:
        override = settings.arguments.get(f"{spot.location}:{wire}")
        override = override or settings.arguments.get(wire, Override())
        name = override.name or self.config.parameters.get(wire) or snake(wire)
        required = spot.required if override.required is None else override.required
        return Argument(
            name=name,
            type=shape.type,
            doc=override.doc or shape.doc,
            places={self.variant: (attrs.evolve(spot, kind=override.kind or spot.kind),)},
            nullable=shape.tri,
            required=required and not override.preset,
            default=shape.default,
            preset=override.preset,
            limits=shape.limits,
            secret=shape.secret,
            deprecated=shape.deprecated,
            annotation=override.annotation,
        )

    def _told_apart(
        self, arguments: list[Argument], settings: OperationConfig, place: Place
    ) -> list[Argument]:
        """Return *arguments* under names of their own, none of them taken by something else.

        Two that the configuration gives one name are one: its value is sent in both places.
        """
        result: dict[str, Argument] = {}
        for argument in arguments:
            (spot,) = argument.places[self.variant]
            name = argument.name
            if name in CALL_OPTIONS and self.config.automatic:
                self.report.note(place.where, "renamed", f"{spot.wire!r} is called {name}_")
                name = f"{name}_"
            elif name in CALL_OPTIONS:
                message = (
                    f"{spot.wire!r} would be the argument {name}, which is an option of every "
                    "call; give it another name in the configuration"
                )
                self.report.error(place.where, "refused", message)
            if name in PARAMETER_RESERVED:
                name = f"{name}_"
            known = result.get(name)
            if known is not None and f"{spot.location}:{spot.wire}" in settings.arguments:
                spots = (*known.places[self.variant], spot)
                result[name] = attrs.evolve(known, places={self.variant: spots})
                continue
            if known is not None:
                name = f"{spot.location}_{name}"
                while name in result:
                    name = f"{name}_"
                self.report.note(place.where, "renamed", f"{spot.wire!r} is called {name}")
            result[name] = attrs.evolve(argument, name=name)
        return list(result.values())

    # Bodies -------------------------------------------------------------------------------------

    def _body(
        self, place: Place, settings: OperationConfig, stem: str
    ) -> tuple[str, str, list[Argument]]:
        """Return how the body is encoded, its media type, and the arguments that make it."""
        reference = place.find("requestBody")
        path = str(place.keys[-2])
        if reference is None:
            return "json" if self._is_wrapped(path) else "none", "", []
        body = reference.follow()
        chosen = chosen_medium(body, self.report, wanted=settings.body)
        if chosen is None:
            return "none", "", []
        medium, media = chosen
        required = body.get("required") is True
        kind = body_kind(medium)
        usual = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
        content_type = "" if medium == usual.get(kind) or kind == "multipart" else medium
        schema = self._inner(media.find("schema"), path)
        if kind in {"bytes", "text"} or schema is None:
            plain = {"bytes": Plain("bytes"), "text": Plain("str")}.get(kind, JSON)
            wire = "content" if kind in {"bytes", "text"} else "body"
            doc = str(body.get("description") or "The body.")
            shape = Shape(type=plain, doc=doc)
            spot = Spot(wire=wire, location="payload", required=required)
            return kind, content_type, [self._argument(settings, wire, shape, spot)]
        if self._flattens(schema):
            return (
                kind,
                content_type,
                self._members(schema, medium, media, settings, stem, required),
            )
        shape = self.schemas.shape(schema, f"{stem}Request")
        shape = attrs.evolve(shape, doc=str(body.get("description") or shape.doc))
        spot = Spot(wire="body", location="payload", required=required, kind=shape.kind)
        return kind, content_type, [self._argument(settings, "body", shape, spot)]

    def _may_lack_body(self, method: str, place: Place) -> bool:
        """Tell whether no body at all is sent where nothing of it is given."""
        reference = place.find("requestBody")
        if reference is None or reference.follow().get("required") is True:
            return False
        return self.config.client is not None or method not in {"post", "put", "patch"}

    def _flattens(self, schema: Place) -> bool:
        target = schema.follow()
        shape_like = {"oneOf", "anyOf"} & set(target.map)
        return bool(self.schemas.members(target).properties) and not (
            shape_like and "properties" not in target.map
        )

    def _encoding(self, part: Place | None, medium: str) -> dict[str, Any]:
        """Return how one member of a form or of a multipart body is written."""
        if part is None:
            return {}
        if part.get("headers"):
            message = "the headers of a part are not sent; only its media type is"
            self.report.note(part.where, "encoding", message)
        kind = str(part.get("contentType", ""))
        if body_kind(medium) != "form":
            return {"content_type": kind}
        if kind and body_kind(kind) == "json":
            return {"style": "json"}
        if not {"style", "explode"} & set(part.map):
            return {}
        style = str(part.get("style") or "form")
        return {"style": style, "explode": bool(part.get("explode", style == "form"))}

    def _members(
        self,
        schema: Place,
        medium: str,
        media: Place,
        settings: OperationConfig,
        stem: str,
        required: bool,
    ) -> list[Argument]:
        members = self.schemas.members(schema)
        owner = schema.follow()
        name = self.schemas.type_name_of(owner, f"{stem}Request")
        arguments: list[Argument] = []
        encoding = media.find("encoding")
        for wire, inner in members.properties.items():
            field = self.schemas.field(
                wire, inner, f"{name}{pascal(wire)}", required=wire in members.required
            )
            if field.access == "read":
                continue
            part = encoding.find(wire) if encoding is not None else None
            shape = Shape(
                type=field.type, doc=field.doc, default=field.default, limits=field.limits,
                secret=field.secret, deprecated=field.deprecated,
                tri=field.tri or (self.config.automatic and bool(field.nullable)),
            )  # fmt: skip
            spot = Spot(
                wire=wire,
                location="body",
                required=required and wire in members.required,
                kind=field.kind,
                **self._encoding(part, medium),
            )
            arguments.append(self._argument(settings, wire, shape, spot))
        return arguments

    # Answers ------------------------------------------------------------------------------------

    def _answer(
        self, place: Place, stem: str, settings: OperationConfig, *, streams: bool, form: str
    ) -> Answer:
        kinds: dict[str, list[tuple[Type | None, str]]] = {}
        nullable = False
        doc = ""
        streams = streams or form == "stream"
        responses = sorted(place.items("responses"), key=lambda pair: pair[0])
        if not any(status.startswith("2") for status, _ in responses):
            responses = [pair for pair in responses if pair[0] == "default"]
        headless = place.keys[-1] == "head"  # whose answer has no body, whatever is described
        for status, reference in responses:
            if not status.startswith("2") and status != "default":
                continue
            if status == "default" and len(responses) > 1:
                continue
            response = reference.follow()
            doc = doc or str(response.get("description") or "").strip()
            chosen = chosen_medium(response, self.report, stream=streams, wanted=settings.answer)
            if chosen is None or headless:
                kinds.setdefault("none", []).append((None, ""))
                continue
            medium, media = chosen
            path = str(place.keys[-2])
            own, found, may_be_null = self._content(medium, media, stem, path)
            nullable = nullable or may_be_null
            kinds.setdefault(own, []).append((found, medium))
        if settings.returns:
            return Answer(kind=main_kind(kinds), type=External(settings.returns), doc=doc)
        kind = main_kind(kinds, streams=streams)
        if kind == "none":
            return Answer(kind="none", doc=doc)
        others = set(kinds) - {kind, "none"}
        if form or (self.config.automatic and streams_beside(place) and not streams):
            others -= {"json", "text", "bytes"} if form == "stream" else _STREAMS
        if others:
            self.report.warn(place.where, "dropped", f"answers of the kinds {sorted(others)}")
        chosen_kind = kinds[kind]
        types = [one for one, _ in chosen_kind if one is not None]
        usual = {"json": "application/json", "sse": "text/event-stream"}
        medium = chosen_kind[0][1]
        return Answer(
            kind=kind,
            type=joined(types) if types else None,
            nullable=nullable or "none" in kinds,
            doc=doc,
            accept="" if medium == usual.get(kind, "") or medium == "*/*" else medium,
        )

    def _content(
        self, medium: str, media: Place, stem: str, path: str
    ) -> tuple[str, Type | None, bool]:
        """Return the kind of an answer, its type, and whether it may be null."""
        kind = answer_kind(medium)
        schema = media.find("schema")
        if kind in {"sse", "ndjson"}:
            schema = media.find("itemSchema") or schema
            shape = self.schemas.shape(schema, f"{stem}Event") if schema is not None else None
            return kind, shape.type if shape is not None else JSON, False
        if kind == "text":
            return kind, Plain("str"), False
        if kind == "bytes":
            return kind, Plain("bytes"), False
        schema = self._inner(schema, path)
        if schema is None:
            return kind, JSON, False
        if schema.follow().get("format") == "binary":
            return "bytes", Plain("bytes"), False
        shape = self.schemas.shape(schema, f"{stem}Response")
        return kind, shape.type, shape.nullable and shape.type != JSON


def _made_id(method: str, path: str) -> str:
    return snake(f"{method} {path.replace('{', 'by ').replace('}', '')}")
