"""What is known of a subscription, and how it is written down."""

from __future__ import annotations

import hashlib
import json
from typing import Any, cast

import attrs

from openwop.errors import ConfigurationError

__all__ = ["Pending", "Record", "Wanted"]

_VERSION = 1


@attrs.frozen
class Wanted:
    """What a program asks a host for.

    Attributes:
        host: The host's origin.
        url: Where deliveries are posted.
        events: The types of events, as the program writes them.
        tags: The tags of runs; empty for every run.
        workspace: The workspace, where one was named.
        standard: Whether the Standard Webhooks form is wanted as well.
    """

    host: str
    url: str
    events: tuple[str, ...]
    tags: tuple[str, ...] = ()
    workspace: str | None = None
    standard: bool = False

    @property
    def digest(self) -> str:
        """A name for exactly this."""
        text = json.dumps(attrs.astuple(self))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@attrs.frozen
class Pending:
    """A change that was sent, or is about to be, and whose outcome is not known.

    Attributes:
        purpose: What it is for; only the same change may go on under its key.
        key: The idempotency key under which it is sent.
        secret: The secret that it brings, where we choose it.
    """

    purpose: str
    key: str = attrs.field(repr=False)
    secret: str | None = attrs.field(default=None, repr=False)


@attrs.frozen
class Record:
    """A subscription as it is kept in a store.

    Attributes:
        wanted: What it was registered for.
        webhook_id: Its id; None before the host has given one.
        secret: The secret that signs.
        previous: The secret before, while deliveries may still be signed with it.
        previous_until: Until when, in Unix seconds; None while the end is not known.
        pending: A change under way.
        retired: Subscriptions that this one replaced and that are still to be unregistered.
    """

    wanted: Wanted
    webhook_id: str | None = None
    secret: str | None = attrs.field(default=None, repr=False)
    previous: str | None = attrs.field(default=None, repr=False)
    previous_until: float | None = None
    pending: Pending | None = None
    retired: tuple[str, ...] = ()

    def dumps(self) -> str:
        """Return the record as JSON; it holds the secrets."""
        return json.dumps({"version": _VERSION, **attrs.asdict(self)})

    @classmethod
    def loads(cls, text: str, name: str) -> Record:
        """Return the record that `dumps` wrote.

        Args:
            text: What the store keeps.
            name: The name that it is kept under, for messages.

        Raises:
            ConfigurationError: It is no record, or one of a newer version of this package.
        """
        try:
            data = cast("dict[str, Any]", json.loads(text))
            if data.pop("version") != _VERSION:
                raise ValueError("another version")  # one message for all of it
            for part, names in ((data, ("retired",)), (data["wanted"], ("events", "tags"))):
                part.update({name: tuple(part[name]) for name in names})
            data["wanted"] = Wanted(**data["wanted"])
            data["pending"] = Pending(**data["pending"]) if data["pending"] else None
            return cls(**data)
        except (ValueError, TypeError, KeyError, AttributeError):
            # The cause may quote the text, which holds secrets.
            raise ConfigurationError(
                f"what the store keeps under {name!r} is no subscription that this version of "
                "openwop-webhooks can read"
            ) from None
