"""What SnapStart cannot do, seen when the app is synthesized: the escape hatch passes no argument's check."""

import jsii
from aws_cdk import aws_lambda as lambda_
from constructs import IValidation

from .function_arguments import SNAP_START_EPHEMERAL


@jsii.implements(IValidation)
class SnapStartValidation:
    """Looks at a function as it will be deployed, but for property overrides.

    https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html

    Args:
        function: The function.
    """

    def __init__(self, function: lambda_.Function) -> None:
        self._function = function

    def validate(self) -> list[str]:
        """The problems, if there are any."""
        resource = self._function.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)  # noqa: S101 -- what CDK's function is made of
        found = []
        if resource.file_system_configs:
            found.append("SnapStart does not work with a file system, got file_system_configs; allowed: none")
        if resource.package_type == "Image":
            found.append("SnapStart does not work with a container image, got package_type=Image; allowed: Zip")
        storage = resource.ephemeral_storage
        size = storage.size if isinstance(storage, lambda_.CfnFunction.EphemeralStorageProperty) else 0
        if size > SNAP_START_EPHEMERAL:
            found.append(
                f"SnapStart takes no more ephemeral storage, got {size:.0f} MB; allowed: {SNAP_START_EPHEMERAL} MB"
            )
        return found
