// Query strings that split the cache for nothing: trackers' parameters go, absurdly many are refused.

function tidyQuery(request, config) {
    let count = 0;
    const tidy = {};
    for (const name in request.querystring) {
        count += request.querystring[name].multiValue ? request.querystring[name].multiValue.length : 1;
        if (count > config.most) {
            return refuse(414, 'URI Too Long');
        }
        const lower = name.toLowerCase();
        let dropped = name === '__proto__' || config.dropped[lower] === 1;
        for (let i = 0; !dropped && i < config.droppedPrefixes.length; i++) {
            dropped = lower.substring(0, config.droppedPrefixes[i].length) === config.droppedPrefixes[i];
        }
        if (!dropped) {
            tidy[name] = request.querystring[name];
        }
    }
    request.querystring = tidy;
    return null;
}
