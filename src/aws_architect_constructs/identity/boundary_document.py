"""The statements that a boundary has beside those that its caller names. Pure Python: statements are in JSON form."""

from collections.abc import Collection, Sequence

from .boundary_denials import denials
from .platform_baseline import PlatformPart, baseline

Statement = dict[str, object]


def own_statements(
    *,
    boundary: str,
    allowed_actions: Sequence[str],
    delegated: Sequence[str],
    assumable_roles: Sequence[str],
    controlled_compute: Sequence[str],
    without_baseline: Collection[PlatformPart],
    partition: str,
) -> list[Statement]:
    """The platform baseline, the roles that may be assumed, and the denials.

    Args:
        boundary: The boundary's own ARN.
        allowed_actions: What the caller's statements allow.
        delegated: ARN patterns of what may be managed and passed. Empty for nothing.
        assumable_roles: ARN patterns of the roles that may be assumed. Empty for none.
        controlled_compute: ARN patterns of the compute whose code may be changed. Empty for none.
        without_baseline: Parts of the baseline to leave out.
        partition: The partition, or a token of it.
    """
    assume: list[Statement] = [
        {"Sid": "AssumeNamedRoles", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": list(assumable_roles)}
    ]
    return [
        *(assume if assumable_roles else []),
        *baseline(without=without_baseline, allowed_actions=allowed_actions, partition=partition),
        *denials(
            boundary=boundary,
            delegated=delegated,
            assumable_roles=assumable_roles,
            controlled_compute=controlled_compute,
        ),
    ]
