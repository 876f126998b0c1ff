// The headers of SecurityHeaders, on what the origin answered well; paths may differ, and values be computed.

function computed(value, request) {
    const host = request.headers.host ? request.headers.host.value : '';
    if (value.indexOf('{host}') !== -1 && !/^[A-Za-z0-9.-]+(:[0-9]+)?$/.test(host)) {
        return null;
    }
    if (value.indexOf('{uri}') !== -1 && !/^\/[A-Za-z0-9._~!$&()*+=:@%\/-]*$/.test(request.uri)) {
        return null;
    }
    return value.split('{host}').join(host).split('{uri}').join(request.uri);
}

function fits(path, uri) {
    const stem = path.substring(0, path.length - 1);
    return path === uri || (path === stem + '*' && uri.substring(0, stem.length) === stem);
}

function securityHeaders(event, config) {
    const headers = event.response.headers;
    for (let i = 0; i < config.removed.length; i++) {
        delete headers[config.removed[i]];
    }
    for (const name in config.headers) {
        headers[name] = { value: config.headers[name] };
    }
    for (let i = 0; i < config.paths.length; i++) {
        const rule = config.paths[i];
        if (fits(rule.path, event.request.uri)) {
            for (let j = 0; j < rule.removed.length; j++) {
                delete headers[rule.removed[j]];
            }
            for (const name in rule.headers) {
                const value = computed(rule.headers[name], event.request);
                if (value !== null) {
                    headers[name] = { value: value };
                }
            }
        }
    }
    return event.response;
}
