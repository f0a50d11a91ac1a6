"""Short texts in nine languages: the Universal Declaration of Human Rights, and how novels begin.

The Declaration (United Nations, 1948) may be reproduced by anybody; its translations are the UN's,
collected by the Unicode Consortium. The novels are in the public domain and were typed here: Kafka,
*Die Verwandlung*; Flaubert, *Madame Bovary*; Cervantes, *Don Quijote*; Manzoni, *I promessi sposi*;
Machado de Assis, *Dom Casmurro*; Multatuli, *Max Havelaar*, in today's spelling; Prus, *Lalka*;
Strindberg, *Röda rummet*; Tolstoy, *Anna Karenina*.
"""

from pathlib import Path

KINDS = ("declaration", "novel")
TAGS = ("de", "fr", "es", "it", "pt", "nl", "pl", "sv", "ru")


def text(kind: str, tag: str) -> str:
    """One text in one language, a line for each paragraph."""
    return Path(__file__).with_name(f"{kind}_{tag}.txt").read_text(encoding="utf-8")
