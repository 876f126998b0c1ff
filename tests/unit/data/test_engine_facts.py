"""What engines and their versions can do."""

import pytest

from aws_architect_constructs.data.engine_facts import (
    DatabaseFamily,
    EngineFeature,
    engine_version,
    first_missing_version,
    has_insights,
    replicates_logically,
    required_parameters,
    requires_tls,
)

POSTGRESQL = DatabaseFamily.POSTGRESQL
MYSQL = DatabaseFamily.MYSQL


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("17", (17,)), ("17.7", (17, 7)), ("8.0.mysql_aurora.3.10.0", (3, 10, 0)), ("8.4.mysql_aurora.8.4.7", (8, 4, 7))],
)
def test_a_version_is_its_numbers(text: str, numbers: tuple[int, ...]) -> None:
    """Aurora MySQL's own version is the one after its name."""
    assert engine_version(text) == numbers


@pytest.mark.parametrize("text", ["", "latest", "17.x", "8.0.mysql_aurora."])
def test_a_text_is_no_version(text: str) -> None:
    """Anything but numbers is an error."""
    with pytest.raises(ValueError, match=r"^engine: no version"):
        engine_version(text)


@pytest.mark.parametrize(
    ("feature", "family", "version", "first"),
    [
        (EngineFeature.AUTO_PAUSE, POSTGRESQL, "13.14", "13.15"),
        (EngineFeature.AUTO_PAUSE, POSTGRESQL, "13.15", None),
        (EngineFeature.AUTO_PAUSE, POSTGRESQL, "16.2", "16.3"),
        (EngineFeature.AUTO_PAUSE, POSTGRESQL, "16", None),
        (EngineFeature.AUTO_PAUSE, POSTGRESQL, "17.4", None),
        (EngineFeature.AUTO_PAUSE, POSTGRESQL, "12.22", "13.15"),
        (EngineFeature.AUTO_PAUSE, MYSQL, "8.0.mysql_aurora.3.07.1", "3.8.0"),
        (EngineFeature.AUTO_PAUSE, MYSQL, "8.0.mysql_aurora.3.08.0", None),
        (EngineFeature.AUTO_PAUSE, MYSQL, "8.4.mysql_aurora.8.4.7", None),
        (EngineFeature.AUTO_PAUSE, MYSQL, "5.7.mysql_aurora.2.12.0", "3.8.0"),
        (EngineFeature.AUTO_PAUSE, MYSQL, "8.0", None),
        (EngineFeature.DATA_API, POSTGRESQL, "15.2", "15.3"),
        (EngineFeature.DATA_API, MYSQL, "8.0.mysql_aurora.3.06.0", "3.7.0"),
        (EngineFeature.WRITE_FORWARDING, POSTGRESQL, "14.8", "14.9"),
        (EngineFeature.WRITE_FORWARDING, POSTGRESQL, "13.20", "14.9"),
        (EngineFeature.WRITE_FORWARDING, MYSQL, "8.0.mysql_aurora.3.04.0", None),
    ],
)
def test_a_feature_has_a_first_version(
    feature: EngineFeature, family: DatabaseFamily, version: str, first: str | None
) -> None:
    """An older version lacks it, and the first that has it is named; a major version alone is its newest."""
    assert first_missing_version(feature, family, version) == first


@pytest.mark.parametrize("family", DatabaseFamily)
@pytest.mark.parametrize("aurora", [True, False])
def test_tls_is_required(family: DatabaseFamily, aurora: bool) -> None:
    """The library's parameters refuse clear text, and replicate nothing logically until asked."""
    parameters = required_parameters(family, aurora=aurora)
    assert requires_tls(family, parameters)
    assert not replicates_logically(family, parameters)
    assert list(parameters) == sorted(parameters)
    logical = required_parameters(family, aurora=aurora, logical_replication=True)
    assert replicates_logically(family, logical)


def test_slow_queries_and_audit_are_logged() -> None:
    """A query of a second, a schema change and a connection leave a trace."""
    postgresql = required_parameters(POSTGRESQL, aurora=True)
    assert postgresql["log_min_duration_statement"] == "1000"
    assert (postgresql["pgaudit.log"], postgresql["log_connections"]) == ("ddl,role", "1")
    assert "pgaudit" in postgresql["shared_preload_libraries"].split(",")
    mysql = required_parameters(MYSQL, aurora=True)
    assert (mysql["slow_query_log"], mysql["long_query_time"]) == ("1", "1")
    assert "QUERY_DDL" in mysql["server_audit_events"]


@pytest.mark.parametrize("aurora", [True, False])
def test_no_password_is_logged(aurora: bool) -> None:
    """PostgreSQL writes the password of `ALTER USER` into its log wherever statements are logged: pgAudit does not."""
    assert "log_statement" not in required_parameters(POSTGRESQL, aurora=aurora)


@pytest.mark.parametrize(("aurora", "value"), [(True, "ON"), (False, "1")])
def test_tls_of_mysql_is_required_in_two_ways(aurora: bool, value: str) -> None:
    """Aurora's parameter takes ON and OFF, that of RDS takes 1 and 0, and each refuses the other's."""
    assert required_parameters(MYSQL, aurora=aurora)["require_secure_transport"] == value


@pytest.mark.parametrize(
    ("engine", "instance_class", "known"),
    [
        ("aurora-mysql", "db.t3.medium", False),
        ("aurora-mysql", "db.t4g.medium", True),
        ("aurora-mysql", "db.serverless", True),
        ("aurora-postgresql", "db.t3.medium", True),
        ("mysql", "db.t4g.small", False),
        ("mysql", "db.t3.medium", True),
        ("mariadb", "db.t3.micro", False),
        ("postgres", "db.t4g.micro", True),
    ],
)
def test_small_classes_of_mysql_have_no_insights(engine: str, instance_class: str, known: bool) -> None:
    """RDS refuses Database Insights there."""
    assert has_insights(engine, instance_class) is known


def test_the_audit_log_of_rds_needs_an_option_group() -> None:
    """Aurora's audit parameters are unknown to RDS for MySQL, and not set there."""
    assert "server_audit_logging" not in required_parameters(MYSQL, aurora=False)


@pytest.mark.parametrize("value", ["0", "off", ""])
def test_clear_text_is_recognised(value: str) -> None:
    """Whatever does not require TLS is seen as that."""
    assert not requires_tls(POSTGRESQL, {"rds.force_ssl": value})
