"""The assumptions behind every result, in one frozen object."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumptions:
    """What the analysis takes for granted. None of these has a verified source: all are choices.

    Parameters
    ----------
    detour_factor
        Estimated road distance divided by straight-line distance. Assumption of this project.
    search_km
        Greatest straight-line distance that is looked at, km. A limit of work, not of sense: the
        user's own cap lies below it.
    receivers_per_supply
        How many of the nearest receivers are kept for each supply and division where a receiver's
        need is known from its industry only. Stated needs are always kept.
    unknown_employees
        Low, best and high number of employees of a company whose size is not known (the business
        register does not tell it). Assumption of this project.
    """

    detour_factor: float = 1.3
    search_km: float = 100.0
    receivers_per_supply: int = 3
    unknown_employees: tuple[float, float, float] = (1.0, 3.0, 20.0)
