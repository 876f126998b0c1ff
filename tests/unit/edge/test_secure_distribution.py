"""The distribution: what each argument does, and what is refused."""

import json
from typing import Any

import pytest
from aws_cdk import Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    Behavior,
    Caching,
    ClientCertificates,
    EdgeEvent,
    EdgeFunctions,
    EdgeLambda,
    EnvironmentType,
    Firewall,
    Origin,
    PathHeaders,
    SecureDistribution,
    SecurityHeaders,
)
from support.instances_secure_distribution import EDGE_CODE, US_EAST_1, function_url, load_balancer
from support.synthesis import (
    Template,
    new_app,
    new_stack,
    properties,
    resources,
    template_of,
    warnings_of,
)

CERTIFICATE_ARN = "arn:aws:acm:us-east-1:111111111111:certificate/12345678-1234-1234-1234-123456789012"


def site(stack: Stack | None = None, **options: Any) -> Template:
    """The template of a stack in us-east-1 with a distribution."""
    stack = stack or new_stack(env=US_EAST_1)
    SecureDistribution(stack, "Site", **options)
    return template_of(stack)


def config(template: Template) -> dict[str, Any]:
    """The distribution's configuration."""
    (found,) = properties(template, "AWS::CloudFront::Distribution")
    configuration: dict[str, Any] = found["DistributionConfig"]
    return configuration


def certificate(stack: Stack) -> acm.ICertificate:
    """A certificate of us-east-1 that is there already."""
    return acm.Certificate.from_certificate_arn(stack, "Certificate", CERTIFICATE_ARN)


def zone(stack: Stack) -> route53.IHostedZone:
    """A zone that is there already."""
    return route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )


# --- the one statement --------------------------------------------------------------------------------------------


def test_the_bucket_of_its_own_is_private() -> None:
    """Encrypted with the stack's key, versioned, logged, TLS 1.2 alone, closed to the public, no ACLs."""
    template = site()
    bucket = resources(template, "AWS::S3::Bucket")["SiteContent02569BC1"]["Properties"]
    encryption = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert encryption["BucketKeyEnabled"] is True
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert "AccessLogBucket" in str(bucket["LoggingConfiguration"])


def test_the_distribution_signs_its_requests_to_the_bucket() -> None:
    """Origin access control, and no origin access identity."""
    template = site()
    (access,) = properties(template, "AWS::CloudFront::OriginAccessControl")
    settings = access["OriginAccessControlConfig"]
    assert settings["OriginAccessControlOriginType"] == "s3"
    assert (settings["SigningBehavior"], settings["SigningProtocol"]) == ("always", "sigv4")
    (origin,) = config(template)["Origins"]
    assert origin["S3OriginConfig"] == {"OriginAccessIdentity": ""}
    assert origin["OriginAccessControlId"]["Fn::GetAtt"][0] in resources(
        template, "AWS::CloudFront::OriginAccessControl"
    )


def test_the_default_behaviour() -> None:
    """HTTPS, HTTP/2 and 3, IPv6, compression, reading alone, the headers' policy and both functions."""
    found = config(site())
    behavior = found["DefaultCacheBehavior"]
    assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
    assert behavior["Compress"] is True
    assert behavior["AllowedMethods"] == ["GET", "HEAD", "OPTIONS"]
    assert "ResponseHeadersPolicyId" in behavior
    assert [one["EventType"] for one in behavior["FunctionAssociations"]] == ["viewer-request", "viewer-response"]
    assert (found["HttpVersion"], found["IPV6Enabled"], found["DefaultRootObject"]) == ("http2and3", True, "index.html")
    assert found["PriceClass"] == "PriceClass_All"


def test_functions_are_of_the_runtime_and_published() -> None:
    """JavaScript runtime 2.0."""
    for function in properties(site(), "AWS::CloudFront::Function"):
        assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
        assert function["AutoPublish"] is True


def test_requests_are_logged_as_parquet() -> None:
    """Standard logging (v2) to the stack's log bucket, without cookies."""
    template = site()
    (source,) = properties(template, "AWS::Logs::DeliverySource")
    (destination,) = properties(template, "AWS::Logs::DeliveryDestination")
    (delivery,) = resources(template, "AWS::Logs::Delivery").values()
    assert source["LogType"] == "ACCESS_LOGS"
    assert "SiteDistribution" in str(source["ResourceArn"])
    assert destination["OutputFormat"] == "parquet"
    assert "AccessLogBucket" in str(destination["DestinationResourceArn"])
    assert "cs(Cookie)" not in delivery["Properties"]["RecordFields"]
    assert delivery["Properties"]["S3SuffixPath"] == "{DistributionId}/{yyyy}/{MM}/{dd}/{HH}"
    assert any("AccessLogBucketPolicy" in name for name in delivery["DependsOn"])


def test_without_a_name_there_is_a_warning() -> None:
    """CloudFront's own certificate lets old TLS in; a site with a name has no such warning."""
    stack = new_stack(env=US_EAST_1)
    SecureDistribution(stack, "Site")
    assert "NoCertificate" in str(warnings_of(stack))
    named = new_stack(env=US_EAST_1)
    SecureDistribution(named, "Site", domain_names=["www.example.com"], certificate=certificate(named))
    assert "NoCertificate" not in str(warnings_of(named))


def test_an_unknown_region_is_a_warning() -> None:
    """Everything is in the one stack then, which goes to us-east-1 alone; a known Region has no such warning."""
    stack = new_stack(env=None)
    SecureDistribution(stack, "Site")
    assert "UnknownRegion" in str(warnings_of(stack))
    assert len(resources(template_of(stack), "AWS::WAFv2::WebACL")) == 1
    known = new_stack(env=US_EAST_1)
    SecureDistribution(known, "Site")
    assert "UnknownRegion" not in str(warnings_of(known))


def test_the_stack_is_protected() -> None:
    """A stack with the site's files is not deleted by accident in PROD."""
    stack = new_stack(env=US_EAST_1)
    SecureDistribution(stack, "Site")
    assert stack.termination_protection is True


