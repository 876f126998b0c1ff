"""The ground that every construct stands on: the environment, the stack's shared key, tiers.

Nothing here knows a construct of another room.
"""
