// Writes into the page what worked and what was blocked, for the test to read.
window.addEventListener('load', function () {
    document.getElementById('inline').click();
    let evaluated = true;
    try {
        evaluated = new Function('return true')();
    } catch (error) {
        evaluated = false;
    }
    const external = new Image();
    external.onerror = function () {
        document.getElementById('results').textContent = JSON.stringify({
            scriptRan: true,
            styled: getComputedStyle(document.getElementById('title')).color === 'rgb(1, 2, 3)',
            pictureLoaded: document.getElementById('picture').naturalWidth > 0,
            inlineScriptRan: window.inlineScriptRan === true,
            inlineHandlerRan: window.inlineHandlerRan === true,
            evaluated: evaluated,
            violations: window.violations.sort()
        });
    };
    external.src = 'https://elsewhere.example/pixel.png';
});
