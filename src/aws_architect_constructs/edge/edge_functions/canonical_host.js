// One name for the site: whoever comes by another is sent to the same page under the canonical one.

function canonicalHost(request, config) {
    const host = request.headers.host ? request.headers.host.value.toLowerCase() : '';
    if (host === config.host) {
        return null;
    }
    const path = request.uri.charAt(0) === '/' ? request.uri : '/' + request.uri;
    return redirectTo(request, 'https://' + config.host + path + queryText(request.querystring));
}