# --- origins ------------------------------------------------------------------------------------------------------


def test_a_load_balancer_is_a_vpc_origin() -> None:
    """HTTPS alone, TLS 1.2, every method, nothing kept, everything passed on, and headers without CSP."""
    stack = new_stack(env=US_EAST_1)
    template = site(stack, origins={"/api/*": Origin.load_balancer(load_balancer(stack))})
    (origin,) = properties(template, "AWS::CloudFront::VpcOrigin")
    endpoint = origin["VpcOriginEndpointConfig"]
    assert endpoint["OriginProtocolPolicy"] == "https-only"
    assert endpoint["OriginSSLProtocols"] == ["TLSv1.2"]
    (behavior,) = config(template)["CacheBehaviors"]
    assert behavior["PathPattern"] == "/api/*"
    assert "POST" in behavior["AllowedMethods"]
    assert behavior["CachePolicyId"] == cloudfront.CachePolicy.CACHING_DISABLED.cache_policy_id
    assert behavior["OriginRequestPolicyId"] == cloudfront.OriginRequestPolicy.ALL_VIEWER.origin_request_policy_id
    policies = resources(template, "AWS::CloudFront::ResponseHeadersPolicy")
    api = policies[behavior["ResponseHeadersPolicyId"]["Ref"]]["Properties"]["ResponseHeadersPolicyConfig"]
    assert "ContentSecurityPolicy" not in api["SecurityHeadersConfig"]
    assert "StrictTransportSecurity" in api["SecurityHeadersConfig"]


def test_a_load_balancer_with_a_name_of_its_own() -> None:
    """CloudFront asks for the certificate's name, and the visitor's Host header stays out."""
    stack = new_stack(env=US_EAST_1)
    origin = Origin.load_balancer(
        load_balancer(stack),
        domain_name="api.example.com",
        https_port=8443,
        read_timeout=Duration.seconds(90),
        origin_path="/v1",
        shield_region="us-east-1",
    )
    template = site(stack, origins={"/api/*": origin})
    found = config(template)["Origins"][1]
    assert (found["DomainName"], found["OriginPath"]) == ("api.example.com", "/v1")
    assert found["OriginShield"] == {"Enabled": True, "OriginShieldRegion": "us-east-1"}
    assert found["VpcOriginConfig"]["OriginReadTimeout"] == 90
    (endpoint,) = properties(template, "AWS::CloudFront::VpcOrigin")
    assert endpoint["VpcOriginEndpointConfig"]["HTTPSPort"] == 8443
    (behavior,) = config(template)["CacheBehaviors"]
    policy = cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER.origin_request_policy_id
    assert behavior["OriginRequestPolicyId"] == policy


def test_plain_http_within_the_vpc_is_on_request() -> None:
    """A port for HTTP means HTTP."""
    stack = new_stack(env=US_EAST_1)
    template = site(stack, default_origin=Origin.load_balancer(load_balancer(stack), http_port=8080))
    (origin,) = properties(template, "AWS::CloudFront::VpcOrigin")
    endpoint = origin["VpcOriginEndpointConfig"]
    assert (endpoint["OriginProtocolPolicy"], endpoint["HTTPPort"]) == ("http-only", 8080)
    assert "DefaultRootObject" not in config(template)
    assert [one["EventType"] for one in config(template)["DefaultCacheBehavior"]["FunctionAssociations"]] == [
        "viewer-response"
    ]


def test_a_function_url_is_called_by_this_distribution_alone() -> None:
    """Origin access control for Lambda, both permissions for this distribution, the Host header left out."""
    stack = new_stack(env=US_EAST_1)
    template = site(stack, origins={"/orders/*": Origin.function_url(function_url(stack))})
    kinds = [
        access["OriginAccessControlConfig"]["OriginAccessControlOriginType"]
        for access in properties(template, "AWS::CloudFront::OriginAccessControl")
    ]
    assert sorted(kinds) == ["lambda", "s3"]
    permissions = properties(template, "AWS::Lambda::Permission")
    assert sorted(permission["Action"] for permission in permissions) == [
        "lambda:InvokeFunction",
        "lambda:InvokeFunctionUrl",
    ]
    assert all("SiteDistribution" in str(permission["SourceArn"]) for permission in permissions)
    (behavior,) = config(template)["CacheBehaviors"]
    policy = cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER.origin_request_policy_id
    assert behavior["OriginRequestPolicyId"] == policy


def test_a_function_url_for_everybody_is_refused() -> None:
    """Without IAM authorization everybody could call it past CloudFront."""
    stack = new_stack(env=US_EAST_1)
    function = lambda_.Function.from_function_arn(stack, "F", "arn:aws:lambda:us-east-1:111111111111:function:f")
    url = function.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)
    with pytest.raises(ValueError, match=r"^function_url: everybody may call it past CloudFront, got NONE"):
        Origin.function_url(url)


def test_origins_fail_over() -> None:
    """Two buckets as a group, with the status codes that count as failing."""
    stack = new_stack(env=US_EAST_1)
    buckets = [Origin.bucket(s3.Bucket.from_bucket_name(stack, name, name.lower())) for name in ("One", "Two")]
    template = site(stack, default_origin=Origin.group(*buckets, status_codes=[503]))
    (group,) = config(template)["OriginGroups"]["Items"]
    assert group["FailoverCriteria"]["StatusCodes"]["Items"] == [503]
    assert len(group["Members"]["Items"]) == 2
    assert len(resources(template, "AWS::CloudFront::OriginAccessControl")) == 1


def test_a_group_of_load_balancers_reads() -> None:
    """CloudFront fails over for GET, HEAD and OPTIONS, so the group is no API."""
    stack = new_stack(env=US_EAST_1)
    alb = Origin.load_balancer(load_balancer(stack))
    template = site(stack, default_origin=Origin.group(alb, alb))
    behavior = config(template)["DefaultCacheBehavior"]
    assert behavior["AllowedMethods"] == ["GET", "HEAD", "OPTIONS"]
    assert behavior["CachePolicyId"] != cloudfront.CachePolicy.CACHING_DISABLED.cache_policy_id


