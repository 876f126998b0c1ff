"""What AWS's identifiers look like: one place for every check of an argument.

Pure Python.
"""

import re
from typing import Final

ACCOUNT_ID: Final = re.compile(r"[0-9]{12}")
ORGANIZATION_ID: Final = re.compile(r"o-[a-z0-9]{10,32}")
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html"""
