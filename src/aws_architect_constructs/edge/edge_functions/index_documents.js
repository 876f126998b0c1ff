// S3 knows objects, not directories: /docs/ and /docs are the object /docs/index.html.

function indexDocuments(request, config) {
    const path = request.uri;
    const last = path.substring(path.lastIndexOf('/') + 1);
    if (last === '') {
        request.uri = path + config.document;
    } else if (last.indexOf('.') === -1) {
        request.uri = path + '/' + config.document;
    }
    return null;
}
