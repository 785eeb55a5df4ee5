"""What one would write in place of the github_search spider: a loop of `requests` that fetches tarballs and reads none.

Run by bench_spiders.py: python bench/plain_fetch.py BASE_URL LICENSES LAST_DAY [N_THREADS], the token in GITHUB_TOKEN.
Prints (requests, tarballs) as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import requests  # a dependency of mlflow


class Fetch:
    """Pages through the search, fetches each tarball, reads none."""

    def __init__(self, base_url: str, licenses: str, created_to: str) -> None:
        self.base_url, self.licenses, self.last_day = base_url, licenses.split(","), date.fromisoformat(created_to)
        self.n_requests = 0
        self._own = threading.local()
        self._lock = threading.Lock()

    def get(self, url: str, **more: Any) -> requests.Response:
        if not hasattr(self._own, "session"):
            self._own.session = requests.Session()
            self._own.session.headers["Authorization"] = f"Bearer {os.environ['GITHUB_TOKEN']}"
        response: requests.Response = self._own.session.get(url, timeout=60, **more)
        with self._lock:
            self.n_requests += 1 + len(response.history)
        return response

    def search(self, license_key: str, first: date, last: date) -> Iterator[str]:
        """Full names; the days are halved where a query would show only the first 1,000."""
        words = f"language:OpenSCAD license:{license_key} created:{first}..{last}"
        page, n_pages = 1, 1
        while page <= n_pages:
            asked = {"q": words, "sort": "updated", "order": "desc", "per_page": "100", "page": str(page)}
            answer = self.get(f"{self.base_url}/search/repositories", params=asked).json()
            if answer["incomplete_results"]:
                continue
            if answer["total_count"] > 1000 and first < last:
                middle = first + (last - first) // 2
                yield from self.search(license_key, first, middle)
                yield from self.search(license_key, middle + timedelta(days=1), last)
                return
            yield from (item["full_name"] for item in answer["items"])
            page, n_pages = page + 1, -(-answer["total_count"] // 100)

    def take(self, full_name: str) -> bool:
        sha = {"Accept": "application/vnd.github.sha"}
        commit = self.get(f"{self.base_url}/repos/{full_name}/commits/main", headers=sha)
        return bool(commit.ok and self.get(f"{self.base_url}/repos/{full_name}/tarball/{commit.text}").ok)

    def run(self, n_threads: int) -> tuple[int, int]:
        """(requests, tarballs). The odd ones are left out: a plain loop never comes back from an endless archive."""
        names = (n for key in self.licenses for n in self.search(key, date(2008, 1, 1), self.last_day))
        ordinary = [name for name in names if not name.startswith("odd-owner/")]
        if n_threads == 1:
            n_taken = sum(map(self.take, ordinary))
            return self.n_requests, n_taken
        with ThreadPoolExecutor(n_threads) as pool:
            n_taken = sum(pool.map(self.take, ordinary))
        return self.n_requests, n_taken


def main() -> None:
    base_url, licenses, last_day, *n_threads = sys.argv[1:]
    print(json.dumps(Fetch(base_url, licenses, last_day).run(int(n_threads[0]) if n_threads else 1)))


if __name__ == "__main__":
    main()
