"""What is worth saying of a container: credentials in plain sight, root, images that change under their name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.compute.container_settings import check_path, credentials_in, is_mutable, is_root


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2"),
        ("apiKey", "x"),
        ("API_KEY", "x"),
        ("GITHUB_TOKEN", "x"),
        ("CLIENT_SECRET", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("KEY", "AKIAIOSFODNN7EXAMPLE"),
        ("DATABASE_URL", "postgres://app:hunter2@db/app"),
        ("CERT", "-----BEGIN RSA PRIVATE KEY-----"),
    ],
)
def test_credentials_are_noticed(name: str, value: str) -> None:
    """By the variable's name, or by what the value is."""
    assert credentials_in({name: value}) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:x"),
        ("TOKEN_URL", "https://example.com/token"),
        ("PASSWORD_FILE", "/run/secrets/password"),
        ("DB_HOST", "db.example.com"),
        ("DATABASE_URL", "postgres://db.example.com:5432/app"),
        ("STAGE", "prod"),
    ],
)
def test_what_is_about_a_credential_is_none(name: str, value: str) -> None:
    """Where a secret lies is no secret."""
    assert credentials_in({name: value}) == []


@pytest.mark.parametrize("user", ["root", "0", "0:0", "root:app", "0:1000"])
def test_root_is_root_by_any_name(user: str) -> None:
    """By name or number, with or without a group."""
    assert is_root(user)


@pytest.mark.parametrize("user", ["app", "1000", "1000:0", "10", "rooted"])
def test_others_are_not(user: str) -> None:
    """A group is not a user."""
    assert not is_root(user)


@pytest.mark.parametrize("image", ["nginx", "nginx:latest", "registry:5000/app", "public.ecr.aws/nginx/nginx:latest"])
def test_images_that_change_under_their_name(image: str) -> None:
    """No tag, or `latest`; a registry's port is no tag."""
    assert is_mutable(image)


@pytest.mark.parametrize("image", ["nginx:1.29", "registry:5000/app:2", f"nginx@sha256:{'0' * 64}"])
def test_images_that_do_not(image: str) -> None:
    """A tag of its own, or a digest."""
    assert not is_mutable(image)


@given(st.from_regex(r"(/[a-z0-9._-]{1,8}){1,4}", fullmatch=True).filter(lambda path: ".." not in path))
def test_absolute_paths_pass(path: str) -> None:
    """They come back as they are."""
    assert check_path("path", path) == path


@pytest.mark.parametrize("path", ["", "/", "tmp", "/var/", "/a/../b", "/a b", "C:\\tmp", 5])
def test_others_do_not(path: str) -> None:
    """Relative ones, the root itself, ways up, and what is no text."""
    with pytest.raises(ValueError, match=r"^path: no absolute path in a container, got .*; allowed: "):
        check_path("path", path)
