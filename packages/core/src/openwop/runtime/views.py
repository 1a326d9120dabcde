"""Paged lists in the raw and the streamed view: one request, for the page that is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from openwop.runtime._call import ApiResponse
from openwop.runtime._pages import AsyncPager, Pager
from openwop.runtime._raw import AsyncStreamed, Streamed

__all__ = [
    "as_raw_page",
    "as_raw_page_async",
    "as_streamed_page",
    "as_streamed_page_async",
]

P = ParamSpec("P")
Item = TypeVar("Item")
Page = TypeVar("Page")


def as_raw_page(method: Callable[P, Pager[Item, Page]]) -> Callable[P, ApiResponse[Page]]:
    """Return *method* of a client in raw mode, fetching one page.

    Args:
        method: A method that returns a pager.
    """

    @wraps(method)
    def fetch(*args: P.args, **kwargs: P.kwargs) -> ApiResponse[Page]:
        return cast("ApiResponse[Page]", method(*args, **kwargs).first_page())

    return fetch


def as_raw_page_async(
    method: Callable[P, AsyncPager[Item, Page]],
) -> Callable[P, Awaitable[ApiResponse[Page]]]:
    """Return *method* of an asynchronous client in raw mode, fetching one page.

    Args:
        method: A method that returns a pager.
    """

    @wraps(method)
    async def fetch(*args: P.args, **kwargs: P.kwargs) -> ApiResponse[Page]:
        return cast("ApiResponse[Page]", await method(*args, **kwargs).first_page())

    return fetch


def as_streamed_page(method: Callable[P, Pager[Item, Page]]) -> Callable[P, Streamed[Page]]:
    """Return *method* of a client in streamed mode, fetching one page on entering `with`.

    Args:
        method: A method that returns a pager.
    """

    @wraps(method)
    def entered(*args: P.args, **kwargs: P.kwargs) -> Streamed[Page]:
        return Streamed(lambda: method(*args, **kwargs).first_page())

    return entered


def as_streamed_page_async(
    method: Callable[P, AsyncPager[Item, Page]],
) -> Callable[P, AsyncStreamed[Page]]:
    """Return *method* of an asynchronous client in streamed mode, fetching one page.

    Args:
        method: A method that returns a pager.
    """

    @wraps(method)
    def entered(*args: P.args, **kwargs: P.kwargs) -> AsyncStreamed[Page]:
        return AsyncStreamed(lambda: method(*args, **kwargs).first_page())

    return entered
