"""How private subnets reach the internet, and the prices behind it."""

import re

import pytest

from aws_architect_constructs import EnvironmentType, NatStrategy
from aws_architect_constructs.network.nat import ELASTIC_IP_QUOTA, check_allocation_ids, default_nat_strategy
from aws_architect_constructs.network.prices import monthly


class TestPrices:
    """What a month costs."""

    def test_a_month_has_730_hours(self) -> None:
        """A cent an hour is 7.30 USD a month."""
        assert monthly(0.01) == 7.3

    def test_of_several_things(self) -> None:
        """Three things at five cents an hour are 109.50 USD a month."""
        assert monthly(0.05, 3) == 109.5

    def test_is_in_whole_cents(self) -> None:
        """Fractions of a cent are rounded."""
        assert monthly(0.0123, 1) == 8.98

    @pytest.mark.parametrize(
        ("nat", "zones", "price"),
        [
            (NatStrategy.NONE, 3, 0.0),
            (NatStrategy.SINGLE, 1, 36.5),
            (NatStrategy.SINGLE, 3, 36.5),
            (NatStrategy.PER_AZ, 1, 36.5),
            (NatStrategy.PER_AZ, 3, 109.5),
            (NatStrategy.REGIONAL, 3, 109.5),
        ],
    )
    def test_of_a_strategy(self, nat: NatStrategy, zones: int, price: float) -> None:
        """Each gateway, and each AZ of a regional one, is 36.50 USD with its address, as the docstrings say."""
        assert nat.monthly_price_usd(zones) == price


class TestDefaultStrategy:
    """The environment's strategy, where the Region has it."""

    @pytest.mark.parametrize(
        ("kind", "nat"),
        [
            (EnvironmentType.DEV, NatStrategy.SINGLE),
            (EnvironmentType.STAGING, NatStrategy.SINGLE),
            (EnvironmentType.PROD, NatStrategy.REGIONAL),
            (EnvironmentType.SHARED, NatStrategy.REGIONAL),
        ],
    )
    def test_is_the_environment_s(self, kind: EnvironmentType, nat: NatStrategy) -> None:
        """DEV and STAGING have a single gateway, PROD and SHARED a regional one."""
        assert default_nat_strategy(kind.defaults.nat_strategy, "eu-west-1") is nat

    @pytest.mark.parametrize(
        "region", ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1"]
    )
    def test_is_per_az_where_regional_nat_is_not_offered(self, region: str) -> None:
        """In the China, GovCloud and isolated Regions one gateway stands in each AZ."""
        assert default_nat_strategy("REGIONAL", region) is NatStrategy.PER_AZ

    @pytest.mark.parametrize("region", [None, "us-east-1", "ca-central-1"])
    def test_is_regional_elsewhere(self, region: str | None) -> None:
        """Elsewhere, and where the Region is not known, NAT is regional."""
        assert default_nat_strategy("REGIONAL", region) is NatStrategy.REGIONAL

    def test_of_a_single_gateway_is_the_same_everywhere(self) -> None:
        """A single gateway is offered in every Region."""
        assert default_nat_strategy("SINGLE", "cn-north-1") is NatStrategy.SINGLE


class TestAllocationIds:
    """Elastic IP addresses of the caller's."""

    @pytest.mark.parametrize("nat", NatStrategy)
    def test_may_be_left_out(self, nat: NatStrategy) -> None:
        """Without addresses every strategy passes."""
        check_allocation_ids(nat, [], 3)

    @pytest.mark.parametrize(
        ("nat", "count"), [(NatStrategy.SINGLE, 1), (NatStrategy.PER_AZ, 3), (NatStrategy.REGIONAL, 3)]
    )
    def test_one_for_each_gateway_s_az_pass(self, nat: NatStrategy, count: int) -> None:
        """One address for a single gateway, else one for each AZ."""
        check_allocation_ids(nat, [f"eipalloc-{number}" for number in range(count)], 3)

    @pytest.mark.parametrize(
        ("nat", "count", "allowed"),
        [
            (NatStrategy.NONE, 1, "none"),
            (NatStrategy.SINGLE, 3, "1"),
            (NatStrategy.PER_AZ, 2, "3"),
            (NatStrategy.PER_AZ, 4, "3"),
            (NatStrategy.REGIONAL, 1, "3"),
        ],
    )
    def test_another_number_is_refused(self, nat: NatStrategy, count: int, allowed: str) -> None:
        """Any other number is an error that names it, the strategy and the right number."""
        message = (
            f"elastic_ip_allocation_ids: not one for each NAT gateway's AZ, got {count} with {nat}; allowed: {allowed}"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            check_allocation_ids(nat, [f"eipalloc-{number}" for number in range(count)], 3)

    def test_a_region_has_five(self) -> None:
        """A Region has five Elastic IP addresses by default."""
        assert ELASTIC_IP_QUOTA == 5
