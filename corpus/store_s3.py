"""A store's files in a bucket, over botocore: conditional writes publish and lock. Needs the extra `s3`.

Address, region and credentials come from the standard AWS environment (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, a
profile, a role); none is ever in an address or a message of ours. Covers no creation of buckets.
"""

from __future__ import annotations

import errno
import io
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import IO, Any
from urllib.parse import urlsplit

import pyarrow as pa

from corpus.store_files import Confirm, Entry
from corpus.store_lease import leased
from corpus.store_manifest import StoreError

__all__ = ["S3Files"]

_GONE = ("404", "NoSuchKey")
_CONDITION_FAILED = ("412", "PreconditionFailed", "409", "ConditionalRequestConflict")
_DENIED = ("401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken")
_WHOLE_BYTES = 8 << 20
"""A smaller file is fetched at once: three range requests cost more than the bytes they save."""


class S3Files:
    """What lies below s3://bucket/prefix; botocore tries a request that fails on the way again by itself."""

    def __init__(self, root: str, *, lease_seconds: float) -> None:
        address = urlsplit(root)
        if "@" in address.netloc or ":" in address.netloc:
            raise StoreError("credentials don't belong in a table address: put them in AWS_ACCESS_KEY_ID and the like")
        if address.scheme != "s3" or not address.netloc or address.query:
            raise StoreError(f"{address.scheme}:// is no place for tables; give a folder or s3://bucket/prefix, and an "
                             "endpoint in AWS_ENDPOINT_URL")  # fmt: skip
        self._bucket, self._prefix = address.netloc, address.path.strip("/")
        self._lease_seconds = lease_seconds
        self._client, self._exceptions = _client()

    def url(self, path: str) -> str:
        return f"s3://{self._bucket}/{self._key(path)}"

    def list(self, folder: str) -> list[Entry]:
        prefix, entries = f"{self._key(folder)}/", []
        token: dict[str, str] = {}
        while True:
            with self._asking(folder):
                page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, Delimiter="/", **token)
            for found in page.get("Contents", []):
                name, modified = found["Key"].removeprefix(prefix), found["LastModified"].timestamp()
                entries.append(Entry(name, found["Size"], modified))
            if not page.get("IsTruncated"):
                return entries
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def read(self, path: str) -> bytes:
        with self._asking(path):
            content: bytes = self._client.get_object(Bucket=self._bucket, Key=self._key(path))["Body"].read()
        return content

    def open(self, path: str, n_bytes: int | None) -> Any:
        if n_bytes is None:
            with self._asking(path):
                n_bytes = self._client.head_object(Bucket=self._bucket, Key=self._key(path))["ContentLength"]
        if n_bytes <= _WHOLE_BYTES:
            return pa.BufferReader(self.read(path))
        return pa.PythonFile(_Ranges(lambda start, n: self._read_range(path, start, n), n_bytes), mode="r")

    def _read_range(self, path: str, start: int, n: int) -> bytes:
        with self._asking(path):
            answer = self._client.get_object(
                Bucket=self._bucket, Key=self._key(path), Range=f"bytes={start}-{start + n - 1}"
            )
            content: bytes = answer["Body"].read()
        return content

    @contextmanager
    def spool(self, table: str) -> Iterator[IO[bytes]]:
        with tempfile.TemporaryFile() as file:
            yield file

    def keep(self, spooled: IO[bytes], path: str) -> None:
        """One request, so whole or not at all. Always sent: a part's age then says when it was last needed."""
        spooled.seek(0)
        self._put(path, spooled)

    def create(self, path: str, content: bytes) -> None:
        """The one request that publishes. What is there after a lost answer may be our own."""
        for pause_seconds in (0.1, 0.5, 2.0, 0.0):
            if self._put(path, content, IfNoneMatch="*") is not None:
                return
            try:
                if self.read(path) == content:
                    return
                break
            except FileNotFoundError:  # a conflict of two requests at once: the server took neither
                time.sleep(pause_seconds)
        raise FileExistsError(errno.EEXIST, "exists already", self.url(path))

    def remove(self, path: str) -> None:
        with self._asking(path):
            self._client.delete_object(Bucket=self._bucket, Key=self._key(path))

    @contextmanager
    def lock(self, table: str) -> Iterator[Confirm]:
        with leased(_LockObject(self, f"{table}/.lock.json"), seconds=self._lease_seconds) as lease:
            yield lease.renew

    def advice(self, error: OSError) -> str:
        return f"can't write under {self.url('')} ({error.strerror or error})"

    def _key(self, path: str) -> str:
        return "/".join(filter(None, (self._prefix, path)))

    def _put(self, path: str, body: Any, **condition: str) -> str | None:
        """The new etag; None if the condition doesn't hold."""
        try:
            with self._asking(path):
                answer = self._client.put_object(Bucket=self._bucket, Key=self._key(path), Body=body, **condition)
        except FileExistsError:
            return None
        except FileNotFoundError:
            if not condition:
                raise
            return None  # If-Match on an object that is gone
        etag: str = answer["ETag"]
        return etag

    @contextmanager
    def _asking(self, path: str) -> Iterator[None]:
        """botocore's exceptions as OSErrors of one line without addresses or keys."""
        where = self.url(path)
        try:
            yield
        except self._exceptions.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            if code in _GONE:
                raise FileNotFoundError(errno.ENOENT, "not there", where) from None
            if code in _CONDITION_FAILED:
                raise FileExistsError(errno.EEXIST, "condition failed", where) from None
            if code == "NoSuchBucket":
                raise OSError(errno.ENXIO, f"there is no bucket {self._bucket}: make it first") from None
            if code in _DENIED:
                raise PermissionError(
                    errno.EACCES, f"the credentials of the AWS environment may not ({code})"
                ) from None
            raise OSError(errno.EIO, f"the server answered {code}") from None
        except (self._exceptions.NoCredentialsError, self._exceptions.PartialCredentialsError):
            raise PermissionError(
                errno.EACCES, "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
            ) from None
        except (self._exceptions.BotoCoreError, self._exceptions.HTTPClientError) as error:
            raise OSError(errno.EIO, f"no whole answer from the endpoint: {type(error).__name__}") from None


