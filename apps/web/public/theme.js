// Sets the theme and the language before the first paint. A file of its own, because the content policy allows no
// inline scripts; not a module, because modules run after the first paint.
;(function () {
  var root = document.documentElement
  var stored = { theme: null, language: null }
  try {
    stored.theme = localStorage.getItem('mantine-color-scheme-value')
    stored.language = localStorage.getItem('quarry-language')
  } catch (_) {
    // Storage may be forbidden; the system's theme and the browser's language then hold.
  }
  var dark = matchMedia('(prefers-color-scheme: dark)').matches
  var theme = stored.theme === 'light' || stored.theme === 'dark' ? stored.theme : dark ? 'dark' : 'light'
  root.setAttribute('data-mantine-color-scheme', theme)
  root.style.background = theme === 'dark' ? '#161513' : '#faf9f7'
  root.lang = stored.language === 'de' || (!stored.language && /^de\b/.test(navigator.language)) ? 'de' : 'en'
})()
