// What a page does beside its widgets: guess a claim's verdict before its measurement unfolds, and keep paper whole.
(() => {
  const VERDICTS = ["holds", "holds in part", "does not hold", "not decided"], KEY = "convae-guesses";
  const store = {
    read: () => { try { return Object(JSON.parse(localStorage.getItem(KEY))); } catch { return {}; } },
    write(guesses) { try { localStorage.setItem(KEY, JSON.stringify(guesses)); } catch { /* a page that may keep nothing */ } },
  };
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  function guessFirst(claims) {
    const shown = make("input", { type: "checkbox" });
    const clear = make("button", { type: "button", textContent: "clear my guesses" });
    const line = make("p", { className: "convae-all" }, ...(claims.length > 1 ? [make("label", {}, shown, "show all answers")] : []), clear);
    claims[0].after(line); // the first thing to be seen of a guess is what is to be guessed
    const offer = () => {
      clear.hidden = !boxes.some(({ own }) => own in store.read());
      line.hidden = clear.hidden && claims.length === 1;
    };
    const boxes = claims.map((claim) => {
      const answer = claim.querySelector("details"), own = claim.dataset.claim;
      const said = make("span", { role: "status" });
      const buttons = VERDICTS.map((verdict) => make("button", { type: "button", textContent: verdict.replace("holds in part", "in part") }));
      const group = make("div", { className: "convae-guess" }, ...buttons, said);
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", "Your guess");
      answer.before(group);
      const draw = () => {
        const guess = store.read()[own];
        buttons.forEach((button, k) => button.setAttribute("aria-pressed", VERDICTS[k] === guess));
        said.textContent = !guess ? "" : guess === claim.dataset.verdict ? "as it came out" : "it came out otherwise";
        claim.classList.toggle("convae-closed", !answer.open);
      };
      buttons.forEach((button, k) => (button.onclick = () => {
        store.write({ ...store.read(), [own]: VERDICTS[k] });
        answer.open = true;
        draw();
        offer();
      }));
      answer.addEventListener("toggle", draw);
      return { answer, draw, own };
    });
    const set = () => {
      const guesses = store.read();
      for (const { answer, draw, own } of boxes) {
        answer.open = shown.checked || own in guesses || location.hash === `#claim-${own}`;
        draw();
      }
      offer();
    };
    shown.onchange = set;
    clear.onclick = () => {
      const guesses = store.read();
      for (const { own } of boxes) delete guesses[own];
      store.write(guesses);
      set();
      claims[0].querySelector("button").focus({ preventScroll: true }); // this one is gone
    };
    set();
  }

  /** A head of a column is a button that sorts the rows by it, first up, then down; what is no number stands last. */
  function sortable(table) {
    const body = table.tBodies[0], first = [...body.rows], heads = [...table.tHead.rows[0].cells];
    const value = (row, column) => {
      const own = [...row.cells[column].childNodes].filter((part) => part.className !== "pad"); // digits that only fill
      const text = own.map((part) => part.textContent).join("").replace(/,/g, "").replace("−", "-");
      return /^\s*[-+]?[\d.]/.test(text) ? parseFloat(text) : text.trim();
    };
    const compare = (a, b) => (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1);
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.onclick = () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const sorted = [...first].sort((one, other) => compare(value(one, column), value(other, column)) * (down ? -1 : 1));
        body.append(...sorted);
      };
    });
  }

  /** Small drawings that loop stand still while they are out of sight: sixty animations are not free. */
  function rest(drawings) {
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) target.classList.toggle("convae-away", !isIntersecting);
    });
    drawings.forEach((one) => seen.observe(one));
  }

  /** A number's note stands below it, and further left where it would leave the page: on a phone most do. */
  function holdNote({ target }) {
    const value = target.closest?.(".convae-value");
    if (!value) return;
    requestAnimationFrame(() => {
      const wide = parseFloat(getComputedStyle(value, "::after").width) || 0, { left } = value.getBoundingClientRect();
      const over = left + wide + 12 - document.documentElement.clientWidth;
      value.style.setProperty("--left", `${-Math.max(0, over)}px`);
    });
  }

  /** What has moved to another page leaves a link under its old name: who comes by an old address is led on. */
  function leadOn() {
    const moved = [...document.querySelectorAll("a.convae-moved")].find(({ id }) => location.hash === `#${id}`);
    if (moved) location.replace(moved.href);
  }

  function begin() {
    leadOn();
    addEventListener("hashchange", leadOn);
    for (const event of ["pointerover", "focusin"]) document.addEventListener(event, holdNote);
    document.querySelectorAll(".convae-sortable table").forEach(sortable);
    rest(document.querySelectorAll(".convae-passes li"));
    const claims = [...document.querySelectorAll(".convae-form .convae-claim[data-claim]")];
    if (claims.length) guessFirst(claims);
    let opened = [], theme;
    addEventListener("beforeprint", () => {
      theme = document.documentElement.dataset.theme; // the dark one's light letters are none on paper
      document.documentElement.dataset.theme = "light";
      opened = [...document.querySelectorAll(".bd-article details:not([open], .hide:not(:has(.cell_output)))")];
      for (const fold of opened) fold.open = true;
    });
    addEventListener("afterprint", () => {
      if (theme) document.documentElement.dataset.theme = theme;
      for (const fold of opened) fold.open = false;
    });
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
})();
