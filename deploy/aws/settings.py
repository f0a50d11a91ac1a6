"""A stack's outputs as the pipeline's settings, one `NAME=value` a line; no secret is among them.

python deploy/aws/settings.py STACK > ebooks.env
"""

import re
import sys
from collections.abc import Iterator, Mapping

import boto3

from ebook_pipeline.settings import Settings


def main(stack: str) -> None:
    """Ask CloudFormation, in the region and with the rights that boto3 finds."""
    answer = boto3.client("cloudformation").describe_stacks(StackName=stack)
    outputs = {one["OutputKey"]: one["OutputValue"] for one in answer["Stacks"][0]["Outputs"]}
    sys.stdout.writelines(f"{name}={value}\n" for name, value in settings(outputs))


def settings(outputs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """`LandingBucket` is `EBOOK_LANDING_BUCKET`; what is no setting is for other templates."""
    yield "EBOOK_ENV", "aws"
    for output, value in sorted(outputs.items()):
        field = re.sub(r"(?<!^)(?=[A-Z])", "_", output).lower()
        if field in Settings.model_fields:
            yield f"EBOOK_{field.upper()}", value


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
