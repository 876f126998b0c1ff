// Paths mean one thing: encoded traversal is refused however often it is encoded, and repeated slashes become one.

function cleanPath(request, config) {
    let decoded = request.uri;
    for (let i = 0; i < config.decodings; i++) {
        let next = '';
        try {
            next = decodeURIComponent(decoded);
        } catch (error) {
            return refuse(400, 'Bad Request');
        }
        if (next === decoded) {
            break;
        }
        decoded = next;
        if (i === config.decodings - 1 && decoded.indexOf('%') !== -1) {
            return refuse(400, 'Bad Request');
        }
    }
    if (/[\x00-\x1f\x7f\\]/.test(decoded) || /(^|\/)\.\.?(\/|$)/.test(decoded)) {
        return refuse(400, 'Bad Request');
    }
    if (/%(25)*2f/i.test(request.uri)) {
        return refuse(400, 'Bad Request');
    }
    request.uri = ('/' + request.uri).replace(/\/{2,}/g, '/');
    return null;
}
