"""Where books are sold: countries (ISO 3166-1), and groups of countries that have one price.

ONIX list 91 (countries) is ISO 3166-1; of list 49 (regions) we know ``WORLD`` and ``ECZ``. ``EU``
and ``EEA`` are groups of ours: to others they are told country by country.
"""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

WORLD = "WORLD"
_ISO_3166 = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM
ZW
"""
_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_WITHOUT_EURO = "CZ DK HU PL RO SE"
COUNTRIES = frozenset(_ISO_3166.split())
_EU = frozenset(_UNION.split())
GROUPS: Mapping[str, frozenset[str]] = {
    "ECZ": _EU.difference(_WITHOUT_EURO.split()),
    "EU": _EU,
    "EEA": _EU | {"IS", "LI", "NO"},
    WORLD: COUNTRIES,
}
"""Groups and their countries, the narrowest first."""


def territory(written: str) -> str:
    """A country or group in the one form of its name. Raises `ValueError` for what is neither."""
    name = written.strip().upper()
    if name not in COUNTRIES and name not in GROUPS:
        raise ValueError(f"{written!r} is no country (ISO 3166: DE, US …), nor {', '.join(GROUPS)}")
    return name


def country(written: str) -> str:
    """A country alike. Raises `ValueError` for a group too: nobody buys in one."""
    name = written.strip().upper()
    if name not in COUNTRIES:
        raise ValueError(f"{written!r} is no country: ISO 3166 has codes such as DE and US")
    return name


def countries(name: str) -> frozenset[str]:
    """The countries of a territory: of a country itself alone."""
    return GROUPS.get(name, frozenset({name}))


def enclosing_territories(place: str) -> tuple[str, ...]:
    """The territories that `place` lies in, the most specific first: itself, then its groups."""
    return (place, *(name for name, inside in GROUPS.items() if place in inside and name != place))


def most_specific(rules: Mapping[str, T], place: str) -> T | None:
    """What holds in `place` of rules by territory: its own, else of its narrowest group."""
    return next((rules[name] for name in enclosing_territories(place) if name in rules), None)
