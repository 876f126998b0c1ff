// Paths mean one thing: encoded traversal is refused however often it is encoded, and repeated slashes become one.

function isHostile(path) {
    return /[\x00-\x1f\x7f\\]/.test(path) || /%2f/i.test(path) || /(^|\/)\.\.?(\/|$)/.test(path);
}

function cleanPath(request, config) {
    let path = request.uri;
    let level = 0;
    while (level < config.decodings) {
        let next = path;
        if (isHostile(path)) {
            return refuse(400, 'Bad Request');
        }
        try {
            next = decodeURIComponent(path);
        } catch (error) {
            if (level === 0) {
                return refuse(400, 'Bad Request');
            }
        }
        if (next === path) {
            break;
        }
        path = next;
        level++;
    }
    if (isHostile(path) || (level === config.decodings && /%[0-9a-f]{2}/i.test(path))) {
        return refuse(400, 'Bad Request');
    }
    request.uri = ('/' + request.uri).replace(/\/{2,}/g, '/');
    return null;
}
