"""A gallery site's pages -> plain values: what an index lists, what a design's page says.

Pure: HTML text in. Reads schema.org microdata (`itemprop`) with `rel=next` and `rel=license`, the
forms a gallery offers to machines; broken markup is read as far as it goes. No fetching.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from parsel import Selector

__all__ = ["DesignPage", "IndexPage", "file_name_of", "item_id_of", "parse_design", "parse_index"]

_MAX_WORDS_CHARS = 4000


@dataclass(frozen=True)
class IndexPage:
    design_urls: tuple[str, ...]
    next_url: str | None


@dataclass(frozen=True)
class DesignPage:
    """What a page says about a design; None or empty where it doesn't."""

    title: str | None
    description: str | None
    tags: tuple[str, ...]
    category: str | None
    author_name: str | None
    author_url: str | None
    license_raw: str | None
    download_urls: tuple[str, ...]


def parse_index(html: str, url: str) -> IndexPage:
    """The designs an index page lists, in its order, and the page after it."""
    page = Selector(text=html or "<html></html>", type="html")
    designs = page.css("[itemtype$='CreativeWork'] a[itemprop='url']::attr(href)").getall()
    following = page.css("a[rel~='next']::attr(href), link[rel~='next']::attr(href)").get()
    next_url = _http_url(following, url) if following else None
    return IndexPage(_http_urls(designs, url), None if next_url == url else next_url)


def parse_design(html: str, url: str) -> DesignPage:
    """What a design's page says; never raises on broken markup."""
    page = Selector(text=html or "<html></html>", type="html")
    author = page.css("[itemprop='author']")
    author_href = author.css("a::attr(href)").get() or author.css("::attr(href)").get()
    keywords = [word.strip() for word in _all_words(page, "keywords")]
    links = page.css("a[itemprop='contentUrl']::attr(href), a[download]::attr(href)").getall()
    return DesignPage(
        title=_words(page, "name"),
        description=_words(page, "description"),
        tags=tuple(dict.fromkeys(word for word in keywords if word)),
        category=_words(page, "genre"),
        author_name=_words(page, "author"),
        author_url=_http_url(author_href, url) if author_href else None,
        license_raw=_words(page, "license"),
        download_urls=tuple(u for u in _http_urls(links, url) if urlsplit(u).path.lower().endswith(".scad")),
    )


def item_id_of(url: str) -> str:
    """A design's id on its site: its page's path, which outlives a change of host or port."""
    return unquote(urlsplit(url).path).strip("/") or "index"


def file_name_of(url: str) -> str:
    """The last part of a download's path."""
    return PurePosixPath(unquote(urlsplit(url).path)).name


def _all_words(page: Selector, prop: str) -> list[str]:
    nodes = page.css(f"[itemprop='{prop}']")
    return [_node_words(node) for node in nodes]


def _words(page: Selector, prop: str) -> str | None:
    return next((words for words in _all_words(page, prop) if words), None)


def _node_words(node: Selector) -> str:
    """A node's text, paragraphs kept apart; a <meta>'s content."""
    content: str | None = node.attrib.get("content")
    if content is not None:
        return content.strip()[:_MAX_WORDS_CHARS]
    paragraphs = node.css("p") or [node]
    texts = [re.sub(r"\s+", " ", "".join(p.css("::text").getall())).strip() for p in paragraphs]
    return "\n\n".join(text for text in texts if text)[:_MAX_WORDS_CHARS]


def _http_urls(links: list[str], base: str) -> tuple[str, ...]:
    absolute = (_http_url(link, base) for link in links)
    return tuple(dict.fromkeys(url for url in absolute if url))


def _http_url(link: str, base: str) -> str | None:
    """The absolute URL without its fragment; None for another scheme or one that is no URL."""
    try:
        url = urljoin(base, link.strip()).partition("#")[0]
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
