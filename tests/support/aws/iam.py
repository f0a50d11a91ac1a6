"""Amazon's permissions for tests: which one a call over the wire needs, and who is given it.

As much of the evaluation as our policies use; an operator that is not here is an error.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import base64
import email
import email.utils
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.support.servers.faulty_proxy import Call

ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Need:
    """An action on a resource, and what Amazon knows of the circumstances."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)


def needs(call: Call, region: str) -> Iterator[Need]:
    """What the caller must be allowed to do; AssertionError for a call that nobody foresaw."""
    yield from _OF[call.service](call, region)


def allows(document: Mapping[str, Any], need: Need) -> bool:
    """Whether a policy allows it and nothing in it denies it."""
    effects = {one["Effect"] for one in document["Statement"] if _applies(one, need)}
    return effects == {"Allow"}


def actions(document: Mapping[str, Any]) -> set[str]:
    """Every action that a policy names."""
    return {action for one in document["Statement"] for action in _listed(one["Action"])}


def _s3(call: Call, _: str) -> Iterator[Need]:
    bucket, _, key = call.path.lstrip("/").partition("/")
    arn = f"arn:aws:s3:::{bucket}"
    if not key:
        listing = {
            "list-type": "s3:ListBucket",
            "uploads": "s3:ListBucketMultipartUploads",
            "versions": "s3:ListBucketVersions",
        }
        (action,) = (action for query, action in listing.items() if query in call.query)
        yield Need(action, arn)
        return
    if "tagging" in call.query:
        version = "Version" if "versionId" in call.query else ""
        yield Need(f"s3:PutObject{version}Tagging", f"{arn}/{key}")
        return
    if source := call.headers.get("x-amz-copy-source"):
        yield Need("s3:GetObject", f"arn:aws:s3:::{unquote(source).lstrip('/')}")
    if "uploadId" in call.query:
        of_parts = {"GET": "ListMultipartUploadParts", "DELETE": "AbortMultipartUpload"}
        yield Need(f"s3:{of_parts.get(call.method, 'PutObject')}", f"{arn}/{key}")
        return
    plain = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "POST": "Put", "DELETE": "Delete"}
    version = "Version" if "versionId" in call.query else ""
    yield Need(f"s3:{plain[call.method]}Object{version}", f"{arn}/{key}")


def _kms(call: Call, region: str) -> Iterator[Need]:
    operation = call.headers["x-amz-target"].partition(".")[2]
    asked = json.loads(call.body)
    if operation == "ReEncrypt":
        for end, side in (("From", "Source"), ("To", "Destination")):
            bound = asked[f"{side}EncryptionContext"]
            yield _key_need(f"kms:ReEncrypt{end}", asked["DestinationKeyId"], bound, region)
        return
    yield _key_need(f"kms:{operation}", asked["KeyId"], asked.get("EncryptionContext", {}), region)


def _key_need(action: str, key: str, bound: Mapping[str, str], region: str) -> Need:
    context = {f"kms:EncryptionContext:{name}": value for name, value in bound.items()}
    return Need(action, f"arn:aws:kms:{region}:{ACCOUNT}:key/{key}", context)


def _cloudfront(call: Call, _: str) -> Iterator[Need]:
    found = re.fullmatch(r"/[0-9-]+/distribution/([A-Z0-9]+)(/invalidation)?", call.path)
    assert found, call.path
    action = "CreateInvalidation" if found[2] else "GetDistribution"
    yield Need(f"cloudfront:{action}", f"arn:aws:cloudfront::{ACCOUNT}:distribution/{found[1]}")


def _ses(call: Call, region: str) -> Iterator[Need]:
    asked = {name: value[0] for name, value in parse_qs(call.body.decode()).items()}
    source = asked.get("Source") or _sender(asked["RawMessage.Data"])
    identity = f"arn:aws:ses:{region}:{ACCOUNT}:identity/{source}"
    yield Need(f"ses:{asked['Action']}", identity, {"ses:FromAddress": source})


def _sender(raw: str) -> str:
    """Who a raw message says it is from."""
    message = email.message_from_bytes(base64.b64decode(raw))
    return email.utils.parseaddr(str(message["From"]))[1]


def _sqs(call: Call, region: str) -> Iterator[Need]:
    operation, asked = call.headers["x-amz-target"].partition(".")[2], json.loads(call.body)
    action = {"DeleteMessageBatch": "DeleteMessage"}.get(operation, operation)
    queue = asked["QueueUrl"].rpartition("/")[2]
    yield Need(f"sqs:{action}", f"arn:aws:sqs:{region}:{ACCOUNT}:{queue}")


def _sns(call: Call, _: str) -> Iterator[Need]:
    asked = {name: value[0] for name, value in parse_qs(call.body.decode()).items()}
    yield Need(f"sns:{asked['Action']}", asked.get("TopicArn", "*"))


def _ecs(call: Call, region: str) -> Iterator[Need]:
    operation, asked = call.headers["x-amz-target"].partition(".")[2], json.loads(call.body)
    here = f"arn:aws:ecs:{region}:{ACCOUNT}"
    if operation == "RunTask":
        yield Need("ecs:RunTask", asked["taskDefinition"], {"ecs:cluster": asked["cluster"]})
    elif operation == "DescribeTaskDefinition":
        yield Need(
            "ecs:DescribeTaskDefinition", f"{here}:task-definition/{asked['taskDefinition']}"
        )
    else:
        for task in asked.get("tasks") or [asked["task"]]:
            yield Need(f"ecs:{operation}", task)


def _ec2(call: Call, _: str) -> Iterator[Need]:
    asked = {name: value[0] for name, value in parse_qs(call.body.decode()).items()}
    yield Need(f"ec2:{asked['Action']}", "*")


def _logs(call: Call, region: str) -> Iterator[Need]:
    operation, asked = call.headers["x-amz-target"].partition(".")[2], json.loads(call.body)
    stream = f"log-group:{asked['logGroupName']}:log-stream:{asked['logStreamName']}"
    yield Need(f"logs:{operation}", f"arn:aws:logs:{region}:{ACCOUNT}:{stream}")


_OF = {
    "ecs": _ecs,
    "ec2": _ec2,
    "logs": _logs,
    "s3": _s3,
    "kms": _kms,
    "cloudfront": _cloudfront,
    "ses": _ses,
    "sns": _sns,
    "sqs": _sqs,
}


def _applies(statement: Mapping[str, Any], need: Need) -> bool:
    return (
        any(fnmatchcase(need.action, one) for one in _listed(statement.get("Action", ())))
        and _is_about(statement, need.resource)
        and all(
            _OPERATORS[operator](need.context.get(key), value)
            for operator, wanted in statement.get("Condition", {}).items()
            for key, value in wanted.items()
        )
    )


def _is_about(statement: Mapping[str, Any], resource: str) -> bool:
    if "NotResource" in statement:
        return not fnmatchcase(resource, statement["NotResource"])
    return any(fnmatchcase(resource, one) for one in _listed(statement["Resource"]))


def _listed(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


_OPERATORS: Mapping[str, Callable[[str | None, Any], bool]] = {
    "ArnEquals": lambda found, wanted: found is not None and fnmatchcase(found, wanted),
    "Bool": lambda found, wanted: found == wanted,
    "Null": lambda found, wanted: (found is None) == (wanted == "true"),
    "StringEquals": lambda found, wanted: found in _listed(wanted),
}
