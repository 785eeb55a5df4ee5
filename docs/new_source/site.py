"""The `example` spider, requests only. Copy to spiders/sites/<site>.py; add it to spiders/known.py and sources.yaml."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from scrapy import Request

from docs.new_source.pages import parse_designs
from spiders.credentials import bearer
from spiders.sites.api import http_url
from spiders.sites.files import FilesSpider, Found, Item, SourceFile


class ExampleSpider(FilesSpider):
    """`-a base_url=…`: a site whose listing tells each design's last change."""

    name = source = "example"
    slots: ClassVar[dict[str, float]] = {"example": 1.0}  # the least seconds between two requests: what the site allows

    def __init__(
        self, *, base_url: str = "https://example.org", run_id: Any = None, limit: Any = None, since: Any = None
    ) -> None:
        super().__init__(run_id=run_id, limit=limit, since=since)
        self.base_url = http_url("base_url", base_url)

    def base_urls(self) -> tuple[str, ...]:
        return (self.base_url,)

    def auth_headers(self) -> dict[str, str]:
        return bearer("EXAMPLE_TOKEN")  # empty without a token; sent to this host only

    async def start(self) -> AsyncIterator[Request]:
        yield self._ask_page(1)

    def parse_page(self, response: Any, number: int) -> Iterator[Any]:
        """The designs of one page that are new or changed, then the next page."""
        designs = parse_designs(self.json_of(response))
        for design in designs:
            self.state.saw(design.design_id)
            if not self.state.is_current(design.design_id, design.version) and self.is_recent(design.version):
                item = Item(design.design_id, design.version, design.listing, Found("listing", page=number))
                file = SourceFile(design.file_name, url=design.file_url)
                is_allowed = self.is_license_allowed(design.listing.license.spdx)
                if is_allowed is True:
                    yield from self.take(item, [file])
                else:
                    yield from self.withhold(item, [file], why=is_allowed[1])
        if designs:
            yield self._ask_page(number + 1)

    def _ask_page(self, number: int) -> Request:
        url = f"{self.base_url}/designs?page={number}"
        return self.ask(url, self.parse_page, facts={"number": number}, slot="example", is_kept=True)
