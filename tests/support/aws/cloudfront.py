"""CloudFront's data plane for tests: a distribution as it was configured, over HTTP.

Which paths are open and whose signatures count it reads from the distribution; it judges signed
URLs (canned policy, RSA and SHA-1) and keeps what the origin says may be kept until it is
invalidated. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
"""

import base64
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_public_key

_CANNED = (
    '{{"Statement":[{{"Resource":"{}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{}}}}}}}]}}'
)
_PASSED_ON = ("content-type", "cache-control", "etag", "content-range", "last-modified")


class Kept(NamedTuple):
    """An answer in the edge's cache."""

    until: float
    invalidations: int
    headers: dict[str, str]
    body: bytes


class Edge:
    """One distribution before its bucket; `cloudfront` and `s3` are clients of moto."""

    def __init__(self, cloudfront: Any, s3: Any, distribution: str) -> None:
        self._cloudfront, self._s3, self._distribution = cloudfront, s3, distribution
        self._cache: dict[str, Kept] = {}
        self.served_from_cache = 0
        self.response_headers: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.edge = self  # type: ignore[attr-defined]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator["Edge"]:
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    @cached_property
    def config(self) -> dict[str, Any]:
        answer = self._cloudfront.get_distribution_config(Id=self._distribution)
        return dict(answer["DistributionConfig"])

    @cached_property
    def bucket(self) -> str:
        """The bucket whose regional domain name is the origin."""
        return str(self.config["Origins"]["Items"][0]["DomainName"]).partition(".s3.")[0]

    def invalidations(self) -> list[str]:
        """Every path that was ever invalidated, in order."""
        listed = self._cloudfront.list_invalidations(DistributionId=self._distribution)
        batches = [
            self._cloudfront.get_invalidation(DistributionId=self._distribution, Id=one["Id"])
            for one in listed["InvalidationList"].get("Items", [])
        ]
        return [path for b in batches for path in _paths(b["Invalidation"])]

    def answer(self, target: str, asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        address = urlsplit(target)
        if not self._allowed(address.path, dict(parse_qsl(address.query))):
            return 403, {}, b"<Error><Code>AccessDenied</Code></Error>"
        status, headers, body = self._kept_or_origin(address.path, asked)
        policy = self._behaviour(address.path).get("ResponseHeadersPolicyId", "")
        return status, headers | self.response_headers.get(policy, {}), body

    def _kept_or_origin(
        self, path: str, asked: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        kept = self._cache.get(path)
        if kept and not asked and self._fresh(path, kept):
            self.served_from_cache += 1
            return 200, kept.headers | {"x-cache": "Hit from cloudfront"}, kept.body
        status, headers, body = self._origin(path, asked)
        self._keep(path, status, headers, body)
        return status, headers | {"x-cache": "Miss from cloudfront"}, body

    def _allowed(self, path: str, query: dict[str, str]) -> bool:
        groups = self._behaviour(path)["TrustedKeyGroups"].get("Items", [])
        if not groups:
            return True
        key, expires = query.get("Key-Pair-Id", ""), query.get("Expires", "")
        if not re.fullmatch("[0-9]+", expires) or int(expires) < time.time():
            return False
        return key in self._keys(groups) and self._signed(path, key, expires, query)

    def _signed(self, path: str, key: str, expires: str, query: dict[str, str]) -> bool:
        signature = query.get("Signature", "").translate(str.maketrans("-_~", "+=/"))
        policy = _CANNED.format(f"{self.url}{path}", expires).encode()
        found = self._cloudfront.get_public_key(Id=key)["PublicKey"]["PublicKeyConfig"]
        public = load_pem_public_key(found["EncodedKey"].encode())
        try:
            public.verify(base64.b64decode(signature), policy, PKCS1v15(), SHA1())  # type: ignore
        except (InvalidSignature, ValueError):
            return False
        return True

    def _keys(self, groups: list[str]) -> set[str]:
        found = (self._cloudfront.get_key_group(Id=group)["KeyGroup"] for group in groups)
        return {key for group in found for key in group["KeyGroupConfig"]["Items"]}

    def _behaviour(self, path: str) -> dict[str, Any]:
        for one in self.config["CacheBehaviors"].get("Items", []):
            if fnmatchcase(path.lstrip("/"), one["PathPattern"].lstrip("/")):
                return dict(one)
        return dict(self.config["DefaultCacheBehavior"])

    def _fresh(self, path: str, kept: Kept) -> bool:
        return time.time() < kept.until and self.invalidations().count(path) == kept.invalidations

    def _keep(self, path: str, status: int, headers: dict[str, str], body: bytes) -> None:
        age = re.search(r"max-age=([0-9]+)", headers.get("cache-control", ""))
        if status == 200 and age and len(body) < 1 << 20:
            until = time.time() + int(age[1])
            self._cache[path] = Kept(until, self.invalidations().count(path), headers, body)

    def _origin(self, path: str, asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Signed, as origin access control does it."""
        names = {"range": "Range", "if-none-match": "IfNoneMatch"}
        wanted = {names[name]: value for name, value in asked.items()}
        try:
            answer = self._s3.get_object(Bucket=self.bucket, Key=path.lstrip("/"), **wanted)
        except ClientError as error:
            return error.response["ResponseMetadata"]["HTTPStatusCode"], {}, b""
        told = answer["ResponseMetadata"]
        headers = told["HTTPHeaders"]
        passed_on = {name: headers[name] for name in _PASSED_ON if name in headers}
        return told["HTTPStatusCode"], passed_on, answer["Body"].read()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        names = ("range", "if-none-match")
        asked = {name: self.headers[name] for name in names if self.headers[name]}
        status, headers, body = self.server.edge.answer(self.path, asked)  # type: ignore
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Tests print nothing."""


def _paths(invalidation: dict[str, Any]) -> list[str]:
    return list(invalidation["InvalidationBatch"]["Paths"].get("Items", []))
