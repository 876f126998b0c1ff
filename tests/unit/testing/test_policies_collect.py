"""Policies of templates: collected, rendered as plain text, evaluated, and searched for what is granted widely."""

import json
from typing import Any

import pytest

from aws_architect_constructs._policies.template_policies import MADE_UP
from aws_architect_constructs.testing.policies import (
    AnonymousPrincipal,
    IamRole,
    PolicyError,
    PolicyKind,
    Request,
    ServicePrincipal,
    TemplatePolicies,
    WideGrantKind,
    evaluate,
    wide_grants,
)

Json = dict[str, Any]
OWN = "111111111111"
PARTITION_ARN = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":root"]]}


def document(*statements: Json) -> Json:
    """Return a document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: object, resource: object = "*", **more: object) -> Json:
    """Return an Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def template(**resources: Json) -> Json:
    """Return a template of the resources; the names of arguments are logical ids."""
    return {"Resources": resources}


def resource(kind: str, **properties: object) -> Json:
    """Return a resource."""
    return {"Type": kind, "Properties": properties}


TRUST = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
APP = template(
    Role=resource(
        "AWS::IAM::Role",
        AssumeRolePolicyDocument=TRUST,
        Policies=[{"PolicyName": "Inline", "PolicyDocument": document(allow("logs:PutLogEvents"))}],
        ManagedPolicyArns=[{"Ref": "Managed"}],
        PermissionsBoundary={"Ref": "Boundary"},
        Path="/service/",
    ),
    Grants=resource(
        "AWS::IAM::Policy",
        PolicyName="Grants",
        PolicyDocument=document(
            allow(["s3:GetObject*", "s3:List*"], [{"Fn::GetAtt": ["Bucket", "Arn"]}, {"Fn::Sub": "${Bucket.Arn}/*"}])
        ),
        Roles=[{"Ref": "Role"}],
    ),
    Managed=resource(
        "AWS::IAM::ManagedPolicy", PolicyDocument=document(allow("kms:*", {"Fn::GetAtt": ["Key", "Arn"]}))
    ),
    Boundary=resource(
        "AWS::IAM::ManagedPolicy", ManagedPolicyName="boundary", PolicyDocument=document(allow(["s3:*", "kms:*"]))
    ),
    Bucket=resource("AWS::S3::Bucket"),
    BucketPolicy=resource(
        "AWS::S3::BucketPolicy",
        Bucket={"Ref": "Bucket"},
        PolicyDocument=document(
            {
                "Sid": "Tls",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "s3:*",
                "Resource": {"Fn::Sub": "arn:${AWS::Partition}:s3:::${Bucket}/*"},
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ),
    ),
    Key=resource("AWS::KMS::Key", KeyPolicy=document(allow("kms:*", Principal={"AWS": PARTITION_ARN}))),
    Queue=resource("AWS::SQS::Queue", QueueName="Orders"),
    QueuePolicy=resource(
        "AWS::SQS::QueuePolicy",
        Queues=[{"Ref": "Queue"}],
        PolicyDocument=document(
            allow(
                "sqs:SendMessage",
                {"Fn::GetAtt": ["Queue", "Arn"]},
                Principal={"Service": "sns.amazonaws.com"},
                Condition={"ArnEquals": {"aws:SourceArn": {"Ref": "Topic"}}},
            )
        ),
    ),
    Topic=resource("AWS::SNS::Topic"),
    TopicPolicy=resource(
        "AWS::SNS::TopicPolicy",
        Topics=[{"Ref": "Topic"}],
        PolicyDocument=document(allow("sns:Publish", {"Ref": "Topic"}, Principal={"AWS": "222222222222"})),
    ),
    Endpoint=resource("AWS::EC2::VPCEndpoint", PolicyDocument=document(allow("*", Principal="*"))),
    Secret=resource("AWS::SecretsManager::Secret"),
    SecretPolicy=resource(
        "AWS::SecretsManager::ResourcePolicy",
        SecretId={"Ref": "Secret"},
        ResourcePolicy=document(
            allow("secretsmanager:GetSecretValue", Principal={"AWS": {"Fn::GetAtt": ["Role", "Arn"]}})
        ),
    ),
    Function=resource("AWS::Lambda::Function", Role={"Fn::GetAtt": ["Role", "Arn"]}),
    Permission=resource(
        "AWS::Lambda::Permission",
        FunctionName={"Ref": "Function"},
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn={"Fn::GetAtt": ["Bucket", "Arn"]},
        SourceAccount={"Ref": "AWS::AccountId"},
    ),
    UrlPermission=resource(
        "AWS::Lambda::Permission",
        FunctionName={"Fn::GetAtt": ["Function", "Arn"]},
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    ),
    Guardrail=resource(
        "AWS::Organizations::Policy",
        Type="SERVICE_CONTROL_POLICY",
        Content=document({"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}),
        TargetIds=["ou-1", {"Ref": "Unit"}],
    ),
    Unit=resource("AWS::Organizations::OrganizationalUnit"),
    Tags=resource("AWS::Organizations::Policy", Type="TAG_POLICY", Content={"tags": {}}),
    Humans=resource("AWS::SSO::PermissionSet", InlinePolicy=document(allow("s3:ListAllMyBuckets"))),
    LogPolicy=resource(
        "AWS::Logs::ResourcePolicy",
        PolicyDocument=json.dumps(document(allow("logs:PutLogEvents", Principal={"Service": "es.amazonaws.com"}))),
    ),
    Bus=resource("AWS::Events::EventBus", Name="bus"),
    BusPolicy=resource(
        "AWS::Events::EventBusPolicy",
        EventBusName={"Ref": "Bus"},
        StatementId="Other",
        Statement=allow("events:PutEvents", {"Fn::GetAtt": ["Bus", "Arn"]}, Principal={"AWS": "333333333333"}),
    ),
    Strange=resource("Acme::Made::Up", Nested=[{"Access": document(allow("acme:Get"))}], Text="no document"),
)


@pytest.fixture
def app() -> TemplatePolicies:
    """Return the policies of the template above."""
    return TemplatePolicies({"App": APP})


class TestCollect:
    """What is found."""

    def test_every_document_once(self, app: TemplatePolicies) -> None:
        """Every document is found with its logical id, kind, place and what it is attached to."""
        assert [(p.logical_id, p.kind, p.path, p.attached_to) for p in app.policies] == [
            ("Role", PolicyKind.TRUST, "AssumeRolePolicyDocument", ("Role",)),
            ("Role", PolicyKind.INLINE, "Policies[0].PolicyDocument", ("Role",)),
            ("Grants", PolicyKind.INLINE, "PolicyDocument", ("Role",)),
            ("Managed", PolicyKind.MANAGED, "PolicyDocument", ("Managed",)),
            ("Boundary", PolicyKind.MANAGED, "PolicyDocument", ("Boundary",)),
            ("BucketPolicy", PolicyKind.BUCKET, "PolicyDocument", ("Bucket",)),
            ("Key", PolicyKind.KEY, "KeyPolicy", ("Key",)),
            ("QueuePolicy", PolicyKind.QUEUE, "PolicyDocument", ("Queue",)),
            ("TopicPolicy", PolicyKind.TOPIC, "PolicyDocument", ("Topic",)),
            ("Endpoint", PolicyKind.VPC_ENDPOINT, "PolicyDocument", ("Endpoint",)),
            ("SecretPolicy", PolicyKind.SECRET, "ResourcePolicy", ("Secret",)),
            ("Permission", PolicyKind.FUNCTION, "Properties", ("Function",)),
            ("UrlPermission", PolicyKind.FUNCTION, "Properties", ("Function",)),
            ("Guardrail", PolicyKind.SERVICE_CONTROL, "Content", ("ou-1", "Unit")),
            ("Humans", PolicyKind.PERMISSION_SET, "InlinePolicy", ("Humans",)),
            ("LogPolicy", PolicyKind.RESOURCE, "PolicyDocument", ("LogPolicy",)),
            ("BusPolicy", PolicyKind.RESOURCE, "Statement", ("Bus",)),
            ("Strange", PolicyKind.OTHER, "Nested[0].Access", ("Strange",)),
        ]

    def test_attached_in_another_stack(self) -> None:
        """A document that is attached across stacks names the other stack's resource."""
        stacks = {
            "Data": {
                **template(Bucket=resource("AWS::S3::Bucket")),
                "Outputs": {"Out": {"Value": {"Ref": "Bucket"}, "Export": {"Name": "bucket"}}},
            },
            "App": template(
                Policy=resource(
                    "AWS::S3::BucketPolicy",
                    Bucket={"Fn::ImportValue": "bucket"},
                    PolicyDocument=document(allow("s3:*", Principal="*")),
                )
            ),
        }
        policies = TemplatePolicies(stacks)
        assert [p.attached_to for p in policies.policies] == [("Data/Bucket",)]
        assert policies.resource_of("Data/Bucket") is not None

    def test_what_a_condition_leaves_out_is_not_found(self) -> None:
        """A resource that its condition leaves out has no policy."""
        made = template(Key=resource("AWS::KMS::Key", KeyPolicy=document(allow("kms:*", Principal="*"))))
        made["Resources"]["Key"]["Condition"] = "Never"
        made["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}
        assert TemplatePolicies({"App": made}).policies == ()

    def test_unattached_policy_names_itself(self) -> None:
        """An organization's policy without targets is attached to nobody and is named by its own id."""
        made = template(
            Rcp=resource(
                "AWS::Organizations::Policy",
                Type="RESOURCE_CONTROL_POLICY",
                Content={"Fn::Sub": json.dumps(document({"Effect": "Deny", "Principal": "*", "Action": "s3:*"}))},
            )
        )
        (found,) = TemplatePolicies({"Org": made}).policies
        assert (found.kind, found.attached_to) == (PolicyKind.RESOURCE_CONTROL, ("Rcp",))
        assert found.place == "Org/Rcp.Content"

    def test_text_that_looks_like_a_document(self) -> None:
        """A property that holds a document as JSON text is found by its looks."""
        text = json.dumps(document(allow("acme:Get")))
        (found,) = TemplatePolicies({"App": template(X=resource("Acme::X", Policy=text))}).policies
        assert (found.kind, found.path) == (PolicyKind.OTHER, "Policy")


class TestRender:
    """Documents as plain text."""

    def test_names_and_arns(self, app: TemplatePolicies) -> None:
        """References become the name in the template, else the logical id, and the ARN that follows."""
        assert app.arn_of("Bucket") == "arn:aws:s3:::bucket"
        assert app.arn_of("Bucket", None) == "bucket"
        assert app.arn_of("Role") == f"arn:aws:iam::{OWN}:role/service/Role"
        assert app.arn_of("Queue") == f"arn:aws:sqs:eu-west-1:{OWN}:Orders"
        assert app.arn_of("Queue", None) == f"https://sqs.eu-west-1.amazonaws.com/{OWN}/Orders"
        assert app.arn_of("Topic", None) == f"arn:aws:sns:eu-west-1:{OWN}:Topic"
        assert app.arn_of("Boundary", None) == f"arn:aws:iam::{OWN}:policy/boundary"
        assert app.arn_of("Key") == f"arn:aws:kms:eu-west-1:{OWN}:key/key"

    def test_rendered_document(self, app: TemplatePolicies) -> None:
        """A rendered document has texts only."""
        grants = next(p for p in app.policies if p.logical_id == "Grants")
        assert app.render(grants)["Statement"] == [
            allow(["s3:GetObject*", "s3:List*"], ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"])
        ]

    def test_given_names(self) -> None:
        """The caller's names win, with or without the stack before them."""
        names = {"Bucket.Arn": "arn:aws:s3:::mine", "App/Queue.Arn": "arn:aws:sqs:x:1:q", "Bucket": "mine"}
        app = TemplatePolicies({"App": APP}, names=names)
        assert (app.arn_of("Bucket"), app.arn_of("Bucket", None)) == ("arn:aws:s3:::mine", "mine")
        assert app.arn_of("Queue") == "arn:aws:sqs:x:1:q"

    def test_other_partition(self) -> None:
        """Account, Region and partition can be chosen."""
        china = TemplatePolicies({"App": APP}, account="2" * 12, region="cn-north-1", partition="aws-cn")
        assert china.arn_of("Key") == f"arn:aws-cn:kms:cn-north-1:{'2' * 12}:key/key"
        with pytest.raises(PolicyError, match="partition: got 'moon'; allowed are aws"):
            TemplatePolicies({"App": APP}, partition="moon")

    def test_unknown_attribute(self) -> None:
        """A reference that nothing gives a text for is an error that names the place and what to give."""
        made = template(
            Load=resource("AWS::ElasticLoadBalancingV2::Listener"),
            Policy=resource(
                "AWS::IAM::ManagedPolicy", PolicyDocument=document(allow("elasticloadbalancing:*", {"Ref": "Load"}))
            ),
        )
        policies = TemplatePolicies({"App": made})
        with pytest.raises(PolicyError, match=r"App/Policy.PolicyDocument.Statement\[0\].Resource: .*names=\{'Load'"):
            policies.render(policies.policies[0])

    def test_unknown_value(self) -> None:
        """A parameter without a value is an error, and rendered once it is given."""
        made = template(P=resource("AWS::IAM::ManagedPolicy", PolicyDocument=document(allow("s3:*", {"Ref": "Arn"}))))
        made["Parameters"] = {"Arn": {"Type": "String"}}
        unknown = TemplatePolicies({"App": made})
        with pytest.raises(PolicyError, match=r"App/P.PolicyDocument.*parameter Arn"):
            unknown.render(unknown.policies[0])
        known = TemplatePolicies({"App": made}, parameters={"Arn": "arn:aws:s3:::b"})
        assert known.render(known.policies[0])["Statement"] == [allow("s3:*", "arn:aws:s3:::b")]

    def test_text_documents(self, app: TemplatePolicies) -> None:
        """JSON text is rendered as the document that it spells; other text is an error."""
        logs = next(p for p in app.policies if p.logical_id == "LogPolicy")
        assert app.render(logs)["Version"] == "2012-10-17"
        for wrong, message in (("no json", "no JSON"), ("[]", "allowed is a policy document")):
            made = TemplatePolicies({"App": template(K=resource("AWS::KMS::Key", KeyPolicy=wrong))})
            with pytest.raises(PolicyError, match=f"App/K.KeyPolicy: .*{message}"):
                made.render(made.policies[0])

    def test_document_with_unknown_parts_in_text(self) -> None:
        """Text that is put together from references is rendered before it is read."""
        text = json.dumps(document(allow("sqs:*", "ARN"))).split("ARN")
        joined = {"Fn::Join": ["", [text[0], {"Fn::GetAtt": ["Queue", "Arn"]}, text[1]]]}
        made = template(
            Queue=resource("AWS::SQS::Queue"), Logs=resource("AWS::Logs::ResourcePolicy", PolicyDocument=joined)
        )
        policies = TemplatePolicies({"App": made})
        assert policies.render(policies.policies[0])["Statement"] == [
            allow("sqs:*", f"arn:aws:sqs:eu-west-1:{OWN}:Queue")
        ]


class TestOfResource:
    """Policies by what they apply to, ready to be evaluated."""

    def test_identity_of_a_role(self, app: TemplatePolicies) -> None:
        """A role's identity-based policies are its inline ones, those attached to it, and its managed ones."""
        actions = [document["Statement"] for document in app.identity_of("Role")]
        assert [statements[0]["Action"] for statements in actions] == [  # type: ignore[index] # documents of a list
            "logs:PutLogEvents",
            ["s3:GetObject*", "s3:List*"],
            "kms:*",
        ]

    def test_boundary_of_a_role(self, app: TemplatePolicies) -> None:
        """A role's permissions boundary is a managed policy of the templates, or none."""
        assert app.boundary_of("Role") == document(allow(["s3:*", "kms:*"]))
        none = TemplatePolicies({"App": template(R=resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST))})
        assert none.boundary_of("R") is None

    def test_managed_policies_of_aws(self) -> None:
        """A managed policy that is in no template must be given."""
        arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        made = template(
            R=resource(
                "AWS::IAM::Role",
                AssumeRolePolicyDocument=TRUST,
                ManagedPolicyArns=[{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess"}],
                PermissionsBoundary=arn,
            )
        )
        with pytest.raises(PolicyError, match=r"App/R.ManagedPolicyArns\[0\]: .*managed_policies="):
            TemplatePolicies({"App": made}).identity_of("R")
        with pytest.raises(PolicyError, match=r"App/R.PermissionsBoundary"):
            TemplatePolicies({"App": made}).boundary_of("R")
        given = TemplatePolicies({"App": made}, managed_policies={arn: document(allow("s3:Get*"))})
        assert given.identity_of("R") == [document(allow("s3:Get*"))]
        assert given.boundary_of("R") == document(allow("s3:Get*"))

    def test_a_boundary_made_by_something_else(self) -> None:
        """A boundary that another kind of resource makes is found by its given name and document."""
        made = template(
            R=resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, PermissionsBoundary={"Ref": "Maker"}),
            Maker=resource("Custom::Policy"),
        )
        arn = f"arn:aws:iam::{OWN}:policy/made"
        policies = TemplatePolicies(
            {"App": made}, names={"Maker": arn}, managed_policies={arn: document(allow("s3:Get*"))}
        )
        assert policies.boundary_of("R") == document(allow("s3:Get*"))

    def test_a_managed_policy_attached_from_both_sides_counts_once(self) -> None:
        """A managed policy that names the role and is named by it is one policy."""
        made = template(
            R=resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, ManagedPolicyArns=[{"Ref": "M"}]),
            M=resource("AWS::IAM::ManagedPolicy", Roles=[{"Ref": "R"}], PolicyDocument=document(allow("s3:Get*"))),
        )
        # CloudFormation would call this a circle, so only one side may be a reference: the other is the role's name.
        made["Resources"]["M"]["Properties"]["Roles"] = ["R"]
        assert TemplatePolicies({"App": made}).identity_of("R") == [document(allow("s3:Get*"))]

    def test_permissions_of_a_function_are_one_policy(self, app: TemplatePolicies) -> None:
        """All permissions of a function are one resource-based policy, whichever way they name it."""
        found = app.resource_of("Function")
        assert found is not None
        assert found["Statement"] == [
            allow(
                "lambda:InvokeFunction",
                app.arn_of("Function"),
                Principal={"Service": "s3.amazonaws.com"},
                Condition={
                    "ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"},
                    "StringEquals": {"aws:SourceAccount": OWN},
                },
            ),
            allow(
                "lambda:InvokeFunctionUrl",
                app.arn_of("Function"),
                Principal="*",
                Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
            ),
        ]

    @pytest.mark.parametrize(
        ("principal", "expected"),
        [
            ("222222222222", {"AWS": "222222222222"}),
            ("arn:aws:iam::222222222222:role/x", {"AWS": "arn:aws:iam::222222222222:role/x"}),
            ("events.amazonaws.com", {"Service": "events.amazonaws.com"}),
        ],
    )
    def test_principal_of_a_permission(self, principal: str, expected: Json) -> None:
        """A permission's principal is an account, an ARN or a service; a function may be given by name."""
        made = template(
            P=resource("AWS::Lambda::Permission", FunctionName="orders", Action="lambda:*", Principal=principal)
        )
        policies = TemplatePolicies({"App": made})
        assert policies.render(policies.policies[0])["Statement"] == [
            allow("lambda:*", f"arn:aws:lambda:eu-west-1:{OWN}:function:orders", Principal=expected)
        ]

    def test_permission_of_a_version(self) -> None:
        """Ref of a version or an alias is an ARN already, so it is taken as it is."""
        made = template(
            Alias=resource("AWS::Lambda::Alias"),
            P=resource("AWS::Lambda::Permission", FunctionName={"Ref": "Alias"}, Action="lambda:*", Principal="*"),
        )
        arn = f"arn:aws:lambda:eu-west-1:{OWN}:function:f:live"
        policies = TemplatePolicies({"App": made}, names={"Alias": arn})
        assert policies.render(policies.policies[0])["Statement"] == [allow("lambda:*", arn, Principal="*")]

    def test_no_policy(self, app: TemplatePolicies) -> None:
        """A resource without a policy has none."""
        assert app.resource_of("Unit") is None

    def test_which_stack(self) -> None:
        """A logical id that stands in two stacks, or in none, is an error that says how to name it."""
        both = TemplatePolicies({"A": APP, "B": APP})
        with pytest.raises(PolicyError, match=r"'Role' stands in 2 stacks; allowed is .*'Stack/LogicalId'"):
            both.identity_of("Role")
        assert both.identity_of("A/Role") == both.identity_of("B/Role")
        with pytest.raises(PolicyError, match="'Nobody' stands in 0 stacks"):
            both.resource_of("Nobody")

    def test_end_to_end(self, app: TemplatePolicies) -> None:
        """A template's role is evaluated with its own policies, boundary and the policies of what it uses."""

        def ask(action: str, resource_arn: str, owner: str | None = None, **more: Any) -> bool:
            request = Request(
                principal=IamRole(app.arn_of("Role")), action=action, resource=resource_arn, resource_account=owner
            )
            return evaluate(request, identity=app.identity_of("Role"), boundary=app.boundary_of("Role"), **more).allowed

        bucket = app.resource_of("Bucket")
        assert ask("s3:GetObject", f"{app.arn_of('Bucket')}/k", OWN, resource=bucket)
        assert not ask("s3:PutObject", f"{app.arn_of('Bucket')}/k", OWN, resource=bucket)
        assert ask("kms:Decrypt", app.arn_of("Key"), resource=app.resource_of("Key"))
        assert not ask("logs:PutLogEvents", f"arn:aws:logs:eu-west-1:{OWN}:log-group:x:log-stream:y")
        from_topic = Request(
            principal=ServicePrincipal("sns.amazonaws.com"),
            action="sqs:SendMessage",
            resource=app.arn_of("Queue"),
            context={"aws:SourceArn": app.arn_of("Topic", None)},
        )
        assert evaluate(from_topic, resource=app.resource_of("Queue"))
        url = Request(
            principal=AnonymousPrincipal(),
            action="lambda:InvokeFunctionUrl",
            resource=app.arn_of("Function"),
            context={"lambda:FunctionUrlAuthType": "NONE"},
        )
        assert evaluate(url, resource=app.resource_of("Function"))


class TestWideGrants:
    """What is granted more widely than by name."""

    def test_of_the_template(self, app: TemplatePolicies) -> None:
        """Each wide grant of the template is listed with its logical id and how it is wide; denials are none."""
        found = [
            (grant.policy.logical_id, grant.kind, grant.value)
            for grant in wide_grants(app.policies, account=OWN)
            if grant.kind is not WideGrantKind.EVERY_RESOURCE
        ]
        assert found == [
            ("Grants", WideGrantKind.PARTIAL_ACTION, "s3:GetObject*"),
            ("Grants", WideGrantKind.PARTIAL_ACTION, "s3:List*"),
            ("Managed", WideGrantKind.EVERY_ACTION_OF_SERVICE, "kms:*"),
            ("Boundary", WideGrantKind.EVERY_ACTION_OF_SERVICE, "s3:*"),
            ("Boundary", WideGrantKind.EVERY_ACTION_OF_SERVICE, "kms:*"),
            ("Key", WideGrantKind.EVERY_ACTION_OF_SERVICE, "kms:*"),
            ("TopicPolicy", WideGrantKind.CROSS_ACCOUNT_PRINCIPAL, "222222222222"),
            ("Endpoint", WideGrantKind.EVERY_ACTION, "*"),
            ("Endpoint", WideGrantKind.PUBLIC_PRINCIPAL, "*"),
            ("UrlPermission", WideGrantKind.PUBLIC_PRINCIPAL, "*"),
            ("BusPolicy", WideGrantKind.CROSS_ACCOUNT_PRINCIPAL, "333333333333"),
        ]

    def test_every_resource(self, app: TemplatePolicies) -> None:
        """Every asterisk in Resource is listed."""
        found = [
            grant.policy.logical_id
            for grant in wide_grants(app.policies, account=OWN)
            if grant.kind is WideGrantKind.EVERY_RESOURCE
        ]
        assert found == ["Role", "Boundary", "Key", "Endpoint", "SecretPolicy", "Humans", "LogPolicy", "Strange"]

    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            ({"NotAction": ["iam:*"], "Resource": "arn:aws:s3:::b"}, [(WideGrantKind.ALL_BUT_ACTIONS, "iam:*")]),
            (
                {"Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b"},
                [(WideGrantKind.ALL_BUT_RESOURCES, "arn:aws:s3:::b")],
            ),
            (
                {"Action": "s3:GetObject", "NotPrincipal": {"AWS": ["1", "2"]}},
                [(WideGrantKind.ALL_BUT_PRINCIPALS, "1, 2")],
            ),
            ({"Action": "s3:Get?bject"}, [(WideGrantKind.PARTIAL_ACTION, "s3:Get?bject")]),
            ({"Action": "s3:GetObject", "Principal": {"AWS": "*"}}, [(WideGrantKind.PUBLIC_PRINCIPAL, "*")]),
            (
                {"Principal": {"AWS": "arn:aws:sts::222222222222:assumed-role/a/b"}},
                [(WideGrantKind.CROSS_ACCOUNT_PRINCIPAL, "arn:aws:sts::222222222222:assumed-role/a/b")],
            ),
            ({"Principal": {"AWS": [OWN, {"Fn::GetAtt": ["Role", "Arn"]}]}}, []),
            ({"Principal": {"Service": "sns.amazonaws.com", "Federated": "accounts.google.com"}}, []),
            ({"Principal": {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/x"}}, []),
        ],
    )
    def test_kinds(self, statement: Json, expected: list[tuple[WideGrantKind, str]]) -> None:
        """Each kind of wide grant is told apart, and what is named is none."""
        made = template(
            Role=resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST),
            Key=resource("AWS::KMS::Key", KeyPolicy=document({"Effect": "Allow", **statement})),
        )
        found = wide_grants(TemplatePolicies({"App": made}).policies, account=OWN)
        assert [(grant.kind, grant.value) for grant in found] == expected

    @pytest.mark.parametrize(
        "principal",
        [{"Fn::ImportValue": "elsewhere"}, {"Ref": "Arn"}, {"Fn::Sub": "arn:aws:iam::${Arn}:root"}],
    )
    def test_principals_that_cannot_be_told(self, principal: Json) -> None:
        """A principal out of an import or a parameter is listed as one that the template does not tell."""
        made = template(
            Key=resource("AWS::KMS::Key", KeyPolicy=document(allow("kms:Get", Principal={"AWS": principal})))
        )
        made["Parameters"] = {"Arn": {"Type": "String"}}
        found = wide_grants(TemplatePolicies({"App": made}).policies, account=OWN)
        assert [grant.kind for grant in found] == [WideGrantKind.EVERY_RESOURCE, WideGrantKind.UNKNOWN_PRINCIPAL]

    def test_text_of_a_grant(self) -> None:
        """A grant reads as place, statement, Sid, kind and value, and says whether conditions may narrow it."""
        made = template(
            Key=resource(
                "AWS::KMS::Key",
                KeyPolicy=document(
                    allow("kms:Decrypt", "arn:aws:s3:::b"),
                    allow(
                        "kms:Decrypt", Sid="Open", Principal="*", Condition={"Bool": {"aws:SecureTransport": "true"}}
                    ),
                ),
            )
        )
        found = wide_grants(TemplatePolicies({"App": made}).policies, account=OWN)
        assert [str(grant) for grant in found] == [
            "App/Key.KeyPolicy, statement 1 (Open): every resource, *",
            "App/Key.KeyPolicy, statement 1 (Open): public principal, *",
        ]
        assert all(grant.has_conditions for grant in found)

    @pytest.mark.parametrize(
        ("key_policy", "message"),
        [
            ("no json", "no JSON"),
            ("[]", "that the template spells out"),
            ({"Ref": "Arn"}, "that the template spells out"),
            (document("x"), "statement 0: got x"),  # type: ignore[arg-type] # the test is about the wrong type
        ],
    )
    def test_documents_that_cannot_be_read(self, key_policy: object, message: str) -> None:
        """A document that the template does not spell out is an error that names its place, no silence."""
        made = template(Key=resource("AWS::KMS::Key", KeyPolicy=key_policy))
        made["Parameters"] = {"Arn": {"Type": "String"}}
        with pytest.raises(PolicyError, match=f"App/Key.KeyPolicy.*{message}"):
            wide_grants(TemplatePolicies({"App": made}).policies, account=OWN)


class TestNamesThatCloudFormationMakesUp:
    """What references read as, where names are wanted as CloudFormation makes them."""

    def test_a_name_has_stack_logical_id_and_something_random(self) -> None:
        """A resource without a name is called after its stack; one with a name by that."""
        made = template(
            Role=resource("AWS::IAM::Role", AssumeRolePolicyDocument=document()),
            Named=resource("AWS::IAM::Role", RoleName="reader", AssumeRolePolicyDocument=document()),
        )
        policies = TemplatePolicies({"Shop": made}, made_up_names=True)
        assert policies.arn_of("Role") == f"arn:aws:iam::111111111111:role/Shop-Role-{MADE_UP}"
        assert policies.arn_of("Named") == "arn:aws:iam::111111111111:role/reader"

    @pytest.mark.parametrize(
        ("kind", "written", "attribute", "read", "made_up"),
        [
            ("TargetGroup", {}, None, "targetgroup/Thing/{id}", "targetgroup/*/*"),
            ("TargetGroup", {"Name": "api"}, "TargetGroupArn", "targetgroup/api/{id}", "targetgroup/api/*"),
            ("LoadBalancer", {}, None, "loadbalancer/app/Thing/{id}", "loadbalancer/app/*/*"),
            ("LoadBalancer", {"Type": "network"}, None, "loadbalancer/net/Thing/{id}", "loadbalancer/net/*/*"),
            ("ListenerRule", {}, None, "listener-rule/app/Thing/{id}/{id}/{id}", "listener-rule/app/*/*/*/*"),
        ],
    )
    def test_load_balancers_have_names_that_say_nothing(
        self, kind: str, written: dict[str, object], attribute: str | None, read: str, made_up: str
    ) -> None:
        """An ARN of theirs has its service's form; CloudFormation cuts off what names of 32 characters begin with."""
        made = template(Thing=resource(f"AWS::ElasticLoadBalancingV2::{kind}", **written))
        plain = TemplatePolicies({"Shop": made}).arn_of("Thing", attribute)
        assert plain.partition("111111111111:")[2] == read.format(id="0123456789abcdef")
        judged = TemplatePolicies({"Shop": made}, made_up_names=True).arn_of("Thing", attribute)
        prefix = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:"
        assert judged == prefix + made_up.replace("*", MADE_UP)

    @pytest.mark.parametrize(
        ("kind", "written", "qualifier"), [("Alias", {"Name": "live"}, "live"), ("Version", {}, "1")]
    )
    def test_a_version_and_an_alias_are_their_functions(
        self, kind: str, written: dict[str, object], qualifier: str
    ) -> None:
        """Ref of a version or an alias is the ARN of its function with a qualifier."""
        made = template(
            Orders=resource("AWS::Lambda::Function", FunctionName="orders"),
            Thing=resource(f"AWS::Lambda::{kind}", FunctionName={"Ref": "Orders"}, **written),
        )
        arn = TemplatePolicies({"Shop": made}).arn_of("Thing", None)
        assert arn == f"arn:aws:lambda:eu-west-1:111111111111:function:orders:{qualifier}"

    def test_what_nothing_tells_is_no_error(self) -> None:
        """A parameter, and a type whose names are not known, are something made up."""
        made = template(Thing=resource("AWS::Acme::Thing"))
        made["Parameters"] = {"Name": {"Type": "String"}}
        policies = TemplatePolicies({"Shop": made}, made_up_names=True)
        found = policies.templates.resolve(
            "Shop", [{"Fn::GetAtt": ["Thing", "Arn"]}, {"Fn::Join": ["", ["a-", {"Ref": "Name"}]]}]
        )
        assert isinstance(found, list)
        assert [policies.text_of(each, "here") for each in found] == [MADE_UP, f"a-{MADE_UP}"]

    @pytest.mark.parametrize("attribute", [None, "Arn"])
    def test_an_oidc_provider_is_called_after_its_issuer(self, attribute: str | None) -> None:
        """Ref and Arn of an OIDC provider are its ARN, which leaves out the scheme of the issuer's address."""
        made = template(GitHub=resource("AWS::IAM::OIDCProvider", Url="https://token.actions.githubusercontent.com"))
        arn = TemplatePolicies({"Shop": made}).arn_of("GitHub", attribute)
        assert arn == "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
