"""The app that the library is designed for, in three stacks. What does not exist yet is skipped by name."""

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Stack, Stage
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_sns as sns

import aws_architect_constructs as aac
from support.synthesis import AZS, ENV, new_app

ORDERS = Path(__file__).parent / "functions" / "orders"


def need(*names: str) -> Any:
    """The library, or a skip that names what it lacks."""
    missing = [name for name in names if name not in aac.__all__]
    if missing:
        pytest.skip(f"not built yet: {', '.join(missing)}")
    return aac


class DesignedApp:
    """The stacks, and each part as far as it exists."""

    def __init__(self) -> None:
        self.app = new_app()
        stage = Stage(self.app, "Prod", env=ENV)
        aac.EnvironmentType.PROD.apply_to(stage)
        self.net, self.data, self.web = (Stack(stage, name) for name in ("Network", "Data", "Web"))
        self.network = aac.ThreeTierVpc(
            self.net, "Network", availability_zones=AZS, endpoints=aac.EndpointProfile.CONTAINERS
        )
        self.topic = sns.Topic(self.net, "Alarms")

    def database(self) -> Any:
        """The Aurora cluster in the isolated tier."""
        return need("AuroraCluster").AuroraCluster(self.data, "Database", vpc=self.network.vpc, alarm_topic=self.topic)

    def documents(self) -> Any:
        """The archive of documents."""
        library = need("LifecycleBucket", "LifecycleProfile")
        return library.LifecycleBucket(self.data, "Documents", lifecycle=library.LifecycleProfile.ARCHIVE)

    def api(self, database: Any) -> Any:
        """The service in front of the database."""
        certificate = acm.Certificate.from_certificate_arn(
            self.web, "Certificate", "arn:aws:acm:eu-west-1:111111111111:certificate/1"
        )
        return need("FargateService").FargateService(
            self.web,
            "Api",
            vpc=self.network.vpc,
            image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx:1.29"),
            container_port=8080,
            certificate=certificate,
            environment=database.connection_environment,
            alarm_topic=self.topic,
        )

    def orders(self) -> Any:
        """The function that handles orders."""
        return need("PowertoolsFunction").PowertoolsFunction(
            self.web, "Orders", entry=str(ORDERS), handler="app.handler", service="orders", alarm_topic=self.topic
        )


def test_the_network() -> None:
    """The network stands in a stack of its own, which is protected from deletion."""
    app = DesignedApp()
    app.app.synth()
    assert app.net.termination_protection is True


def test_the_api_reaches_its_database() -> None:
    """A service connects to the database of another stack, and the data stack does not depend on the web stack."""
    need("AuroraCluster", "FargateService")
    app = DesignedApp()
    database = app.database()
    api = app.api(database)
    api.connections.allow_to_default_port(database)
    database.grant_connect(api, "app")
    app.app.synth()
    assert app.web not in app.data.dependencies


def test_the_api_reads_documents() -> None:
    """A service reads a bucket of another stack."""
    need("AuroraCluster", "FargateService", "LifecycleBucket")
    app = DesignedApp()
    app.documents().grant_read(app.api(app.database()))
    app.app.synth()


def test_the_function_tells_its_alarms() -> None:
    """A function's alarms tell a topic of another stack, which does not depend on the function's."""
    need("PowertoolsFunction")
    app = DesignedApp()
    assert len(app.orders().alarms) == 5
    app.app.synth()
    assert app.web not in app.net.dependencies


def test_the_function_writes_documents() -> None:
    """A function reads and writes a bucket of another stack."""
    need("PowertoolsFunction", "LifecycleBucket")
    app = DesignedApp()
    app.documents().grant_read_write(app.orders())
    app.app.synth()


def test_the_site_stands_before_the_api() -> None:
    """A distribution forwards a path to the service's load balancer."""
    library = need("AuroraCluster", "FargateService", "SecureDistribution", "Origin")
    app = DesignedApp()
    api = app.api(app.database())
    library.SecureDistribution(app.web, "Site", origins={"/api/*": library.Origin.load_balancer(api.load_balancer)})
    app.app.synth()
