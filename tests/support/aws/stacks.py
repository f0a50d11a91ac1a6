"""The project's CloudFormation templates on moto's server.

moto makes what it knows of a template; the rest is made by the service's own call from the same
properties, which CloudFormation resolves for us as outputs.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import boto3

from tests.support.paths import TEMPLATES

_EXPRESSIONS = ("Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join")


@cache
def template(name: str) -> dict[str, Any]:
    """A template as plain JSON, short forms such as ``!Ref`` in their long ones."""
    from cfnlint.decode import cfn_yaml

    return dict(json.loads(json.dumps(cfn_yaml.load(str(TEMPLATES / name)), default=str)))


class Stack:
    """One template, made; `outputs` as CloudFormation tells them.

    `resolved` holds the properties of what moto does not know. Bucket policies are not given to
    it: it would take their statements without their conditions.
    """

    def __init__(self, name: str, region: str, url: str, parameters: Mapping[str, str]) -> None:
        self._session = boto3.Session(region_name=region)
        self.url = url
        self.name = f"books-{uuid.uuid4().hex[:8]}"
        self._template = json.loads(json.dumps(template(name)))
        self._parameters = dict(parameters)
        self.by_hand = self._unknown()
        self.resolved: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, str] = {}

    def client(self, service: Any) -> Any:
        """Of the service with this name."""
        return self._session.client(service, endpoint_url=self.url)

    def create(self) -> None:
        """The edge's names, which others refer to; then all that moto knows; then the rest."""
        self._make_edge_names()
        whole = self._known_part()
        values = self._leaves(whole)
        self._cloudformation.create_stack(
            StackName=self.name,
            TemplateBody=json.dumps(whole),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in self._parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM"],
        )
        resolved = self._resolver(values)
        for logical_id, resource in self._wanted():
            self.resolved[logical_id] = resolved(resource["Properties"])
            make = _MAKERS.get(resource["Type"], _leave)
            make(self, logical_id, self.resolved[logical_id])

    @property
    def outputs(self) -> dict[str, str]:
        (stack,) = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        told = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
        return {key: value for key, value in told.items() if not key.startswith("Leaf")}

    @property
    def response_headers(self) -> dict[str, dict[str, str]]:
        """What each response headers policy makes of answers, by its id: moto has none."""
        policies = (name for name in self._ids if name in self.resolved and "Headers" in name)
        return {self._ids[name]: _custom_headers(self.resolved[name]) for name in policies}

    @property
    def _cloudformation(self) -> Any:
        return self.client("cloudformation")

    def _unknown(self) -> dict[str, Any]:
        from moto.cloudformation.parsing import resource_class_from_type

        return {
            logical_id: one
            for logical_id, one in self._template["Resources"].items()
            if resource_class_from_type(one["Type"]) is None
        }

    def _wanted(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """What is made by hand in every account: no condition is asked for here."""
        for logical_id, one in self.by_hand.items():
            if "Condition" not in one:
                yield logical_id, one

    def _known_part(self) -> dict[str, Any]:
        known = {k: v for k, v in self._template["Resources"].items() if k not in self.by_hand}
        whole = {**self._template, "Resources": known}
        whole.pop("Rules", None)
        return dict(self._replaced(whole))

    def _replaced(self, node: Any) -> Any:
        """References to what is made by hand become what they stand for."""
        if isinstance(node, dict):
            if node.get("Ref") in self._ids:
                return self._ids[node["Ref"]]
            if "Fn::GetAtt" in node and ".".join(node["Fn::GetAtt"]) in self._ids:
                return self._ids[".".join(node["Fn::GetAtt"])]
            if isinstance(node.get("Fn::Sub"), str):
                text = node["Fn::Sub"]
                for logical_id, value in self._ids.items():
                    text = text.replace(f"${{{logical_id}}}", value)
                return {"Fn::Sub": text}
            return {key: self._replaced(value) for key, value in node.items()}
        return [self._replaced(one) for one in node] if isinstance(node, list) else node

    def _leaves(self, whole: dict[str, Any]) -> dict[str, str]:
        """Every expression in what is made by hand, as an output of the stack."""
        found = {
            json.dumps(self._replaced(leaf))
            for _, one in self._wanted()
            for leaf in _expressions(one["Properties"])
        }
        names = {leaf: f"Leaf{number}" for number, leaf in enumerate(sorted(found))}
        whole["Outputs"] = {
            **whole["Outputs"],
            **{name: {"Value": json.loads(leaf)} for leaf, name in names.items()},
        }
        return names

    def _resolver(self, names: Mapping[str, str]) -> Callable[[Any], Any]:
        (stack,) = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        told = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}

        def resolved(node: Any) -> Any:
            if isinstance(node, dict):
                if len(node) == 1 and next(iter(node)) in _EXPRESSIONS:
                    now = self._replaced(node)
                    return now if isinstance(now, str) else told[names[json.dumps(now)]]
                if "Fn::If" in node:  # every condition of ours is false unless it is asked for
                    return resolved(node["Fn::If"][2])
                return {k: resolved(v) for k, v in node.items() if not _is_nothing(v)}
            return [resolved(one) for one in node] if isinstance(node, list) else node

        return resolved

    def _make_edge_names(self) -> None:
        """What the edge is called; its configuration follows when the bucket is there."""
        cloudfront = self.client("cloudfront")
        pem = self._parameters["EdgePublicKey"]
        key = cloudfront.create_public_key(
            PublicKeyConfig={"CallerReference": "x", "Name": self.name, "EncodedKey": pem}
        )["PublicKey"]["Id"]
        group = cloudfront.create_key_group(KeyGroupConfig={"Name": self.name, "Items": [key]})
        access = cloudfront.create_origin_access_control(
            OriginAccessControlConfig={
                "Name": self.name,
                "SigningProtocol": "sigv4",
                "SigningBehavior": "always",
                "OriginAccessControlOriginType": "s3",
            }
        )["OriginAccessControl"]["Id"]
        made = cloudfront.create_distribution(DistributionConfig=_placeholder())["Distribution"]
        self._ids |= {
            "EdgeKey": key,
            "EdgeKeys": group["KeyGroup"]["Id"],
            "EdgeAccess": access,
            "Edge": made["Id"],
            "Edge.DomainName": made["DomainName"],
            "ReleasesCached": "cached-1",
            "PublicCached": "cached-2",
            "EdgeHeaders": "headers-1",
            "SignedHeaders": "headers-2",
        }


