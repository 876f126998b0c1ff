"""The edge room: a distribution with security headers, private origins, functions at the edge and a firewall."""
