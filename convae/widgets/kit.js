// What every widget is made of. Values live in the model's traits; a widget builds its elements once and redraws them
// from the traits whenever one changes, whoever changed it: the reader, Python, a deep link.

/** An element: h("button", { class: "convae-x", onclick: f }, "text", child). Nothing is made of null and false. */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {}))
    if (name.startsWith("on")) element[name] = value;
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

/** A number as people write it: at most two decimals and a real minus. Equal sums read equal, whatever their order was. */
export const show = (value) => String(Math.round(Number((value * 100).toPrecision(12))) / 100).replace("-", "−");

/** What somebody typed, as a decimal number; NaN for anything else, 0x10 too. */
export const parse = (text) => (text.trim() === "" || /[box]/i.test(text) ? NaN : Number(text.trim().replace("−", "-").replace(",", ".")));

export const matrix = (rows, columns, value) =>
  Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => value(r, c)));

const name = () => "convae-" + Math.random().toString(36).slice(2);
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
export const range = ([low, high, whole]) => `${whole ? "a whole number" : "a number"} from ${show(low)} to ${show(high)}`;

// A deep link is #name=stride:2,2;input:1,2/3,4 with one such part, joined by &, for each widget that has been linked to.
const write = (value) =>
  Array.isArray(value) ? value.map(write).join(Array.isArray(value[0]) ? "/" : ",") : encodeURIComponent(value);
const read = (text, like) =>
  Array.isArray(like) ? text.split(Array.isArray(like[0]) ? "/" : ",").map((part) => read(part, like[0]))
  : typeof like === "number" ? parse(text)
  : typeof like === "boolean" ? text === "true" || (text === "false" ? false : undefined)
  : decodeURIComponent(text);
export const fits = (value, like, limit) =>
  Array.isArray(like)
    ? value.every((part) => fits(part, like[0], limit)) &&
      (Array.isArray(like[0]) ? value.length <= limit[3] && value.every((row) => row.length <= limit[3] && row.length === value[0].length)
        : limit[3] || (value.length === like.length && (!limit[4] || new Set(value).size === value.length)))
  : typeof like === "number" ? value >= limit[0] && value <= limit[1] && (!limit[2] || Number.isInteger(value))
  : typeof like === "string" ? limit.includes(value) : value !== undefined;
// No state of a page's widgets is as long as LONGEST, in characters: to read a longer one would take seconds.
const LONGEST = 2 ** 18;
const linked = (text = location.hash.slice(1)) => new Map(text.length > LONGEST ? [] : text.split("&").filter(Boolean).map((part) => part.split(/=(.*)/s, 2)));
const joined = (parts) => [...parts].map(([key, value]) => (value === undefined ? key : `${key}=${value}`)).join("&");
// What programs for mail make of an address: signs are coded, and the sentence's last one hangs on it.
const CODED = { "3A": ":", "3B": ";", "2C": ",", "2F": "/", "3D": "=", "26": "&" };
const unmailed = (text) => text.replace(/%(3A|3B|2C|2F|3D|26)/gi, (_, code) => CODED[code.toUpperCase()]).replace(/&amp;/g, "&").replace(/[.,;:!?)>\]'"]+$/, "");
// Whether the reader came to this address by back or forward: such an entry of the history carries our mark.
const way = () => (globalThis.convaeWay ??= (() => {
  const been = { back: false };
  const mark = () => {
    been.back = Boolean(history.state?.convae);
    try {
      history.replaceState({ ...history.state, convae: true }, "");
    } catch {} // a frame may forbid it
  };
  mark();
  addEventListener("popstate", mark);
  return been;
})());

/**
 * The module's default export. `build(kit)` appends its elements to kit.root and returns the function that redraws them;
 * an error thrown there is shown in place, and what has the class convae-result disappears until it is mended.
 * `work`, where there is one, is what kit.worker does: see there.
 *
 * kit: { root, get(key), set({ key: value }), limits, redraw() for what is no trait, say(text) for the status line,
 * lines: the status line, for the end of root if it is not put elsewhere, signal }. What is drawn first after some rest
 * is drawn as soon as the event is over; while changes keep coming, once a frame, the newest values only.
 * limits[key] is [low, high, 1 for whole numbers, longest side of a matrix, 1 where each stands once], or the list of choices.
 */
