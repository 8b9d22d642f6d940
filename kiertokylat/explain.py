"""Why two companies are a candidate, in sentences that a workshop can read aloud."""

from dataclasses import dataclass

import pandas as pd

from kiertokylat import reference
from kiertokylat.amounts import filled
from kiertokylat.assumptions import Assumptions
from kiertokylat.figures import kilometres, number, tonnes_range
from kiertokylat.words import Language, say
from kiertokylat.worth import worth


@dataclass(frozen=True)
class _Case:
    """A candidate with all rows that it refers to; None where there is no such row."""

    candidate: pd.Series
    supplier: pd.Series
    receiver: pd.Series
    supply: pd.Series
    demand: pd.Series | None
    use: pd.Series | None
    code: pd.Series | None
    unclear: bool
    material: str
    assumptions: Assumptions
    language: Language

    def say(self, key: str, **values: object) -> str:
        return say(f"explain.{key}", self.language, **values)

    def of_use(self, column: str) -> str:
        """A text of the row of uses in the reader's language, without its full stop."""
        if self.use is None:
            return ""
        return str(self.use[f"{column}_{self.language}"]).strip().rstrip(".")

    @property
    def hazardous(self) -> bool:
        return self.code is not None and bool(self.code["hazardous"])


def explain(  # noqa: PLR0917
    candidate: pd.Series,
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    uses: pd.DataFrame,
    materials: pd.DataFrame,
    waste_codes: pd.DataFrame,
    language: Language,
    *,
    assumptions: Assumptions | None = None,
) -> list[str]:
    """What makes this a candidate, how sure it is, and what to ask next.

    Parameters
    ----------
    candidate
        One row of `tables.CANDIDATES`.
    companies, flows
        The tables that it was matched from.
    uses, materials, waste_codes
        As in `reference`.
    language
        `"fi"` or `"en"`.
    assumptions
        Those of the analysis; defaults to `Assumptions()`.

    Returns
    -------
    list of str
        Plain text, a thought each: rule, waste code, use, treatment, evidence, amounts, distance,
        what it is worth (`worth.worth`), permits, questions to the two companies. Names and notes
        stand as the user wrote them: a page must escape them.

    Raises
    ------
    KeyError
        A company or a flow of the candidate is not in the tables.
    """
    names = materials[f"name_{language}"]
    material = names.get(candidate["material"], candidate["material"])
    case = _Case(
        candidate=candidate,
        supplier=_row(companies, candidate["from_company"]),
        receiver=_row(companies, candidate["to_company"]),
        supply=_row(flows, candidate["supply_id"]),
        demand=_row(flows, candidate["demand_id"]) if candidate["demand_id"] else None,
        use=uses.loc[candidate["use"]] if candidate["use"] in uses.index else None,
        code=waste_codes.loc[candidate["ewc"]] if candidate["ewc"] in waste_codes.index else None,
        unclear=not candidate["ewc"] and may_be_hazardous(candidate["material"], waste_codes),
        material=material[:1].lower() + material[1:],
        assumptions=assumptions or Assumptions(),
        language=language,
    )
    topics = (_rule, _code, _use, _evidence, _amounts, _distance, _worth, _permits, _questions)
    return [sentence for topic in topics for sentence in topic(case)]


def may_be_hazardous(material: str, waste_codes: pd.DataFrame) -> bool:
    """Whether a waste of this material can be hazardous, where its code isn't told.

    Parameters
    ----------
    material
        Its key.
    waste_codes
        As `reference.waste_codes`: whether any code of the material is hazardous.
    """
    return bool(waste_codes.loc[waste_codes["material"] == material, "hazardous"].any())


def _row(frame: pd.DataFrame, key: str) -> pd.Series:
    found = frame.loc[frame["id"] == key]
    if found.empty:
        raise KeyError(key)
    return found.iloc[0]


def _rule(case: _Case) -> list[str]:
    key = "industry" if case.demand is None else f"stated_{case.demand['basis']}"
    code = case.receiver["nace"][:2]
    divisions = reference.divisions()[f"name_{case.language}"]
    names = {"supplier": case.supplier["name"], "receiver": case.receiver["name"]}
    division = f"{code} {divisions.get(code, '')}".strip()
    return [case.say(key, material=case.material, division=division, **names)]


def _code(case: _Case) -> list[str]:
    ewc = case.candidate["ewc"]
    if not ewc:
        return []
    spaced = f"{ewc[:2]} {ewc[2:4]} {ewc[4:]}"
    if case.code is None:
        return [case.say("code_unknown", ewc=spaced)]
    return [case.say("code", ewc=spaced, name=case.code[f"name_{case.language}"].rstrip("."))]


