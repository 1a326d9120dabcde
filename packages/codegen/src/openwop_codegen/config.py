"""The configuration of one generated client: what no OpenAPI document can say.

It is a TOML file.  Everything has a default but the documents, so that a plain document needs no
configuration at all.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

import attrs

from openwop_codegen.catalogue import CatalogueConfig
from openwop_codegen.diagnostics import GeneratorError
from openwop_codegen.loader import Loader

__all__ = [
    "ClientConfig",
    "Config",
    "EnvelopeConfig",
    "Extensions",
    "Override",
    "PagingConfig",
    "StreamConfig",
    "load_config",
]


@attrs.frozen(kw_only=True)
class Extensions:
    """The extension keys under which a document says what OpenAPI has no word for.

    Each is the name of a key; empty where the documents have none.
    """

    gate: str = ""
    scope: str = ""
    section: str = ""
    optional: str = ""
    codes: str = ""
    paging: str = ""
    stream: str = ""
    kind: str = ""
    secret: str = ""
    lenient: str = ""
    open_enum: str = "x-extensible-enum"
    nullable_meaning: str = ""
    type: str = ""
    unwrap: str = ""
    discriminator: str = ""
    ignored: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Override:
    """What the configuration says about one argument of one operation.

    Attributes:
        name: Its Python name.
        annotation: Its annotation, in place of the documented type.
        kind: A hint for the dialect.
        preset: The Python expression of the default that is sent.
        doc: What it is, in place of the document's words.
        required: Whether the method can be called without it; None leaves it to the documents.
    """

    name: str = ""
    annotation: str = ""
    kind: str = ""
    preset: str = ""
    doc: str = ""
    required: bool | None = None


@attrs.frozen(kw_only=True)
class OperationConfig:
    """What the configuration says about one operation.

    Attributes:
        name: Its dotted Python name.
        hand_written: True where the method is written by hand.
        arguments: What is said about its arguments, by their names on the wire.
        returns: A hand-written type of its answer, as `module:Class`.
        body: The media type of its body, where it takes several.
        answer: The media type of its answer, where it has several.
    """

    name: str = ""
    hand_written: bool = False
    arguments: Mapping[str, Override] = attrs.field(factory=dict[str, Override])
    returns: str = ""
    body: str = ""
    answer: str = ""


@attrs.frozen(kw_only=True)
class ClientConfig:
    """What the configuration says about a client that is a package of its own.

    Attributes:
        distribution: The name that it is installed by; by default that of the package.
        version: Its version.
        error: The name of its root error class.
        env: What the names of its environment variables begin with; empty for none.
        env_base_url: The environment variable of the base URL.
        env_api_key: The environment variable of the key.
        env_log: The environment variable of the log level.
        base_url: Where the service is; None for what the document says, empty for nowhere.
        carrier: How a key travels, as `openwop.runtime.service.Service` has it; empty for what the
            document says.
        credential: Whether calls carry a credential where the document says nothing about it.
        key_required: Whether a client without a key is refused.
        idempotency_header: The header of idempotency keys; empty for none.
        retry: `safe` repeats what is safe to repeat, `everything` repeats a POST too.
        retry_statuses: The statuses below 500 that may be repeated.
        long_waits: `raise` or `backoff`.
        headers: Headers of every request.
    """

    distribution: str = ""
    version: str = "0.1.0"
    error: str = ""
    env: str = ""
    env_base_url: str = ""
    env_api_key: str = ""
    env_log: str = ""
    base_url: str | None = None
    carrier: str = ""
    credential: Literal["", "required", "optional"] = ""
    key_required: bool = False
    idempotency_header: str = ""
    retry: Literal["safe", "everything"] = "safe"
    retry_statuses: tuple[int, ...] = (408, 425, 429)
    long_waits: Literal["raise", "backoff"] = "raise"
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])


@attrs.frozen(kw_only=True)
class EnvelopeConfig:
    """The object around bodies; see `openwop.runtime.service.Envelope`."""

    paths: str = "/"
    member: str = "json"
    meta: str = ""


@attrs.frozen(kw_only=True)
class StreamConfig:
    """What is said of one stream; see `openwop.runtime.service.StreamRule`."""

    endless: bool = False
    idle: float | None = None
    until: tuple[str, ...] = ()
    member: str = "type"
    end: str = ""


@attrs.frozen(kw_only=True)
class PagingConfig:
    """How one list continues; the names are those of the wire."""

    items: str = ""
    next: str = ""
    argument: str = ""
    size: str = ""
    style: Literal["cursor", "offset", "page", "link"] = "cursor"
    first: int = 0


@attrs.frozen(kw_only=True)
class Config:
    """The configuration of one client.

    Attributes:
        root: The folder that relative paths start from.
        documents: The document of each variant, the oldest first.
        service: The name of the service, for messages and documentation.
        variant_word: What a variant is called: `major`.
        package: The import path of the generated package.
        output: The folder that the generated package is written to.
        owned: Patterns of files in *output* that something else writes.
        base_client: The base class of the blocking client, as `module:Class`.
        base_async_client: The base class of the asynchronous client, as `module:Class`.
        operations: What is said about single operations, by id.
        parameters: Python names of parameters, by their names on the wire.
        kinds: Kinds of the documents by the kinds that the runtime knows.
        types: Hand-written classes by the value of the extension `type`.
        extensions: The extension keys.
        idempotency_header: The header of idempotency keys.
        ignored_headers: Headers that are the client's business.
        hidden_statuses: Error statuses that every operation has and no docstring repeats.
        errors: The error class of each status, for docstrings.
        formats: How formats are typed: `datetime` or `str` for `date-time`, and so on.
        docs: The documentation of resources, by name.
        renamed_types: Python names of types, by the names in the documents.
        groups: `file` puts types into modules named after their files, `usage` after the resource
            that uses them.
        catalogue: The catalogue of events and the table of error codes, where there are such.
        overlays: OpenAPI Overlays that are laid over every document, in this order.
        client: The package around the generated code; None where that is written by hand.
        envelope: What the service puts around bodies.
        streams: What is said of streams, by operation id.
        paging: How lists continue, by operation id.
        detect_paging: Whether lists with a cursor page without being told so.
        automatic: Whether the generator finds names where the document's cannot be used, in place
            of refusing them.
        distinct_null: Whether null in an optional member of a model means something else than its
            absence, wherever null is allowed.
        allow_remote: Whether references to other addresses are fetched.
        origin: The address that the document was had from, which relative servers stand against.
        open_unions: Whether a union with a discriminator may grow: what no alternative is, is
            read as a mapping.
    """

    root: Path
    documents: Mapping[str, Path]
    service: str = "the service"
    variant_word: str = "version"
    package: str
    output: Path
    owned: tuple[str, ...] = ()
    base_client: str = "openwop.runtime:BaseClient"
    base_async_client: str = "openwop.runtime:BaseAsyncClient"
    operations: Mapping[str, OperationConfig] = attrs.field(factory=dict[str, OperationConfig])
    parameters: Mapping[str, str] = attrs.field(factory=dict[str, str])
    kinds: Mapping[str, str] = attrs.field(factory=dict[str, str])
    types: Mapping[str, str] = attrs.field(factory=dict[str, str])
    extensions: Extensions = attrs.field(factory=Extensions)
    idempotency_header: str = "Idempotency-Key"
    ignored_headers: tuple[str, ...] = ("Accept", "Authorization", "Content-Type")
    hidden_statuses: tuple[int, ...] = ()
    errors: Mapping[str, str] = attrs.field(factory=dict[str, str])
    formats: Mapping[str, str] = attrs.field(factory=dict[str, str])
    docs: Mapping[str, str] = attrs.field(factory=dict[str, str])
    renamed_types: Mapping[str, str] = attrs.field(factory=dict[str, str])
    groups: Literal["file", "usage"] = "usage"
    catalogue: CatalogueConfig | None = None
    overlays: tuple[Path, ...] = ()
    client: ClientConfig | None = None
    envelope: EnvelopeConfig | None = None
    streams: Mapping[str, StreamConfig] = attrs.field(factory=dict[str, StreamConfig])
    paging: Mapping[str, PagingConfig] = attrs.field(factory=dict[str, PagingConfig])
    detect_paging: bool = False
    automatic: bool = False
    distinct_null: bool = False
    allow_remote: bool = False
    origin: str = ""
    open_unions: bool = False

    @property
    def top(self) -> str:
        """The package that users import."""
        return self.package.removesuffix("._generated")

    def loader(self) -> Loader:
        """Return what reads the documents."""
        loader = Loader(self.root, allow_remote=self.allow_remote)
        if self.origin:
            for path in self.documents.values():
                loader.had_from(path, self.origin)
        return loader

    @property
    def base_clients(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The prefix and the base class of both clients."""
        blocking, other = self.base_client, self.base_async_client
        if self.client is not None and blocking == "openwop.runtime:BaseClient":
            home = "openwop.runtime.service"
            blocking, other = f"{home}:ServiceClient", f"{home}:AsyncServiceClient"
        return ("", blocking), ("Async", other)

    @property
    def project(self) -> Path:
        """The folder of the package's pyproject.toml, for a client that is a package."""
        return self.output.parents[self.package.count(".") + 1]

    @property
    def variants(self) -> tuple[str, ...]:
        """The variants, the oldest first."""
        return tuple(self.documents)

    def with_output(self, output: Path) -> Config:
        """Return this configuration with another folder to write to."""
        catalogue = self.catalogue and attrs.evolve(self.catalogue, root=output)
        return attrs.evolve(self, output=output, catalogue=catalogue)

    def error_class(self, status: int) -> str:
        """Return the name of the class that an error answer of *status* raises."""
        named = self.errors.get(str(status)) or _ERRORS.get(status)
        return named or ("InternalServerError" if status >= 500 else "APIStatusError")