@dataclass(frozen=True)
class _LockObject:
    files: S3Files
    path: str

    def get(self) -> tuple[bytes, str] | None:
        files = self.files
        try:
            with files._asking(self.path):
                answer = files._client.get_object(Bucket=files._bucket, Key=files._key(self.path))
                return answer["Body"].read(), answer["ETag"]
        except FileNotFoundError:
            return None

    def put(self, content: bytes, *, if_match: str | None) -> str | None:
        condition = {"IfNoneMatch": "*"} if if_match is None else {"IfMatch": if_match}
        return self.files._put(self.path, content, **condition)


class _Ranges(io.RawIOBase):
    """A file that fetches what is read of it."""

    def __init__(self, fetch: Callable[[int, int], bytes], n_bytes: int) -> None:
        self._fetch, self._n_bytes, self._position = fetch, n_bytes, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._n_bytes}[whence]
        self._position = start + offset
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, self._n_bytes - self._position)
        n = left if size is None or size < 0 else min(size, left)
        content = self._fetch(self._position, n) if n else b""
        self._position += len(content)
        return content


def _client() -> tuple[Any, ModuleType]:
    try:
        session, config, exceptions = (
            import_module(f"botocore.{name}") for name in ("session", "config", "exceptions")
        )
    except ImportError:
        raise StoreError("tables on S3 need one more package: pip install 'cad-copilot[s3]'") from None
    settings: Mapping[str, Any] = {
        "connect_timeout": 10,
        "read_timeout": 60,
        # other servers than Amazon's don't all know the newer checksums; each part has a sha256 in its manifest
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
    }
    try:
        client = session.get_session().create_client("s3", config=config.Config(**settings))
    except (exceptions.BotoCoreError, ValueError) as error:
        raise StoreError(f"the AWS environment can't be used: {type(error).__name__}") from None
    return client, exceptions
