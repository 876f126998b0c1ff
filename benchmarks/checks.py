"""How long the checks take over 100 templates of 200 resources, against one synthesis.

Reading the files is part of the time. All times are processor seconds, so that a busy machine does not blur them.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from aws_architect_constructs.checks.cost_report import as_json, as_markdown, as_table
from aws_architect_constructs.checks.estimate import estimate
from aws_architect_constructs.checks.prices import shipped_price_book
from aws_architect_constructs.checks.review import review
from aws_architect_constructs.checks.templates import read_template

TEMPLATES: Final = 100
RESOURCES: Final = 200
RUNS: Final = 5

SYNTHESIS: Final = """
from aws_cdk import App, Environment, Stack
from aws_architect_constructs import EnvironmentType, ThreeTierVpc
app = App()
stack = Stack(app, "Network", env=Environment(account="111111111111", region="us-east-1"))
EnvironmentType.PROD.apply_to(stack)
ThreeTierVpc(stack, "Network", availability_zones=["us-east-1a", "us-east-1b", "us-east-1c"])
app.synth()
"""


TRUST: Final = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
RULE: Final = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}


def part(n: int) -> dict[str, tuple[str, dict[str, object]]]:
    """Ten resources that refer to one another."""
    objects = {"Fn::Sub": f"${{Bucket{n}.Arn}}/*"}
    allow = {"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": objects}]}
    return {
        "Bucket": ("AWS::S3::Bucket", {"VersioningConfiguration": {"Status": "Enabled"}}),
        "Role": ("AWS::IAM::Role", {"AssumeRolePolicyDocument": TRUST}),
        "Policy": ("AWS::IAM::ManagedPolicy", {"PolicyDocument": allow, "Roles": [{"Ref": f"Role{n}"}]}),
        "Function": (
            "AWS::Lambda::Function",
            {
                "Role": {"Fn::GetAtt": [f"Role{n}", "Arn"]},
                "Timeout": 20,
                "Environment": {"Variables": {"BUCKET": {"Ref": f"Bucket{n}"}, "LEVEL": "INFO"}},
            },
        ),
        "Queue": ("AWS::SQS::Queue", {"VisibilityTimeout": 120}),
        "Mapping": (
            "AWS::Lambda::EventSourceMapping",
            {"EventSourceArn": {"Fn::GetAtt": [f"Queue{n}", "Arn"]}, "FunctionName": {"Ref": f"Function{n}"}},
        ),
        "Alarm": ("AWS::CloudWatch::Alarm", {"AlarmActions": [{"Ref": "Topic"}], "Period": 60}),
        "Group": ("AWS::EC2::SecurityGroup", {"VpcId": "vpc-1", "SecurityGroupIngress": [RULE]}),
        "Database": (
            "AWS::RDS::DBInstance",
            {
                "Engine": "postgres",
                "DBInstanceClass": "db.t4g.medium",
                "AllocatedStorage": "20",
                "MultiAZ": {"Fn::If": ["Prod", True, False]},
                "VPCSecurityGroups": [{"Fn::GetAtt": [f"Group{n}", "GroupId"]}],
            },
        ),
        "Logs": ("AWS::Logs::LogGroup", {"RetentionInDays": 30}),
    }


def template() -> dict[str, object]:
    """A template of 200 resources."""
    resources = {
        f"{name}{n}": {"Type": kind, "Properties": properties}
        for n in range(RESOURCES // 10)
        for name, (kind, properties) in part(n).items()
    }
    return {"Conditions": {"Prod": {"Fn::Equals": ["a", "b"]}}, "Resources": resources}


def synthesis(directory: str) -> float:
    """The processor seconds of one synthesis, Python and Node, in processes of their own."""
    environment = os.environ | {"CDK_VALIDATION": "false", "CDK_OUTDIR": directory}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 -- our own interpreter, our own code
        [sys.executable, "-c", SYNTHESIS], env=environment, check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Time reading, rules and costs, and print them beside one synthesis."""
    with tempfile.TemporaryDirectory() as directory:
        text = json.dumps(template())
        files = [Path(directory) / f"{number}.template.json" for number in range(TEMPLATES)]
        for file in files:
            file.write_text(text, encoding="utf-8")
        book = shipped_price_book()
        times: dict[str, list[float]] = {"read": [], "rules": [], "costs": [], "one synthesis": []}
        for _ in range(RUNS):
            start = time.process_time()
            templates = [read_template(file, name=file.stem, region="us-east-1") for file in files]
            read = time.process_time()
            findings = list(review(templates))
            reviewed = time.process_time()
            found = estimate(templates, book)
            reports = as_table(found), as_markdown(found), json.dumps(as_json(found))
            priced = time.process_time()
            times["read"].append(read - start)
            times["rules"].append(reviewed - read)
            times["costs"].append(priced - reviewed)
            times["one synthesis"].append(synthesis(directory))
    count = len(templates) * len(templates[0].resources)
    sys.stdout.write(f"{TEMPLATES} templates, {count} resources, {len(findings)} findings, {len(reports)} reports\n")
    for name, seconds in times.items():
        sys.stdout.write(f"{name:14} median {statistics.median(seconds):.2f} s  min {min(seconds):.2f} s\n")


if __name__ == "__main__":
    main()
