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

/** What somebody typed, as a number; NaN for anything else. */
export const parse = (text) => (text.trim() === "" ? NaN : Number(text.trim().replace("−", "-").replace(",", ".")));

export const matrix = (rows, columns, value) =>
  Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => value(r, c)));

const name = () => "convae-" + Math.random().toString(36).slice(2);
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const range = ([low, high, whole]) => `${whole ? "a whole number" : "a number"} from ${show(low)} to ${show(high)}`;

// A deep link is #name=stride:2,2;input:1,2/3,4 with one such part, joined by &, for each widget that has been linked to.
const write = (value) =>
  Array.isArray(value) ? value.map(write).join(Array.isArray(value[0]) ? "/" : ",") : encodeURIComponent(value);
const read = (text, like) =>
  Array.isArray(like) ? text.split(Array.isArray(like[0]) ? "/" : ",").map((part) => read(part, like[0]))
  : typeof like === "number" ? parse(text)
  : typeof like === "boolean" ? text === "true"
  : decodeURIComponent(text);
const fits = (value, like, limit) =>
  Array.isArray(like)
    ? value.every((part) => fits(part, like[0], limit)) &&
      (Array.isArray(like[0]) ? value.length <= limit[3] && value.every((row) => row.length <= limit[3] && row.length === value[0].length)
        : limit[3] || value.length === like.length)
  : typeof like === "number" ? value >= limit[0] && value <= limit[1] && (!limit[2] || Number.isInteger(value))
  : typeof like !== "string" || limit.includes(value);
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
 * limits[key] is [low, high, 1 for whole numbers, longest side of a matrix], or the list of choices.
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
    const reset = button("Reset", kit.reset);
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
  return own(all).render(context, (part = own) => forWorker(library.get("source"), part), all);
}

