"""The assumptions behind every result, in one frozen object."""

from dataclasses import dataclass
from typing import NamedTuple

Range = tuple[float, float, float]  # lowest, best, highest


class FactorEdit(NamedTuple):
    """A user's own value in the place of a row of `reference.factors()`.

    Parameters
    ----------
    material, route, item
        Which row, as in `reference.factors()`.
    low, best, high
        In the row's unit.
    """

    material: str
    route: str
    item: str
    low: float
    best: float
    high: float


@dataclass(frozen=True)
class Assumptions:
    """What the analysis takes for granted; every one of them can be edited.

    Parameters
    ----------
    detour_factor
        Estimated road distance divided by straight-line distance. Assumption of this project.
    search_km
        Greatest straight-line distance that is looked at, km. A limit of work, not of sense: the
        user's own cap lies below it.
    receivers_per_supply
        How many of the nearest receivers are kept for each supply and division where a receiver's
        need is known from its industry only. It does not limit stated needs (`crowd` may).
    unknown_employees
        Low, best and high number of employees of a company whose size is not known (the business
        register does not tell it). Assumption of this project.
    year
        The year that the results hold for: it decides which waste tax applies.
    waste_tax_eur_t
        Finnish waste tax, EUR/t landfilled: 80 since 1 January 2023 (government proposal HE
        185/2022). It is inside the gate fees already; only a change of it is added (`factors`).
    vehicle
        Vehicle class of full loads, key of `reference.vehicles()`. Flows of an unknown amount are
        taken for full loads too.
    collection_vehicle
        Vehicle class of flows too small for that (`impact.is_small`), in every result.
    loads_per_year
        A flow below this many full loads of `vehicle` a year is small. Assumption of this project.
    freight_eur_tkm
        EUR per tonne and km of loaded one-way road distance, the empty return included, of
        `vehicle`: the `collection_vehicle` keeps its own. None: the vehicle class's own.
    transport_kg_tkm
        kg CO2e per tonne and km, likewise.
    empty_return
        Share of the way back driven empty, 0 to 1. The vehicle classes' figures hold for 1; less
        takes away, nothing is ever added (`impact.freight`).
    loading_eur_t
        Loading and unloading, EUR/t, which a price per km leaves out. Assumption of this project.
    unknown_capacity_t
        Tonnes a year of one material that a receiver known by its industry only could take. At 0
        only stated and estimated needs count in the portfolio. Assumption of this project.
    edits
        The user's own factors.
    """

    detour_factor: float = 1.3
    search_km: float = 100.0
    receivers_per_supply: int = 3
    unknown_employees: Range = (1.0, 3.0, 20.0)
    year: int = 2026
    waste_tax_eur_t: float = 80.0
    vehicle: str = "combination"
    collection_vehicle: str = "rigid"
    loads_per_year: float = 12.0
    freight_eur_tkm: Range | None = None
    transport_kg_tkm: Range | None = None
    empty_return: float = 1.0
    loading_eur_t: Range = (2.0, 3.0, 4.0)
    unknown_capacity_t: float = 0.0
    edits: tuple[FactorEdit, ...] = ()
