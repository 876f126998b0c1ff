"""The network room: a three-tier VPC, its address plan, network ACLs and endpoints."""
