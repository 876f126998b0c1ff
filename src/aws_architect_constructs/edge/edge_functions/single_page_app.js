// The page's own router knows the paths: whatever names no file is the one page. A missing file stays missing.

function singlePageApp(request, config) {
    const last = request.uri.substring(request.uri.lastIndexOf('/') + 1);
    if (last.indexOf('.') === -1 && (request.method === 'GET' || request.method === 'HEAD')) {
        request.uri = '/' + config.document;
    }
    return null;
}