// The library and a script as the text of a worker, which is told once what it works on and then gets jobs.
const forWorker = (source, own) => `(() => {
${source.replace(/^export(?= )/gm, "")}
let work;
self.onmessage = ({ data }) => {
if (!work) return void (work = (${own})({ ${/\{(.*?)\}/.exec(own)[1]} }).work(data));
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
const refuse = (element, text) => element.dispatchEvent(new CustomEvent("convae-wrong", { bubbles: true, detail: text }));

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
      note.hidden ||= next !== value;
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

/**
 * Controls for settings that are a pair, [rows, columns]: one for both, two once the reader asks for it.
 * settings: [label, limits, now(), change([rows, columns])] each; others are controls that stand beside them.
 */
export function pairs(kit, settings, ...others) {
  let wanted = false;
  const apart = () => wanted || settings.some(([, , now]) => now()[0] !== now()[1]);
  const controls = settings.map(([label, limit, now, change]) => ({
    rows: number(label, limit, (value) => change([value, apart() ? now()[1] : value])),
    columns: number("… columns", limit, (value) => change([now()[0], value]), `${label}, columns`),
    now,
  }));
  const split = checkbox("Rows and columns apart", (on) => {
    wanted = on;
    if (!on) for (const [, , now, change] of settings) change([now()[0], now()[0]]);
    kit.redraw();
  });
  return {
    element: h("div", { class: "convae-controls" }, controls.map(({ rows, columns }) => h("div", null, rows.element, columns.element)), others, split.element),
    draw() {
      for (const { rows, columns, now } of controls) {
        rows.set(now()[0]);
        columns.set(now()[1]);
        columns.element.hidden = !apart();
      }
      split.set(apart());
    },
  };
}

/** The pair settings that are traits, by name. */
export const traitPairs = (kit, ...keys) =>
  keys.map((key) => [key[0].toUpperCase() + key.slice(1).replace("_", " "), kit.limits[key], () => kit.get(key), (value) => kit.set({ [key]: value })]);

/** The size of a matrix trait as a pair setting; what it grows by is small whole numbers. */
export const sizePair = (kit, key, label) => [
  label, [1, kit.limits[key][3], 1],
  () => [kit.get(key).length, kit.get(key)[0].length],
  ([rows, columns]) => kit.set({ [key]: resized(kit.get(key), rows, columns) }),
];
export const resized = (values, rows, columns) => matrix(rows, columns, (r, c) => values[r]?.[c] ?? (r + 2 * c) % 4);

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

/** x·w + x·w + …, one line for each row of the kernel. */
export const sum = (rows) =>
  rows.map((row, r) => h("span", { class: "convae-terms" }, row.map(([x, w], c) =>
    h("span", { class: x && w ? null : "convae-zero" }, r || c ? "+ " : "", bracket(x), "·", h("b", null, bracket(w)), " "))));
const bracket = (value) => (value < 0 ? `(${show(value)})` : show(value));

/** ", name=value" for a line of PyTorch; nothing where it is the usual value. */
export const argument = (name, [rows, columns], usual) =>
  rows === usual && columns === usual ? "" : `, ${name}=${rows === columns ? rows : `(${rows}, ${columns})`}`;

/** A number's text in at most four characters beside its sign; undefined where it has no more. */
export function short(text, most = 4) {
  const [, sign, digits] = /^([^\d]*)(.*)$/s.exec(text ?? "");
  if (digits.length <= most || !/^[\d.]+$/.test(digits)) return undefined;
  const value = Number(digits);
  if (value >= 10 ** most) return `${sign}${Math.round(value / 1000)}k`;
  return sign + Number(value.toFixed(Math.max(0, most - 1 - String(Math.floor(value)).length)));
}

/** The classes whose condition holds. */
export const kinds = (conditions) => Object.keys(conditions).filter((kind) => conditions[kind]).join(" ");

/** −1 to 1 for the tint of a cell. */
export const shades = (values) => {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return (value) => value / largest;
};

/**
 * A matrix of cells to read, point at and perhaps edit. One cell is in the tab order, arrows move within.
 *
 * draw(rows, columns, cell): cell(r, c) gives { text, label, kind, shade, note, fixed }: what stands in it, what a
 * screen reader says, its classes, -1 to 1 for its tint, small print in its corner, and whether it cannot be edited.
 * point(r, c, kept): the reader looks at a cell; kept is false while a mouse only passes over it.
 * leave(): nobody looks at any cell. edit(r, c, value): a new number, within limit.
 */
export function grid(label, { point, leave, edit, limit } = {}) {
  const box = h("div", { role: "grid", class: "convae-grid", "aria-label": label, "aria-readonly": edit ? null : "true" });
  const caption = h("figcaption", null, label), overlay = h("div", { class: "convae-window", hidden: true });
  const scroll = h("div", { class: "convae-scroll" }, h("div", { class: "convae-cells" }, box, overlay));
  const figure = h("figure", { class: "convae-figure" }, caption, scroll);
  let cells = [], shown = [], rows = 0, columns = 0, current = [0, 0], editor = null, framed;

  const at = (target) => target.closest?.("[role=gridcell]")?.place;
  const makeCurrent = ([r, c]) => {
    cells[current[0]]?.[current[1]]?.setAttribute("tabindex", -1);
    current = [r, c];
    cells[r][c].setAttribute("tabindex", 0);
  };
  const focus = (r, c) => cells[Math.max(0, Math.min(r, rows - 1))][Math.max(0, Math.min(c, columns - 1))].focus();

  function open([r, c], typed) {
    if (!edit || shown[r][c].fixed) return;
    const cell = cells[r][c];
    let done = false;
    const close = (keep) => {
      if (done) return;
      done = true;
      const value = parse(editor.value), text = editor.value;
      editor.remove();
      editor = null;
      if (!keep || text === String(shown[r][c].value)) return;
      if (fits(value, 0, limit)) edit(r, c, value);
      else refuse(cell, `${text.trim() || "An empty cell"} is not ${range(limit)}: the cell keeps its number.`);
    };
    refuse(cell, "");
    editor = h("input", { class: "convae-editor", "aria-label": shown[r][c].label, enterkeyhint: "done", autocomplete: "off" });
    editor.value = typed ?? shown[r][c].value;
    editor.onblur = () => close(true);
    editor.onkeydown = (event) => {
      event.stopPropagation();
      const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (step) editor.value = (parse(editor.value) || 0) + step;
      else if (event.key === "Enter" || event.key === "Escape") {
        close(event.key === "Enter");
        focus(r, c);
      } else return;
      event.preventDefault();
    };
    cell.append(editor);
    editor.focus();
    if (typed == null) editor.select();
  }

  box.onkeydown = (event) => {
    const place = at(event.target);
    if (!place || editor) return;
    const [r, c] = place, key = event.key;
    if (event.altKey || event.metaKey || (event.ctrlKey && key !== "Home" && key !== "End")) return;
    const move = {
      ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
      Home: [event.ctrlKey ? 0 : r, 0], End: [event.ctrlKey ? rows : r, columns],
    }[key];
    if (move) focus(...move);
    else if (edit && (key === "Enter" || key === "F2")) open(place);
    else if (edit && (key === "Delete" || key === "Backspace")) shown[r][c].fixed || edit(r, c, 0);
    else if (edit && /^[-−.\d]$/.test(key)) open(place, key);
    else return;
    event.preventDefault();
  };
  // The first press chooses a cell, a press on the chosen cell edits it.
  let chosen = null;
  box.onpointerdown = (event) => (chosen = document.activeElement === event.target.closest("[role=gridcell]") ? at(event.target) : null);
  box.onclick = (event) => {
    if (chosen && !editor) open(chosen);
  };
  box.addEventListener("focusin", (event) => {
    const place = at(event.target);
    if (!place) return;
    makeCurrent(place);
    point?.(...place, true);
  });
  box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || leave?.());
  box.onpointerover = (event) => event.pointerType === "mouse" && at(event.target) && point?.(...at(event.target), false);
  box.onpointerleave = (event) => {
    if (event.pointerType !== "mouse") return;
    if (box.contains(document.activeElement)) point?.(...current, true);
    else leave?.();
  };

  // The whole number stays in the text; where it is too long for a cell, fewer digits are seen.
  function brief(element, text, most) {
    const seen = short(text, most);
    element.textContent = text ?? "";
    element.toggleAttribute("data-short", seen !== undefined);
    if (seen !== undefined) element.dataset.short = seen;
    element.toggleAttribute("data-long", (seen ?? text)?.length > 3);
  }

  function build() {
    const held = box.contains(document.activeElement);
    editor = null;
    cells = matrix(rows, columns, (r, c) =>
      Object.assign(h("div", { role: "gridcell", tabindex: -1 }, h("span", null), h("small", { "aria-hidden": "true" })), { place: [r, c] }));
    shown = matrix(rows, columns, () => ({}));
    box.replaceChildren(...cells.map((row) => h("div", { role: "row" }, row)));
    figure.style.setProperty("--columns", columns);
    makeCurrent([Math.min(current[0], rows - 1), Math.min(current[1], columns - 1)]);
    if (held) focus(...current);
  }

  return {
    element: figure,
    title(text) {
      if (caption.textContent !== text) box.setAttribute("aria-label", (caption.textContent = text));
    },
    draw(newRows, newColumns, cell) {
      if (newRows !== rows || newColumns !== columns) {
        [rows, columns] = [newRows, newColumns];
        build();
      }
      let longest = 0;
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++) {
          const next = cell(r, c), last = shown[r][c], element = cells[r][c];
          if (next.text !== last.text) brief(element.firstChild, next.text);
          if (next.note !== last.note) brief(element.children[1], next.note, 3);
          longest = Math.max(longest, next.text?.length ?? 0, next.note?.length ?? 0);
          if (next.label !== last.label) element.setAttribute("aria-label", next.label);
          if (next.kind !== last.kind) element.className = next.kind ?? "";
          if (next.fixed !== last.fixed && edit) element.setAttribute("aria-readonly", !!next.fixed);
          if (next.shade !== last.shade) element.style.setProperty("--tint", Math.round(30 * Math.abs(next.shade ?? 0)) + "%");
          if (next.shade < 0 !== last.shade < 0) element.style.setProperty("--hue", next.shade < 0 ? "var(--negative)" : "");
          shown[r][c] = next;
        }
      figure.toggleAttribute("data-wide", longest > 4);
    },
    /** A frame around a block of cells, that glides to its next place; without arguments it disappears. */
    frame(r, c, high, wide) {
      const next = `--r:${r};--c:${c};--high:${high};--wide:${wide}`;
      overlay.hidden = r == null;
      if (overlay.hidden || framed === next) return;
      overlay.style.cssText = framed = next;
      requestAnimationFrame(() => { // asked at once, the sizes would be laid out twice
        if (scroll.scrollWidth > scroll.clientWidth) scroll.scrollLeft = ((c + wide / 2) / columns) * scroll.scrollWidth - scroll.clientWidth / 2;
      });
    },
    /** The grid comes around from upside down. */
    turn() {
      if (!still()) box.animate?.([{ rotate: "-180deg" }, { rotate: "0deg" }], { duration: 900, easing: "ease" });
    },
  };
}

const SHAPES = { Back: "M11 3 5 8l6 5z", Play: "M4 2v12l10-6z", Pause: "M3 2h4v12H3zm6 0h4v12H9z", Step: "M5 3l6 5-6 5z" };
const label = (name) => {
  const picture = h("span", { "aria-hidden": "true", class: "convae-icon" });
  picture.innerHTML = `<svg viewBox="0 0 16 16"><path d="${SHAPES[name]}"/></svg>`;
  return [picture, name];
};

/** Back, play or pause, forward, and a slider over the steps 0 to last(); a long way takes so many milliseconds in all. */
export function player(kit, { name, at, last, go, whole = 16000 }) {
  let timer = null;
  const slider = h("input", { type: "range", min: 0, tabindex: -1, "aria-label": name, oninput: () => (halt(), go(Number(slider.value))) });
  const count = h("span", { class: "convae-count" });
  const halt = () => {
    clearTimeout(timer);
    timer = null;
    play.replaceChildren(...label("Play"));
    kit.quiet(false);
  };
  // A long way is walked faster; who wants reduced motion gets jumps, and time to look.
  const wait = () => (timer = setTimeout(advance, Math.max(250, Math.min(800, whole / last())) * (still() ? 2 : 1)));
  const advance = () => {
    if (at() >= last()) return halt();
    go(at() + 1);
    wait();
  };
  const play = button("", () => {
    if (timer) return halt();
    play.replaceChildren(...label("Pause"));
    kit.quiet(true);
    if (at() >= last()) go(0);
    wait();
  });
  const back = button(label("Back"), () => (halt(), go(Math.max(at() - 1, 0))));
  const step = button(label("Step"), () => (halt(), go(Math.min(at() + 1, last()))));
  halt();
  kit.signal.addEventListener("abort", halt);
  // One stop for the tab key; the arrows go from button to button.
  const buttons = [back, play, step], bar = h("div", { class: "convae-buttons", role: "toolbar", "aria-label": name }, buttons);
  const stand = (at) => buttons.forEach((one) => (one.tabIndex = one === at ? 0 : -1));
  stand(play);
  bar.addEventListener("focusin", ({ target }) => stand(target));
  bar.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    buttons[Math.max(0, Math.min(buttons.indexOf(event.target) + by, 2))].focus();
    event.preventDefault();
  };
  return {
    element: h("div", { class: "convae-player" }, bar, slider, count),
    draw() {
      slider.max = last();
      slider.value = at();
      count.textContent = `${name} ${at() + 1} of ${last() + 1}`;
      slider.setAttribute("aria-valuetext", count.textContent);
    },
  };
}
