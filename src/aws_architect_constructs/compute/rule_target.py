"""A function as the target of a rule, with a dead-letter queue that does not name the rule."""

from typing import TYPE_CHECKING

import jsii
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_events import IRuleRef


@jsii.implements(events.IRuleTarget)
class AliasTarget:
    """CDK's own target, but for the queue: CDK would name the rule in its policy, so that its stack depended on it.

    Args:
        alias: What the rule calls.
        dead_letter_queue: Where events go that cannot be delivered; its policy has to admit the rule already.
    """

    def __init__(self, alias: lambda_.Alias, dead_letter_queue: sqs.IQueue) -> None:
        self._target = targets.LambdaFunction(alias)
        self._queue = dead_letter_queue

    def bind(self, rule: "IRuleRef", id: str | None = None) -> events.RuleTargetConfig:
        """What a rule asks of its target."""
        found = self._target.bind(rule, id)
        return events.RuleTargetConfig(
            arn=found.arn,
            target_resource=found.target_resource,
            dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self._queue.queue_arn),
        )
