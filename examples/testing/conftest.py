"""The testing kit's fixture `template_snapshot`, for every test below this directory."""

pytest_plugins = ["aws_architect_constructs.testing.snapshots"]
