"""From templates to the resources that have network interfaces, and to what stands behind load balancers."""

from collections import defaultdict
from dataclasses import dataclass, replace

from aws_architect_constructs._templates.intrinsics import Reference, Unknown
from aws_architect_constructs.testing.reachability._reading import Properties, Reader, dig, flat, is_true, number
from aws_architect_constructs.testing.reachability.model import Forward, Listener, Workload

_LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_IPV4_ONLY = (4,)


@dataclass(frozen=True, kw_only=True)
class _Placement:
    """Where a type says which subnets, groups and public address it has.

    Attributes:
        subnets: Path of the subnets, or of the one subnet.
        groups: Path of the security groups.
        subnet_group: Path of a subnet group that holds the subnets instead, and the property of the group.
        public: Path of what makes its address public, and the value that does; None means that it has none.
        cluster: Path of a cluster that the resource is a member of and that places it.
        dual: Path of what makes it speak IPv6 too, and the value that does; None means that its subnets decide.
        accepts: Whether it takes connections.
    """

    subnets: str = ""
    groups: str = ""
    subnet_group: tuple[str, str] | None = None
    public: tuple[str, str] | None = None
    cluster: str = ""
    dual: tuple[str, str] | None = None
    accepts: bool = True


_AWSVPC = "NetworkConfiguration.AwsvpcConfiguration"
_PLACEMENTS = {
    "AWS::EC2::NetworkInterface": _Placement(subnets="SubnetId", groups="GroupSet"),
    "AWS::EC2::VPCEndpoint": _Placement(
        subnets="SubnetIds", groups="SecurityGroupIds", dual=("IpAddressType", "dualstack")
    ),
    "AWS::ECS::Service": _Placement(
        subnets=f"{_AWSVPC}.Subnets",
        groups=f"{_AWSVPC}.SecurityGroups",
        public=(f"{_AWSVPC}.AssignPublicIp", "ENABLED"),
    ),
    "AWS::EFS::MountTarget": _Placement(
        subnets="SubnetId", groups="SecurityGroups", dual=("IpAddressType", "DUAL_STACK")
    ),
    "AWS::EKS::Cluster": _Placement(
        subnets="ResourcesVpcConfig.SubnetIds", groups="ResourcesVpcConfig.SecurityGroupIds"
    ),
    "AWS::ElastiCache::ReplicationGroup": _Placement(
        groups="SecurityGroupIds",
        subnet_group=("CacheSubnetGroupName", "SubnetIds"),
        dual=("NetworkType", "dual_stack"),
    ),
    "AWS::ElastiCache::ServerlessCache": _Placement(subnets="SubnetIds", groups="SecurityGroupIds"),
    # A function's interface only opens connections: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    "AWS::Lambda::Function": _Placement(
        subnets="VpcConfig.SubnetIds",
        groups="VpcConfig.SecurityGroupIds",
        dual=("VpcConfig.Ipv6AllowedForDualStack", "true"),
        accepts=False,
    ),
    "AWS::RDS::DBCluster": _Placement(
        groups="VpcSecurityGroupIds",
        subnet_group=("DBSubnetGroupName", "SubnetIds"),
        public=("PubliclyAccessible", "true"),
        dual=("NetworkType", "DUAL"),
    ),
    "AWS::RDS::DBInstance": _Placement(
        groups="VPCSecurityGroups",
        subnet_group=("DBSubnetGroupName", "SubnetIds"),
        public=("PubliclyAccessible", "true"),
        dual=("NetworkType", "DUAL"),
        cluster="DBClusterIdentifier",
    ),
    "AWS::RDS::DBProxy": _Placement(
        subnets="VpcSubnetIds", groups="VpcSecurityGroupIds", dual=("EndpointNetworkType", "DUAL")
    ),
}


def workloads(reader: Reader) -> dict[str, Workload]:
    """All resources with interfaces in a VPC, by name."""
    found: dict[str, Workload] = {}
    for name, type_, properties in reader.all(*_PLACEMENTS):
        workload = _placed(reader, name, type_, properties)
        if workload is not None:
            found[name] = workload
    for name, type_, properties in reader.all("AWS::EC2::Instance"):
        found[name] = _instance(reader, name, type_, properties)
    for name, type_, properties in reader.all("AWS::AutoScaling::AutoScalingGroup"):
        found[name] = _auto_scaling_group(reader, name, type_, properties)
    for name, type_, properties in reader.all(_LOAD_BALANCER):
        found[name] = _load_balancer(reader, name, type_, properties)
    for name in _elastic_addresses(reader):
        if name in found:
            found[name] = replace(found[name], public=True)
    return found | _file_systems(reader, found)


