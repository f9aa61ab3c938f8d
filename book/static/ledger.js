// The ledger beside what it is without a script: a filter, arrow keys among the squares, and the guesses of this browser.
(() => {
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const guesses = () => { try { return Object(JSON.parse(localStorage.getItem("convae-guesses"))); } catch { return {}; } }; // page.js keeps them
  const decoded = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
  const many = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;

  function begin() {
    const squares = document.querySelector(".convae-squares");
    if (!squares) return;
    const entries = [...document.querySelectorAll(".convae-entry")];
    const boxes = new Map(entries.map((entry) => [entry.id, squares.querySelector(`[href="#${entry.id}"]`)]));
    const rows = [...squares.querySelectorAll(".convae-row")], status = make("span", {});
    status.setAttribute("role", "status");

    // -- the filter; its settings stand in the address: #source=…&verdict=…
    const titles = { source: new Map(), chapter: new Map(), verdict: new Map() };
    for (const entry of entries) {
      const row = boxes.get(entry.id).closest(".convae-row");
      titles.source.set(entry.dataset.source, row.querySelector(".convae-row-name").textContent);
      titles.chapter.set(entry.dataset.chapter, entry.querySelector(".convae-page").textContent);
    }
    for (const sign of document.querySelectorAll("span.convae-square[data-verdict]")) titles.verdict.set(sign.dataset.verdict, sign.textContent);
    const fields = Object.entries(titles).map(([name, options]) => {
      const choices = [...options].map(([value, text]) => make("option", { value, textContent: text }));
      return make("select", { name, id: `ledger-${name}` }, make("option", { value: "", textContent: `every ${name}` }), ...choices);
    });
    const reset = make("button", { type: "button", textContent: "show all" });
    const to = make("a", { textContent: "to the first" }), unfold = make("button", { type: "button" });
    const filter = make("form", { className: "convae-filter" },
      ...fields.map((field) => make("div", {}, make("label", { htmlFor: field.id, textContent: field.name }), field)), reset, unfold);
    filter.setAttribute("role", "search");
    filter.setAttribute("aria-label", "Claims");
    filter.onsubmit = (event) => event.preventDefault();

    const show = () => {
      const shown = entries.filter((entry) => fields.every(({ name, value }) => !value || entry.dataset[name] === value));
      for (const entry of entries) boxes.get(entry.id).parentElement.hidden = entry.hidden = !shown.includes(entry);
      for (const row of rows) row.hidden = !row.querySelector("li:not([hidden])");
      for (const heading of headings) heading.section.hidden = !heading.entries.some((entry) => !entry.hidden);
      status.textContent = shown.length === entries.length ? `All ${many(entries.length, "claim")} are shown.` : `${shown.length} of ${many(entries.length, "claim")} ${shown.length === 1 ? "is" : "are"} shown.`;
      reset.hidden = to.hidden = shown.length === entries.length;
      unfold.disabled = !shown.length;
      told();
      if (shown.length) to.href = `#${shown[0].id}`;
      else to.hidden = true;
      rove();
    };
    // -- all shown entries at once
    const folded = () => entries.some((entry) => !entry.hidden && !entry.open);
    const told = () => (unfold.textContent = folded() ? "unfold all" : "fold all");
    unfold.onclick = () => {
      const open = folded();
      for (const entry of entries) if (!entry.hidden) entry.open = open;
    };
    for (const entry of entries) entry.open = false, (entry.ontoggle = told);

    // a source's heading goes with its last entry
    const headings = [...document.querySelectorAll(".bd-article section")].filter((section) => section.querySelector(":scope > h2") && section.querySelector(".convae-entry"))
      .map((section) => ({ section, entries: [...section.querySelectorAll(".convae-entry")] }));
    const chosen = () => Object.fromEntries(fields.filter(({ value }) => value).map(({ name, value }) => [name, value]));
    filter.onchange = () => {
      const settings = `${new URLSearchParams(chosen())}`;
      history.replaceState(null, "", settings ? `#${settings}` : location.pathname + location.search);
      show();
    };
    reset.onclick = () => {
      filter.reset();
      filter.onchange();
      fields[0].focus();
    };

    // -- arrow keys: one stop of Tab for all squares
    squares.setAttribute("role", "grid");
    squares.setAttribute("aria-label", "Claims, a row a source; the arrow keys lead from one to the next");
    for (const row of rows) {
      row.setAttribute("role", "row");
      row.querySelector(".convae-row-name").setAttribute("role", "rowheader");
      row.querySelector("ul").setAttribute("role", "presentation");
      for (const cell of row.querySelectorAll("li")) cell.setAttribute("role", "gridcell");
    }
    const seen = () => [...boxes.values()].filter((box) => !box.parentElement.hidden)
      .sort((one, other) => (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    let current = null;
    function rove(to = current) {
      const all = seen();
      current = all.includes(to) ? to : all[0];
      for (const box of boxes.values()) box.tabIndex = box === current ? 0 : -1;
    }
    squares.addEventListener("focusin", ({ target }) => rove(target));
    squares.onkeydown = (event) => {
      const all = seen(), at = all.indexOf(event.target);
      if (at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
      const middle = (box) => { const { left, right, top } = box.getBoundingClientRect(); return [(left + right) / 2, top]; };
      const [x, y] = middle(event.target);
      const beside = (sign) => {
        const lines = all.map((box) => [box, ...middle(box)]).filter(([, , top]) => (top - y) * sign > 4);
        const near = Math.min(...lines.map(([, , top]) => Math.abs(top - y)));
        return lines.filter(([, , top]) => Math.abs(top - y) < near + 4).sort((one, other) => Math.abs(one[1] - x) - Math.abs(other[1] - x))[0]?.[0];
      };
      const next = { ArrowRight: () => all[at + 1], ArrowLeft: () => all[at - 1], ArrowDown: () => beside(1), ArrowUp: () => beside(-1), Home: () => all[0], End: () => all.at(-1) }[event.key];
      if (!next) return;
      event.preventDefault();
      next()?.focus();
    };

    // -- what was guessed in the chapters
    const counted = make("p", { className: "convae-guessed" });
    const count = () => {
      const own = guesses(), tried = entries.filter((entry) => entry.id in own);
      const right = tried.filter((entry) => own[entry.id] === entry.dataset.verdict);
      for (const entry of entries) {
        const guess = own[entry.id], place = entry.querySelector(".convae-own");
        const met = guess === entry.dataset.verdict, box = boxes.get(entry.id);
        place?.remove();
        box.classList.toggle("convae-as-guessed", Boolean(guess) && met);
        box.classList.toggle("convae-otherwise", Boolean(guess) && !met);
        box.setAttribute("aria-label", box.title + (guess ? ` (your guess: ${guess})` : ""));
        if (guess) entry.querySelector(".convae-rule").append(make("span", { className: "convae-own" }, ` Your guess: ${guess}, ${met ? "as it came out" : "it came out otherwise"}.`));
      }
      counted.textContent = tried.length
        ? `In this browser you have guessed ${many(tried.length, "claim")}; ${right.length} of them came out so. Their squares have a dot, full where you guessed right, hollow elsewhere.`
        : "In this browser you have not guessed yet: chapters ask for a guess before they tell, and your guesses are counted here.";
    };

    /** An address with an entry's name leads to it, filtered or folded; one with settings sets the filter. */
    const follow = () => {
      const hash = location.hash.slice(1), entry = entries.find(({ id }) => id === decoded(hash));
      if (entry) {
        if (entry.hidden) filter.reset(), show();
        entry.open = true;
        entry.scrollIntoView();
      } else if (hash.includes("=")) {
        const settings = new URLSearchParams(hash);
        for (const field of fields) field.value = titles[field.name].has(settings.get(field.name)) ? settings.get(field.name) : "";
        show();
      }
    };
    const figure = squares.closest("figure");
    figure.before(filter, make("div", { className: "convae-shown" }, status, to));
    figure.after(counted);
    show();
    count();
    follow();
    addEventListener("hashchange", follow);
    addEventListener("storage", count);
    addEventListener("pageshow", count);
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
})();