@pytest.mark.parametrize(
    ("caching", "cache_policy", "methods"),
    [
        (Caching.STATIC, cloudfront.CachePolicy.CACHING_OPTIMIZED, 3),
        (Caching.DYNAMIC, cloudfront.CachePolicy.USE_ORIGIN_CACHE_CONTROL_HEADERS_QUERY_STRINGS, 7),
        (Caching.API, cloudfront.CachePolicy.CACHING_DISABLED, 7),
    ],
)
def test_caching(caching: Caching, cache_policy: cloudfront.ICachePolicy, methods: int) -> None:
    """Each kind has AWS's policy for it, and the methods that it needs."""
    stack = new_stack(env=US_EAST_1)
    origin = Origin.load_balancer(load_balancer(stack))
    template = site(stack, origins={"/a/*": Behavior(origin=origin, caching=caching)})
    (behavior,) = config(template)["CacheBehaviors"]
    assert behavior["CachePolicyId"] == cache_policy.cache_policy_id
    assert len(behavior["AllowedMethods"]) == methods
    # The load balancer's certificate and rules go by the visitor's Host header, which files need too.
    expected = cloudfront.OriginRequestPolicy.ALL_VIEWER
    if caching is Caching.STATIC:
        expected = cloudfront.OriginRequestPolicy.HOST_HEADER_ONLY
    assert behavior["OriginRequestPolicyId"] == expected.origin_request_policy_id


def test_files_of_a_load_balancer_with_a_name_of_its_own() -> None:
    """Nothing of a request for a file reaches an origin that is asked by its own name."""
    stack = new_stack(env=US_EAST_1)
    origin = Origin.load_balancer(load_balancer(stack), domain_name="files.example.com")
    template = site(stack, origins={"/a/*": Behavior(origin=origin, caching=Caching.STATIC)})
    assert "OriginRequestPolicyId" not in config(template)["CacheBehaviors"][0]


@pytest.mark.parametrize("kind", ["function", "named", "bucket", "group"])
def test_origins_that_go_by_their_own_name_never_see_the_visitors(kind: str) -> None:
    """What is in the cache's key is sent on: the Host header of a site is refused by a function URL and a bucket."""
    stack = new_stack(env=US_EAST_1)
    url = Origin.function_url(function_url(stack))
    alb = load_balancer(stack)
    origin = {
        "function": url,
        "named": Origin.load_balancer(alb, domain_name="api.example.com"),
        "bucket": Origin.bucket(s3.Bucket.from_bucket_name(stack, "Files", "files")),
        "group": Origin.group(url, Origin.load_balancer(alb)),
    }[kind]
    behavior = Behavior(origin=origin, caching=Caching.DYNAMIC)
    template = site(stack, origins={"/a/*": behavior, "/b/*": behavior})
    ((policy_id, policy),) = resources(template, "AWS::CloudFront::CachePolicy").items()
    assert [one["CachePolicyId"] for one in config(template)["CacheBehaviors"]] == [{"Ref": policy_id}] * 2
    details = policy["Properties"]["CachePolicyConfig"]
    assert (details["MinTTL"], details["DefaultTTL"], details["MaxTTL"]) == (0, 0, 31_536_000)
    key = details["ParametersInCacheKeyAndForwardedToOrigin"]
    assert "host" not in [header.lower() for header in key["HeadersConfig"]["Headers"]]
    assert key["CookiesConfig"]["CookieBehavior"] == "all"
    assert key["QueryStringsConfig"]["QueryStringBehavior"] == "all"


def test_a_function_of_another_region_is_refused() -> None:
    """Its permission would be made where it is not."""
    app = new_app()
    stack = new_stack(env=US_EAST_1, app=app)
    other = Stack(app, "Other", env=Environment(account="111111111111", region="eu-west-1"))
    with pytest.raises(ValueError, match=r"Stack/Site: origins|Site: /a/\*: the function's permission .* of eu-west-1"):
        SecureDistribution(stack, "Site", origins={"/a/*": Origin.function_url(function_url(other))})
    assert stack.node.try_find_child("Site") is None


def test_a_load_balancer_of_a_site_without_a_name_is_a_warning() -> None:
    """No certificate has CloudFront's own name: with another name, a named site or plain HTTP it is quiet."""
    cases: tuple[tuple[dict[str, Any], bool, bool], ...] = (
        ({}, False, True),
        ({"domain_name": "api.example.com"}, False, False),
        ({"http_port": 8080}, False, False),
        ({}, True, False),
    )
    for options, named, warned in cases:
        stack = new_stack(env=US_EAST_1)
        names: dict[str, Any] = (
            {"domain_names": ["www.example.com"], "certificate": certificate(stack)} if named else {}
        )
        origins = {"/a/*": Origin.load_balancer(load_balancer(stack), **options)}
        SecureDistribution(stack, "Site", origins=origins, **names)
        assert ("LoadBalancerWithoutName" in str(warnings_of(stack))) is warned


def test_a_load_balancer_has_one_vpc_origin() -> None:
    """Behaviours and origins share it, unless they reach the load balancer by another port."""
    stack = new_stack(env=US_EAST_1)
    alb = load_balancer(stack)
    same, named = Origin.load_balancer(alb), Origin.load_balancer(alb, domain_name="api.example.com")
    template = site(stack, origins={"/a/*": same, "/b/*": same, "/c/*": named})
    assert len(resources(template, "AWS::CloudFront::VpcOrigin")) == 1
    assert len(config(template)["Origins"]) == 3  # the bucket, and the load balancer by two names
    more = site(origins={"/a/*": same, "/b/*": Origin.load_balancer(alb, http_port=8080)})
    assert len(resources(more, "AWS::CloudFront::VpcOrigin")) == 2


