"""What looks like a secret in a text: by its format, or by its entropy under a name that says so.

Every format is the issuer's own. A hash, an ARN, a reference or a placeholder is none, so that the rule stays quiet
where nothing is wrong.
"""

import base64
import binascii
import math
import re
from collections import Counter
from itertools import pairwise
from typing import Final

_FORMATS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("an AWS access key id", re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    ("a GitHub token", re.compile(r"(?<![A-Za-z0-9])(?:gh[opusr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})")),
    ("a GitLab token", re.compile(r"(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20,}")),
    ("a Slack token", re.compile(r"(?<![A-Za-z0-9])xox[abeprs]-[A-Za-z0-9-]{10,}")),
    ("a Stripe key", re.compile(r"(?<![A-Za-z0-9])[rs]k_live_[A-Za-z0-9]{20,}")),
    ("a Google API key", re.compile(r"(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])")),
    ("an npm token", re.compile(r"(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])")),
    ("a SendGrid key", re.compile(r"(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")),
    ("a Slack webhook", re.compile(r"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}")),
    (
        "a password in a connection string",
        re.compile(
            r"(?i:\b(?:server|data source|host)=[^;]+;)(?:[^;]*;)*\s*(?i:password|pwd)\s*=\s*(?P<secret>[^;${}\s]{4,})"
        ),
    ),
    ("a password in a URL", re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@${}]+:(?P<secret>[^\s/@${}]{3,})@")),
)

# The secret half of an access key has no mark of its own: 40 random characters.
_SECRET_ACCESS_KEY: Final = re.compile(r"(?<![A-Za-z0-9/+=_.-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_.-])")
_RANDOM_ENTROPY: Final = 4.5
_RANDOM_CHANGES: Final = 19
_KINDS: Final = (str.islower, str.isupper, str.isdigit)
# What CDK calls things: a path, and eight capital digits of its hash.
_GENERATED_NAME: Final = re.compile(r"[A-Za-z0-9]*[0-9A-F]{8}")

# What every format has in it: most texts have none of it, and are passed over quickly.
ANY_FORMAT: Final = re.compile(
    r"AKIA|ASIA|PRIVATE KEY|gh[opusr]_|github_pat_|glpat-|xox[abeprs]-|k_live_|AIza|npm_|SG\.|hooks\.slack|(?i:password|pwd)\s*=|://[^/]*@|"
    + _SECRET_ACCESS_KEY.pattern
)

_SECRET_NAME: Final = re.compile(
    # A word begins behind a mark or at a capital, and ends before one: BYPASS and PASSWORDLESS are other words.
    r"(?:^|[_\-.]|(?-i:(?<=[a-z0-9])(?=[A-Z])))"
    r"(pass(?:word|wd|phrase)|pass$|pwd|secret|(?:auth|access|api|bearer|bot|deploy|github|gitlab|npm|oauth|refresh|security|session|slack)[_-]?token|"
    r"(?:api|access|private|secret|signing|encryption|account)[_-]?key|credentials?)"
    r"(?:$|[_\-.0-9]|(?-i:(?<=[a-z])(?=[A-Z])))"
    # At the end also without a mark, such as PGPASSWORD.
    r"|(?:passw(?:or)?d|secret|apikey)$",
    re.IGNORECASE,
)
_INNOCENT_NAME: Final = re.compile(
    r"(?:^|[_\-.]|(?<=[a-z0-9])(?=[A-Z]))"
    r"(arn|name|id|ids|uri|url|endpoint|path|file|prefix|length|age|ttl|days|expir\w*|rotation\w*|policy|hash|digest|"
    r"checksum|sha\d*|header|enabled|required|version|region|type|bucket|table|provider|parameter|template|alias|field|column|attribute|source)$",
    re.IGNORECASE,
)
_INNOCENT_VALUE: Final = re.compile(
    r"arn:|/|\$|\{\{|alias/|https?://[^@]*$|s3://|[*x.]+$|<.*>$|(?:true|false|none|null|yes|no|enabled|disabled|"
    r"changeme|change_me|change-me|replace_?me|example|placeholder|todo|tbd|dummy|redacted|ssm|secretsmanager)$",
    re.IGNORECASE,
)
_SHELL: Final = re.compile(
    r"""(?:^|[\s;&|'"])(?:export\s+|set\s+|-e\s+|--env\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<quote>['"]?)"""
    r"""(?P<value>[^\s'";&|$`()<>{}]+)(?P=quote)""",
    re.MULTILINE,
)
_OPTION: Final = re.compile(
    r"""--(?P<name>[a-z][a-z-]*)[= ](?P<quote>['"]?)(?P<value>[^\s'"$`()<>{}-][^\s'"$`()<>{}]*)"""
)
# `mysql -pSecret`, `curl -u user:secret`, `echo 'user:secret' | chpasswd`.
_HANDED_ON: Final = re.compile(
    r"""\b(?:mysql|mysqladmin|mysqldump)\s(?:[^\n|;]*\s)?-p['"]?(?P<value>[^\s'"$`(){}<>-][^\s'"$`(){}<>]{3,})"""
    r"""|\bcurl\s(?:[^\n|;]*\s)?(?:-u|--user)[ =]?['"]?[^\s:'"$]+:(?P<user>[^\s'"$`(){}<>]{4,})"""
    r"""|\becho\s+['"]?[\w.-]+:(?P<piped>[^\s'"$`(){}<>]{4,})['"]?\s*\|\s*(?:sudo\s+)?chpasswd"""
)
# In Python, JSON or YAML: a name, and a value in quotes; in YAML a line may do without them.
_ASSIGNED: Final = re.compile(
    r"""(?<![\w$])['"]?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)['"]?\s*[:=]\s*(?P<quote>['"])(?P<value>[^'"\n${}<>]+)(?P=quote)"""
)
_YAML: Final = re.compile(
    r"^\s+(?P<name>[A-Za-z_][A-Za-z0-9_]*):\s+(?P<value>[^\s'\"$`(){}<>\[\]|]+)\s*$", re.MULTILINE
)
# What a build's document says of these are the names of secrets, not secrets.
_NAMES_OF_SECRETS: Final = re.compile(
    r"""^([ \t]*)(?:parameter-store|secrets-manager):[ \t]*\n(?:\1[ \t]+.*(?:\n|\Z))*"""
    r"""|"(?:parameter-store|secrets-manager)"\s*:\s*\{[^{}]*\}""",
    re.MULTILINE,
)
# In code and documents a field is called what it is.
_WORD: Final = re.compile(r"(?:password|passwd|secret|string|str|credentials?)$", re.IGNORECASE)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/\s]{24,}={0,2}\s*")

