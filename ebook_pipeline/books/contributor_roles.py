"""What people did for a book: MARC relators, as package documents print them, and ONIX list 17.

https://www.loc.gov/marc/relators/, https://ns.editeur.org/onix/en/17
"""

AUTHOR = "aut"
ONIX_ROLES = {
    "abr": "B04",
    "adp": "B05",
    "aft": "A19",
    "ann": "A20",
    "art": "A07",
    "aui": "A24",
    "aut": "A01",
    "cmp": "A06",
    "com": "C01",
    "cov": "A36",
    "ctb": "A32",
    "ctg": "A39",
    "drt": "D02",
    "edt": "B01",
    "ill": "A12",
    "lyr": "A05",
    "nrt": "E07",
    "pht": "A13",
    "trc": "B33",
    "trl": "B06",
    "wpr": "A15",
}
"""List 17 by MARC relator; those who made the file only (markup, proofs) are not told of."""

_RELATORS = """
abr acp act adi adp aft anl anm ann ant ape apl app aqt arc ard arr art asg asn ato att auc aud
aui aus aut bdd bjd bkd bkp blw bnd bpd brd brl bsl cas ccp chr clb cli cll clr clt cmm cmp cmt
cnd cng cns coe col com con cor cos cot cou cov cpc cpe cph cpl cpt cre crp crr crt csl csp cst
ctb cte ctg ctr cts ctt cur cwt dbp dfd dfe dft dgc dgg dgs dis dln dnc dnr dpc dpt drm drt dsr
dst dtc dte dtm dto dub edc edm edt egr elg elt eng enj etr evp exp fac fds fld flm fmd fmk fmo
fmp fnd fpy frg gis grt his hnr hst ill ilu ins inv isb itr ive ivr jud jug lbr lbt ldr led lee
lel len let lgd lie lil lit lsa lse lso ltg lyr mcp mdc med mfp mfr mod mon mrb mrk msd mte mtk
mus nrt opn org orm osp oth own pad pan pat pbd pbl pdr pfr pht plt pma pmn pop ppm ppt pra prc
prd pre prf prg prm prn pro prp prs prt prv pta pte ptf pth ptt pup rbr rcd rce rcp rdd red ren
res rev rpc rps rpt rpy rse rsg rsp rsr rst rth rtm sad sce scl scr sds sec sgd sgn sht sll sng
spk spn spy srv std stg stl stm stn str tcd tch ths tld tlp trc trl tyd tyg uvp vac vdg voc wac
wal wam wat wdc wde win wit wpr wst
"""
RELATORS = frozenset(_RELATORS.split())
"""Those that EPUBCheck knows."""
_BY_ONIX = {code: relator for relator, code in ONIX_ROLES.items()}


def relator_of(role: str) -> str | None:
    """The MARC relator of a role by either list, in any case; None for what is in neither."""
    named = role.strip()
    return named.lower() if named.lower() in RELATORS else _BY_ONIX.get(named.upper())
