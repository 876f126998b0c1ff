// Pages that moved. A rule is a whole path, or the beginning of paths, whose rest goes along.

function redirects(request, config) {
    const path = request.uri;
    let target = Object.prototype.hasOwnProperty.call(config.exact, path) ? config.exact[path] : undefined;
    for (let i = 0; target === undefined && i < config.prefixes.length; i++) {
        const rule = config.prefixes[i];
        if (path.substring(0, rule.from.length) === rule.from) {
            target = rule.to + path.substring(rule.from.length);
        }
    }
    if (target === undefined) {
        return null;
    }
    return redirectTo(request, target + queryText(request.querystring));
}