_SHORTEST_PASSWORD: Final = 4
_SHORTEST_KEY: Final = 16
_LOWEST_ENTROPY: Final = 3.0


def entropy(text: str) -> float:
    """Shannon entropy in bits for each character: about 4 and more for random text, 2 to 3 for words.

    >>> entropy("aaaa"), entropy("abcd")
    (0.0, 2.0)
    """
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values()) + 0.0 if text else 0.0


def by_format(text: str) -> str | None:
    """What a text holds by its format, in words; None if nothing.

    AWS's documentation writes keys that end in EXAMPLE; those are no secrets.
    """
    if not ANY_FORMAT.search(text):
        return None
    for name, pattern in _FORMATS:
        for found in pattern.finditer(text):
            secret = found.groupdict().get("secret") or found[0]
            if not secret.endswith("EXAMPLE") and not _INNOCENT_VALUE.match(secret):
                return name
    if any(_is_random(found[0]) for found in _SECRET_ACCESS_KEY.finditer(text)):
        return "what looks like the secret half of an AWS access key"
    return None


def _is_random(text: str) -> bool:
    """Whether a text has the entropy of a secret access key, and small letters, capitals and digits in it.

    A hash in hexadecimal has no capitals, and words have less entropy. A name that CDK made of words, and of a hash at
    the end, has runs of small letters where a random text changes between the kinds (96 of 100 do it that often, and
    end otherwise). AWS's documentation writes a key that ends in EXAMPLEKEY.
    """
    kinds = [next((number for number, kind in enumerate(_KINDS) if kind(letter)), -1) for letter in text]
    changes = sum(first != second for first, second in pairwise(kinds))
    return (
        {0, 1, 2} <= set(kinds)
        and changes >= _RANDOM_CHANGES
        and entropy(text) >= _RANDOM_ENTROPY
        and not _GENERATED_NAME.fullmatch(text)
        and not text.endswith("EXAMPLEKEY")
    )


def names_a_secret(name: str) -> bool:
    """Whether a name says that its value is secret.

    >>> names_a_secret("DB_PASSWORD"), names_a_secret("apiKey"), names_a_secret("PASSWORD_LENGTH")
    (True, True, False)
    """
    return bool(_SECRET_NAME.search(name)) and not _INNOCENT_NAME.search(name)


def by_name(name: str, value: object) -> str | None:
    """What a value is by its name, in words; None if it is no secret."""
    if not isinstance(value, str) or not names_a_secret(name):
        return None
    text = value.strip()
    if len(text) < _SHORTEST_PASSWORD or _INNOCENT_VALUE.match(text) or text.lower() == name.lower():
        return None
    if re.search(r"pass|pwd", name, re.IGNORECASE):
        return "a password in plain text"
    if len(text) >= _SHORTEST_KEY and " " not in text and entropy(text) >= _LOWEST_ENTROPY:
        return "a secret in plain text"
    return None


def in_script(text: str) -> str | None:
    """What a script hands on in plain text, by its assignments and options; the text may be in Base64."""
    for script in (text, _decoded(text)):
        if script and (found := by_format(script)):
            return found
        if script and any(
            not _INNOCENT_VALUE.match(found["value"] or found["user"] or found["piped"])
            for found in _HANDED_ON.finditer(script)
        ):
            return "a password in plain text"
        told = _NAMES_OF_SECRETS.sub("", script or "")
        for pattern in (_SHELL, _OPTION, _ASSIGNED, _YAML):
            for match in pattern.finditer(told):
                if pattern in {_ASSIGNED, _YAML} and _WORD.match(match["value"]):
                    continue
                if found := by_name(match["name"].replace("-", "_"), match["value"]):
                    return found
    return None


def _decoded(text: str) -> str | None:
    """What Base64 hides, if it is Base64 and hides a text."""
    if not _BASE64.fullmatch(text):
        return None
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
