"""What intrinsic functions come to, and what they leave unknown."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.testing.intrinsics import Concatenation, Reference, TemplateSet, Unknown

VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
SUBNET = {
    "Type": "AWS::EC2::Subnet",
    "Properties": {
        "VpcId": {"Ref": "Vpc"},
        "CidrBlock": {"Fn::Select": [1, {"Fn::Cidr": [{"Fn::GetAtt": "Vpc.CidrBlock"}, 4, 8]}]},
    },
}


def stack(**sections: Any) -> dict[str, Any]:
    """A template with a VPC and a subnet, and the sections given."""
    return {"Resources": {"Vpc": VPC, "Subnet": SUBNET}, **sections}


def resolve(value: object, **sections: Any) -> object:
    """The value in a template of its own."""
    return TemplateSet({"S": stack(**sections)}).resolve("S", value)


CONDITIONS = {
    "Conditions": {
        "Yes": {"Fn::Equals": ["a", "a"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "Number": {"Fn::Equals": [1, "1"]},
        "Truth": {"Fn::Equals": [True, "true"]},
        "Lists": {"Fn::Equals": [["a", 1], ["a", "1"]]},
        "Region": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
        "Account": {"Fn::Equals": ["1", {"Fn::Join": ["", ["1", {"Ref": "Vpc"}]]}]},
        "NotRegion": {"Fn::Not": [{"Condition": "Region"}]},
        "NoAnyway": {"Fn::And": [{"Condition": "Region"}, {"Condition": "No"}]},
        "YesAnyway": {"Fn::Or": [{"Condition": "Region"}, {"Condition": "Yes"}]},
        "Both": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "Number"}]},
        "Neither": {"Fn::Or": [{"Condition": "No"}, {"Condition": "No"}]},
        "Open": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "Region"}]},
    }
}

MAPPINGS = {"Mappings": {"Sizes": {"dev": {"cpu": "256"}}}}

RESULTS: list[tuple[str, object, object]] = [
    ("literal", 5, 5),
    ("resource", {"Ref": "Vpc"}, Reference("S", "Vpc")),
    ("attribute in a list", {"Fn::GetAtt": ["Vpc", "VpcId"]}, Reference("S", "Vpc", "VpcId")),
    ("dotted attribute", {"Fn::GetAtt": "Vpc.A.B"}, Reference("S", "Vpc", "A.B")),
    ("attribute that is a property", {"Fn::GetAtt": ["Vpc", "CidrBlock"]}, "10.0.0.0/16"),
    ("attribute that is a computed property", {"Fn::GetAtt": ["Subnet", "CidrBlock"]}, "10.0.1.0/24"),
    ("attribute that is a reference", {"Fn::GetAtt": ["Subnet", "VpcId"]}, Reference("S", "Vpc")),
    (
        "property that is not set",
        {"Fn::GetAtt": ["Subnet", "AvailabilityZone"]},
        Reference("S", "Subnet", "AvailabilityZone"),
    ),
    ("join", {"Fn::Join": ["-", ["a", 1, True]]}, "a-1-true"),
    ("join of nothing", {"Fn::Join": ["-", []]}, ""),
    ("join of one reference", {"Fn::Join": ["", [{"Ref": "Vpc"}]]}, Reference("S", "Vpc")),
    ("join with a reference", {"Fn::Join": [":", ["a", {"Ref": "Vpc"}]]}, Concatenation(("a:", Reference("S", "Vpc")))),
    (
        "nested join",
        {"Fn::Join": ["", ["x", {"Fn::Sub": "a${Vpc}b"}, "c"]]},
        Concatenation(("xa", Reference("S", "Vpc"), "bc")),
    ),
    ("join of a split", {"Fn::Join": ["/", {"Fn::Split": [",", "a,b"]}]}, "a/b"),
    ("sub", {"Fn::Sub": "${Vpc.CidrBlock} ${!Literal} ${AWS::StackName}"}, "10.0.0.0/16 ${Literal} S"),
    (
        "sub with variables",
        {"Fn::Sub": ["${Name}-${Other}", {"Name": "a", "Other": {"Fn::GetAtt": "Vpc.CidrBlock"}}]},
        "a-10.0.0.0/16",
    ),
    ("sub with a reference alone", {"Fn::Sub": "${Vpc}"}, Reference("S", "Vpc")),
    ("sub with nothing", {"Fn::Sub": "a${AWS::NoValue}b"}, "ab"),
    ("select", {"Fn::Select": ["1", ["a", "b"]]}, "b"),
    ("split", {"Fn::Split": ["|", "a|b"]}, ["a", "b"]),
    ("cidr", {"Fn::Cidr": ["10.0.0.0/24", "2", "6"]}, ["10.0.0.0/26", "10.0.0.64/26"]),
    ("cidr without bits", {"Fn::Cidr": ["10.0.0.0/16", 2]}, ["10.0.0.0/24", "10.0.1.0/24"]),
    ("cidr of IPv6", {"Fn::Cidr": ["2001:db8::/56", 2, 64]}, ["2001:db8::/64", "2001:db8:0:1::/64"]),
    ("base64", {"Fn::Base64": "hello"}, "aGVsbG8="),
    ("no value", {"Ref": "AWS::NoValue"}, None),
    ("no value in a mapping", {"A": {"Ref": "AWS::NoValue"}, "B": [1, {"Ref": "AWS::NoValue"}]}, {"B": [1]}),
    (
        "a mapping that is no function",
        {"Condition": "x", "B": {"Ref": "Vpc", "C": 1}},
        {"Condition": "x", "B": {"Ref": "Vpc", "C": 1}},
    ),
    ("map", {"Fn::FindInMap": ["Sizes", "dev", "cpu"]}, "256"),
    ("map with a default", {"Fn::FindInMap": ["Sizes", "prod", "cpu", {"DefaultValue": "512"}]}, "512"),
    ("if", {"Fn::If": ["Yes", 1, {"Ref": "Missing"}]}, 1),
    ("if not", {"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, None),
    ("if either way", {"Fn::If": ["Region", 1, 1]}, 1),
    ("number equals its text", {"Fn::If": ["Number", 1, 2]}, 1),
    ("truth equals its text", {"Fn::If": ["Truth", 1, 2]}, 1),
    ("lists are equal by their texts", {"Fn::If": ["Lists", 1, 2]}, 1),
    ("one false part decides And", {"Fn::If": ["NoAnyway", 1, 2]}, 2),
    ("one true part decides Or", {"Fn::If": ["YesAnyway", 1, 2]}, 1),
    ("And of true parts", {"Fn::If": ["Both", 1, 2]}, 1),
    ("Or of false parts", {"Fn::If": ["Neither", 1, 2]}, 2),
]


@pytest.mark.parametrize(("value", "expected"), [pytest.param(*row[1:], id=row[0]) for row in RESULTS])
def test_value_that_templates_tell(value: object, expected: object) -> None:
    """A function of known arguments has the value that CloudFormation gives it."""
    assert resolve(value, **CONDITIONS, **MAPPINGS) == expected


UNKNOWN: list[tuple[str, object, str]] = [
    ("pseudo parameter", {"Ref": "AWS::Region"}, "AWS::Region of stack S"),
    ("zones", {"Fn::GetAZs": ""}, "Availability Zones of the Region"),
    ("zones of a Region", {"Fn::GetAZs": "eu-west-1"}, "Availability Zones of eu-west-1"),
    ("zone of a Region", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "Availability Zones"),
    ("list attribute", {"Fn::Select": [0, {"Fn::GetAtt": ["Vpc", "Ipv6CidrBlocks"]}]}, "S/Vpc.Ipv6CidrBlocks"),
    ("unknown index", {"Fn::Select": [{"Ref": "AWS::Region"}, []]}, "AWS::Region"),
    ("split reference", {"Fn::Split": ["/", {"Ref": "Vpc"}]}, "Fn::Split of S/Vpc"),
    ("split unknown", {"Fn::Split": ["/", {"Ref": "AWS::Region"}]}, "AWS::Region"),
    ("join of an unknown list", {"Fn::Join": ["", {"Fn::GetAZs": ""}]}, "Availability Zones"),
    ("join of a reference", {"Fn::Join": ["", {"Fn::GetAtt": ["Vpc", "Ipv6CidrBlocks"]}]}, "Fn::Join over the list"),
    ("cidr of a reference", {"Fn::Cidr": [{"Ref": "Vpc"}, 1, 8]}, "Fn::Cidr of S/Vpc"),
    ("cidr of an unknown", {"Fn::Cidr": [{"Ref": "AWS::Region"}, 1, 8]}, "AWS::Region"),
    ("base64 of an unknown", {"Fn::Base64": {"Ref": "AWS::Region"}}, "AWS::Region"),
    ("base64 of a reference", {"Fn::Base64": {"Ref": "Vpc"}}, "Fn::Base64 of S/Vpc"),
    ("another function", {"Fn::Transform": {"Name": "x"}}, "S.Fn::Transform"),
    ("condition", {"Fn::If": ["Open", 1, 2]}, "condition Open of stack S: pseudo parameter AWS::Region"),
    ("negated condition", {"Fn::If": ["NotRegion", 1, 2]}, "AWS::Region"),
    ("condition about a reference", {"Fn::If": ["Account", 1, 2]}, "Fn::Equals of 1<S/Vpc>"),
    ("export", {"Fn::ImportValue": "shared"}, "export shared of a stack that is not among those given"),
    ("unknown export", {"Fn::ImportValue": {"Ref": "AWS::Region"}}, "AWS::Region"),
    ("output elsewhere", {"Fn::GetStackOutput": {"StackName": "T", "OutputName": "O"}}, "output O of stack T"),
    ("unknown map key", {"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "cpu"]}, "AWS::Region"),
    ("map key with a reference", {"Fn::FindInMap": ["Sizes", {"Fn::Sub": "a${Vpc}"}, "cpu"]}, "the key a<S/Vpc>"),
    ("dynamic reference", "{{resolve:ssm:/x}}", "{{resolve:ssm:/x}}"),
    ("unknown attribute name", {"Fn::GetAtt": ["Vpc", {"Ref": "AWS::Region"}]}, "AWS::Region"),
]


@pytest.mark.parametrize(("value", "reason"), [pytest.param(*row[1:], id=row[0]) for row in UNKNOWN])
def test_value_that_only_a_deployment_knows(value: object, reason: str) -> None:
    """What depends on something that templates do not tell is unknown, with the reason."""
    result = resolve(value, **CONDITIONS, **MAPPINGS)
    assert isinstance(result, Unknown)
    assert reason in result.reason


def test_unknown_part_of_a_text_leaves_the_rest_known() -> None:
    """A text with an unknown part keeps its literal parts."""
    result = resolve("a{{resolve:ssm:x}}b")
    assert result == Concatenation(("a", Unknown("dynamic reference {{resolve:ssm:x}}"), "b"))
    assert str(result) == "a<unknown (dynamic reference {{resolve:ssm:x}})>b"


ERRORS: list[tuple[str, object, str]] = [
    ("missing resource", {"Ref": "Subnt"}, r"S: Ref names something that is not there, got 'Subnt'; allowed: Subnet"),
    ("missing attribute's resource", {"Fn::GetAtt": "Vpcc.Id"}, r"S\.Fn::GetAtt .*'Vpcc'; allowed: Vpc"),
    ("missing in sub", {"Fn::Sub": "${Vpd}"}, r"S\.Fn::Sub: Ref names .*'Vpd'"),
    ("place inside", {"A": [0, {"Ref": "Q"}]}, r"S\.A\[1\]: Ref"),
    ("ref of a list", {"Ref": ["a"]}, "Ref needs a name"),
    ("attribute", {"Fn::GetAtt": "Vpc"}, "needs a resource and an attribute"),
    ("join arguments", {"Fn::Join": "a"}, "needs two arguments"),
    ("join delimiter", {"Fn::Join": [1, []]}, "literal delimiter"),
    ("join values", {"Fn::Join": ["", "a"]}, "list of values"),
    ("join of a mapping", {"Fn::Join": ["", [{"a": 1}]]}, "a text is made of texts"),
    ("split delimiter", {"Fn::Split": ["", "a"]}, "needs a delimiter"),
    ("split list", {"Fn::Split": [",", ["a"]]}, "needs a text"),
    ("select index", {"Fn::Select": [2, ["a"]]}, r"no such item, got 2; allowed: 0 to 0"),
    ("select index text", {"Fn::Select": ["x", ["a"]]}, "no such item"),
    ("select list", {"Fn::Select": [0, "a"]}, "needs a list"),
    ("cidr arguments", {"Fn::Cidr": "10.0.0.0/8"}, "a block, a count and host bits"),
    ("cidr block", {"Fn::Cidr": ["x", 1, 8]}, "a block of addresses"),
    ("cidr count", {"Fn::Cidr": ["10.0.0.0/16", 257, 8]}, "so many blocks"),
    ("cidr bits", {"Fn::Cidr": ["10.0.0.0/24", 1, 16]}, "do not fit"),
    ("cidr room", {"Fn::Cidr": ["10.0.0.0/24", 3, 7]}, "no room"),
    ("sub arguments", {"Fn::Sub": ["a"]}, "needs text and variables"),
    ("if arguments", {"Fn::If": ["Yes", 1]}, "a condition and two values"),
    (
        "missing condition",
        {"Fn::If": ["Yess", 1, 2]},
        "condition names something that is not there, got 'Yess'; allowed: Yes",
    ),
    ("malformed condition", {"Fn::If": ["Odd", 1, 2]}, "S/Conditions.Odd: no condition"),
    ("map arguments", {"Fn::FindInMap": ["Sizes"]}, "needs a map and two keys"),
    ("map key", {"Fn::FindInMap": ["Sizes", "deb", "cpu"]}, "'deb'; allowed: dev"),
    ("map depth", {"Fn::FindInMap": ["Sizes", "dev", "mem"]}, "'mem'; allowed: cpu"),
    ("export name", {"Fn::ImportValue": ["a"]}, "an export has a name"),
    ("output arguments", {"Fn::GetStackOutput": {"StackName": "S"}}, "StackName and OutputName"),
    ("missing output", {"Fn::GetStackOutput": {"StackName": "S", "OutputName": "O"}}, "allowed: nothing is declared"),
]


@pytest.mark.parametrize(("value", "message"), [pytest.param(*row[1:], id=row[0]) for row in ERRORS])
def test_malformed_function_is_an_error_that_names_the_place(value: object, message: str) -> None:
    """What CloudFormation would refuse is a ValueError with the place and what is allowed."""
    conditions = {"Conditions": {**CONDITIONS["Conditions"], "Odd": {"Fn::Xor": []}}}
    with pytest.raises(ValueError, match=message):
        resolve(value, **conditions, **MAPPINGS)


def test_unknown_stack_is_an_error() -> None:
    """A stack that was not given has no values."""
    with pytest.raises(ValueError, match="no such stack, got 'T'; allowed: S"):
        TemplateSet({"S": stack()}).resolve("T", 1)


PARAMETERS = {
    "Parameters": {
        "Bare": {"Type": "String"},
        "Default": {"Type": "String", "Default": "d"},
        "List": {"Type": "CommaDelimitedList", "Default": "a, b"},
        "Ssm": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/path"},
    }
}


def test_parameter_has_its_default() -> None:
    """A parameter is its default, and a list parameter the list its text stands for."""
    assert resolve([{"Ref": "Default"}, {"Ref": "List"}], **PARAMETERS) == ["d", ["a", "b"]]


def test_given_parameter_wins() -> None:
    """A given value replaces the default, SSM's included."""
    templates = TemplateSet({"S": stack(**PARAMETERS)}, parameters={"Default": "g", "Ssm": "ami-1", "List": "c"})
    assert templates.resolve("S", [{"Ref": "Default"}, {"Ref": "Ssm"}, {"Ref": "List"}]) == ["g", "ami-1", ["c"]]


