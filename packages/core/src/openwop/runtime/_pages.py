"""Lists that come in pages: iterate over the items, or over the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, Generic, Self, TypeVar, cast

from openwop.runtime._operation import Paging

__all__ = ["AsyncPager", "Pager"]

Item = TypeVar("Item")
Page = TypeVar("Page")


def _attribute(page: object, path: str) -> Any:
    value: Any = page
    for name in path.split("."):
        if value is None:
            return None
        value = (
            cast("Mapping[str, Any]", value).get(name)
            if isinstance(value, Mapping)
            else (getattr(value, name, None))
        )
    return value


def items_of(paging: Paging, page: object) -> list[Any]:
    """Return the items of *page*."""
    found: Any = _attribute(page, paging.items) if paging.items else page
    return [] if found is None else list(found)


class _Walk(Generic[Item, Page]):
    """Decides which arguments fetch the next page; used by both pagers."""

    def __init__(self, paging: Paging, arguments: Mapping[str, Any]) -> None:
        self._paging = paging
        self.arguments = dict(arguments)
        self.done = False
        self._seen: set[Any] = set()
        self._position: int = paging.first
        if paging.style in {"offset", "page"}:
            given = self.arguments.get(paging.argument)
            self._position = paging.first if given is None else int(given)

    def items(self, page: Page) -> list[Item]:
        """Return the items of *page*."""
        return items_of(self._paging, page)

    def advance(self, page: Page) -> None:
        """Set the arguments of the page after *page*, or note that it was the last."""
        paging = self._paging
        count = len(self.items(page))
        if paging.style in {"cursor", "link"}:
            cursor = _attribute(page, paging.next)
            # A host that repeats a cursor would keep a client reading for ever.
            if cursor is None or cursor == "" or cursor in self._seen:
                self.done = True
                return
            self._seen.add(cursor)
            self.arguments[paging.argument] = cursor
            return
        if count == 0:
            self.done = True
            return
        self._position += count if paging.style == "offset" else 1
        self.arguments[paging.argument] = self._position


class Pager(Generic[Item, Page]):
    """An iterable over the items of all pages; fetches a page when it is needed.

    Iterating twice fetches twice.

    Args:
        paging: How the list continues.
        arguments: The arguments of the first page.
        fetch: Fetches one page.
    """

    def __init__(
        self,
        paging: Paging,
        arguments: Mapping[str, Any],
        fetch: Callable[[Mapping[str, Any]], Page],
    ) -> None:
        self._paging = paging
        self._arguments = arguments
        self._fetch = fetch

    def __iter__(self) -> Iterator[Item]:
        walk: _Walk[Item, Page] = _Walk(self._paging, self._arguments)
        while not walk.done:
            page = self._fetch(walk.arguments)
            yield from walk.items(page)
            walk.advance(page)

    def pages(self) -> Iterator[Page]:
        """Iterate over the pages."""
        walk: _Walk[Item, Page] = _Walk(self._paging, self._arguments)
        while not walk.done:
            page = self._fetch(walk.arguments)
            yield page
            walk.advance(page)

    def first_page(self) -> Page:
        """Fetch the first page only."""
        return self._fetch(self._arguments)


class AsyncPager(Generic[Item, Page]):
    """The asynchronous twin of `Pager`; never awaited itself.

    Args:
        paging: How the list continues.
        arguments: The arguments of the first page.
        fetch: Fetches one page.
    """

    def __init__(
        self,
        paging: Paging,
        arguments: Mapping[str, Any],
        fetch: Callable[[Mapping[str, Any]], Awaitable[Page]],
    ) -> None:
        self._paging = paging
        self._arguments = arguments
        self._fetch = fetch

    def __aiter__(self) -> AsyncIterator[Item]:
        return _AsyncItems(self.pages(), self._paging)

    def pages(self) -> AsyncIterator[Page]:
        """Iterate over the pages."""
        return _AsyncPages(_Walk[Item, Page](self._paging, self._arguments), self._fetch)

    async def first_page(self) -> Page:
        """Fetch the first page only."""
        return await self._fetch(self._arguments)


class _AsyncPages(Generic[Item, Page]):
    """The pages; no generator, which would have to be closed when it is left early."""

    def __init__(
        self, walk: _Walk[Item, Page], fetch: Callable[[Mapping[str, Any]], Awaitable[Page]]
    ) -> None:
        self._walk = walk
        self._fetch = fetch

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page:
        if self._walk.done:
            raise StopAsyncIteration
        page = await self._fetch(self._walk.arguments)
        self._walk.advance(page)
        return page


class _AsyncItems(Generic[Item, Page]):
    """The items of all pages."""

    def __init__(self, pages: AsyncIterator[Page], paging: Paging) -> None:
        self._pages = pages
        self._paging = paging
        self._items: Iterator[Item] = iter(())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        while True:
            for item in self._items:
                return item
            self._items = iter(items_of(self._paging, await anext(self._pages)))