def test_another_port_is_another_vpc_origin() -> None:
    """CloudFront changes none that is in use, so that a change has to make another, of another name."""
    found: list[tuple[str, Any]] = []
    for port in (443, 8443):
        stack = new_stack(env=US_EAST_1)
        template = site(stack, default_origin=Origin.load_balancer(load_balancer(stack), https_port=port))
        found += resources(template, "AWS::CloudFront::VpcOrigin").items()
    (one, first), (other, second) = found
    names = [origin["Properties"]["VpcOriginEndpointConfig"]["Name"] for origin in (first, second)]
    assert one != other
    assert names[0] != names[1]


def test_long_patterns_have_short_names() -> None:
    """CloudFront's names have 64 characters at most, however long a path is; different ones stay apart."""
    stack = new_stack(env=Environment(account="111111111111", region="ap-southeast-2"))
    alb = Origin.load_balancer(load_balancer(stack))
    origins = {
        f"/api/v1/organizations/departments/members/addresses/{end}/*": Behavior(
            origin=alb, security_headers=SecurityHeaders(additional={"x-place": end})
        )
        for end in ("one", "two")
    }
    template = site(stack, origins=origins)
    names = [one["Name"] for one in properties(template, "AWS::CloudFront::Function")]
    names += [
        one["ResponseHeadersPolicyConfig"]["Name"]
        for one in properties(template, "AWS::CloudFront::ResponseHeadersPolicy")
    ]
    assert max(map(len, names)) <= 64
    assert len(set(names)) == len(names)


def test_a_behaviour_has_policies_of_its_own() -> None:
    """Cache, origin request, headers, functions and keys, where they are given."""
    stack = new_stack(env=US_EAST_1)
    key = cloudfront.PublicKey.from_public_key_id(stack, "Key", "K2JCJMDEHXQW5F")
    behavior = Behavior(
        origin=Origin.load_balancer(load_balancer(stack)),
        cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
        origin_request_policy=cloudfront.OriginRequestPolicy.CORS_CUSTOM_ORIGIN,
        security_headers=SecurityHeaders.CLASSIC,
        edge_functions=EdgeFunctions(canonical_host="www.example.com"),
        trusted_key_groups=[cloudfront.KeyGroup(stack, "Group", items=[key])],
    )
    template = site(stack, origins={"/a/*": behavior})
    (found,) = config(template)["CacheBehaviors"]
    assert found["CachePolicyId"] == cloudfront.CachePolicy.CACHING_OPTIMIZED.cache_policy_id
    assert found["OriginRequestPolicyId"] == cloudfront.OriginRequestPolicy.CORS_CUSTOM_ORIGIN.origin_request_policy_id
    assert len(found["TrustedKeyGroups"]) == 1
    policies = resources(template, "AWS::CloudFront::ResponseHeadersPolicy")
    assert "unsafe-inline" in str(policies[found["ResponseHeadersPolicyId"]["Ref"]])
    functions = resources(template, "AWS::CloudFront::Function")
    request = functions[found["FunctionAssociations"][0]["FunctionARN"]["Fn::GetAtt"][0]]
    assert "canonicalHost" in request["Properties"]["FunctionCode"]


def test_behaviours_share_what_is_the_same() -> None:
    """Three APIs have one policy and one function, beside the site's."""
    stack = new_stack(env=US_EAST_1)
    alb = Origin.load_balancer(load_balancer(stack))
    template = site(stack, origins={f"/{name}/*": alb for name in "abc"})
    assert len(resources(template, "AWS::CloudFront::ResponseHeadersPolicy")) == 2
    assert len(resources(template, "AWS::CloudFront::Function")) == 3


def test_patterns_that_look_alike_are_told_apart() -> None:
    """Parts of different patterns have different ids, however alike their words are."""
    stack = new_stack(env=US_EAST_1)
    alb = Origin.load_balancer(load_balancer(stack))
    patterns = ["/api/*", "/api*", "/API/*", "*.api", "/a/pi/*", "/a-pi/*"]
    origins = {
        pattern: Behavior(origin=alb, security_headers=SecurityHeaders(additional={"x-place": str(place)}))
        for place, pattern in enumerate(patterns)
    }
    template = site(stack, origins=origins)
    assert len(resources(template, "AWS::CloudFront::ResponseHeadersPolicy")) == 1 + len(patterns)


def test_names_that_look_alike_are_told_apart() -> None:
    """A wildcard has records beside those of the name that it is of."""
    stack = new_stack(env=US_EAST_1)
    names = ["www.example.com", "example.com", "*.example.com", "a-b.example.com", "a.b.example.com"]
    template = site(stack, domain_names=names, hosted_zone=zone(stack))
    assert len(resources(template, "AWS::Route53::RecordSet")) == 2 * len(names)


# --- headers and functions ----------------------------------------------------------------------------------------


def test_the_headers_are_the_callers() -> None:
    """Policy and function carry what was asked for."""
    template = site(security_headers=SecurityHeaders.CLASSIC)
    (policy,) = properties(template, "AWS::CloudFront::ResponseHeadersPolicy")
    assert "unsafe-inline" in json.dumps(policy)
    assert "unsafe-inline" in str([one["FunctionCode"] for one in properties(template, "AWS::CloudFront::Function")])


def test_the_function_for_headers_can_be_left_out() -> None:
    """The policy stays."""
    template = site(headers_function=False)
    behavior = config(template)["DefaultCacheBehavior"]
    assert [one["EventType"] for one in behavior["FunctionAssociations"]] == ["viewer-request"]
    assert "ResponseHeadersPolicyId" in behavior


@pytest.mark.parametrize("single_page_app", [False, True])
def test_a_server_knows_its_own_paths(single_page_app: bool) -> None:
    """No path of rendered pages becomes a file's, but for a single-page app at the root, which was asked for."""
    stack = new_stack(env=US_EAST_1)
    pages = Behavior(origin=Origin.load_balancer(load_balancer(stack)), caching=Caching.DYNAMIC)
    shop = Behavior(origin=pages.origin, caching=Caching.DYNAMIC)
    functions = EdgeFunctions(redirects={"/old": "/new"}, single_page_app=single_page_app)
    template = site(stack, default_origin=pages, origins={"/shop/*": shop}, edge_functions=functions)
    codes = resources(template, "AWS::CloudFront::Function")
    found = []
    for behavior in (config(template)["DefaultCacheBehavior"], *config(template)["CacheBehaviors"]):
        (arn,) = (
            one["FunctionARN"]["Fn::GetAtt"][0]
            for one in behavior["FunctionAssociations"]
            if one["EventType"] == "viewer-request"
        )
        found.append(codes[arn]["Properties"]["FunctionCode"])
    root, other = found
    assert "index.html" not in other
    assert "redirects" in other
    assert ("index.html" in root) is single_page_app