@pytest.mark.parametrize("name", ["Bare", "Ssm"])
def test_parameter_without_value_is_unknown(name: str) -> None:
    """No default, or one that is only the name of an SSM parameter, is no value."""
    result = resolve({"Ref": name}, **PARAMETERS)
    assert isinstance(result, Unknown)
    assert f"parameter {name} of stack S" in result.reason


def test_given_facts_of_a_deployment() -> None:
    """Pseudo parameters, attributes and zones can be told."""
    templates = TemplateSet(
        {"S": stack()},
        pseudo={"AWS::Region": "eu-west-1"},
        attributes={Reference("S", "Vpc", "Ipv6CidrBlocks"): ["2001:db8::/56"]},
        availability_zones=["a", "b"],
    )
    block = {
        "Fn::Select": [3, {"Fn::Cidr": [{"Fn::Select": [0, {"Fn::GetAtt": ["Vpc", "Ipv6CidrBlocks"]}]}, 256, "64"]}]
    }
    value = [{"Ref": "AWS::Region"}, block, {"Fn::Select": [1, {"Fn::GetAZs": ""}]}]
    assert templates.resolve("S", value) == ["eu-west-1", "2001:db8:0:3::/64", "b"]


def producer_and(consumer: dict[str, Any]) -> TemplateSet:
    """A stack that exports its VPC, and another."""
    outputs = {
        "Vpc": {"Value": {"Ref": "Vpc"}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-vpc"}}},
        "Cidr": {"Value": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}},
    }
    return TemplateSet({"Net": stack(Outputs=outputs), "App": consumer})


