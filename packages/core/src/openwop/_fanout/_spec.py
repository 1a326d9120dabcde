"""What to start, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, Unpack, cast

import attrs

from openwop.errors import ConfigurationError
from openwop.runtime._call import check_options

if TYPE_CHECKING:
    from openwop._client._options import StartOptions

__all__ = ["RunSpec", "StartResult"]

R = TypeVar("R")


def _names_of(options: StartOptions) -> str:
    return f"<{', '.join(sorted(options))}>"  # metadata and secrets of runs are nobody's business


@attrs.frozen(init=False, hash=False)
class RunSpec:
    """A run to start with `runs.start_many`.

    Attributes:
        workflow_id: The workflow to run.
        inputs: What the workflow takes, as JSON values.
        key: Your name for this run: an order number, a row, a file.  Starting the same key again
            does not start a second run, also not from another process and after a crash, for as
            long as the host keeps idempotency keys (a day, by default).  None for no such name.
        dedup: As for `runs.start`.
        options: What `runs.start` takes besides.

    Section: v1.md §9, v2.md §9.
    """

    workflow_id: str
    inputs: Mapping[str, object] | None = attrs.field(repr=False)
    key: str | None
    dedup: bool | Literal["attach"]
    options: StartOptions = attrs.field(repr=_names_of)

    def __init__(
        self,
        workflow_id: str,
        inputs: Mapping[str, object] | None = None,
        *,
        key: str | None = None,
        dedup: bool | Literal["attach"] = False,
        **options: Unpack[StartOptions],
    ) -> None:
        if key is not None and not key:
            msg = "RunSpec: key is empty; give each run a key of its own, or none"
            raise ConfigurationError(msg)
        if key is not None and options.get("idempotency_key") is not None:
            msg = "RunSpec: pass key= or idempotency_key=, not both"
            raise ConfigurationError(msg)
        if options:
            from openwop._client._options import StartOptions

            check_options("RunSpec", StartOptions, options, ("inputs", "key", "dedup"))
        make: Any = self
        make.__attrs_init__(workflow_id, inputs, key, dedup, options)

    @property
    def idempotency_key(self) -> str | None:
        """The idempotency key that stands for `key`; the same one in every process."""
        if self.key is None:
            return self.options.get("idempotency_key")
        named = json.dumps([self.workflow_id, self.key]).encode()
        return f"openwop-{sha256(named).hexdigest()}"


@attrs.frozen
class StartResult(Generic[R]):
    """What came of one `RunSpec`: a run, or an error.

    Attributes:
        spec: What was to be started.
        run: A handle on the run; None where it was not started.
        error: Why it was not started; None where it was.
    """

    spec: RunSpec
    run: R | None = None
    error: Exception | None = None

    @property
    def ok(self) -> bool:
        """Whether there is a run."""
        return self.error is None

    def unwrap(self) -> R:
        """Return the run, or raise the error."""
        if self.error is not None:
            raise self.error
        return cast("R", self.run)