def test_a_password_needs_a_store() -> None:
    """The store is made, and the functions that ask for a password look into it; on the API too."""
    stack = new_stack(env=US_EAST_1)
    template = site(
        stack,
        origins={"/api/*": Origin.load_balancer(load_balancer(stack))},
        edge_functions=EdgeFunctions(basic_auth_realm="Preview"),
    )
    assert len(resources(template, "AWS::CloudFront::KeyValueStore")) == 1
    functions = properties(template, "AWS::CloudFront::Function")
    with_store = [one for one in functions if "KeyValueStoreAssociations" in one["FunctionConfig"]]
    assert len(with_store) == 2
    assert all("basicAuth" in one["FunctionCode"] for one in with_store)


def test_without_a_password_there_is_no_store() -> None:
    """Nothing to look into."""
    assert resources(site(), "AWS::CloudFront::KeyValueStore") == {}


def test_names_over_regions_do_not_meet() -> None:
    """CloudFront's names are the account's: the same stack in two Regions has other ones."""
    names = []
    for region in ("us-east-1", "eu-west-1"):
        stack = new_stack(env=Environment(account="111111111111", region=region))
        SecureDistribution(stack, "Site")
        template = template_of(stack)
        names += [one["Name"] for one in properties(template, "AWS::CloudFront::Function")]
        names += [
            one["ResponseHeadersPolicyConfig"]["Name"]
            for one in properties(template, "AWS::CloudFront::ResponseHeadersPolicy")
        ]
        names += [
            one["OriginAccessControlConfig"]["Name"]
            for one in properties(template, "AWS::CloudFront::OriginAccessControl")
        ]
    assert len(set(names)) == len(names) == 8
    assert max(map(len, names)) <= 64


def test_lambda_at_edge_excludes_functions_on_its_side() -> None:
    """A behaviour with Lambda@Edge for visitors has the policy's headers alone."""
    stack = new_stack(env=US_EAST_1)
    edge = EdgeLambda(event=EdgeEvent.VIEWER_REQUEST, code=lambda_.Code.from_inline(EDGE_CODE), handler="index.handler")
    behavior = Behavior(origin=Origin.load_balancer(load_balancer(stack)), edge_lambdas=[edge])
    template = site(stack, origins={"/a/*": behavior})
    (found,) = config(template)["CacheBehaviors"]
    assert "FunctionAssociations" not in found
    assert [one["EventType"] for one in found["LambdaFunctionAssociations"]] == ["viewer-request"]
    assert "ResponseHeadersPolicyId" in found


# --- names and TLS ------------------------------------------------------------------------------------------------


def test_a_certificate_of_ones_own() -> None:
    """TLS 1.2 with the newest ciphers, by SNI; no records without a zone."""
    stack = new_stack(env=US_EAST_1)
    template = site(stack, domain_names=["www.example.com"], certificate=certificate(stack))
    assert config(template)["Aliases"] == ["www.example.com"]
    assert config(template)["ViewerCertificate"] == {
        "AcmCertificateArn": CERTIFICATE_ARN,
        "MinimumProtocolVersion": "TLSv1.2_2025",
        "SslSupportMethod": "sni-only",
    }
    assert resources(template, "AWS::Route53::RecordSet") == {}


def test_a_zone_brings_certificate_and_records() -> None:
    """A certificate for all names, proven in the zone; an A and an AAAA record for each."""
    stack = new_stack(env=US_EAST_1)
    template = site(stack, domain_names=["www.example.com", "example.com"], hosted_zone=zone(stack))
    (made,) = properties(template, "AWS::CertificateManager::Certificate")
    assert (made["DomainName"], made["SubjectAlternativeNames"]) == ("www.example.com", ["example.com"])
    assert made["ValidationMethod"] == "DNS"
    records = properties(template, "AWS::Route53::RecordSet")
    assert sorted((one["Name"], one["Type"]) for one in records) == [
        ("example.com.", "A"),
        ("example.com.", "AAAA"),
        ("www.example.com.", "A"),
        ("www.example.com.", "AAAA"),
    ]
    assert all("SiteDistribution" in str(one["AliasTarget"]) for one in records)


def test_a_certificate_beside_a_zone() -> None:
    """The caller's certificate is used, and records are made."""
    stack = new_stack(env=US_EAST_1)
    template = site(stack, domain_names=["www.example.com"], hosted_zone=zone(stack), certificate=certificate(stack))
    assert resources(template, "AWS::CertificateManager::Certificate") == {}
    assert len(resources(template, "AWS::Route53::RecordSet")) == 2


@pytest.mark.parametrize("protocol", ["TLS_V1_2_2021", "TLS_V1_3_2025"])
def test_the_oldest_tls_is_the_callers_choice(protocol: str) -> None:
    """TLS 1.3 alone, or the ciphers of 2021."""
    stack = new_stack(env=US_EAST_1)
    choice = cloudfront.SecurityPolicyProtocol[protocol]
    template = site(stack, domain_names=["a.example"], certificate=certificate(stack), minimum_protocol_version=choice)
    expected = protocol.replace("TLS_V1_2", "TLSv1.2").replace("TLS_V1_3", "TLSv1.3")
    assert config(template)["ViewerCertificate"]["MinimumProtocolVersion"] == expected


