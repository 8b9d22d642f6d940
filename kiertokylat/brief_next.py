"""The back of the brief: who could take it, what is missing, what was agreed, what to do next."""

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from kiertokylat import brief_both, reference
from kiertokylat.brief_facts import USUAL_ORDER
from kiertokylat.brief_page import Page, section
from kiertokylat.export import names
from kiertokylat.figures import (
    calendar_day,
    climate,
    euros,
    kilometres,
    number,
    spread,
    tonnes,
)
from kiertokylat.rank import best_per_supply
from kiertokylat.words import Language, say

_POOLS = 3
_MISSING = 4  # items of each list
_WISHED = 2
_COMMITMENTS = 2
_STEPS = 3
# More companies than this don't sit down at one table: then only the largest are invited, so many.
# Assumptions of this project.
_ROUND_TABLE, _INVITED = 12, 10
# Below this share of reported tonnes it is worth asking. Assumption of this project.
_WELL_KNOWN = 0.6


def takers(page: Page) -> str:
    """How much finds a taker, some candidates, and what the best choice would bring."""
    outgoing = page.facts.outgoing
    if outgoing.empty:
        text = f"<p>{page.t('takers_none')}</p>{_inbound(page)}"
        return section(page, "takers", text)
    # As the page counts them in its usual order.
    best = best_per_supply(outgoing, USUAL_ORDER)
    inside = int(best["to_company"].isin(page.here.companies["id"]).sum())
    counts = {"count": len(best), "inside": inside, "across": len(best) - inside}
    texts = {name: number(count, page.language) for name, count in counts.items()}
    items = "".join(f"<li>{_taker(row, page)}</li>" for row in page.takers.to_dict("records"))
    body = f'<p>{page.t("takers_sentence", **texts)}</p><ol class="takers">{items}</ol>'
    return section(page, "takers", body + _share(page) + _inbound(page))


def _taker(row: Mapping[Any, Any], page: Page) -> str:
    receiver = page.every.companies.set_index("id").loc[row["to_company"]]
    material = escape(page.material(row["material"]))
    pair = escape(f"{page.company(row['from_company'])} → {page.company(row['to_company'])}")
    use = ""
    if row["use"]:
        text = str(reference.uses().loc[row["use"], f"use_{page.language}"]).strip().rstrip(".")
        use = say("brief.taker_use", page.language, use=text[:1].lower() + text[1:])
    where = "inside" if receiver["municipality"] == page.code else "across"
    unknown = "unknown_" if pd.isna(row["tonnes"]) else ""
    told = page.t(
        f"taker_{unknown}{where}",
        amount=page.amount(row),
        distance=kilometres(row["distance_km"], page.language),
        place=names("municipalities", page.language).get(receiver["municipality"], ""),
        use=use,
        certainty=say(f"brief.certainty_{row['certainty']}", page.language),
    )
    worth = ""
    if pd.notna(row["eur"]):
        ends = spread(row["eur_low"], row["eur_high"], page.language)
        worth = f" {page.t('taker_worth', eur=euros(row['eur'], page.language), ends=ends)}"
    return f"<b>{material}</b> · {pair}<br><span>{told}{worth}</span>"


def _share(page: Page) -> str:
    """What the best portfolio holds of pairs with an end here, as ranges."""
    facts, lang = page.facts, page.language
    if facts.share.empty or facts.share_is_hidden:
        return ""
    low, best, high = facts.sums("tonnes")
    values = {
        "tonnes": page.amount({"tonnes_low": low, "tonnes": best, "tonnes_high": high}),
    }
    for name, write in (("eur", euros), ("co2e", climate)):
        low, best, high = facts.sums(name)
        values[name] = write(best, lang)
        values[f"{name}_ends"] = spread(low, high, lang)
    return f"<p>{page.t('share', count=number(len(facts.share), lang), **values)}</p>"


def _inbound(page: Page) -> str:
    candidates, home = page.here.candidates, page.here.companies["id"]
    from_outside = ~candidates["from_company"].isin(home)
    count = candidates.loc[from_outside, "to_company"].nunique()
    if not count:
        return ""
    text = page.t("inbound_one") if count == 1 else page.t("inbound", count=count)
    return f"<p>{text}</p>"


def pools(page: Page) -> str:
    """Small flows that fill a lorry together."""
    found = page.facts.pools
    if found.empty:
        return section(page, "pools", f"<p>{page.t('pools_none')}</p>")
    items = "".join(
        f"<li><b>{escape(page.material(row['material']))}</b>: {_pool(row, page)}</li>"
        for row in found.head(_POOLS).to_dict("records")
    )
    sentence_ = page.t("pools_sentence", count=number(len(found), page.language))
    return section(page, "pools", f'<p>{sentence_}</p><ul class="items">{items}</ul>')


def _pool(row: Mapping[Any, Any], page: Page) -> str:
    if row["hidden"]:
        return page.t("pool_hidden", here=row["here"], members=row["members"])
    return page.t(
        "pool",
        here=row["here"],
        members=row["members"],
        amount=page.amount(row),
        loads=page.about(row["truckloads"]),
    )