def _placed(reader: Reader, name: str, type_: str, properties: Properties) -> Workload | None:
    placement = _PLACEMENTS[type_]
    cluster = dig(properties, placement.cluster) if placement.cluster else None
    if isinstance(cluster, Reference):
        owner = _placed(reader, name, reader.type_of(cluster), reader.properties(cluster))
        if owner is not None:
            public = _public(properties, placement)
            return replace(owner, type=type_, public=public)
    subnets = _many(reader, dig(properties, placement.subnets)) if placement.subnets else ()
    if placement.subnet_group is not None:
        path, key = placement.subnet_group
        group = dig(properties, path)
        if isinstance(group, Reference):
            subnets = _many(reader, reader.properties(group).get(key))
        elif group is not None:
            subnets = (Unknown(f"{name}: the subnets of {group}"),)
    if not subnets:
        return None
    groups = _many(reader, dig(properties, placement.groups)) or _default_groups(reader, subnets)
    public = _public(properties, placement)
    dual = placement.dual is None or str(dig(properties, placement.dual[0])).lower() == placement.dual[1].lower()
    return Workload(
        name=name,
        type=type_,
        subnets=subnets,
        groups=groups,
        public=public,
        versions=(4, 6) if dual else _IPV4_ONLY,
        accepts=placement.accepts,
    )


def _public(properties: Properties, placement: _Placement) -> bool | Unknown:
    if placement.public is None:
        return False
    path, value = placement.public
    given = dig(properties, path)
    return given if isinstance(given, Unknown) else str(given).lower() == value.lower()


def _many(reader: Reader, value: object) -> tuple[str | Unknown, ...]:
    """The targets of a list, or of a single value."""
    return reader.targets(value if isinstance(value, list) or value is None else [value])


def _default_groups(reader: Reader, subnets: tuple[str | Unknown, ...]) -> tuple[str | Unknown, ...]:
    """Without groups a resource gets the default group of its VPC."""
    vpc_of = {name: reader.target(given.get("VpcId")) for name, _, given in reader.all("AWS::EC2::Subnet")}
    vpcs = {vpc_of.get(subnet) for subnet in subnets if isinstance(subnet, str)}
    names = tuple(f"{vpc}.DefaultSecurityGroup" for vpc in vpcs if isinstance(vpc, str))
    return names or (Unknown("the default security group of a VPC that is not in the templates"),)


def _instance(reader: Reader, name: str, type_: str, properties: Properties) -> Workload:
    interface = dig(properties, "NetworkInterfaces.0")
    given: Properties = interface if isinstance(interface, dict) else {}
    attached = given.get("NetworkInterfaceId")
    if isinstance(attached, Reference):
        given = reader.properties(attached)
    subnets = _many(reader, given.get("SubnetId", properties.get("SubnetId")))
    subnets = subnets or (Unknown(f"{name}: it is in the default VPC"),)
    groups = _many(reader, given.get("GroupSet", properties.get("SecurityGroupIds")))
    choice = given.get("AssociatePublicIpAddress")
    public = None if choice is None else is_true(choice)
    return Workload(
        name=name, type=type_, subnets=subnets, groups=groups or _default_groups(reader, subnets), public=public
    )


def _auto_scaling_group(reader: Reader, name: str, type_: str, properties: Properties) -> Workload:
    subnets = _many(reader, properties.get("VPCZoneIdentifier")) or (Unknown(f"{name}: it names no subnets"),)
    template = dig(properties, "LaunchTemplate.LaunchTemplateId") or dig(
        properties, "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId"
    )
    configuration = properties.get("LaunchConfigurationName")
    given: object = {}
    if isinstance(template, Reference):
        given = reader.properties(template).get("LaunchTemplateData")
    elif isinstance(configuration, Reference):
        given = reader.properties(configuration)
    launch = given if isinstance(given, dict) else {}
    groups = _many(reader, dig(launch, "NetworkInterfaces.0.Groups"))
    groups = groups or _many(reader, launch.get("SecurityGroupIds", launch.get("SecurityGroups")))
    choice = launch.get("AssociatePublicIpAddress", dig(launch, "NetworkInterfaces.0.AssociatePublicIpAddress"))
    if not launch:
        groups = (Unknown(f"{name}: its launch template is not in the templates"),)
    public = None if choice is None else is_true(choice)
    return Workload(
        name=name, type=type_, subnets=subnets, groups=groups or _default_groups(reader, subnets), public=public
    )


def _load_balancer(reader: Reader, name: str, type_: str, properties: Properties) -> Workload:
    mappings = properties.get("SubnetMappings")
    mapped = [given.get("SubnetId") for given in mappings] if isinstance(mappings, list) else None
    subnets = _many(reader, properties.get("Subnets", mapped)) or (Unknown(f"{name}: it names no subnets"),)
    groups: tuple[str | Unknown, ...] | None = _many(reader, properties.get("SecurityGroups"))
    if not groups:
        # A Network Load Balancer may have no groups and then filters nothing.
        groups = None if properties.get("Type") == "network" else _default_groups(reader, subnets)
    scheme = properties.get("Scheme", "internet-facing")
    dual = str(properties.get("IpAddressType", "ipv4")).startswith("dualstack")
    return Workload(
        name=name,
        type=type_,
        subnets=subnets,
        groups=groups,
        public=scheme if isinstance(scheme, Unknown) else scheme == "internet-facing",
        versions=(4, 6) if dual else _IPV4_ONLY,
    )


