// Stands first in a copy of a page: notes what goes wrong, tries all that can be pressed and moved, tells the server.
(() => {
  const SERVER = "{server}", FRAME = parent === window ? null : parent, troubles = [], tried = { buttons: 0, sliders: 0, widgets: 0 };
  const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const note = (kind, text) => troubles.push(`${kind}: ${String(text).replace(/\s+/g, " ").slice(0, 300)}`);
  addEventListener("error", ({ message, target }) => note(message ? "error" : "not loaded", message ?? target.src ?? target.href ?? target.tagName), true);
  addEventListener("unhandledrejection", ({ reason }) => note("not caught", reason?.message ?? reason));
  for (const level of ["error", "warn"]) {
    const own = console[level];
    console[level] = (...words) => (note(level === "warn" ? "warning" : "error", words.join(" ")), own.apply(console, words));
  }

  const called = (one) => (one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent || one.id || one.tagName).trim().slice(0, 60);
  const seen = (one) => one.getClientRects().length && !one.disabled;

  /** Presses each button and moves each slider of a widget; it is alive if that changes anything in it. */
  async function tryOut(widget, name) {
    let changes = 0;
    const observer = new MutationObserver((records) => (changes += records.length));
    observer.observe(widget, { subtree: true, childList: true, attributes: true, characterData: true });
    for (const slider of [...widget.querySelectorAll("input[type=range]")].filter(seen)) {
      const { min, max, value } = slider;
      for (const to of [min || 0, max || 100, value]) {
        slider.value = to;
        for (const event of ["input", "change"]) slider.dispatchEvent(new Event(event, { bubbles: true }));
        await later(30);
      }
      tried.sliders++;
    }
    for (const button of [...widget.querySelectorAll("button")]) {
      if (!button.isConnected || !seen(button)) continue; // one of those before may have taken it away
      button.click();
      tried.buttons++;
      await later(30);
    }
    await later(200);
    observer.disconnect();
    if (!changes) note("not alive", name);
  }

  /** What reaches beyond the right edge, and what makes it. */
  function overflow(when) {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth + 1) return;
    const beyond = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > clientWidth + 1);
    const inmost = beyond.filter((one) => !beyond.some((other) => other !== one && one.contains(other))).slice(0, 3);
    note("overflow", `${when} ${scrollWidth} px of ${clientWidth}: ${inmost.map((one) => `${one.tagName.toLowerCase()}.${one.className?.baseVal ?? one.className} “${one.textContent.trim().slice(0, 40)}”`).join(", ")}`);
  }

  addEventListener("load", async () => {
    try {
      dispatchEvent(new Event("convae-all")); // code that would come when somebody reads on
      const views = [...document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')];
      const drawn = (view) => view.nextElementSibling?.textContent;
      for (let tries = 0; tries < 200 && !views.every(drawn); tries++) await later(100);
      await later(300);
      views.forEach((view, place) => drawn(view) || note("not alive", `widget ${place + 1} was not drawn`));
      overflow("at first");
      for (const folded of document.querySelectorAll("details:not([open])")) folded.open = true;
      await later(100);
      overflow("with all folds open");
      for (const widget of document.querySelectorAll(".convae")) {
        tried.widgets++;
        await tryOut(widget, called(widget));
      }
      overflow("at the end");
    } catch (reason) {
      note("error", reason?.message ?? reason);
    }
    const report = { page: "{page}", width: innerWidth, agent: navigator.userAgent, troubles: [...new Set(troubles)], tried };
    await fetch(SERVER, { method: "POST", mode: "no-cors", body: JSON.stringify(report) });
    FRAME?.postMessage("done", "*");
  });
})();
