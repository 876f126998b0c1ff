"""Reviews of finished templates at synthesis: the anti-patterns, and what a stack costs while it is idle.

- `plugin`: `WellArchitectedChecks`, the validation plugin, for any CDK app.
- `fixed_cost`: `FixedCostCheck`, the monthly cost of an idle stack, with an optional limit.
- `rules`: one rule a module, each a pure function over one finished template.
- `prices`: the dated price book; `python -m aws_architect_constructs.checks.refresh_prices` renews it.

It knows no construct of this library. Only `plugin`, `fixed_cost` and `adapter` load the CDK; the rest reads JSON.
"""
