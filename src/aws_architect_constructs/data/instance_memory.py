"""How much memory a DB instance class has, and how many connections that makes: what alarms are measured by.

Pure Python.
"""

import math
import re
from collections.abc import Mapping
from typing import Final

from .engine_facts import DatabaseFamily

GIB: Final = 1024**3
GIB_PER_ACU: Final = 2
"""https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.how-it-works.html"""

_CLASS: Final = re.compile(r"(?P<series>[a-z]+)(?P<generation>\d+)(?P<options>[a-z]*)\.(?P<size>[a-z0-9]+)")
_GIB_PER_VCPU: Final[Mapping[str, int]] = {"c": 2, "m": 4, "r": 8, "x": 16}
_BURSTABLE: Final[Mapping[str, int]] = {"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32}
_SIZES: Final[Mapping[str, int]] = {"medium": 1, "large": 2, "xlarge": 4}
_TIMES: Final = re.compile(r"(\d+)xlarge")

_POSTGRESQL_BYTES_PER_CONNECTION: Final = 9_531_392
_POSTGRESQL_MOST: Final = 5000
_POSTGRESQL_SMALL_SERVERLESS: Final = 2000
_SMALL_ACU: Final = 0.5
_MYSQL_BYTES_PER_CONNECTION: Final = 12_582_880
_MYSQL_MOST: Final = 16_000


def memory_gib(instance_class: str) -> int:
    """The memory of an instance class such as `r8g.large`, in GiB.

    Raises:
        ValueError: If the class is of a family without a fixed ratio of memory to vCPUs.
    """
    found = _CLASS.fullmatch(instance_class.removeprefix("db."))
    if found:
        series, size = found["series"], found["size"]
        if series == "t" and size in _BURSTABLE:
            return _BURSTABLE[size]
        times = _TIMES.fullmatch(size)
        vcpus = 4 * int(times[1]) if times else _SIZES.get(size)
        if series in _GIB_PER_VCPU and vcpus is not None:
            return _GIB_PER_VCPU[series] * vcpus
    raise ValueError(
        f"instance_type: unknown class, got {instance_class!r}; allowed: families c, m, r, t and x, such as 'r8g.large'"
    )


def most_connections(family: DatabaseFamily, gib: float, *, minimum_acu: float | None = None) -> int:
    """The default of `max_connections`.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Managing.html and
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Managing.Performance.html

    Args:
        family: The engine's family.
        gib: The memory: of a serverless instance, that of the capacity's maximum.
        minimum_acu: The capacity's minimum, of a serverless instance: PostgreSQL takes at most 2,000 where it is small.
    """
    size = gib * GIB
    if family is DatabaseFamily.POSTGRESQL:
        most = min(int(size / _POSTGRESQL_BYTES_PER_CONNECTION), _POSTGRESQL_MOST)
        return most if minimum_acu is None or minimum_acu > _SMALL_ACU else min(most, _POSTGRESQL_SMALL_SERVERLESS)
    small = math.log2(size / 805_306_368) * 45
    large = math.log2(size / 8_187_281_408) * 1000
    return min(int(max(small, large, 1)), _MYSQL_MOST)


def most_rds_connections(family: DatabaseFamily, gib: float) -> int:
    """The default of `max_connections` of RDS's own engines.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
    """
    if family is DatabaseFamily.POSTGRESQL:
        return most_connections(family, gib)
    return int(gib * GIB / _MYSQL_BYTES_PER_CONNECTION)
