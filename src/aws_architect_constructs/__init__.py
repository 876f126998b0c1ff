"""Opinionated AWS CDK L3 constructs."""
