"""The identity room: conditions, and the roles of the IAM decision tree."""
