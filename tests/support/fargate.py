"""One-line services for tests, in a VPC that is imported."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_ecs as ecs

from aws_architect_constructs import FargateService
from support.instances_fargate_service import certificate_of, topic_of, vpc_of
from support.synthesis import Template, new_stack, properties, template_of

IMAGE = "public.ecr.aws/docker/library/httpd:2.4.65"


def api(stack: Stack | None = None, **arguments: Any) -> FargateService:
    """A public service with an alarm topic, in PROD, changed by `arguments`."""
    stack = stack or new_stack()
    given: dict[str, Any] = {"image": ecs.ContainerImage.from_registry(IMAGE), "container_port": 8080} | arguments
    for name, make in (("vpc", vpc_of), ("certificate", certificate_of), ("alarm_topic", topic_of)):
        if name not in given:
            given[name] = make(stack)
    return FargateService(stack, "Api", **given)


def worker(stack: Stack | None = None, **arguments: Any) -> FargateService:
    """A service that nothing reaches."""
    return api(stack, container_port=None, certificate=None, **arguments)


def built(service: FargateService) -> Template:
    """The template of the service's stack."""
    return template_of(Stack.of(service))


def container(template: Template, name: str = "app") -> dict[str, Any]:
    """A container of the one task definition."""
    (task,) = properties(template, "AWS::ECS::TaskDefinition")
    (found,) = (entry for entry in task["ContainerDefinitions"] if entry["Name"] == name)
    return dict(found)


def ecs_service(template: Template) -> dict[str, Any]:
    """The properties of the one ECS service."""
    (service,) = properties(template, "AWS::ECS::Service")
    return service
