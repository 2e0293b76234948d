// Runs before anything is drawn: whether this reader sees light or dark, so that nothing flashes. `data-theme` is what
// he chose, if he did; `data-scheme` what is shown, and what the tokens follow.
{
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const show = () => (root.dataset.scheme = root.dataset.theme ?? (dark.matches ? "dark" : "light"));
  const theme = localStorage.getItem("ombud.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  show();
  dark.addEventListener("change", show);
  new MutationObserver(show).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
}
