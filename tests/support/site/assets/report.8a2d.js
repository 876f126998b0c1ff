// Notes what the browser blocks, from before anything else runs.
window.violations = [];
document.addEventListener('securitypolicyviolation', function (event) {
    window.violations.push(event.effectiveDirective + ' ' + event.blockedURI);
});