def _custom_headers(policy: dict[str, Any]) -> dict[str, str]:
    custom = policy["ResponseHeadersPolicyConfig"].get("CustomHeadersConfig", {"Items": []})
    return {one["Header"].lower(): one["Value"] for one in custom["Items"] if one["Override"]}


def _expressions(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict) and len(node) == 1 and next(iter(node)) in _EXPRESSIONS:
        if not _is_nothing(node):
            yield node
        return
    if isinstance(node, dict) and "Fn::If" in node:
        yield from _expressions(node["Fn::If"][2])
        return
    for child in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from _expressions(child)


def _is_nothing(node: Any) -> bool:
    return bool(
        node == {"Ref": "AWS::NoValue"}
        or (isinstance(node, dict) and "Fn::If" in node and _is_nothing(node["Fn::If"][2]))
    )


def _placeholder() -> dict[str, Any]:
    origin = {
        "Id": "releases",
        "DomainName": "none.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    return {
        "CallerReference": str(uuid.uuid4()),
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "releases",
            "ViewerProtocolPolicy": "https-only",
        },
    }


def _distribution(stack: Stack, logical_id: str, properties: dict[str, Any]) -> None:
    """CloudFront's own call wants its lists counted."""
    cloudfront = stack.client("cloudfront")
    now = cloudfront.get_distribution_config(Id=stack._ids[logical_id])
    wanted = properties["DistributionConfig"]
    default = wanted["DefaultCacheBehavior"]
    config = now["DistributionConfig"] | {
        "Comment": wanted["Comment"],
        "DefaultRootObject": wanted["DefaultRootObject"],
        "Origins": _counted(wanted["Origins"]),
        "DefaultCacheBehavior": _behaviour(default),
        "CacheBehaviors": _counted([_behaviour(one) for one in wanted["CacheBehaviors"]]),
    }
    cloudfront.update_distribution(
        DistributionConfig=config, Id=stack._ids[logical_id], IfMatch=now["ETag"]
    )


def _behaviour(wanted: dict[str, Any]) -> dict[str, Any]:
    groups = wanted.get("TrustedKeyGroups", [])
    return wanted | {
        "AllowedMethods": _counted(wanted["AllowedMethods"]),
        "TrustedKeyGroups": {"Enabled": bool(groups), **_counted(groups)},
    }


def _counted(items: list[Any]) -> dict[str, Any]:
    return {"Quantity": len(items), "Items": items}


def _subscription(stack: Stack, _: str, properties: dict[str, Any]) -> None:
    attributes = {
        name: str(properties[name]).lower()
        for name in ("RawMessageDelivery",)
        if name in properties
    }
    stack.client("sns").subscribe(
        TopicArn=properties["TopicArn"],
        Protocol=properties["Protocol"],
        Endpoint=properties["Endpoint"],
        Attributes=attributes,
    )


def _leave(stack: Stack, logical_id: str, properties: dict[str, Any]) -> None:
    """moto has no such thing; its properties are judged as they are."""


_MAKERS: dict[str, Callable[[Stack, str, dict[str, Any]], None]] = {
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::SNS::Subscription": _subscription,
}
