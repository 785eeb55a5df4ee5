"""The sample site's HTML: semantic markup with schema.org microdata, readable by people and spiders.

Pure: designs in, text out.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from spiders.sample_site.catalog import SampleDesign

__all__ = ["STYLE", "design_page", "design_path", "index_page", "page_path"]

SITE_NAME = "Open Parts Shelf"

STYLE = """\
:root { --ink: #1d2733; --soft: #5b6b7c; --line: #dfe5ec; --paper: #fff; --ground: #f4f6f9; --accent: #c2410c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ebf1; --soft: #9aa9b8; --line: #2c3844; --paper: #18212b; --ground: #10171f; --accent: #fb923c; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
header, main, footer { max-width: 66rem; margin: auto; padding: 1rem 1.25rem; }
header a { font-size: 1.25rem; font-weight: 700; color: inherit; text-decoration: none; }
header p, footer, .meta { color: var(--soft); margin: .2rem 0; font-size: .92rem; }
a { color: var(--accent); }
.shelf { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; }
.shelf { padding: 0; list-style: none; }
.shelf li, article { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; }
.shelf h2 { font-size: 1.05rem; margin: 0 0 .3rem; }
.shelf p { margin: .2rem 0; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 1rem; padding: 0 .6rem; font-size: .85rem; }
.get { display: inline-block; padding: .5rem 1rem; border-radius: .4rem; }
.get { background: var(--accent); color: var(--paper); }
pre { overflow: auto; padding: 1rem; background: var(--ground); border-radius: .4rem; font-size: .85rem; }
nav { display: flex; justify-content: space-between; }
"""


def page_path(page: int) -> str:
    """The path of an index page; the first is the site's root."""
    return "/" if page == 1 else f"/page/{page}/"


def _frame(title: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="stylesheet" href="/style.css">\n</head>\n<body>\n'
        f'<header><a href="/">{SITE_NAME}</a><p>Parametric parts in OpenSCAD, free to use.</p></header>\n'
        f"<main>\n{body}\n</main>\n<footer>A sample site of the CAD Copilot project.</footer>\n</body>\n</html>\n"
    )


def index_page(designs: Sequence[SampleDesign], *, page: int, n_pages: int) -> str:
    """One page of the shelf."""
    cards = "\n".join(_card(design) for design in designs)
    older = f'<a rel="prev" href="{page_path(page - 1)}">← Back</a>' if page > 1 else "<span></span>"
    newer = f'<a rel="next" href="{page_path(page + 1)}">More →</a>' if page < n_pages else "<span></span>"
    body = (
        f'<h1>Designs</h1>\n<ul class="shelf">\n{cards}\n</ul>\n'
        f"<nav>{older}<span>Page {page} of {n_pages}</span>{newer}</nav>"
    )
    return _frame(f"{SITE_NAME}, page {page}", body)


def _card(design: SampleDesign) -> str:
    summary = design.description.split(". ")[0][:140]
    return (
        '<li itemscope itemtype="https://schema.org/CreativeWork">'
        f'<h2><a itemprop="url" href="{design_path(design)}">'
        f'<span itemprop="name">{escape(design.title)}</span></a></h2>'
        f'<p>{escape(summary)}</p><p class="meta">{escape(design.category or "other")}</p></li>'
    )


def design_path(design: SampleDesign) -> str:
    """Where a design's page lies. Drafts are kept from robots (robots.txt says /drafts/)."""
    return f"/drafts/{design.slug}/" if design.fault == "web_draft" else f"/design/{design.slug}/"


def design_page(design: SampleDesign) -> str:
    """The page of one design."""
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in design.description.split("\n\n") if text.strip())
    tags = " ".join(f'<span class="tag" itemprop="keywords">{escape(tag)}</span>' for tag in design.tags)
    source = design.scad[:20_000].decode("utf-8", errors="replace")
    body = (
        '<article itemscope itemtype="https://schema.org/CreativeWork">\n'
        f'<h1 itemprop="name">{escape(design.title)}</h1>\n<p class="meta">{_byline(design)}</p>\n'
        f'<div itemprop="description">{paragraphs}</div>\n<p>{tags}</p>\n'
        f'<p><a class="get" itemprop="contentUrl" href="/files/{design.file_name}" download>'
        f"Download {design.file_name}</a></p>\n"
        f"<details><summary>Show the source</summary><pre><code>{escape(source)}</code></pre></details>\n</article>"
    )
    return _frame(f"{design.title} · {SITE_NAME}", body)


def _byline(design: SampleDesign) -> str:
    parts = []
    if design.author:
        parts.append(
            f'by <span itemprop="author" itemscope itemtype="https://schema.org/Person">{escape(design.author)}</span>'
        )
    if design.category:
        parts.append(f'in <span itemprop="genre">{escape(design.category)}</span>')
    if design.license:
        parts.append(f'licence <span itemprop="license">{escape(design.license)}</span>')
    return " · ".join(parts)
