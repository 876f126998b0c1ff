"""What the values of synthesized templates are: see `TemplateSet`."""

from aws_architect_constructs._templates.intrinsics import Concatenation, Reference, TemplateSet, Unknown

__all__ = ["Concatenation", "Reference", "TemplateSet", "Unknown"]
