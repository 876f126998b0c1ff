"""The policy engine: documents, their evaluation, and the policies of templates. Pure Python, and part of the ground.

One engine serves two: the testing kit gives it to users as `aws_architect_constructs.testing.policies`, and constructs
that judge policies while an app is synthesized use it from here.
"""