def test_import_leads_to_the_exporting_stack() -> None:
    """Fn::ImportValue is what the output of that export name is."""
    assert producer_and({"Resources": {}}).resolve("App", {"Fn::ImportValue": "Net-vpc"}) == Reference("Net", "Vpc")


def test_stack_output_leads_to_the_named_stack() -> None:
    """Fn::GetStackOutput is the output of the stack of that name, exported or not."""
    value = {"Fn::GetStackOutput": {"StackName": "Net", "OutputName": "Cidr", "Region": "eu-west-1"}}
    assert producer_and({"Resources": {}}).resolve("App", value) == "10.0.0.0/16"


def nested_set(child_name: str, metadata: dict[str, str]) -> TemplateSet:
    """A parent, and a child that takes a VPC and returns a resource of its own."""
    child = {
        "Resources": {"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": {"Ref": "VpcId"}}}},
        "Parameters": {"VpcId": {"Type": "String"}, "Zones": {"Type": "CommaDelimitedList", "Default": "x"}},
        "Outputs": {
            "Group": {"Value": {"Fn::GetAtt": ["Group", "GroupId"]}},
            "Vpc": {"Value": {"Fn::GetAtt": "Group.VpcId"}},
        },
    }
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "https://x", "Parameters": {"VpcId": {"Ref": "Vpc"}}},
        "Metadata": metadata,
    }
    return TemplateSet({"P": {"Resources": {"Vpc": VPC, "Child": nested}}, child_name: child})


