// Brings the anywidgets that myst-nb stored in a page to life, without kernel, RequireJS or network.
(() => {
  const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
  const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';

  const scripts = document.currentScript.src || location.href; // beside these lie those that a widget asks for later

  /** As much of a Backbone model as anywidget promises to its modules. */
  class Model {
    #state;
    #listeners = new Map();
    widget_manager = { get_model: async (id) => models.get(id.replace("IPY_MODEL_", "")), scripts };
    constructor(state) {
      this.#state = state;
    }
    get = (key) => this.#state[key];
    set(key, value) {
      const changes = typeof key === "string" ? { [key]: value } : key;
      const changed = Object.keys(changes).filter((name) => this.#state[name] !== changes[name]);
      Object.assign(this.#state, changes);
      for (const name of changed) this.#emit("change:" + name, changes[name]);
      if (changed.length) this.#emit("change");
    }
    save_changes() {}
    send() {}
    on(events, listener) {
      for (const event of events.split(" ")) this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    }
    off(events, listener) {
      for (const event of events?.split(" ") ?? this.#listeners.keys())
        this.#listeners.set(event, (this.#listeners.get(event) ?? []).filter((own) => listener && own !== listener));
    }
    #emit(event, ...details) {
      for (const listener of this.#listeners.get(event) ?? []) listener(this, ...details);
    }
  }

  const models = new Map(), modules = new Map(), styles = new Set();
  const experimental = { invoke: () => Promise.reject(Error("There is no Python behind this page.")) };
  const signal = new AbortController().signal; // a page never takes a widget away

  function once(store, key, make) {
    if (!store.has(key)) store.set(key, make());
    return store.get(key);
  }

  const load = (source) =>
    once(modules, source, async () => {
      const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
      return typeof module.default === "function" ? module.default() : module.default ?? module;
    });

  function read({ state, buffers = [] }) {
    for (const { path, data } of buffers) {
      const last = path.pop(), bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      path.reduce((inner, key) => inner[key], state)[last] = new DataView(bytes.buffer);
    }
    return new Model(state);
  }

  // Code of what stands far down a page is a script beside this one (book/tools/smaller.py). It comes when one of its
  // views is a screen away, when the address names the widget, or when the page is to be printed; until then, and on paper
  // where it comes too late, the still picture is there.
  const coming = new Map();
  const later = (file) =>
    once(coming, file, () => {
      const own = {}, asked = new Promise((begin) => (own.begin = begin));
      const src = new URL(file, scripts).href;
      own.code = asked.then(() => new Promise((onload, failed) => {
        const onerror = () => failed(Error("its code could not be loaded"));
        document.head.append(Object.assign(document.createElement("script"), { src, onload, onerror }));
      })).then(() => globalThis.convaeCode[file]);
      return own;
    });
  const watch = new IntersectionObserver(
    (entries) => entries.forEach(({ isIntersecting, target }) => isIntersecting && coming.get(target.dataset.code).begin()),
    { rootMargin: "100% 0px" });
  const named = () => coming.forEach(({ begin, name }) => location.hash.includes(name) && begin());
  addEventListener("hashchange", named);
  for (const event of ["beforeprint", "convae-all"]) addEventListener(event, () => coming.forEach(({ begin }) => begin())); // convae-all: for tests

  /** The model's code, once it is needed; meanwhile its still picture is seen. */
  async function arrives(model, el, still) {
    const own = later((el.dataset.code = model.get("_later")));
    own.name = model.get("name");
    if (still?.matches(".convae-still")) still.style.display = "block";
    watch.observe(el);
    named();
    model.set(await own.code);
    watch.unobserve(el);
  }

  async function start(script) {
    const el = document.createElement("div");
    script.after(el);
    try {
      const model = models.get(JSON.parse(script.textContent).model_id);
      if (model?.get("_later")) await arrives(model, el, script.previousElementSibling);
      if (!model?.get("_esm")) throw Error("this page holds no code for it");
      const css = model.get("_css");
      if (css && !styles.has(css)) document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
      styles.add(css);
      const module = await load(model.get("_esm"));
      await (model.started ??= Promise.resolve(module.initialize?.({ model, signal, experimental })));
      const end = () => el.getBoundingClientRect().bottom, before = end();
      await module.render?.({ model, el, signal, experimental });
      if (script.previousElementSibling?.matches(".convae-still")) script.previousElementSibling.remove();
      if (before < 0) scrollBy({ top: end() - before, behavior: "instant" }); // whoever reads below it stays there
    } catch (error) {
      const still = script.previousElementSibling;
      if (still?.matches(".convae-still")) still.classList.add("convae-failed"); // its picture and sentence are seen then
      el.setAttribute("role", "alert");
      el.textContent = `This interactive figure could not be started (${error.message}).`;
      console.error(error);
    }
  }

  function begin() {
    for (const script of document.querySelectorAll(STATE))
      for (const [id, stored] of Object.entries(JSON.parse(script.textContent).state)) models.set(id, read(stored));
    document.querySelectorAll(VIEW).forEach(start);
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
})();