export const widget = (title, build, work) => ({
  work,
  render({ model, el, signal }, script, all) {
    const stop = new AbortController();
    signal?.addEventListener("abort", () => stop.abort());
    const status = h("p", { role: "status", class: "convae-status" });
    const message = h("p", { role: "alert", class: "convae-problem", id: name(), hidden: true });
    const line = h("div", { class: "convae-line" }, message, status);
    const printed = h("p", { class: "convae-printed" });
    const root = h("section", { class: "convae", "aria-label": title });
    const limits = model.get("limits"), steady = [];
    const begun = Object.fromEntries(Object.keys(limits).map((key) => [key, model.get(key)]));
    const { drawing: blank, ...usual } = begun; // a drawing is the reader's work: only a link that holds one replaces it
    const kit = {
      root, limits,
      lines: [line],
      signal: stop.signal,
      get: (key) => model.get(key),
      set(changes) {
        for (const [key, value] of Object.entries(changes)) model.set(key, value);
        model.save_changes();
      },
      say(text) {
        if (status.textContent !== text) status.textContent = text;
      },
      redraw() {
        if (waiting) return;
        waiting = true;
        if (!resting) return;
        resting = false;
        queueMicrotask(redraw);
        requestAnimationFrame(frame);
      },
      /** So many columns of cells stand side by side: they shrink a little before they wrap. */
      fit: (columns) => root.style.setProperty("--total", columns),
      /** These keep the height of the largest that they showed, for as long as the width stays: nothing below them jumps. */
      keep(...elements) {
        for (const element of elements) {
          steady.push(element);
          heights.observe(element);
        }
      },
      // While something plays, a screen reader is not told every step.
      quiet: (on) => status.setAttribute("aria-live", on ? "off" : "polite"),
      /** What `work` does, beside the page: see background. That of a part, where one is given. */
      worker: (setup, done, part) => background({ work: part?.work ?? work, script: () => script(part?.own), setup, done, signal: stop.signal }),
      /** Whatever was typed and could not be is forgotten. */
      fine: () => change(),
      /** As the widget began, but for what the reader has drawn; an address with other settings forgets them. */
      reset() {
        for (const element of steady) {
          element.style.minHeight = "";
          element.high = 0;
        }
        forget();
        kit.set(usual);
        change();
      },
      /** A script that comes when it is asked for (`part` in kit.py): what it exports, or what else it left there. */
      async part(name) {
        const own = await fetched(model, name);
        if (typeof own !== "function") return own;
        root.before(h("style", null, own.styles));
        return { own, ...own(all) };
      },
    };

    /** A button for what has to be loaded first: it rests meanwhile, and what went wrong is said. */
    kit.later = (label, act) => {
      const one = button(label, async () => {
        one.disabled = true;
        try {
          wrong = await act() ?? "";
        } catch (error) {
          wrong = error.message;
        }
        one.disabled = false;
        problem();
        kit.redraw();
      });
      return one;
    };

    let wrong = "", stuck = "", waiting = false, resting = true;
    const frame = () => {
      if (waiting) {
        redraw();
        requestAnimationFrame(frame);
      } else resting = true;
    };
    const problem = () => {
      const text = wrong || stuck;
      if (message.textContent !== text) message.textContent = text;
      message.hidden = !text;
      status.classList.toggle("convae-behind", Boolean(text));
    };
    // What somebody typed and cannot be; an empty text takes it back.
    root.addEventListener("convae-wrong", ({ target, detail }) => {
      wrong = detail;
      if (detail) target.setAttribute("aria-describedby", message.id);
      problem();
    });
    const heights = new ResizeObserver((entries) => {
      for (const { target, contentRect: { width, height } } of entries) {
        if (target.wide !== width && target.high) {
          Object.assign(target, { wide: width, high: 0 }).style.minHeight = "";
          heights.unobserve(target);
          requestAnimationFrame(() => heights.observe(target)); // it has another height then
          continue;
        }
        const high = Math.max(target.high ?? 0, height);
        if (target.high !== high) target.style.minHeight = `${high}px`;
        Object.assign(target, { wide: width, high });
      }
    });

    // Two widgets of one name on a page get different addresses.
    const names = (globalThis.convaeNames ??= new Map()), went = way();
    let own = model.get("name");
    for (let k = 2; names.has(own) && names.get(own) !== model.get; k++) own = `${model.get("name")}-${k}`;
    names.set(own, model.get);
    let known, state, later;
    const settings = (text) => {
      const changes = { ...usual };
      for (const part of text.split(";")) {
        const [key, coded] = part.split(/:(.*)/s, 2);
        if (!Object.hasOwn(limits, key)) throw key;
        const value = read(coded, model.get(key));
        if (!fits(value, model.get(key), limits[key])) throw key;
        changes[key] = value;
      }
      return changes;
    };
    const replace = (changes) => {
      const drawing = model.get("drawing");
      kit.set(changes);
      if (![String(blank), String(model.get("drawing"))].includes(String(drawing))) took.replaceChildren("The link’s drawing stands in place of yours. ", button("My drawing back", () => (kit.set({ drawing }), took.replaceChildren())));
    };
    // Sets what the address says of this widget, if it is new; gives a message where it cannot.
    const restore = () => {
      const hash = location.hash.slice(1), long = hash.length > LONGEST;
      const texts = [hash, unmailed(long ? "" : hash)].map((text) => linked(text).get(own)).filter((text) => text !== undefined);
      if (long && `&${hash.slice(0, LONGEST)}`.includes(`&${own}=`)) texts.push(long);
      if (!texts.length) {
        if (known !== undefined && went.back) kit.set(usual);
        if (went.back) known = undefined;
        return undefined;
      }
      if (texts[0] === known) return undefined;
      known = texts[0];
      for (const text of texts)
        try {
          if (text !== long) return void replace(settings(text));
        } catch {} // perhaps as mail has it
      return "The settings in this page's address could not be used; these are the usual ones.";
    };

    // Whoever loads the page again, or sends its address, gets what is seen; the link itself works anew.
    const forget = () => {
      const parts = [location.hash.slice(1), unmailed(location.hash.slice(1))].map((text) => linked(text)).find((parts) => parts.delete(own));
      known = undefined;
      if (!parts) return;
      const address = new URL(location.href);
      address.hash = joined(parts);
      try {
        history.replaceState(history.state, "", address);
      } catch {} // a frame may forbid it
    };
    const copy = h("a", { class: "convae-copy", onclick: copied }, "Copy link"), address = h("input", { class: "convae-address", readonly: true, hidden: true, "aria-label": "Address of these settings" });
    const [told, took] = [0, 1].map(() => h("span", { "aria-live": "polite" }));
    async function copied() {
      known = state;
      const text = new URL(copy.getAttribute("href"), location.href).href;
      try {
        await navigator.clipboard.writeText(text);
        told.textContent = " Copied";
        setTimeout(() => (told.textContent = ""), 3000);
      } catch {
        address.hidden = false;
        address.value = text;
        address.select();
        told.textContent = " Copy it from here.";
      }
    }
    const reset = button("Reset", () => kit.reset());
    const draw = build(kit);
    kit.keep(line);
    const resets = [...root.querySelectorAll("button")].some((one) => one.textContent === "Reset");
    root.append(...[line].filter((one) => !root.contains(one)), printed, h("p", { class: "convae-foot" }, resets ? null : reset, h("span", null, copy, told), address, took));
    el.append(root);
    const redraw = () => {
      if (stop.signal.aborted || !waiting) return;
      waiting = false;
      stuck = "";
      delete root.dataset.stuck;
      try {
        draw();
      } catch (error) {
        root.dataset.stuck = "";
        stuck = error.message;
        kit.say("");
      }
      problem();
      state = Object.keys(limits).map((key) => `${key}:${write(model.get(key))}`).join(";");
      copy.href = "#" + joined(linked().set(own, state));
      clearTimeout(later);
      later = setTimeout(() => (printed.textContent = inWords(root)), 300);
    };
    const refused = restore();
    waiting = true;
    redraw();
    wrong = refused ?? "";
    problem();
    if (!wrong && linked().has(own)) root.scrollIntoView();
    const change = () => {
      if (wrong) {
        wrong = "";
        problem();
        for (const box of root.querySelectorAll("[aria-invalid=true]")) box.setAttribute("aria-invalid", false);
      }
      kit.redraw();
    };
    model.on("change", change);
    stop.signal.addEventListener("abort", () => {
      model.off("change", change);
      heights.disconnect();
      clearTimeout(later);
      names.delete(own);
      root.remove();
    });
    // An address without settings of this widget, a section's say, leaves a message as it is. Who follows a link to
    // settings on the same page is brought to them; back and forward know their own place.
    addEventListener("hashchange", () => {
      const before = known, said = restore();
      if (known !== before && known !== undefined && !went.back) root.scrollIntoView();
      if (said === undefined) return;
      wrong = said;
      problem();
    }, { signal: stop.signal });
    return () => stop.abort();
  },
});

