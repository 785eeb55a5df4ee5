"""`python -m tests.replay --sites github,thingiverse --scale 0.02`: replayed sites to crawl by hand, until Ctrl-C.

Prints an address and a ready command a spider; `--json` prints one line for a program, and ends with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from tests.replay.faults import NO_FAULTS, ROUGH_WEATHER
from tests.replay.server import SITE_NAMES, load_site, start


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("--sites", default=",".join(SITE_NAMES), help=f"of {', '.join(SITE_NAMES)}")
    parser.add_argument("--scale", type=float, default=0.02, help="1: GitHub of 5,000 repositories, and so on")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clock-speed", type=float, default=100.0, help="how much faster the sites' limits run")
    parser.add_argument("--rough", action="store_true", help="5 %% 429, 5 %% 503, 2 %% cut bodies")
    parser.add_argument("--no-limits", action="store_true", help="declared limits are not enforced")
    parser.add_argument("--json", action="store_true", help="one line of JSON; ends when standard input does")
    options = parser.parse_args()
    unknown = sorted(set(options.sites.split(",")) - set(SITE_NAMES))
    if unknown:
        parser.error(f"unknown site {', '.join(unknown)}; known: {', '.join(SITE_NAMES)}")
    try:
        asyncio.run(_serve(options))
    except KeyboardInterrupt:
        return 0
    return 0


async def _serve(options: argparse.Namespace) -> None:
    faults = ROUGH_WEATHER if options.rough else NO_FAULTS
    sites = [
        load_site(name, scale=options.scale, seed=options.seed, clock_speed=options.clock_speed, faults=faults)
        for name in options.sites.split(",")
    ]
    servers = await start(sites, has_limits=not options.no_limits)
    description = servers.description()
    if options.json:
        print(json.dumps(description), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        return
    for line in _commands(description, options.clock_speed):
        print(line)
    print(f"\nwhat they heard: curl {servers.control_url}/stats   (Ctrl-C ends them)", flush=True)
    await asyncio.Event().wait()


def _commands(description: dict[str, Any], clock_speed: float) -> list[str]:
    lines = []
    for spider, arguments in description["arguments"].items():
        environment = " ".join(f"{name}={value}" for name, value in description["environment"][spider].items())
        given = " ".join(f"-a '{name}={value}'" for name, value in arguments.items())
        files = f"--output {spider}.jsonl --stats {spider}.json --clock-speed {clock_speed:g}"
        lines.append(f"{environment} python -m spiders.run {spider} {given} {files}".strip())
    return lines


if __name__ == "__main__":
    sys.exit(main())