@pytest.mark.parametrize(("required", "mode"), [(True, "required"), (False, "optional")])
def test_mutual_tls(required: bool, mode: str) -> None:
    """A trust store of the authorities, and HTTP/2, because HTTP/3 has no mutual TLS at CloudFront."""
    stack = new_stack(env=US_EAST_1)
    authorities = ClientCertificates(
        bucket=s3.Bucket.from_bucket_name(stack, "Trust", "trust"), key="ca.pem", required=required
    )
    template = site(stack, domain_names=["a.example"], certificate=certificate(stack), client_certificates=authorities)
    assert config(template)["ViewerMtlsConfig"]["Mode"] == mode
    assert config(template)["HttpVersion"] == "http2"
    (store,) = properties(template, "AWS::CloudFront::TrustStore")
    location = store["CaCertificatesBundleSource"]["CaCertificatesBundleS3Location"]
    assert (location["Bucket"], location["Key"], location["Region"]) == ("trust", "ca.pem", "us-east-1")


def test_authorities_are_an_object() -> None:
    """A key has no slash in front."""
    stack = new_stack()
    with pytest.raises(ValueError, match=r"^key: no object, got '/ca.pem'"):
        ClientCertificates(bucket=s3.Bucket.from_bucket_name(stack, "Trust", "trust"), key="/ca.pem")


# --- the rest -----------------------------------------------------------------------------------------------------


def test_countries() -> None:
    """Those that are let in; without the argument all are."""
    found = config(site(geo_restriction=cloudfront.GeoRestriction.allowlist("DE")))
    assert found["Restrictions"]["GeoRestriction"] == {"RestrictionType": "whitelist", "Locations": ["DE"]}
    assert "Restrictions" not in config(site())


def test_where_answers_come_from() -> None:
    """A price class."""
    found = config(site(price_class=cloudfront.PriceClass.PRICE_CLASS_100))
    assert found["PriceClass"] == "PriceClass_100"


def test_the_firewall_is_the_callers() -> None:
    """The default one, another, none, or a web ACL that is there already."""
    assert len(resources(site(), "AWS::WAFv2::WebACL")) == 1
    (own,) = properties(site(firewall=Firewall(rate_limit=None)), "AWS::WAFv2::WebACL")
    assert "RateLimit" not in str(own["Rules"])
    without = site(firewall=Firewall.none())
    assert resources(without, "AWS::WAFv2::WebACL") == {}
    assert "WebACLId" not in config(without)
    arn = "arn:aws:wafv2:us-east-1:111111111111:global/webacl/own/12345678-1234-1234-1234-123456789012"
    given = site(web_acl_arn=arn)
    assert resources(given, "AWS::WAFv2::WebACL") == {}
    assert config(given)["WebACLId"] == arn


def test_the_root_object_is_the_callers() -> None:
    """What `/` stands for."""
    assert config(site(default_root_object="home.html"))["DefaultRootObject"] == "home.html"


def test_error_pages() -> None:
    """A page by status; S3's 403 for what is missing is a 404 to visitors; kept for ten seconds."""
    found = config(site(error_pages={403: "/404.html", 503: "/sorry.html"}))["CustomErrorResponses"]
    assert found == [
        {"ErrorCode": 403, "ResponseCode": 404, "ResponsePagePath": "/404.html", "ErrorCachingMinTTL": 10},
        {"ErrorCode": 503, "ResponseCode": 503, "ResponsePagePath": "/sorry.html", "ErrorCachingMinTTL": 10},
    ]


def test_error_pages_beside_an_api_are_a_warning() -> None:
    """An API's 404 would become a page; without an API there is nothing to warn of."""
    stack = new_stack(env=US_EAST_1)
    origins = {"/api/*": Origin.load_balancer(load_balancer(stack))}
    SecureDistribution(stack, "Site", origins=origins, error_pages={404: "/404.html"})
    assert "ErrorPagesReplaceAnswers" in str(warnings_of(stack))
    alone = new_stack(env=US_EAST_1)
    SecureDistribution(alone, "Site", error_pages={404: "/404.html"})
    assert "ErrorPagesReplaceAnswers" not in str(warnings_of(alone))


def test_somebody_hears() -> None:
    """Three alarms in both directions, and the metrics that they need; without a topic neither."""
    stack = new_stack(env=US_EAST_1)
    template = site(stack, alarm_topic=sns.Topic(stack, "Topic"))
    alarms = properties(template, "AWS::CloudWatch::Alarm")
    assert sorted(alarm["MetricName"] for alarm in alarms) == ["5xxErrorRate", "BlockedRequests", "OriginLatency"]
    assert all(alarm["AlarmActions"] == alarm["OKActions"] != [] for alarm in alarms)
    assert len(resources(template, "AWS::CloudFront::MonitoringSubscription")) == 1
    quiet = new_stack(env=US_EAST_1)
    SecureDistribution(quiet, "Site")
    assert "NoAlarmTopic" in str(warnings_of(quiet))
    assert resources(template_of(quiet), "AWS::CloudWatch::Alarm") == {}
    assert resources(template_of(quiet), "AWS::CloudFront::MonitoringSubscription") == {}


def test_without_a_firewall_two_alarms() -> None:
    """Nobody blocks, so nobody hears of blocking."""
    stack = new_stack(env=US_EAST_1)
    template = site(stack, alarm_topic=sns.Topic(stack, "Topic"), firewall=Firewall.none())
    assert len(resources(template, "AWS::CloudWatch::Alarm")) == 2


def test_the_key_is_the_callers() -> None:
    """A given key encrypts bucket and log, lets CloudFront decrypt, and the stack has no other."""
    stack = new_stack(env=US_EAST_1)
    template = site(stack, encryption_key=kms.Key(stack, "Own"))
    (key,) = resources(template, "AWS::KMS::Key")
    statements = {
        one.get("Sid"): one for one in resources(template, "AWS::KMS::Key")[key]["Properties"]["KeyPolicy"]["Statement"]
    }
    assert statements["ServiceCloudFront"]["Action"] == "kms:Decrypt"
    assert key in str(resources(template, "AWS::S3::Bucket")["SiteContent02569BC1"])
    assert key in str(properties(template, "AWS::Logs::LogGroup"))