_ERRORS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    410: "GoneError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}


def _made(cls: type[Any], table: Mapping[str, Any], where: str) -> Any:
    known = {field.name for field in attrs.fields(cls)}
    wrong = sorted(set(table) - known)
    if wrong:
        raise GeneratorError(f"has no setting {', '.join(wrong)}", where)
    return cls(**{key: _frozen(value) for key, value in table.items()})


def _frozen(value: Any) -> Any:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


def _operation(table: Mapping[str, Any], where: str) -> OperationConfig:
    arguments = {
        wire: _made(Override, entry, f"{where}.arguments.{wire}")
        for wire, entry in cast("Mapping[str, Any]", table.get("arguments", {})).items()
    }
    plain = {key: value for key, value in table.items() if key != "arguments"}
    return cast("OperationConfig", _made(OperationConfig, {**plain, "arguments": arguments}, where))


def load_config(path: Path, *, source: Path | None = None, **given: Any) -> Config:
    """Return the configuration in the TOML file at *path*.

    Paths in it are relative to its folder; the output is relative to `root`, which is relative to
    the folder too.

    Args:
        path: The file.
        source: The document, in place of those that the file names.
        **given: What takes the place of the file's settings of these names.

    Raises:
        GeneratorError: It cannot be read, or says something that nobody understands.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise GeneratorError(f"cannot be read: {exc}", path.name) from exc
    folder = path.resolve().parent
    root = (folder / str(table.pop("root", "."))).resolve()
    names = cast("Mapping[str, str]", table.pop("names", {}))
    operations = {
        op: _operation(entry, f"{path.name}: operations.{op}")
        for op, entry in cast("Mapping[str, Any]", table.pop("operations", {})).items()
    }
    for op, name in names.items():
        operations[op] = attrs.evolve(operations.get(op, OperationConfig()), name=name)
    documents = {key: folder / value for key, value in table.pop("documents", {}).items()}
    if source is not None:
        documents = {"": source}
    if not documents:
        raise GeneratorError("names no documents", path.name)
    extensions = _made(Extensions, table.pop("extensions", {}), f"{path.name}: extensions")
    output = root / str(table.pop("output", "."))
    catalogue: CatalogueConfig | None = None
    told = cast("dict[str, Any] | None", table.pop("catalogue", None))
    if told is not None:
        sources = {key: folder / str(told.pop(key, "")) for key in ("events", "errors")}
        known = {
            "root": output,
            "package": table.get("package"),
            "variants": tuple(documents),
            "top": root,
        }
        entries = {**told, **sources, **known}
        catalogue = _made(CatalogueConfig, entries, f"{path.name}: catalogue")
    client = table.pop("client", None)
    envelope = table.pop("envelope", None)
    name = path.name
    table["overlays"] = tuple(folder / str(one) for one in table.get("overlays", ()))
    more = {
        "client": client and _made(ClientConfig, client, f"{name}: client"),
        "envelope": envelope and _made(EnvelopeConfig, envelope, f"{name}: envelope"),
        "streams": {
            op: _made(StreamConfig, one, f"{name}: streams.{op}")
            for op, one in table.pop("streams", {}).items()
        },
        "paging": {
            op: _made(PagingConfig, one, f"{name}: paging.{op}")
            for op, one in table.pop("paging", {}).items()
        },
    }
    fixed = {
        "catalogue": catalogue,
        "root": root,
        "documents": documents,
        "operations": operations,
        "extensions": extensions,
        "output": output,
    }
    return cast("Config", _made(Config, {**table, **fixed, **more, **given}, path.name))