def _use(case: _Case) -> list[str]:
    if case.use is None:
        return [case.say("no_use")]
    sentences = [case.say("use", use=case.of_use("use"))]
    if case.of_use("substitutes"):
        sentences.append(case.say("substitutes", substitutes=case.of_use("substitutes")))
    sentences.append(case.say("route", route=case.say(f"route_{case.candidate['route']}")))
    if not case.of_use("treatment"):
        return [" ".join(sentences)]
    return [" ".join(sentences), case.say("treatment", treatment=case.of_use("treatment"))]


def _evidence(case: _Case) -> list[str]:
    if case.use is None or not case.candidate["evidence"]:
        return []
    sentence = case.say(f"evidence_{case.candidate['evidence']}")
    # An expert's judgement is its own source.
    source = "" if case.candidate["evidence"] == "C" else case.use["source"]
    return [_with_source(case, sentence, source)]


def _with_source(case: _Case, sentence: str, source: str) -> str:
    source = source.strip().rstrip(".")
    return f"{sentence} {case.say('source', source=source)}" if source else sentence


def _amount(case: _Case, row: pd.Series) -> str:
    return tonnes_range(row["tonnes_low"], row["tonnes"], row["tonnes_high"], case.language)


def _amounts(case: _Case) -> list[str]:
    sentences = []
    for side, flow in (("supply", case.supply), ("demand", case.demand)):
        if flow is None or not _known(flow):
            sentences.append(case.say(f"{side}_unknown"))
        else:
            amounts = filled(flow.to_frame().T).astype(float).iloc[0]
            sentence = case.say(f"{side}_{flow['basis']}", amount=_amount(case, amounts))
            sentences.append(_with_source(case, sentence, flow["source"]))
    if pd.notna(case.candidate["tonnes"]):
        sentences.append(case.say("capacity", amount=_amount(case, case.candidate)))
    return sentences


def _distance(case: _Case) -> list[str]:
    straight, road = case.candidate["distance_km"], case.candidate["road_km"]
    if straight > 0:
        sentence = case.say(
            "distance",
            straight=kilometres(straight, case.language),
            road=kilometres(road, case.language),
            factor=number(road / straight, case.language, digits=3),
        )
    else:
        sentence = case.say("distance_none")
    precision = case.candidate["precision"]
    return [sentence] if precision == "exact" else [sentence, case.say(f"precision_{precision}")]


def _worth(case: _Case) -> list[str]:
    return worth(case.candidate, case.assumptions, case.language)


def _permits(case: _Case) -> list[str]:
    sentences = [case.say("permit", permit=case.of_use("permit"))] if case.of_use("permit") else []
    if case.hazardous:
        return [*sentences, case.say("hazardous")]
    return [*sentences, case.say("unclear")] if case.unclear else sentences


def _questions(case: _Case) -> list[str]:
    """The questions whose answers are missing from the tables, first the supplier's."""
    supply, demand = case.supply, case.demand
    steady_need = demand is not None and demand["continuity"] == "continuous"
    to_supplier = {
        "amount": not _told(supply),
        "quality": not supply["note"],
        "continuity": not supply["continuity"],
        "storage": steady_need and supply["continuity"] in ("seasonal", "once"),
    }
    to_receiver = {
        "interest": demand is None or demand["basis"] == "estimated",
        "need": not _told(demand),
        "requirements": demand is None or not demand["note"],
        "permit": case.hazardous or bool(case.of_use("permit")),
    }
    supplier = [case.say(f"ask_{key}") for key, missing in to_supplier.items() if missing]
    supplier = supplier or [case.say("ask_transport")]
    receiver = [case.say(f"ask_{key}") for key, missing in to_receiver.items() if missing]
    sentences = [
        case.say("ask_supplier", supplier=case.supplier["name"], questions=" ".join(supplier))
    ]
    if receiver:
        text = case.say(
            "ask_receiver", receiver=case.receiver["name"], questions=" ".join(receiver)
        )
        sentences.append(text)
    return sentences


def _told(flow: pd.Series | None) -> bool:
    """Whether somebody who knows has told the amount."""
    return flow is not None and flow["basis"] != "estimated" and _known(flow)


def _known(flow: pd.Series) -> bool:
    """Whether an amount is told, if only one end of its range."""
    return bool(flow[["tonnes_low", "tonnes", "tonnes_high"]].notna().any())