def test_logs_stay_as_long_as_the_caller_says() -> None:
    """The firewall's log."""
    (group,) = properties(site(log_retention=logs.RetentionDays.ONE_WEEK), "AWS::Logs::LogGroup")
    assert group["RetentionInDays"] == 7


@pytest.mark.parametrize(
    ("options", "policy"),
    [
        ({}, "Retain"),
        ({"environment_type": EnvironmentType.DEV}, "Delete"),
        ({"removal_policy": RemovalPolicy.DESTROY}, "Delete"),
        ({"removal_policy": RemovalPolicy.RETAIN, "environment_type": EnvironmentType.DEV}, "Retain"),
    ],
)
def test_files_stay_or_go(options: dict[str, Any], policy: str) -> None:
    """By the environment, or as the caller says."""
    template = site(**options)
    assert resources(template, "AWS::S3::Bucket")["SiteContent02569BC1"]["DeletionPolicy"] == policy
    assert {one["DeletionPolicy"] for one in resources(template, "AWS::Logs::LogGroup").values()} == {policy}


def test_access_logs_go_where_the_caller_says() -> None:
    """Both the distribution's and the bucket's; the stack has no log bucket then."""
    stack = new_stack(env=US_EAST_1)
    template = site(stack, access_log_bucket=s3.Bucket(stack, "Own"))
    assert "AccessLogBucketE546A1FA" not in template["Resources"]
    (destination,) = properties(template, "AWS::Logs::DeliveryDestination")
    assert "Own" in str(destination["DestinationResourceArn"])
    content = resources(template, "AWS::S3::Bucket")["SiteContent02569BC1"]["Properties"]
    assert "Own" in str(content["LoggingConfiguration"])


def test_access_logs_go_to_an_imported_bucket() -> None:
    """By its ARN; the warning says what its policy needs."""
    stack = new_stack(env=US_EAST_1)
    template = site(stack, access_log_bucket=s3.Bucket.from_bucket_name(stack, "Own", "acme-logs"))
    (destination,) = properties(template, "AWS::Logs::DeliveryDestination")
    assert str(destination["DestinationResourceArn"]).endswith(":s3:::acme-logs']]}")
    assert "BucketPolicyNotUpdated" in str(warnings_of(stack))


def test_access_logs_stay_in_their_account() -> None:
    """The content bucket logs there too, which S3 does within an account alone."""
    stack = new_stack(env=US_EAST_1)
    bucket = s3.Bucket.from_bucket_attributes(stack, "Own", bucket_name="acme-logs", account="222222222222")
    with pytest.raises(ValueError, match=r"^Stack/Site: access_log_bucket: S3 .* own account, got 222222222222"):
        SecureDistribution(stack, "Site", access_log_bucket=bucket)


def test_what_is_named_twice_is_made_once() -> None:
    """One bucket and one function behind two paths: one statement, one origin access control of each kind."""
    stack = new_stack(env=US_EAST_1)
    bucket, url = s3.Bucket(stack, "Files"), function_url(stack)
    template = site(
        stack,
        origins={
            "/a/*": Origin.bucket(bucket),
            "/b/*": Origin.bucket(bucket),
            "/c/*": Origin.function_url(url),
            "/d/*": Origin.function_url(url),
        },
    )
    assert len(resources(template, "AWS::CloudFront::OriginAccessControl")) == 2
    policies = [one for one in properties(template, "AWS::S3::BucketPolicy") if "Files" in str(one["Bucket"])]
    assert len(policies[0]["PolicyDocument"]["Statement"]) == 1


def test_an_imported_bucket_is_a_warning() -> None:
    """Its policy has to be changed by hand."""
    stack = new_stack(env=US_EAST_1)
    SecureDistribution(stack, "Site", default_origin=Origin.bucket(s3.Bucket.from_bucket_name(stack, "B", "files")))
    assert "BucketPolicyNotUpdated" in str(warnings_of(stack))


# --- what is refused ----------------------------------------------------------------------------------------------