def _elastic_addresses(reader: Reader) -> list[str]:
    """The instances and interfaces that have an Elastic IP address."""
    found = []
    for _, _, properties in reader.all("AWS::EC2::EIP", "AWS::EC2::EIPAssociation"):
        for key in ("InstanceId", "NetworkInterfaceId"):
            target = reader.target(properties.get(key))
            if isinstance(target, str):
                found.append(target)
    return found


def _file_systems(reader: Reader, found: dict[str, Workload]) -> dict[str, Workload]:
    """A file system is where its mount targets are."""
    mounts: dict[str, list[Workload]] = defaultdict(list)
    for name, _, properties in reader.all("AWS::EFS::MountTarget"):
        system = reader.target(properties.get("FileSystemId"))
        if isinstance(system, str) and name in found:
            mounts[system].append(found[name])
    return {
        name: Workload(
            name=name,
            type="AWS::EFS::FileSystem",
            subnets=flat(mount.subnets for mount in targets),
            groups=flat(mount.groups or () for mount in targets),
        )
        for name, targets in mounts.items()
    }


def listeners(reader: Reader, found: dict[str, Workload]) -> tuple[Listener, ...]:
    """All listeners of load balancers with the targets behind them, rules included."""
    behind = _targets(reader, found)
    actions: dict[str, list[object]] = defaultdict(list)
    for _, _, properties in reader.all("AWS::ElasticLoadBalancingV2::ListenerRule"):
        actions[str(reader.target(properties.get("ListenerArn")))] += properties.get("Actions") or []
    result = []
    for name, _, properties in reader.all("AWS::ElasticLoadBalancingV2::Listener"):
        balancer = reader.target(properties.get("LoadBalancerArn"))
        groups = [
            reader.target(arn)
            for action in [*(properties.get("DefaultActions") or []), *actions[name]]
            for arn in _forwarded(action)
        ]
        forwards = [forward for group in dict.fromkeys(groups) if isinstance(group, str) for forward in behind[group]]
        if isinstance(balancer, str):
            result.append(
                Listener(
                    name=name,
                    load_balancer=balancer,
                    port=number(properties.get("Port"), 0),
                    protocol="udp" if "UDP" in str(properties.get("Protocol")) else "tcp",
                    forwards=tuple(forwards),
                )
            )
    return tuple(result)


def _forwarded(action: object) -> list[object]:
    if not isinstance(action, dict) or action.get("Type") != "forward":
        return []
    many = dig(action, "ForwardConfig.TargetGroups")
    arns = [
        action.get("TargetGroupArn"),
        *(given.get("TargetGroupArn") for given in (many if isinstance(many, list) else [])),
    ]
    return [arn for arn in arns if arn is not None]


def _targets(reader: Reader, found: dict[str, Workload]) -> dict[str, list[Forward]]:
    """What each target group sends to, by the group's name."""
    groups = {name: given for name, _, given in reader.all("AWS::ElasticLoadBalancingV2::TargetGroup")}
    behind: dict[str, list[Forward]] = defaultdict(list)

    def add(group: object, workload: object, port: object) -> None:
        if isinstance(group, str) and isinstance(workload, str) and workload in found:
            given = groups.get(group, {})
            number_of = number(given.get("Port") if port is None else port, 0)
            behind[group].append(Forward(workload=workload, port=number_of, keeps_client_address=_keeps(given)))

    for name, given in groups.items():
        for target in given.get("Targets") or []:
            add(name, reader.target(target.get("Id")), target.get("Port"))
    for service, _, given in reader.all("AWS::ECS::Service"):
        for balancer in given.get("LoadBalancers") or []:
            alternate = dig(balancer, "AdvancedConfiguration.AlternateTargetGroupArn")
            for group in (balancer.get("TargetGroupArn"), alternate):
                add(reader.target(group), service, balancer.get("ContainerPort"))
    for fleet, _, given in reader.all("AWS::AutoScaling::AutoScalingGroup"):
        for target_group in reader.targets(given.get("TargetGroupARNs")):
            add(target_group, fleet, None)
    return behind


def _keeps(group: Properties) -> bool:
    """Whether targets see the client's own address: a Network Load Balancer's choice, by default for instances.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation
    """
    protocol = str(group.get("Protocol"))
    if protocol in ("HTTP", "HTTPS", "None"):
        return False
    given = group.get("TargetGroupAttributes")
    chosen = {one.get("Key"): one.get("Value") for one in given} if isinstance(given, list) else {}
    default = group.get("TargetType", "instance") == "instance" or "UDP" in protocol
    return is_true(chosen.get("preserve_client_ip.enabled", default))
