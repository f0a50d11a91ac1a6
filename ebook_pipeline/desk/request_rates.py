"""How much may be asked: of each address, each person, each program; and less of signing in."""

import ipaddress
import math
from collections.abc import Sequence
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.desk.authentication import CurrentActor
from ebook_pipeline.desk.context import Context, DeskContext
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.resources.rate_limits import Rate

OF_ADDRESS = Rate(burst=600, seconds=0.05)
OF_ACTOR = Rate(burst=300, seconds=0.1)
SIGN_IN_OF_ADDRESS = Rate(burst=20, seconds=15)
SIGN_IN_OF_NAME = Rate(burst=50, seconds=60)
SIGN_IN_OF_NAME_AND_ADDRESS = Rate(burst=5, seconds=30)
MAIL_OF_NAME = Rate(burst=3, seconds=1200)
MAIL_OF_ADDRESS = Rate(burst=10, seconds=360)
LINK_OF_ADDRESS = Rate(burst=20, seconds=15)
_LONGEST_KEY = 200
_NETWORK_OF_A_HOME = 64
"""Bits: whoever has one IPv6 address has all of its network."""


async def check(connection: HTTPConnection, actor: CurrentActor, context: Context) -> None:
    """Count this request; every route has it. Raises `Problem` 429."""
    counted = [(f"address {address_of(connection)}", OF_ADDRESS)]
    if actor.is_somebody:
        counted.append((f"actor {_who(actor)}", OF_ACTOR))
    if not context.limiter.take_reserved(counted):
        await run_in_threadpool(take, context, counted)


def check_sign_in(connection: HTTPConnection, context: DeskContext, name: str) -> None:
    """Count an attempt to sign in as `name`, before any password is looked at."""
    address, folded = address_of(connection), name.strip().lower()
    take(
        context,
        [
            (f"sign-in {address}", SIGN_IN_OF_ADDRESS),
            (f"sign-in {folded}"[:_LONGEST_KEY], SIGN_IN_OF_NAME),
            (f"sign-in {address} {folded}"[:_LONGEST_KEY], SIGN_IN_OF_NAME_AND_ADDRESS),
        ],
    )


def check_mail(connection: HTTPConnection, context: DeskContext, name: str) -> None:
    """Count a mail that is asked for in the name of `name`."""
    folded = name.strip().lower()
    keys = (f"mail {address_of(connection)}", f"mail to {folded}"[:_LONGEST_KEY])
    take(context, list(zip(keys, (MAIL_OF_ADDRESS, MAIL_OF_NAME), strict=True)))


def check_link(connection: HTTPConnection, context: DeskContext) -> None:
    """Count a use of a link: 256 bits are not guessed, but a password is hashed for each."""
    take(context, [(f"link {address_of(connection)}", LINK_OF_ADDRESS)])


def take(context: DeskContext, counted: Sequence[tuple[str, Rate]]) -> None:
    """Count one request for each key. Raises `Problem` where one of them is used up."""
    wait = context.limiter.take(counted)
    if wait > 0:
        headers = {"Retry-After": str(math.ceil(wait))}
        detail = "Too much was asked in a short time. Ask again later."
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", detail, headers)


def address_of(connection: HTTPConnection) -> str:
    """Whom to count a request for: an IPv4 address, or the network of an IPv6 one."""
    try:
        address = ipaddress.ip_address(connection.client.host if connection.client else "")
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _NETWORK_OF_A_HOME), strict=False).network_address)


def _who(actor: Actor) -> str:
    return f"client {actor.client}" if actor.client else actor.login