/** Brings a widget to life; `own` makes it out of `all` that this library exports, `library` is the model of its text. */
export function start(context, own, all, library) {
  context.el.append(h("style", null, library.get("styles") + context.model.get("styles")));
  return own(all).render(context, (part = own) => forWorker(library.get("source"), part, Object.keys(all)), all);
}

// The library and a script as the text of a worker, which is told once what it works on and then gets jobs. A page of the
// book holds both in fewer letters: names that the library exports are all that stays of it.
const forWorker = (source, own, names) => `(() => {
${source.replace(/(^|[;}])export (?=\w)/gm, "$1")}
let work;
self.onmessage = ({ data }) => {
if (!work) return void (work = (${own})({ ${names} }).work(data));
const steps = work(data);
let step;
do step = steps.next();
while (!step.done);
self.postMessage(step.value);
};
})();`;

const asked = {};
/** What the script of this name left in convaeParts: from beside the page's own scripts, or from Python. */
const fetched = (model, name) => (asked[name] ??= new Promise((done, failed) => {
  const { scripts } = model.widget_manager;
  const never = () => {
    delete asked[name];
    failed(Error(`What is needed for this, ${name}, could not be loaded: press once more${scripts ? "" : ", with a kernel that runs"}.`));
  };
  const run = (src) => document.head.append(h("script", { src, onload: () => (globalThis.convaeParts?.[name] ? done(convaeParts[name]) : never()), onerror: never }));
  if (scripts) return run(new URL(`convae-${name}.js`, scripts).href);
  model.on("msg:custom", ({ part, source }) => part === name && run(URL.createObjectURL(new Blob([source], { type: "text/javascript" }))));
  model.send({ part: name });
  setTimeout(never, 20000);
}));

