"""Clients of any service, from data: what generated clients are built on.

A generated package describes its service with one `Service` and subclasses `ServiceClient` and
`AsyncServiceClient`; everything else about such a client is the same for all of them.
"""

from __future__ import annotations

from openwop.runtime._incoming import Incoming
from openwop.runtime._schemes import Scheme, Server
from openwop.runtime._service import Envelope, Service, StreamRule
from openwop.runtime._service_client import AsyncServiceClient, ClientOptions, ServiceClient
from openwop.runtime._service_errors import ServiceStatusError

__all__ = [
    "AsyncServiceClient",
    "ClientOptions",
    "Envelope",
    "Incoming",
    "Scheme",
    "Server",
    "Service",
    "ServiceClient",
    "ServiceStatusError",
    "StreamRule",
]
