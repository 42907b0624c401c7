// What every page needs: copy buttons, menus, dialogs, toasts, relative times, theme choice. Everything works without it, less nicely.
(function () {
  const say = (text) => { const region = document.getElementById("announcer"); if (region) region.textContent = text; };

  async function copy(button) {
    const target = button.dataset.copyFrom ? document.querySelector(button.dataset.copyFrom) : null;
    try {
      await navigator.clipboard.writeText(target ? target.textContent : button.dataset.copy);
    } catch {
      toast("Copying is blocked here. Select the text and copy it by hand.", "error");
      return;
    }
    button.dataset.copied = "";
    say("Copied");
    const use = button.querySelector("use");
    const before = use && use.getAttribute("href");
    if (use) use.setAttribute("href", before.replace(/#.*/, "#check"));
    setTimeout(() => { delete button.dataset.copied; if (use) use.setAttribute("href", before); }, 1600);
  }

  function toast(text, kind) {
    const template = document.getElementById("toast-" + (kind === "error" ? "error" : "success"));
    const region = document.getElementById("toasts");
    if (!template || !region) return;
    const item = template.content.firstElementChild.cloneNode(true);
    item.querySelector("p").textContent = text;
    region.append(item);
    // Errors stay until dismissed: they carry a request id that somebody may need to read out.
    if (kind !== "error") setTimeout(() => item.remove(), 5000);
  }

  document.addEventListener("click", (event) => {
    const element = event.target.closest("[data-copy], [data-copy-from], [data-dismiss], [data-theme], [data-close]");
    if (element) {
      if ("copy" in element.dataset || "copyFrom" in element.dataset) copy(element);
      if ("dismiss" in element.dataset) element.closest(".toast-item").remove();
      if ("theme" in element.dataset) { window.chooseTheme(element.dataset.theme); markTheme(); }
      if ("close" in element.dataset && element.closest("dialog")) { event.preventDefault(); element.closest("dialog").close(); }
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest && event.target.closest("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    const typing = event.target.matches && event.target.matches("input, textarea, select");
    const search = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); }
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  function markTheme() {
    for (const button of document.querySelectorAll("[data-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === document.documentElement.dataset.themeChoice));
    }
  }

  // The same words as portal/templatetags/times.py, so that nothing jumps when the script starts.
  const UNITS = [["yr", 31536000], ["mo", 2592000], ["d", 86400], ["h", 3600], ["min", 60]];
  function relative(seconds) {
    const unit = UNITS.find(([, size]) => Math.abs(seconds) >= size);
    if (!unit) return seconds > 0 ? "in a moment" : "just now";
    const count = Math.floor(Math.abs(seconds) / unit[1]) + " " + unit[0];
    return seconds > 0 ? "in " + count : count + " ago";
  }
  function refreshTimes() {
    for (const element of document.querySelectorAll("time[data-relative]")) {
      element.textContent = relative((Date.parse(element.dateTime) - Date.now()) / 1000);
    }
    for (const element of document.querySelectorAll("[data-countdown]")) {
      const seconds = Math.round((Date.parse(element.dataset.countdown) - Date.now()) / 1000);
      element.textContent = seconds >= 120 ? relative(seconds) : seconds > 0 ? "in " + seconds + " s" : "any moment";
    }
  }

  // The tab that is open may lie beyond the edge of a phone.
  function showCurrentTab() {
    for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
      const strip = tab.closest(".tabs");
      strip.scrollLeft = tab.offsetLeft - strip.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2;
    }
  }

  function onLoad() {
    markTheme();
    showCurrentTab();
    refreshTimes();
    setInterval(refreshTimes, 1000);
    // A reload of the page that shows a new key must not post the form again and make a second key.
    const forget = document.querySelector("[data-forget-post]");
    if (forget) history.replaceState(null, "", forget.dataset.forgetPost);
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    refreshTimes();
    if (event.target.id === "results") showCurrentTab();
    if (event.target.id === "dialog" && event.target.childElementCount && !event.target.open) event.target.showModal();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const id = event.detail.xhr.getResponseHeader("X-Request-ID");
    toast("That did not work (" + event.detail.xhr.status + "). Try again." + (id ? " Request id: " + id : ""), "error");
  });
  document.addEventListener("htmx:sendError", (event) => {
    // A background refresh retries by itself; only what a person asked for deserves a message.
    if (!event.target.matches("[data-live]")) toast("No connection to the server. Check the network and try again.", "error");
  });
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.kind));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", onLoad);
  else onLoad();
})();