def missing(page: Page) -> str:
    """What has no taker, what nobody offers, and which industry would be welcome."""
    flows = page.here.flows
    some = {way: bool((flows["direction"] == way).any()) for way in ("out", "in")}
    without_taker = _amounts(page.facts.without_taker, page)
    without_taker = without_taker or f"<p>{page.t('missing_takers_none')}</p>"
    no_need = "missing_supplies_none" if some["in"] else "missing_needs_unknown"
    without_supply = _amounts(page.facts.without_supply, page) or f"<p>{page.t(no_need)}</p>"
    if not some["out"]:
        without_taker = f"<p>{page.t('leaves_none')}</p>"
    wished = page.facts.wished(_WISHED).to_dict("records")
    lines = (escape(wished_line(row, page.language)) for row in wished)
    items = "".join(f"<li>{line}</li>" for line in lines)
    both = escape(brief_both.sentence(page.facts, page.language))
    body = (
        '<div class="two">'
        f"<div><h3>{page.t('missing_takers')}</h3>{without_taker}</div>"
        f"<div><h3>{page.t('missing_supplies')}</h3>{without_supply}</div></div>"
        + (f'<p class="note">{both}</p>' if both else "")
        + (f'<ul class="items">{items}</ul>' if items else "")
    )
    return section(page, "missing", body)


def wished_line(row: Mapping[Any, Any], language: Language) -> str:
    """Which industry could use what is left over, and how far away its nearest company is.

    Parameters
    ----------
    row
        Of `Facts.wished`.
    language
        `"fi"` or `"en"`.

    Returns
    -------
    str
        Plain text; no user's text in it.
    """
    kind = "unreached" if row["unreached_t"] > 0 else "left"
    amount = row[f"{kind}_t"]
    over = ""
    if pd.notna(amount) and pd.notna(row["unreached_t"]):
        over = say(
            f"brief.wished_{kind}", language, amount=tonnes(amount, language, estimated=True)
        )
    material = names("materials", language).get(row["material"], row["material"])
    division = names("divisions", language).get(row["division"], row["division"])
    where = "wished_near" if row["company_id"] else "wished_nobody"
    near = say(f"brief.{where}", language, road=kilometres(row["road_km"], language))
    return say(
        "brief.wished", language, material=material, division=division, over=over, where=near
    )


def _amounts(sums: pd.DataFrame, page: Page) -> str:
    """Materials with their tonnes, as a list; empty without any."""

    def amount(row: Mapping[Any, Any]) -> str:
        return page.few if row["hidden"] else escape(_about(row["tonnes"], page))

    items = "".join(
        f"<li><span>{escape(page.material(row['material']))}</span><b>{amount(row)}</b></li>"
        for row in sums.head(_MISSING).to_dict("records")
    )
    return f'<ul class="amounts">{items}</ul>' if items else ""


def _about(amount: float, page: Page) -> str:
    return tonnes(amount, page.language, estimated=True)


def agreed(page: Page) -> str:
    """The commitments that have an end here."""
    made = page.commitments
    if made.empty:
        return section(page, "agreed", f"<p>{page.t('agreed_none')}</p>")
    items = "".join(
        f"<li>{_commitment(row, page)}</li>" for row in made.head(_COMMITMENTS).to_dict("records")
    )
    text = page.t("agreed_sentence", count=len(made))
    return section(page, "agreed", f'<p>{text}</p><ul class="items">{items}</ul>')


def _commitment(row: Mapping[Any, Any], page: Page) -> str:
    pair = f"{page.company(row['from_company'])} → {page.company(row['to_company'])}"
    parts = [
        escape(pair),
        escape(say(f"app.stage_{row['stage']}", page.language)),
    ]
    if row["due"]:
        parts.append(page.t("agreed_due", day=calendar_day(row["due"], page.language)))
    return f"<b>{escape(page.material(row['material']))}</b> · {' · '.join(parts)}"


def steps(page: Page) -> str:
    """What the municipality could do: only what follows from the figures above."""
    items = "".join(f"<li>{text}</li>" for text in _steps(page)[:_STEPS])
    return section(page, "steps", f'<ul class="items">{items}</ul>')


def _steps(page: Page) -> list[str]:
    if page.here.companies.empty:
        return [page.t("step_start")]
    texts = []
    for row in page.takers.head(1).to_dict("records"):
        pair = {"giver": row["from_company"], "taker": row["to_company"]}
        values = {name: page.company(company) for name, company in pair.items()}
        texts.append(page.t("step_pair", material=page.material(row["material"]), **values))
    for row in page.facts.pools.query("not hidden").head(1).to_dict("records"):
        material = page.material(row["material"])
        loads = page.about(row["truckloads"])
        key = "step_pool_many" if row["members"] > _ROUND_TABLE else "step_pool"
        counts = {"members": row["members"], "most": _INVITED}
        texts.append(page.t(key, material=material, loads=loads, **counts))
    for row in page.facts.wished(1).to_dict("records"):
        division = names("divisions", page.language).get(row["division"], row["division"])
        key = "step_ask_industry" if row["near"] else "step_gap"
        texts.append(page.t(key, material=page.material(row["material"]), division=division))
    open_ones = page.commitments[page.commitments["stage"] != "realised"]
    if len(open_ones):
        texts.insert(0, page.t("step_agreed", count=len(open_ones)))
    share = page.facts.figures["reported_share"]
    if share < _WELL_KNOWN:
        texts.append(page.t("step_ask", share=number(100 * share, page.language)))
    if page.facts.figures["supply_t"] == 0:
        texts.append(page.t("step_start"))
    return texts
