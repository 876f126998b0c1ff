// What several functions need: text for headers, query strings, answers.

function headerText(text) {
    return text.replace(/[^\x21-\x7e]+/g, function (characters) {
        try {
            return encodeURIComponent(characters);
        } catch (error) {
            return '';
        }
    });
}

function queryText(query) {
    const parts = [];
    for (const name in query) {
        const values = query[name].multiValue ? query[name].multiValue : [query[name]];
        for (let i = 0; i < values.length; i++) {
            parts.push(values[i].value === '' ? name : name + '=' + values[i].value);
        }
    }
    return parts.length > 0 ? '?' + parts.join('&') : '';
}

// Two slashes at the beginning, of either kind, would name another host.
function redirectTo(request, location) {
    const keepsMethod = request.method === 'GET' || request.method === 'HEAD';
    return {
        statusCode: keepsMethod ? 301 : 308,
        statusDescription: keepsMethod ? 'Moved Permanently' : 'Permanent Redirect',
        headers: {
            'location': { value: headerText(location.replace(/^[\/\\]{2,}/, '/')) },
            'cache-control': { value: 'max-age=3600' }
        }
    };
}

function refuse(statusCode, statusDescription) {
    return {
        statusCode: statusCode,
        statusDescription: statusDescription,
        headers: { 'cache-control': { value: 'no-store' } }
    };
}
