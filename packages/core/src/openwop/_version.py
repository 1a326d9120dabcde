"""The version of the installed distribution."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["__version__"]

try:
    __version__ = version("openwop")
except PackageNotFoundError:  # a checkout on the path that was never installed
    __version__ = "0"
