// A password for previews. The key value store has the SHA-256 of each Authorization header that passes, never a password.

async function basicAuth(request, config) {
    const header = request.headers.authorization ? request.headers.authorization.value : '';
    let passes = false;
    if (header.length > 6 && header.length <= 1024 && header.substring(0, 6) === 'Basic ') {
        try {
            passes = await kvs.exists(crypto.createHash('sha256').update(header).digest('hex'));
        } catch (error) {
            passes = false;
        }
    }
    if (passes) {
        delete request.headers.authorization;
        return null;
    }
    const answer = refuse(401, 'Unauthorized');
    answer.headers['www-authenticate'] = { value: 'Basic realm="' + config.realm + '", charset="UTF-8"' };
    return answer;
}
