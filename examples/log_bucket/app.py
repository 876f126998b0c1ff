"""Where an account's logs go: one bucket for access logs, one for what was done.

Scenario: a stack of logs that the account's other stacks share; a bucket of another stack logs its requests there.
Expect: an access log bucket that admits S3 and load balancers, an encrypted and locked audit bucket that admits trails,
and no dependency of the stack of logs on any other.
"""

from aws_cdk import App, Environment, Stack

from aws_architect_constructs import (
    EnvironmentType,
    LifecycleBucket,
    LogBucket,
    LogBucketPurpose,
    LogSource,
    ObjectLock,
)

app = App()
logs, data = (
    Stack(app, name, env=Environment(account="111111111111", region="eu-west-1")) for name in ("Logs", "Data")
)
EnvironmentType.PROD.apply_to(logs)
EnvironmentType.PROD.apply_to(data)

access = LogBucket.of(logs)
access.allow(LogSource.APPLICATION_LOAD_BALANCER)
audit = LogBucket(
    logs, "Audit", purpose=LogBucketPurpose.AUDIT, retention_days=2555, object_lock=ObjectLock.governance(365)
)
audit.allow(LogSource.CLOUDTRAIL)

LifecycleBucket(data, "Documents", access_log_bucket=access.bucket)

app.synth()