@pytest.mark.parametrize(
    ("child", "metadata"),
    [("Child", {}), ("PChild1234", {"aws:asset:path": "out/PChild1234.nested.template.json"})],
)
def test_nested_stack_is_followed_both_ways(child: str, metadata: dict[str, str]) -> None:
    """A nested stack's output leads into it, and its parameter out of it again."""
    templates = nested_set(child, metadata)
    assert templates.resolve("P", {"Fn::GetAtt": ["Child", "Outputs.Group"]}) == Reference(child, "Group", "GroupId")
    assert templates.resolve("P", {"Fn::GetAtt": ["Child", "Outputs.Vpc"]}) == Reference("P", "Vpc")
    assert templates.resolve(child, {"Ref": "Zones"}) == ["x"]


def test_nested_stack_that_was_not_given_stays_a_reference() -> None:
    """Without the child's template its output is only a reference."""
    templates = nested_set("Other", {})
    assert templates.resolve("P", {"Fn::GetAtt": ["Child", "Outputs.G"]}) == Reference("P", "Child", "Outputs.G")


def test_nested_stack_has_no_known_name() -> None:
    """CloudFormation names nested stacks itself."""
    assert isinstance(nested_set("Child", {}).resolve("Child", {"Ref": "AWS::StackName"}), Unknown)


