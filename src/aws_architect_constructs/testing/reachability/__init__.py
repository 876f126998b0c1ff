"""Can A reach B? The network of synthesized templates, walked in pure Python, with the reasons.

network = Network.from_templates({"Network": template})
answer = network.reach("Private", "Database", port=5432)
assert answer.verdict is Verdict.REACHABLE, answer
"""

from aws_architect_constructs.testing.reachability.answer import Answer, Verdict
from aws_architect_constructs.testing.reachability.network import Network, Published, WayOut

__all__ = ["Answer", "Network", "Published", "Verdict", "WayOut"]