/** The settings as a sentence, for paper: what the controls say. */
function inWords(root) {
  const said = [...root.querySelectorAll(".convae-number, .convae-select, .convae-choice, .convae-check")].map((one) => {
    const box = one.querySelector("input[type=number], select, input:checked"), title = one.querySelector("legend, label")?.textContent ?? one.textContent;
    if (one.closest("[hidden]") || !box || title.startsWith("What a pointer")) return "";
    const value = box.type === "radio" ? box.nextSibling.textContent : box.type === "checkbox" ? "on" : box.selectedOptions?.[0]?.textContent ?? box.value;
    return `${title} ${value}`;
  });
  return said.filter(Boolean).join("; ");
}

/**
 * Work that takes longer than a frame: `work(setup)` gives a generator function that takes a job, yields now and then,
 * and returns the answer. It runs in a worker made from the page's own text, or, where a page may have none, in slices
 * between the frames. The function given back takes a job; done(answer, job, newest) gets what was made of it. A job
 * that waits is forgotten when a newer one comes.
 */
function background({ work, script, setup, done, signal }) {
  let worker, busy = null, next = null, slices;
  const take = () => {
    [busy, next] = [next, null];
    if (!busy) return;
    if (worker) return worker.postMessage(busy);
    const job = busy;
    queueMicrotask(() => slice((slices ??= work(setup))(job), job)); // an answer never comes while a widget is being built
  };
  const finish = (answer, job) => {
    if (signal.aborted) return;
    done(answer, job, !next);
    take();
  };
  const slice = (steps, job) => {
    if (signal.aborted) return;
    const began = performance.now();
    do {
      const { value, done: ready } = steps.next();
      if (ready) return finish(value, job);
    } while (performance.now() - began < 8);
    setTimeout(() => (next ? take() : slice(steps, job)));
  };
  const alone = () => {
    worker?.terminate();
    worker = null;
    next ??= busy;
    take();
  };
  try {
    const address = URL.createObjectURL(new Blob([script()], { type: "text/javascript" }));
    worker = new Worker(address);
    worker.onmessage = ({ data }) => finish(data, busy);
    worker.onerror = (event) => (event.preventDefault(), alone());
    worker.postMessage(setup);
    signal.addEventListener("abort", () => (worker?.terminate(), URL.revokeObjectURL(address)));
  } catch {
    worker = null; // no workers here
  }
  return (job) => {
    next = job;
    if (!busy) take();
  };
}

/** What the widget says of an entry that cannot be; "" takes it back. */
export const refuse = (element, text) => element.dispatchEvent(new CustomEvent("convae-wrong", { bubbles: true, detail: text }));

