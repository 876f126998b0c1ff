"""Which interface endpoints a profile has, and what it costs."""

import re
from inspect import getsource

import pytest

from aws_architect_constructs import EndpointProfile
from aws_architect_constructs.network.endpoint_profiles import endpoint_services

GATEWAYS = ("dynamodb", "s3")
FULL = "ecr.api ecr.dkr events kms lambda logs monitoring secretsmanager sns sqs ssm ssmmessages states sts xray"


class TestProfile:
    """A profile is a list of services with a price."""

    @pytest.mark.parametrize(
        ("profile", "services"),
        [
            (EndpointProfile.NONE, ""),
            (EndpointProfile.SESSION_MANAGER, "ssm ssmmessages"),
            (EndpointProfile.CONTAINERS, "ecr.api ecr.dkr logs secretsmanager"),
            (EndpointProfile.LAMBDA, "events secretsmanager sns sqs ssm"),
            (EndpointProfile.FULL, FULL),
        ],
    )
    def test_services(self, profile: EndpointProfile, services: str) -> None:
        """The services are those that the docstring lists."""
        assert " ".join(profile.services) == services

    @pytest.mark.parametrize("profile", EndpointProfile)
    def test_services_stand_in_alphabetical_order(self, profile: EndpointProfile) -> None:
        """The order of the services is the alphabet's, each once."""
        assert list(profile.services) == sorted(set(profile.services))

    @pytest.mark.parametrize("profile", EndpointProfile)
    def test_full_has_every_other_profile(self, profile: EndpointProfile) -> None:
        """FULL has the services of every other profile."""
        assert set(profile.services) <= set(EndpointProfile.FULL.services)

    @pytest.mark.parametrize("profile", EndpointProfile)
    def test_no_profile_has_a_service_with_a_gateway_endpoint(self, profile: EndpointProfile) -> None:
        """S3 and DynamoDB have gateway endpoints, which are free."""
        assert not set(profile.services).intersection(GATEWAYS)

    @pytest.mark.parametrize(
        ("profile", "price"),
        [
            (EndpointProfile.NONE, 0.0),
            (EndpointProfile.SESSION_MANAGER, 14.6),
            (EndpointProfile.CONTAINERS, 29.2),
            (EndpointProfile.LAMBDA, 36.5),
            (EndpointProfile.FULL, 109.5),
        ],
    )
    def test_price_in_one_az(self, profile: EndpointProfile, price: float) -> None:
        """The month's price in one AZ is the docstring's."""
        assert profile.monthly_price_usd(1) == price

    @pytest.mark.parametrize("profile", [profile for profile in EndpointProfile if profile.services])
    def test_price_stands_in_the_source(self, profile: EndpointProfile) -> None:
        """The price that the code computes is among those that the module's docstrings state."""
        assert f"{profile.monthly_price_usd(1):.2f} USD" in getsource(EndpointProfile)

    def test_price_grows_with_the_azs(self) -> None:
        """Each AZ has every endpoint."""
        assert EndpointProfile.CONTAINERS.monthly_price_usd(3) == 87.6


class TestEndpointServices:
    """The services of a profile and further ones."""

    def test_of_a_profile_alone(self) -> None:
        """Without further services they are the profile's."""
        assert endpoint_services(EndpointProfile.SESSION_MANAGER, []) == ("ssm", "ssmmessages")

    def test_further_ones_follow(self) -> None:
        """Further services follow the profile's in their order."""
        assert endpoint_services(EndpointProfile.SESSION_MANAGER, ["sts", "kms"]) == (
            "ssm",
            "ssmmessages",
            "sts",
            "kms",
        )

    def test_each_once(self) -> None:
        """A service that is named twice, or is the profile's, has one endpoint."""
        assert endpoint_services(EndpointProfile.SESSION_MANAGER, ["kms", "ssm", "kms"]) == (
            "ssm",
            "ssmmessages",
            "kms",
        )

    @pytest.mark.parametrize("service", ["kms", "ecr.api", "execute-api", "cloudformation", "aps-workspaces", "ec2"])
    def test_short_names_pass(self, service: str) -> None:
        """The short name of any service passes."""
        assert endpoint_services(EndpointProfile.NONE, [service]) == (service,)

    @pytest.mark.parametrize("service", GATEWAYS)
    def test_service_with_a_gateway_endpoint_is_refused(self, service: str) -> None:
        """A service that has its free gateway endpoint already is an error that names it."""
        message = (
            f"additional_endpoints: has a gateway endpoint, which is free, got {service!r}; allowed: services without "
            "one (vpc.add_interface_endpoint for access from other networks)"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            endpoint_services(EndpointProfile.NONE, [service])

    @pytest.mark.parametrize(
        "service", ["", "KMS", "ecr api", "ecr..api", ".kms", "kms.", "com.amazonaws.eu-west-1.kms"]
    )
    def test_what_is_no_short_name_is_refused(self, service: str) -> None:
        """A malformed or full name is an error that names it and the form."""
        message = (
            f"additional_endpoints: not the short name of a service, got {service!r}; allowed: what follows "
            "'com.amazonaws.<region>.', as 'kms' or 'ecr.api'"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            endpoint_services(EndpointProfile.NONE, [service])
