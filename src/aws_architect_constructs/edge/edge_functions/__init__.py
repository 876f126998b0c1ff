"""The JavaScript of CloudFront Functions, one small file each; `edge.functions` puts them together."""
