// Before the first paint: the colours and the language that were chosen on this computer, so that nothing flashes.
const root = document.documentElement;
const theme = localStorage.getItem('foyer.theme');
if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
root.lang = localStorage.getItem('foyer.language') ?? 'en';
