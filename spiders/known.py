"""The spiders there are, and what each needs. No Scrapy here: flows read it without importing a crawler."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KNOWN_SPIDERS", "KnownSpider"]


@dataclass(frozen=True)
class KnownSpider:
    name: str
    target: str
    """module:Class"""
    tokens: tuple[str, ...] = ()
    """Environment variables that hold its credentials; its process sees these and no others' tokens."""
    needs_tokens: bool = False
    """False: it runs without, more slowly or with less."""
    is_remote: bool = True
    """It asks another machine, so it needs to know whom a site may write to."""
    gives_seeds: bool = False
    """It points at designs of other sites, so it runs before their spiders."""
    has_dates: bool = True
    """It can leave out what has not changed since a day."""
    needs_opt_in: bool = False
    """Naming it on the command line is not enough: sources.yaml must enable it, after a look at the site's terms."""


KNOWN_SPIDERS: dict[str, KnownSpider] = {
    spider.name: spider
    for spider in (
        KnownSpider("bosl2", "spiders.sites.bosl2:Bosl2Spider", is_remote=False, has_dates=False),
        KnownSpider("codeberg", "spiders.sites.codeberg:CodebergSpider"),
        KnownSpider(
            "cults3d", "spiders.sites.cults3d:Cults3dSpider", ("CULTS3D_USERNAME", "CULTS3D_API_KEY"), needs_tokens=True
        ),
        KnownSpider("gallery", "spiders.sites.gallery:GallerySpider", has_dates=False),
        KnownSpider("github_repos", "spiders.sites.github_repos:GithubReposSpider", ("GITHUB_TOKEN",)),
        KnownSpider(
            "github_search", "spiders.sites.github_search:GithubSearchSpider", ("GITHUB_TOKEN",), needs_tokens=True
        ),
        KnownSpider("gitlab", "spiders.sites.gitlab:GitlabSpider"),
        KnownSpider("huggingface", "spiders.sites.huggingface:HuggingfaceSpider", ("HF_TOKEN",), has_dates=False),
        KnownSpider("local", "spiders.sites.local:LocalSpider", is_remote=False, has_dates=False),
        KnownSpider(
            "openscad_examples",
            "spiders.sites.openscad_examples:OpenscadExamplesSpider",
            is_remote=False,
            has_dates=False,
        ),
        KnownSpider("openscad_org", "spiders.sites.openscad_org:OpenscadOrgSpider", gives_seeds=True),
        KnownSpider(
            "thingiverse",
            "spiders.sites.thingiverse:ThingiverseSpider",
            ("THINGIVERSE_TOKEN",),
            needs_tokens=True,
            needs_opt_in=True,
        ),
        KnownSpider("wikibooks", "spiders.sites.wikibooks:WikibooksSpider"),
    )
}
