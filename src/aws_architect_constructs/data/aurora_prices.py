"""List prices of Aurora: USD in us-east-1, those of the price book (docs/checks/prices.md).

AWS's page: https://aws.amazon.com/rds/aurora/pricing/. Other Regions differ. Pure Python.
"""

from typing import Final

HOURS_PER_MONTH: Final = 730

R8G_LARGE_PER_HOUR: Final = 0.276
"""db.r8g.large, the default of production, as Aurora Standard."""
ACU_PER_HOUR: Final = 0.12
STORAGE_PER_GB_MONTH: Final = 0.10
MILLION_IO: Final = 0.20
BACKUP_PER_GB_MONTH: Final = 0.021

IO_OPTIMIZED_COMPUTE: Final = 1.30
"""Instances of I/O-Optimized cost this many times as much; ACUs a third more."""
IO_OPTIMIZED_STORAGE_PER_GB_MONTH: Final = 0.225


def standard_monthly(compute_per_hour: float, storage_gb: float, million_io: float) -> float:
    """What Aurora Standard costs in a month of 730 hours."""
    return compute_per_hour * HOURS_PER_MONTH + storage_gb * STORAGE_PER_GB_MONTH + million_io * MILLION_IO


def io_optimized_monthly(compute_per_hour: float, storage_gb: float) -> float:
    """What Aurora I/O-Optimized costs in a month of 730 hours, whatever the I/O.

    Args:
        compute_per_hour: All instances' price as Aurora Standard.
        storage_gb: The data.
    """
    compute = compute_per_hour * IO_OPTIMIZED_COMPUTE * HOURS_PER_MONTH
    return compute + storage_gb * IO_OPTIMIZED_STORAGE_PER_GB_MONTH


def break_even_million_io(compute_per_hour: float, storage_gb: float) -> float:
    """How many million I/O requests a month make both cost the same; with more, I/O-Optimized is cheaper."""
    more = io_optimized_monthly(compute_per_hour, storage_gb) - standard_monthly(compute_per_hour, storage_gb, 0)
    return more / MILLION_IO
