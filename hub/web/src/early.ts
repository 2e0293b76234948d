// Runs before anything is drawn: the reader's own choice of light or dark, so that nothing flashes.
const theme = localStorage.getItem("ombud.theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
