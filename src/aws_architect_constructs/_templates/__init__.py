"""What the values of synthesized templates are. Pure Python, and part of the ground, as the policy engine is."""
