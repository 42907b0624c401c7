// Sets the theme before the first paint: what the person chose, else what the system says. Loaded in <head>, so it must stay tiny.
(function () {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };

  function apply() {
    const chosen = stored();
    document.documentElement.dataset.bsTheme = chosen || (system.matches ? "dark" : "light");
    document.documentElement.dataset.themeChoice = chosen || "system";
    document.dispatchEvent(new Event("themechange"));
  }

  // A private window may refuse storage; then the choice holds for this page only.
  window.chooseTheme = function (choice) {
    try {
      if (choice === "system") localStorage.removeItem("theme");
      else localStorage.setItem("theme", choice);
      apply();
    } catch {
      document.documentElement.dataset.bsTheme = choice === "system" ? (system.matches ? "dark" : "light") : choice;
      document.dispatchEvent(new Event("themechange"));
    }
  };
  system.addEventListener("change", apply);
  apply();
})();
