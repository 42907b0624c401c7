// Asks for news at the pace an element names (data-live="2" seconds) while the tab is visible. A swap that brings no data-live stops it.
(function () {
  const due = new WeakMap();

  setInterval(() => {
    if (document.hidden || document.querySelector("dialog[open]")) return;
    for (const element of document.querySelectorAll("[data-live]")) {
      // A form with nothing to ask about stays quiet.
      if (element.matches("form") && element.elements.length === 0) continue;
      // A swap under a form that is being answered would take away the place where its answer belongs.
      if (element.matches(".htmx-request") || element.querySelector(".htmx-request")) continue;
      const now = Date.now();
      // The first look comes early: much happens right after a page was opened.
      if (!due.has(element)) due.set(element, now + 500);
      if (now >= due.get(element)) {
        due.set(element, now + element.dataset.live * 1000);
        htmx.trigger(element, "live");
      }
    }
  }, 250);

  // Panes that the reader opened stay open, and the focus stays where it was, when the timeline is refreshed under them.
  let open = [];
  let focused = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.elt.matches("[data-live]")) return;
    open = [...event.detail.target.querySelectorAll("details[id][open]")].map((pane) => pane.id);
    focused = document.activeElement && document.activeElement.id;
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of open) { const pane = document.getElementById(id); if (pane) pane.open = true; }
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true });
    open = [];
    focused = "";
  });
})();