/**
 * A labelled number, by box and by slider; `change(value)` gets numbers within [low, high] only. The slider is for the
 * mouse: the keyboard has the box. Without one: slider false (for what has no order, as a seed).
 */
export function number(label, [low, high, whole = 1], change, spoken = label, { slider: sliding = true } = {}) {
  const id = name(), step = whole ? 1 : (high - low) / 100;
  const box = h("input", { id, type: "number", min: low, max: high, step: whole || "any", "aria-label": spoken !== label && spoken });
  const slider = h("input", { type: "range", min: low, max: high, step, tabindex: -1, "aria-label": spoken });
  // Beside the box, and until another number stands there: who leaves it sees the old one come back, and why.
  const note = h("span", { class: "convae-wrong", "aria-hidden": "true", hidden: true }, `only ${range([low, high, whole])}`);
  let value = low;
  const accept = (text) => {
    const typed = parse(text), fine = note.hidden = fits(typed, 0, [low, high, whole]);
    box.setAttribute("aria-invalid", !fine);
    refuse(box, fine ? "" : `${text.trim() || "That"} is not ${range([low, high, whole])}: ${show(value)} is kept.`);
    if (fine) change(typed);
  };
  slider.oninput = () => accept(slider.value);
  box.oninput = () => accept(box.value);
  box.onblur = () => (box.value = value);
  return {
    element: h("div", { class: "convae-number" }, h("label", { for: id }, label), box, sliding && slider, note),
    set(next) {
      note.hidden ||= next !== value || box.getAttribute("aria-invalid") === "false";
      value = next;
      slider.value = next;
      if (document.activeElement !== box || parse(box.value) !== next) box.value = next;
    },
    disable(off) {
      box.disabled = slider.disabled = off;
    },
  };
}

/** What a narrow page folds away behind a button with this title; a wide one shows it at once. */
export function drawer(title, ...children) {
  const inner = h("div", { class: "convae-drawn", id: name() }, children);
  const handle = h("button", { type: "button", class: "convae-handle", "aria-expanded": "false", "aria-controls": inner.id }, title);
  const box = h("div", { class: "convae-drawer" }, handle, inner);
  handle.onclick = () => handle.setAttribute("aria-expanded", box.classList.toggle("convae-open"));
  return box;
}

/** What every page folds away like that. */
export function fold(title, ...children) {
  const box = drawer(title, ...children);
  box.classList.add("convae-fold");
  return box;
}

/** A matrix trait with one number changed, for kit.set. */
export const changed = (values, row, column, value) =>
  values.map((line, r) => line.map((own, c) => (r === row && c === column ? value : own)));

/** A labelled choice; options are [value, text] pairs. */
export function select(label, options, change) {
  const id = name();
  const box = h("select", { id, onchange: () => change(box.value) }, options.map(([value, text]) => h("option", { value }, text)));
  return { element: h("div", { class: "convae-select" }, h("label", { for: id }, label), box), set: (value) => (box.value = value) };
}

/** A choice whose options are all in sight. */
export function choice(label, options, change) {
  const group = name();
  const boxes = options.map(([value]) => h("input", { type: "radio", name: group, value, onchange: () => change(value) }));
  return {
    element: h("fieldset", { class: "convae-choice" }, h("legend", null, label),
      options.map(([, text], k) => h("label", null, boxes[k], h("span", null, text)))),
    set: (value) => boxes.forEach((box) => (box.checked = box.value === value)),
  };
}

export function checkbox(label, change) {
  const box = h("input", { type: "checkbox", onchange: () => change(box.checked) });
  return { element: h("label", { class: "convae-check" }, box, label), set: (value) => (box.checked = value) };
}

export const button = (label, press) => h("button", { type: "button", onclick: press }, label);

/** What a widget has to say in words and formulas: facts("Size", …).set("Size", "text", element, …). */
export function facts(...names) {
  const parts = new Map(names.map((term) => [term, h("dd")]));
  return {
    element: h("dl", { class: "convae-facts" }, names.map((term) => h("div", null, h("dt", null, term), parts.get(term)))),
    set: (term, ...content) => parts.get(term).replaceChildren(...content.flat(Infinity)),
  };
}

/** The classes whose condition holds. */
export const kinds = (conditions) => Object.keys(conditions).filter((kind) => conditions[kind]).join(" ");
