"""The organization room: guardrails that fit their quotas, the tree they hang on, and what accounts begin with."""
