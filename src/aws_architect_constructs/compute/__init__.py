"""Containers, functions and batch jobs: what runs the workload's own code."""
