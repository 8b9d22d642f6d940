"""How often do the ranked divisions find exchanges that were really made?

    python benchmarks/receivers_recall.py CASES.csv

CASES.csv has the columns `ewc` and `receiver_nace`, one realised exchange a row. Prints the share
of distinct pairs whose division is among the first one, three and five, and the pairs that are not.
Divisions 35 and 38 count as one, since biogas plants stand in both; the strict figures, which keep
them apart, stand beside.
"""

import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kiertokylat.receivers import material_of, rank_receivers

BIOGAS = {"35", "38"}
DEPTHS = (1, 3, 5)


def found(division: str, ranked: list[str], *, strict: bool) -> bool:
    same = BIOGAS if division in BIOGAS and not strict else {division}
    return bool(same & set(ranked))


def main(path: str) -> None:
    cases = pd.read_csv(path, dtype=str, keep_default_na=False)
    pairs = sorted(set(zip(cases["ewc"], cases["receiver_nace"].str[:2], strict=True)))
    print(f"{len(cases)} exchanges, {len(pairs)} distinct pairs of code and division")
    ranked = {ewc: list(rank_receivers(ewc)["division"]) for ewc, _ in pairs}
    for k in DEPTHS:
        loose, strict = (
            sum(found(d, ranked[ewc][:k], strict=s) for ewc, d in pairs) / len(pairs)
            for s in (False, True)
        )
        print(f"recall@{k}  {loose:.3f}  (strict {strict:.3f})")
    for ewc, division in pairs:
        if not found(division, ranked[ewc][: DEPTHS[-1]], strict=False):
            best = " ".join(ranked[ewc][: DEPTHS[-1]])
            print(f"missed {ewc} ({material_of(ewc)}) to {division}: {best}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
