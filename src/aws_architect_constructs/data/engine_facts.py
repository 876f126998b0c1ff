"""What the library knows of database engines: ports, logs, parameters, and which version can do what.

Pure Python.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class DatabaseFamily(StrEnum):
    """The wire protocol that an engine speaks; the value is the name that RDS Proxy gives it."""

    POSTGRESQL = "POSTGRESQL"
    MYSQL = "MYSQL"


class EngineFeature(StrEnum):
    """A feature that not every engine version has."""

    AUTO_PAUSE = "auto-pause"
    """https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html"""
    DATA_API = "the Data API"
    """https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.Aurora_Fea_Regions_DB-eng.Feature.Data_API.html"""
    WRITE_FORWARDING = "global write forwarding"
    """https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-write-forwarding-apg.html"""


_FIRST_VERSIONS: Final[Mapping[EngineFeature, Mapping[DatabaseFamily, tuple[tuple[int, ...], ...]]]] = {
    EngineFeature.AUTO_PAUSE: {
        DatabaseFamily.POSTGRESQL: ((13, 15), (14, 12), (15, 7), (16, 3)),
        DatabaseFamily.MYSQL: ((3, 8, 0),),
    },
    EngineFeature.DATA_API: {
        DatabaseFamily.POSTGRESQL: ((13, 11), (14, 8), (15, 3), (16, 1)),
        DatabaseFamily.MYSQL: ((3, 7, 0),),
    },
    EngineFeature.WRITE_FORWARDING: {
        DatabaseFamily.POSTGRESQL: ((14, 9), (15, 4), (16, 1)),
        DatabaseFamily.MYSQL: ((3, 1, 0),),
    },
}
"""The first minor version of each major one; what comes after the last major version has the feature too."""

_AURORA_MYSQL: Final = re.compile(r"[\d.]+\.mysql_aurora\.([\d.]+)")
_NUMBERS: Final = re.compile(r"\d+(\.\d+)*")


@dataclass(frozen=True, kw_only=True)
class FamilyFacts:
    """What holds for all engines of a family.

    Attributes:
        port: The port that the library's databases listen on. Not the engine's own: it is scanned first.
        proxy_port: The engine's own port, which RDS Proxy always listens on.
        aurora_logs: The logs that Aurora exports.
        rds_logs: The logs that RDS exports.
        tls_parameter: The parameter that refuses connections without TLS.
        logical_parameters: The parameters that a blue/green deployment and other logical replication need.
    """

    port: int
    proxy_port: int
    aurora_logs: tuple[str, ...]
    rds_logs: tuple[str, ...]
    tls_parameter: str
    logical_parameters: Mapping[str, str]


FAMILY_FACTS: Final[Mapping[DatabaseFamily, FamilyFacts]] = {
    DatabaseFamily.POSTGRESQL: FamilyFacts(
        port=5433,
        proxy_port=5432,
        aurora_logs=("postgresql",),
        rds_logs=("postgresql", "upgrade"),
        tls_parameter="rds.force_ssl",
        logical_parameters={"rds.logical_replication": "1"},
    ),
    # No general log: it holds every statement with its values, and slows the database down.
    DatabaseFamily.MYSQL: FamilyFacts(
        port=3307,
        proxy_port=3306,
        aurora_logs=("audit", "error", "slowquery"),
        rds_logs=("error", "slowquery"),
        tls_parameter="require_secure_transport",
        logical_parameters={"binlog_format": "ROW"},
    ),
}

_SLOW_MILLISECONDS: Final = 1000

_POSTGRESQL_PARAMETERS: Final[Mapping[str, str]] = {
    "rds.force_ssl": "1",  # no connection without TLS
    "ssl_min_protocol_version": "TLSv1.2",  # nor with one that has been broken
    # Audit: who changed the schema or a role. Not by log_statement, which writes every password that is set into the
    # log, that of each rotation too; pgAudit leaves it out. See
    # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_LogAccess.Concepts.PostgreSQL.Query_Logging.html
    "shared_preload_libraries": "pg_stat_statements,pgaudit",
    "pgaudit.log": "ddl,role",
    "log_connections": "1",  # audit: who came
    "log_disconnections": "1",  # audit: and for how long
    "log_min_duration_statement": str(_SLOW_MILLISECONDS),  # slow queries
    "log_lock_waits": "1",  # who waited for whom, where a query was slow without being busy
}

_MYSQL_PARAMETERS: Final[Mapping[str, str]] = {
    "require_secure_transport": "1",  # no connection without TLS
    "tls_version": "TLSv1.2,TLSv1.3",  # nor with one that has been broken
    "slow_query_log": "1",  # slow queries
    "long_query_time": str(_SLOW_MILLISECONDS // 1000),
    "log_output": "FILE",  # where CloudWatch takes the slow query log from
}

_AURORA_MYSQL_PARAMETERS: Final[Mapping[str, str]] = {
    "require_secure_transport": "ON",  # Aurora takes ON and OFF here, where RDS takes 1 and 0
    "server_audit_logging": "1",  # audit: who came, and who changed the schema or a grant
    "server_audit_events": "CONNECT,QUERY_DDL,QUERY_DCL",
}


def required_parameters(family: DatabaseFamily, *, aurora: bool, logical_replication: bool = False) -> dict[str, str]:
    """The parameters that differ from the engine's defaults, each for the reason beside it above.

    Args:
        family: The engine's family.
        aurora: Whether it is Aurora, whose audit log needs no option group.
        logical_replication: Whether changes can be replicated to a green environment.
    """
    if family is DatabaseFamily.POSTGRESQL:
        found = dict(_POSTGRESQL_PARAMETERS)
    else:
        found = {**_MYSQL_PARAMETERS, **(_AURORA_MYSQL_PARAMETERS if aurora else {})}
    if logical_replication:
        found |= FAMILY_FACTS[family].logical_parameters
    return dict(sorted(found.items()))


def requires_tls(family: DatabaseFamily, parameters: Mapping[str, str]) -> bool:
    """Whether the parameters refuse connections without TLS."""
    return parameters.get(FAMILY_FACTS[family].tls_parameter, "").upper() in {"1", "ON"}


def replicates_logically(family: DatabaseFamily, parameters: Mapping[str, str]) -> bool:
    """Whether the parameters switch logical replication (or the binary log) on, which keeps an instance awake."""
    if family is DatabaseFamily.POSTGRESQL:
        return parameters.get("rds.logical_replication", "0").lower() in {"1", "on", "true"}
    return parameters.get("binlog_format", "OFF").upper() != "OFF"


_WITHOUT_INSIGHTS: Final[Mapping[str, re.Pattern[str]]] = {
    "aurora-mysql": re.compile(r"db\.(t[23]\..*|t4g\.(micro|small))"),
    "mariadb": re.compile(r"db\.t[234]g?\.(micro|small)"),
    "mysql": re.compile(r"db\.t[234]g?\.(micro|small)"),
}


def has_insights(engine_type: str, instance_class: str) -> bool:
    """Whether an instance class has Database Insights, which small ones of MySQL have no memory for.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.Engines.html and
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.Engines.html
    """
    without = _WITHOUT_INSIGHTS.get(engine_type)
    return without is None or without.fullmatch(instance_class) is None


def engine_version(text: str) -> tuple[int, ...]:
    """The numbers of a version, such as `17.7` or `8.0.mysql_aurora.3.10.0`, whose own are the last three.

    Raises:
        ValueError: If it is none.
    """
    aurora = _AURORA_MYSQL.fullmatch(text)
    numbers = aurora[1] if aurora else text
    if not _NUMBERS.fullmatch(numbers):
        raise ValueError(f"engine: no version, got {text!r}; allowed: such as '17.7' or '8.0.mysql_aurora.3.10.0'")
    return tuple(int(number) for number in numbers.split("."))


def first_missing_version(feature: EngineFeature, family: DatabaseFamily, version: str) -> str | None:
    """The first version that has the feature, if this one lacks it.

    A major version alone stands for its default minor one, which has it, if any has.
    """
    numbers = engine_version(version)
    firsts = _FIRST_VERSIONS[feature][family]
    if family is DatabaseFamily.MYSQL and _AURORA_MYSQL.fullmatch(version) is None:
        return None  # 8.0 or 8.4 alone: RDS chooses the default version
    same_major = [first for first in firsts if first[0] == numbers[0]]
    if not same_major:
        return None if numbers > firsts[-1] else _text(firsts[0])
    if len(numbers) == 1 or numbers >= same_major[0]:
        return None
    return _text(same_major[0])


def _text(numbers: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in numbers)
