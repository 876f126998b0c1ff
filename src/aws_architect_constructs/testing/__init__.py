"""The testing kit: what a user's own test suite needs to prove what a synthesized template does.

- `snapshots`: a syrupy extension for templates, one readable file a case.
- `reachability`: can A reach B, by which path, or what stops it?
- `replacement`: what would this change of template replace or delete?
- `policies`: is this request allowed, by which layer and statement? And every wide grant of a template.
- `organization`: what do an organization's policies deny to which account?
- `validity`: CloudFormation's validator and cfn-lint, their findings as data.
- `nag` and `reports`: cdk-nag's findings, acknowledgements and stale ones, from one synthesis.
- `templates`, `intrinsics` and `normalisation`: reading templates, resolving their values, comparing them.

It knows no construct of this library, so it works on any CDK app. Install `aws-architect-constructs[testing]`.
"""