def _wrong(stack: Stack) -> dict[str, tuple[dict[str, Any], str]]:
    elsewhere = "arn:aws:acm:eu-west-1:111111111111:certificate/12345678-1234-1234-1234-123456789012"
    foreign = acm.Certificate.from_certificate_arn(stack, "Foreign", elsewhere)
    topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111111111111:alarms")
    alb = Origin.load_balancer(load_balancer(stack))
    own, public, names = certificate(stack), zone(stack), ["www.example.com"]
    viewer = EdgeLambda(
        event=EdgeEvent.VIEWER_REQUEST, code=lambda_.Code.from_inline(EDGE_CODE), handler="index.handler"
    )
    by_path = SecurityHeaders(paths=[PathHeaders(path="/a", removed=["x-frame-options"])])
    arn = "arn:aws:wafv2:us-east-1:111111111111:global/webacl/own/12345678-1234-1234-1234-123456789012"
    redirects = {f"/page-{place:04}": f"/new-{place:04}" for place in range(400)}
    kms_bucket = s3.Bucket(stack, "Kms", encryption=s3.BucketEncryption.KMS)
    return {
        "pattern": ({"origins": {"*": alb}}, r"origins: no pattern of paths, got '\*'"),
        "characters": ({"origins": {"/a b": alb}}, r"origins: no pattern of paths"),
        "origin": ({"origins": {"/a": "https://a.example"}}, r"origins\['/a'\]: no origin, got str"),
        "default": ({"default_origin": 1}, r"default_origin: no origin, got int"),
        "name": ({"domain_names": ["WWW.example.com"], "certificate": own}, r"domain_names: no host name"),
        "text": ({"domain_names": "www.example.com", "certificate": own}, r"domain_names: not a list"),
        "bare": ({"domain_names": names}, r"domain_names: names need a certificate"),
        "nameless": ({"certificate": own}, r"certificate: for no name"),
        "zone": ({"hosted_zone": public}, r"hosted_zone: for no name"),
        "outside": (
            {"domain_names": ["a.example"], "hosted_zone": public},
            r"hosted_zone: not the zone of 'a",
        ),
        "region": (
            {"domain_names": names, "certificate": foreign},
            r"certificate: .* got one of eu-west-1",
        ),
        "topic": (
            {"alarm_topic": topic},
            r"alarm_topic: .* got one of eu-west-1; allowed: one of us-east",
        ),
        "tls": (
            {
                "domain_names": names,
                "certificate": own,
                "minimum_protocol_version": cloudfront.SecurityPolicyProtocol.TLS_V1_1_2016,
            },
            r"minimum_protocol_version: got TLS_V1_1_2016",
        ),
        "default tls": (
            {"minimum_protocol_version": cloudfront.SecurityPolicyProtocol.TLS_V1_3_2025},
            r"minimum_protocol_version: for no name",
        ),
        "wildcard host": (
            {
                "domain_names": ["*.example.com"],
                "certificate": own,
                "edge_functions": EdgeFunctions(canonical_host="a.example"),
            },
            r"edge_functions: the canonical host is no name of the site",
        ),
        "host": (
            {"domain_names": names, "certificate": own, "edge_functions": EdgeFunctions(canonical_host="a.example")},
            r"edge_functions: the canonical host is no name of the site",
        ),
        "root": ({"default_root_object": "/index.html"}, r"default_root_object: got '/index.html'"),
        "page": ({"error_pages": {404: "404.html"}}, r"error_pages: got 404: '404.html'"),
        "status": ({"error_pages": {200: "/a"}}, r"error_pages: got 200"),
        "acls": ({"web_acl_arn": arn, "firewall": Firewall()}, r"web_acl_arn: two web ACLs"),
        "acl": ({"web_acl_arn": arn.replace("us-east-1", "eu-west-1")}, r"web_acl_arn: none for distributions"),
        "paths": (
            {"headers_function": False, "security_headers": by_path},
            r"headers_function: headers by path",
        ),
        "lambda": (
            {"origins": {"/a": Behavior(origin=alb, caching=Caching.STATIC, edge_lambdas=[viewer])}},
            r"/a: CloudFront runs Lambda@Edge or functions on the viewer's side, never both",
        ),
        "lambda paths": (
            {
                "origins": {
                    "/a": Behavior(
                        origin=alb,
                        security_headers=by_path,
                        edge_functions=EdgeFunctions.none(),
                        edge_lambdas=[viewer],
                    )
                }
            },
            r"/a: headers by path need a function",
        ),
        "large": ({"edge_functions": EdgeFunctions(redirects=redirects)}, r"EdgeFunctions: the function is larger"),
        "removal": ({"removal_policy": RemovalPolicy.SNAPSHOT}, r"removal_policy: no bucket has snapshots"),
        "retention": ({"log_retention": 7}, r"log_retention: not CDK's name"),
        "log bucket": (
            {"access_log_bucket": kms_bucket},
            r"access_log_bucket: S3 and load balancers",
        ),
    }


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_other_partitions_are_refused(region: str) -> None:
    """us-east-1 is in the commercial partition alone."""
    stack = new_stack(env=Environment(account="111111111111", region=region))
    with pytest.raises(ValueError, match=rf"^Stack/Site: CloudFront's parts in us-east-1 .*, got {region}"):
        SecureDistribution(stack, "Site")


def test_the_environment_may_be_a_text() -> None:
    """Its name does, and another text is refused."""
    stack = new_stack(env=US_EAST_1)
    with pytest.raises(ValueError, match=r"^Stack/Site: environment_type: no such EnvironmentType, got 'TEST'"):
        SecureDistribution(stack, "Site", environment_type="TEST")  # type: ignore[arg-type]  # wrong on purpose
    SecureDistribution(stack, "Site", environment_type="DEV")  # type: ignore[arg-type]  # a text, as from cdk.json


@pytest.mark.parametrize("name", _wrong(new_stack(env=US_EAST_1)))
def test_wrong_arguments_leave_the_tree_alone(name: str) -> None:
    """Each mistake is named with its path, and the id can be used again."""
    stack = new_stack(env=US_EAST_1)
    options, problem = _wrong(stack)[name]
    children = len(stack.node.children)
    with pytest.raises(ValueError, match=rf"^Stack/Site: {problem}"):
        SecureDistribution(stack, "Site", **options)
    assert len(stack.node.children) == children
    SecureDistribution(stack, "Site")


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda bucket, _: Origin.bucket(bucket, origin_path="site"), r"origin_path: got 'site'"),
        (lambda bucket, _: Origin.bucket(bucket, origin_path="/site/"), r"origin_path: got '/site/'"),
        (lambda bucket, _: Origin.bucket(bucket, shield_region="Ireland"), r"shield_region: no Region, got 'Ireland'"),
        (lambda _, alb: Origin.load_balancer(alb, domain_name="https://a"), r"domain_name: no host name"),
        (lambda _, alb: Origin.load_balancer(alb, https_port=22), r"https_port: got 22"),
        (lambda _, alb: Origin.load_balancer(alb, http_port=0), r"http_port: got 0"),
        (lambda _, alb: Origin.load_balancer(alb, read_timeout=Duration.minutes(5)), r"read_timeout: got"),
        (lambda bucket, _: Origin.group(*[Origin.bucket(bucket)] * 2, status_codes=[]), r"status_codes: got \(\)"),
        (
            lambda bucket, _: Origin.group(*[Origin.bucket(bucket)] * 2, status_codes=[418]),
            r"status_codes: got",
        ),
        (
            lambda bucket, _: Origin.group(Origin.group(*[Origin.bucket(bucket)] * 2), Origin.bucket(bucket)),
            r"a group within a group",
        ),
        (
            lambda _, alb: Behavior(origin=Origin.group(*[Origin.load_balancer(alb)] * 2), caching=Caching.API),
            r"caching: a group fails over for reading alone",
        ),
    ],
)
def test_origins_that_cloudfront_would_refuse(make: Any, problem: str) -> None:
    """A mistake in an origin is named where it is made."""
    stack = new_stack()
    with pytest.raises(ValueError, match=rf"^{problem}"):
        make(s3.Bucket.from_bucket_name(stack, "B", "files"), load_balancer(stack))
