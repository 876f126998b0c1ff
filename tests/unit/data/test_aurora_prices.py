"""Where I/O-Optimized begins to pay."""

from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.data.aurora_cluster import AuroraCluster
from aws_architect_constructs.data.aurora_prices import (
    HOURS_PER_MONTH,
    MILLION_IO,
    R8G_LARGE_PER_HOUR,
    break_even_million_io,
    io_optimized_monthly,
    standard_monthly,
)


@given(st.floats(0.01, 500), st.floats(0, 128_000), st.floats(-0.5, 0.5))
def test_the_break_even_is_where_both_cost_the_same(compute: float, storage: float, off: float) -> None:
    """With more I/O the optimized configuration is cheaper, with less the standard one."""
    even = break_even_million_io(compute, storage)
    difference = standard_monthly(compute, storage, even * (1 + off)) - io_optimized_monthly(compute, storage)
    assert abs(difference - even * off * MILLION_IO) < 1e-6 * (1 + io_optimized_monthly(compute, storage))


def test_the_docstring_says_what_is_computed() -> None:
    """The figures of the docstring are those that the published prices give."""
    compute = 2 * R8G_LARGE_PER_HOUR
    even = break_even_million_io(compute, 100)
    text = " ".join((AuroraCluster.__doc__ or "").split())
    assert f"{compute * HOURS_PER_MONTH:.2f} USD" in text
    assert f"{round(even)} million I/O requests a month" in text
    assert f"({round(even * 1e6 / HOURS_PER_MONTH / 3600)} a second)" in text


def test_io_is_about_a_quarter_of_the_bill_then() -> None:
    """AWS's own rule of thumb, a quarter of the bill, agrees with the prices."""
    even = break_even_million_io(2 * R8G_LARGE_PER_HOUR, 100)
    assert 0.2 < even * MILLION_IO / standard_monthly(2 * R8G_LARGE_PER_HOUR, 100, even) < 0.3
