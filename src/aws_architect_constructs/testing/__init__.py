"""The testing kit: what a user's own test suite needs to prove what a synthesized template does."""