@pytest.mark.parametrize(
    ("templates", "circle"),
    [
        (
            {"S": {"Resources": {}, "Conditions": {"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}}}},
            "S/Conditions.A -> S/Conditions.B -> S/Conditions.A",
        ),
        (
            {
                "S": {
                    "Resources": {},
                    "Outputs": {"O": {"Value": {"Fn::GetStackOutput": {"StackName": "T", "OutputName": "O"}}}},
                },
                "T": {
                    "Resources": {},
                    "Outputs": {"O": {"Value": {"Fn::GetStackOutput": {"StackName": "S", "OutputName": "O"}}}},
                },
            },
            "S/Outputs.O -> T/Outputs.O -> S/Outputs.O",
        ),
    ],
)
def test_circle_is_an_error_that_shows_it(templates: dict[str, Any], circle: str) -> None:
    """A value that depends on itself is an error with every place on the way."""
    value = (
        {"Fn::If": ["A", 1, 2]}
        if "T" not in templates
        else {"Fn::GetStackOutput": {"StackName": "S", "OutputName": "O"}}
    )
    with pytest.raises(ValueError, match=f"depends on itself, got {circle}"):
        TemplateSet(templates).resolve("S", value)


def test_resources_are_filtered_by_type() -> None:
    """Only the asked-for types are returned, in the template's order."""
    templates = TemplateSet({"S": stack()})
    assert [found[1] for found in templates.resources("AWS::EC2::Subnet")] == ["Subnet"]
    assert [found[1] for found in templates.resources()] == ["Vpc", "Subnet"]


def test_resource_that_a_condition_leaves_out_is_not_there() -> None:
    """A false condition removes the resource; an unknown one does not."""
    resources = {"A": {**VPC, "Condition": "No"}, "B": {**VPC, "Condition": "Region"}, "C": {**VPC, "Condition": "Yes"}}
    templates = TemplateSet({"S": {"Resources": resources, **CONDITIONS}})
    assert [found[1] for found in templates.resources()] == ["B", "C"]
    assert isinstance(templates.exists("S", "B"), Unknown)


def test_properties_are_resolved() -> None:
    """The properties of a resource come with every function evaluated; none means an empty mapping."""
    templates = TemplateSet(
        {"S": {"Resources": {"Vpc": VPC, "Subnet": SUBNET, "Gateway": {"Type": "AWS::EC2::InternetGateway"}}}}
    )
    assert templates.properties("S", "Subnet") == {"VpcId": Reference("S", "Vpc"), "CidrBlock": "10.0.1.0/24"}
    assert templates.properties("S", "Gateway") == {}
    assert templates.resource(Reference("S", "Vpc", "CidrBlock")) is VPC


def test_properties_that_are_no_mapping_are_an_error() -> None:
    """Properties must be a mapping."""
    with pytest.raises(ValueError, match="S/Vpc: Properties is not a mapping"):
        TemplateSet({"S": {"Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": ["a"]}}}}).properties(
            "S", "Vpc"
        )


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ({}, "S: this is no CloudFormation template, got {}"),
        ([], "S: this is no CloudFormation template"),
        ({"Resources": {"A": {}}}, "S/A: this is no resource"),
        ({"Resources": {"A": "x"}}, "S/A: this is no resource"),
    ],
)
def test_what_is_no_template_is_refused(template: Any, message: str) -> None:
    """A thing without resources, or a resource without a type, is named and refused."""
    with pytest.raises(ValueError, match=message):
        TemplateSet({"S": template})


