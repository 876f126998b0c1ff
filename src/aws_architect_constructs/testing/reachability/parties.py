"""Whom a question is about: the internet, a tier, a resource, a CIDR or an AWS service, as places in the network."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from aws_architect_constructs._templates.intrinsics import Unknown
from aws_architect_constructs.testing.reachability.addresses import Addresses
from aws_architect_constructs.testing.reachability.answer import Verdict
from aws_architect_constructs.testing.reachability.flow import Outcome, Place
from aws_architect_constructs.testing.reachability.model import Model, Subnet, Workload

INTERNET: Final = "internet"
SERVICE_PREFIX: Final = "aws:"


@dataclass(frozen=True, kw_only=True)
class Spot:
    """One place of a party, such as its interface in one subnet.

    Attributes:
        name: What answers call it.
        places: Who may be there: any of them counts. An `Outcome` stands for a place that cannot be.
    """

    name: str
    places: tuple[Place | Outcome, ...]


@dataclass(frozen=True, kw_only=True)
class Party:
    """One end of a question.

    Attributes:
        name: What answers call it.
        spots: Its places.
        workload: The resource, if it is one.
    """

    name: str
    spots: tuple[Spot, ...]
    workload: Workload | None = None


class Parties:
    """Finds parties by the names that users give.

    Args:
        model: The network.
        version: The IP version of the question.
    """

    def __init__(self, model: Model, version: int) -> None:
        self._model = model
        self._version = version

    def find(self, who: str | Sequence[str]) -> Party:
        """The party of a name.

        Raises:
            ValueError: If there is nothing of the name.
        """
        if not isinstance(who, str):
            return self._tier(", ".join(who), [self._subnet(name) for name in who])
        if who == INTERNET:
            return self._outside("the internet", Addresses.public(self._version) - self._vpc_blocks())
        if who.startswith(SERVICE_PREFIX):
            return self._service(who.removeprefix(SERVICE_PREFIX))
        if _is_cidr(who):
            return self._network(who, Addresses.of(who, version=self._version))
        if who in self._model.workloads:
            return self.resource(who)
        subnets = [subnet for subnet in self._model.subnets.values() if who in (subnet.tier, subnet.name)]
        if subnets:
            return self._tier(who, subnets)
        raise ValueError(self._missing(who))

    def tier(self, who: str | Sequence[str]) -> list[Subnet]:
        """The subnets of a tier, or those of the given names."""
        if not isinstance(who, str):
            return [self._subnet(name) for name in who]
        subnets = [subnet for subnet in self._model.subnets.values() if who in (subnet.tier, subnet.name)]
        if not subnets:
            raise ValueError(self._missing(who))
        return subnets

    def resource(self, name: str) -> Party:
        """A resource with interfaces: a spot for each of its subnets."""
        workload = self._model.workloads[name]
        spots = []
        for where in workload.subnets:
            subnet = self._model.subnets.get(where) if isinstance(where, str) else None
            if subnet is None:
                why = where.reason if isinstance(where, Unknown) else f"subnet {where} is not in the templates"
                undecided = Outcome(verdict=Verdict.UNDECIDED, explanation=f"where {name} is: {why}")
                spots.append(Spot(name=name, places=(undecided,)))
            else:
                shown = f"{name} in {subnet.name}"
                spots.append(Spot(name=shown, places=(self._placed(workload, subnet),)))
        return Party(name=name, spots=tuple(spots), workload=workload)

    def _placed(self, workload: Workload, subnet: Subnet) -> Place | Outcome:
        if self._version not in workload.versions:
            why = f"{workload.name} has no IPv{self._version} address"
            return Outcome(verdict=Verdict.BLOCKED, explanation=why, blocked_by=workload.name)
        addresses = self._addresses(subnet)
        if isinstance(addresses, Outcome):
            return addresses
        return Place(
            name=workload.name,
            addresses=addresses[0],
            vague=True,  # its one address is somewhere in the subnet
            subnet=subnet,
            groups=workload.groups,
            public=subnet.maps_public_ip if workload.public is None else workload.public,
        )

    def _tier(self, name: str, subnets: list[Subnet]) -> Party:
        """Whatever can be placed in the subnets, and, for rules that name groups, the resources that are there."""
        spots = []
        for subnet in subnets:
            addresses = self._addresses(subnet)
            places: list[Place | Outcome] = [addresses] if isinstance(addresses, Outcome) else []
            if not isinstance(addresses, Outcome):
                host = f"a host in {subnet.name}"
                places = [Place(name=host, addresses=addresses[0], vague=addresses[1], subnet=subnet)]
            residents = [one for one in self._model.workloads.values() if subnet.name in one.subnets and one.groups]
            alike = {(one.groups, one.public): one for one in residents}
            places += [self._placed(one, subnet) for one in alike.values()]
            spots.append(Spot(name=subnet.name, places=tuple(places)))
        return Party(name=name, spots=tuple(spots))

    def _addresses(self, subnet: Subnet) -> tuple[Addresses, bool] | Outcome:
        """The addresses of a subnet, and whether they are only bounds."""
        blocks = [
            found for block in subnet.blocks if (found := block.addresses(self._version)) != Addresses(self._version)
        ]
        if not blocks:
            why = f"{subnet.name} has no IPv{self._version} block"
            return Outcome(verdict=Verdict.BLOCKED, explanation=why, blocked_by=subnet.name)
        if isinstance(blocks[0], Unknown):
            return Addresses.everything(self._version), True
        return blocks[0], False

    def _outside(self, name: str, addresses: Addresses) -> Party:
        return Party(name=name, spots=(Spot(name=name, places=(Place(name=name, addresses=addresses),)),))

    def _network(self, name: str, cidr: Addresses) -> Party:
        """A network by its addresses: the hosts of subnets that have some, and what is outside of every VPC."""
        if not cidr:
            raise ValueError(f"this CIDR is of another IP version, got {name!r}; allowed: IPv{self._version}")
        spots = []
        for subnet in self._model.subnets.values():
            addresses = self._addresses(subnet)
            if not isinstance(addresses, Outcome) and not addresses[1] and addresses[0] & cidr:
                host = Place(name=f"a host in {subnet.name}", addresses=addresses[0] & cidr, subnet=subnet)
                spots.append(Spot(name=subnet.name, places=(host,)))
        outside = cidr - self._vpc_blocks()
        if outside or not spots:
            spots.append(Spot(name=name, places=(Place(name=name, addresses=outside or cidr),)))
        return Party(name=name, spots=tuple(spots))

    def _service(self, service: str) -> Party:
        """An AWS service as VPC endpoints offer it; its public addresses are part of the internet."""
        spots = []
        for endpoint in self._model.endpoints:
            if endpoint.service != service:
                continue
            if endpoint.gateway:
                public = Addresses.public(self._version)
                place = Place(name=service, addresses=public, vague=True, service=service)
                spots.append(Spot(name=f"{service} by {endpoint.name}", places=(place,)))
            elif endpoint.name in self._model.workloads:
                spots += self.resource(endpoint.name).spots
        if not spots:
            known = ", ".join(sorted({endpoint.service for endpoint in self._model.endpoints})) or "none"
            why = f"no VPC endpoint for {service} is in the templates; there are: {known}"
            spots.append(Spot(name=service, places=(Outcome(verdict=Verdict.BLOCKED, explanation=why),)))
        return Party(name=f"{SERVICE_PREFIX}{service}", spots=tuple(spots))

    def _vpc_blocks(self) -> Addresses:
        found = Addresses(self._version)
        for vpc in self._model.vpcs.values():
            for block in vpc.blocks:
                covered = block.addresses(self._version)
                found |= covered if isinstance(covered, Addresses) else Addresses(self._version)
        return found

    def _subnet(self, name: str) -> Subnet:
        if name not in self._model.subnets:
            raise ValueError(self._missing(name))
        return self._model.subnets[name]

    def _missing(self, name: str) -> str:
        tiers = {subnet.tier for subnet in self._model.subnets.values() if subnet.tier}
        known = sorted({*tiers, *self._model.subnets, *self._model.workloads, INTERNET})
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        return (
            f"nothing in the templates is called so, got {name!r}; allowed: {', '.join(near or known)}"
            f"{'' if near else f', a CIDR or {SERVICE_PREFIX}<service>'}"
        )


def _is_cidr(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
