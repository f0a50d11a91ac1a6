"""Writes what each role may do, and why, into docs/aws.md: the templates are the one place for it.

python deploy/aws/permissions.py
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cfnlint.decode import cfn_yaml

_HERE = Path(__file__).resolve().parent
_PAGE = _HERE.parents[1] / "docs" / "aws.md"
_BEGIN, _END = "<!-- permissions -->\n", "<!-- end of permissions -->\n"


def page(text: str) -> str:
    """`text` with its tables made anew."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return before + _BEGIN + "".join(_tables()) + _END + after


def _tables() -> Iterator[str]:
    resources = {
        name: resource
        for template in ("books.yaml", "service.yaml")
        for name, resource in cfn_yaml.load(str(_HERE / template))["Resources"].items()
    }
    for policy in resources.values():
        if policy["Type"] != "AWS::IAM::ManagedPolicy":
            continue
        (role,) = policy["Properties"]["Roles"]
        yield f"\n**{role['Ref']}**: {resources[role['Ref']]['Properties']['Description']}.\n\n"
        yield "| statement | actions | on | why |\n|---|---|---|---|\n"
        why = policy["Metadata"]["Why"]
        for one in policy["Properties"]["PolicyDocument"]["Statement"]:
            actions = ", ".join(f"`{action}`" for action in _listed(one["Action"]))
            places = ", ".join(map(_place, _listed(one.get("Resource", "phones"))))
            yield f"| {one['Sid']} | {actions} | {places}{_terms(one)} | {why[one['Sid']]} |\n"
    yield "\n"


def _place(resource: Any) -> str:
    """What a resource is, in a word: the name that a template gives it, and what of it."""
    if isinstance(resource, str):
        return "everything" if resource == "*" else resource
    if "Ref" in resource:
        return str(resource["Ref"])
    if "Fn::GetAtt" in resource:
        return str(resource["Fn::GetAtt"][0])
    if "Fn::ImportValue" in resource:
        return str(resource["Fn::ImportValue"]["Fn::Sub"]).removeprefix("${Books}-")
    text = resource["Fn::Sub"]
    if isinstance(text, list):
        text, values = text
        [imported] = values.values()
        below = text.partition("}/")[2]
        return _place(imported) + (f"`/{below}`" if below else "")
    if "${Edge}" in text:
        return "Edge"
    if ":identity/" in text:
        return "the sender's identity"
    if "${AWS::AccountId}:" in text:
        return f"`{text.rpartition(':${AWS::AccountId}:')[2]}`"
    name, _, below = text.removeprefix("${").partition(".Arn}")
    return f"{name}`{below}`"


def _terms(statement: dict[str, Any]) -> str:
    keys = [key for wanted in statement.get("Condition", {}).values() for key in wanted]
    return f", by {' and '.join(f'`{key}`' for key in keys)}" if keys else ""


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


if __name__ == "__main__":
    _PAGE.write_text(page(_PAGE.read_text(encoding="utf-8")), encoding="utf-8")