def test_references_print_as_places() -> None:
    """A reference reads as stack, logical id and attribute."""
    assert str(Reference("S", "Vpc", "CidrBlock")) == "S/Vpc.CidrBlock"
    assert Reference("S", "Vpc", "CidrBlock").resource == ("S", "Vpc")


@given(prefix=st.integers(16, 28), bits=st.integers(1, 12), count=st.integers(1, 256))
def test_cidr_blocks_lie_side_by_side_within_their_block(prefix: int, bits: int, count: int) -> None:
    """Fn::Cidr returns `count` equal neighbours that start where the block starts, or refuses."""
    value = {"Fn::Cidr": [f"10.0.0.0/{prefix}", count, bits]}
    if count > 2 ** (32 - prefix - bits):
        with pytest.raises(ValueError, match="Fn::Cidr"):
            resolve(value)
        return
    blocks = resolve(value)
    assert isinstance(blocks, list)
    assert [int(ipaddress.ip_network(block)[0]) for block in blocks] == [(10 << 24) + i * 2**bits for i in range(count)]
    assert {ipaddress.ip_network(block).num_addresses for block in blocks} == {2**bits}


TEXT = st.text(alphabet="abc-", max_size=5)


@given(parts=st.lists(TEXT, min_size=1, max_size=5))
def test_split_undoes_join(parts: list[str]) -> None:
    """What is joined by a delimiter that no part contains is split into the same parts."""
    assert resolve({"Fn::Split": ["|", {"Fn::Join": ["|", parts]}]}) == parts
