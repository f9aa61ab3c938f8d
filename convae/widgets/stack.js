import { convolutionSize, poolingSize, transposedSize } from "./engine.js";
import { button, checkbox, drawer, facts, h, kinds, number, select, widget } from "./kit.js";
import { pairs } from "./pairs.js";

const product = (shape) => shape.reduce((a, b) => a * b, 1);
const cross = (shape) => shape.join("×");
const same = (a, b) => String(a) === String(b);
const many = (count) => count.toLocaleString("en");
const clip = (value, length) => Math.max(0, Math.min(value, length - 1));
const words = (name) => name.replace("_", " ");

/** What the window of a layer does along one axis: kernel, stride, padding, dilation. Undefined without a window. */
function reach(kind, { kernel_size: kernel, stride, padding, dilation = 1 }) {
  if (kind === "BlurPool") return [2 * stride - (stride % 2), stride, Math.floor(stride / 2), 1];
  return kernel && kind !== "ConvTranspose2d" ? [kernel, stride, padding, dilation] : undefined;
}

/** Output size along one axis, and the formula with the numbers in it; undefined where the size stays. */
function side(kind, s, n) {
  const window = reach(kind, s), factor = s.scale_factor ?? s.upscale_factor;
  if (factor) return [n * factor, `${n}·${factor}`];
  if (kind === "ConvTranspose2d")
    return [transposedSize(n, s.kernel_size, s.stride, s.padding, s.dilation, s.output_padding), `(${n} − 1)·${s.stride} − 2·${s.padding} + ${s.dilation}·(${s.kernel_size} − 1) + ${s.output_padding} + 1`];
  if (!window) return undefined;
  const [kernel, stride, padding, dilation] = window;
  return [(kind.endsWith("Pool2d") ? poolingSize : convolutionSize)(n, ...window), `⌊(${n} + 2·${padding} − ${dilation}·(${kernel} − 1) − 1) / ${stride}⌋ + 1`];
}

/** Shape behind a layer; an error says what would fit. */
function shapeBehind({ kind, s, needs }, shape) {
  const [c, ...area] = shape, count = product(shape), wanted = [s.channels, s.rows, s.columns], factor = s.upscale_factor ** 2;
  if (needs === "maps" && !area.length) throw Error(`It needs channels, rows and columns, but ${c} numbers in a row come in: put an Unflatten before it.`);
  if (needs === "numbers" && area.length) throw Error(`It needs numbers in a row, but ${cross(shape)} come in: put a Flatten before it.`);
  if (kind === "Flatten") return [count];
  if (kind === "Linear") return [s.out_features];
  if (kind === "Unflatten" && product(wanted) !== c)
    throw Error(`${cross(wanted)} are ${product(wanted)} numbers, but ${c} come in: let a Linear make ${product(wanted)} of them, or choose three numbers whose product is ${c}.`);
  if (kind === "Unflatten") return wanted;
  if (c % (factor || 1)) throw Error(`It lays ${factor} channels side by side, but ${c} come in: let the layer before make a multiple of ${factor}.`);
  return [s.out_channels ?? c / (factor || 1), ...area.map((n) => side(kind, s, n)?.[0] ?? n)];
}

/** Parameters, and products of weights and numbers for one picture. */
function cost({ kind, s }, input, output) {
  if (kind === "Linear") return [(input[0] + s.bias) * s.out_features, input[0] * s.out_features];
  if (kind === "BatchNorm2d") return [2 * input[0], 0];
  if (kind === "BlurPool") return [0, product(output) * reach(kind, s)[0] ** 2];
  if (!s.out_channels) return [0, 0];
  const weights = input[0] * s.out_channels * s.kernel_size ** 2;
  return [weights + s.bias * s.out_channels, weights * product((kind === "Conv2d" ? output : input).slice(1))];
}

/** Which numbers of its input a number of a layer's output reads, along one axis. */
function reads({ kind, s }, place) {
  const factor = s.scale_factor ?? s.upscale_factor, [kernel, stride, padding, dilation] = reach(kind, s) ?? [s.kernel_size, s.stride, s.padding, s.dilation];
  if (factor) return [Math.floor(place / factor)];
  return Array.from({ length: kernel }, (_, u) => (kind === "ConvTranspose2d" ? (place + padding - u * dilation) / stride : place * stride - padding + u * dilation));
}

export default widget("A stack of layers", (kit) => {
  const { get, set } = kit, known = get("kinds"), models = get("models"), width = kit.get("layers")[0].length;
  const now = () => {
    const own = { image: [get("channels"), ...get("size")], layers: get("layers"), code: get("code") };
    const shown = get("model") === "own" ? own : models[get("model")], length = (shown.layers ?? shown.table).length;
    return { ...shown, length, code: Math.min(shown.code, length), at: clip(get("chosen"), length) };
  };
  /** A row as { kind, s: its settings by name, needs, told, settings }. */
  const understood = (row) => {
    const about = known[row[0]];
    if (row.length !== width || !about?.settings.every(([, , low, high, whole], k) => row[k + 1] >= low && row[k + 1] <= high && !(whole && row[k + 1] % 1)))
      throw Error("The layers in this page's address could not be used: choose a model to start anew.");
    return { ...about, s: Object.fromEntries(about.settings.map(([name], k) => [name, row[k + 1]])) };
  };
  // Whatever is changed, the net is the reader's own from then on.
  const change = (changes) => {
    const { image, layers = get("layers"), code } = now();
    set({ model: "own", layers, code, channels: image[0], size: image.slice(1), ...changes });
  };
  const changeLayer = (at, row) => change({ layers: now().layers.with(at, row) });
  const fresh = (name) => {
    const k = known.findIndex(({ kind }) => kind === name);
    return Array.from({ length: width }, (_, m) => (m ? known[k].settings[m - 1]?.[1] ?? 0 : k));
  };
  const move = (by) => {
    const { layers, at } = now(), to = at + by;
    if (layers[to]) change({ layers: layers.with(at, layers[to]).with(to, layers[at]), chosen: to });
  };
  const remove = () => {
    const { layers, code, at, length } = now();
    if (length > 1) change({ layers: layers.toSpliced(at, 1), code: code - (at < code), chosen: Math.min(at, length - 2) });
  };
  const insert = () => {
    const { layers, code, at, length } = now(), inside = at < code;
    if (length < kit.limits.layers[3]) change({ layers: layers.toSpliced(at + 1, 0, fresh(inside ? "Conv2d" : "ConvTranspose2d")), code: code + inside, chosen: at + 1 });
  };

  /** The shape of the picture and behind each layer, and why it ends where a layer does not fit. */
  function follow(layers, image) {
    const shapes = [image];
    try {
      for (const row of layers) {
        const shape = shapeBehind(understood(row), shapes.at(-1));
        // The limits of layers.py: a few large factors in a row freeze the page.
        if (Math.max(product(shape) / 2 ** 17, ...shape.slice(1)) > 1024) throw Error(`${cross(shape)} are too many: at most 1,024 rows or columns, 2²⁷ numbers.`);
        shapes.push(shape);
      }
    } catch (error) {
      return { shapes, error };
    }
    return { shapes };
  }

  /**
   * Single settings whose change brings the picture back, or at least its size or its channels; or, where layer `stuck`
   * does not fit, let the picture through it. What matters least comes first, and the layer itself before others.
   */
  function remedies(layers, image, stuck) {
    const order = ["output_padding", "padding", "out_channels", "out_features", "scale_factor", "upscale_factor", "stride", "kernel_size"];
    const likeness = (shape) => same(shape.slice(1), image.slice(1)) + (shape[0] === image[0]);
    const found = [], least = stuck < 0 ? likeness(follow(layers, image).shapes.at(-1)) + 1 : 0;
    const tried = layers.slice(0, stuck < 0 ? undefined : stuck + 1);
    tried.forEach((row, at) => understood(row).settings.forEach(([name, , low, high], k) => {
      const old = row[k + 1], rank = order.indexOf(name);
      const tries = { out_channels: [image[0]], out_features: [product(image)] }[name] ?? [1, 2, 3, 4].flatMap((step) => [old - step, old + step]);
      for (const value of rank < 0 ? [] : tries) {
        if (value === old || value < low || value > high) continue;
        const row2 = row.with(k + 1, value), { shapes, error } = follow(tried.with(at, row2), image), like = likeness(shapes.at(-1));
        if (error || like < least) continue;
        found.push({ at, name, value, row: row2, like: stuck < 0 ? like : 0, cost: rank - at / 100 + 10 * (stuck >= 0 && at !== stuck) });
        break;
      }
    }));
    const best = Math.max(...found.map(({ like }) => like));
    return found.filter(({ like }) => like === best).sort((a, b) => a.cost - b.cost).slice(0, 4);
  }

  // The table: a grid whose cells take turns in the tab order. Where the focus is, that layer is chosen.
  const NAMES = ["Layer", "Output", "Parameters", "Multiply-adds", "Sees"];
  const box = h("div", { role: "grid", class: "convae-layers convae-result", "aria-label": "Layers", "aria-readonly": "true" });
  let cells = [], current = [0, 0], fields = { kind: "", controls: [] };
  const tab = (place) => {
    cells[current[0]]?.[current[1]].setAttribute("tabindex", -1);
    current = place;
    cells[place[0]][place[1]].setAttribute("tabindex", 0);
  };
  box.addEventListener("focusin", ({ target }) => {
    const { place } = target.closest("[role=gridcell]");
    tab(place);
    if (place[0] !== get("chosen")) set({ chosen: place[0] });
  });
  box.onkeydown = (event) => {
    const [r, c] = current, { key, altKey, ctrlKey } = event, { layers } = now();
    const change = layers && (altKey ? { ArrowUp: () => move(-1), ArrowDown: () => move(1) } : { Delete: remove, Insert: insert })[key];
    const to = { ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], Home: [ctrlKey ? 0 : r, 0], End: [ctrlKey ? cells.length : r, 9] }[key];
    if (change) change();
    else if (to && !altKey && !event.metaKey) cells[clip(to[0], cells.length)][clip(to[1], NAMES.length)].focus();
    else return;
    event.preventDefault();
  };

  const pick = select("Model", kit.limits.model.map((name) => [name, name === "own" ? "your own" : name]), (name) => (name === "own" ? change({}) : set({ model: name, chosen: 0 })));
  const channels = number("Channels", kit.limits.channels, (value) => change({ channels: value }));
  const size = pairs(kit, [["Picture", kit.limits.size, () => now().image.slice(1), (value) => change({ size: value })]], channels.element);
  const kindOf = select("Kind", known.map(({ kind }) => [kind, kind]), (kind) => changeLayer(now().at, fresh(kind)));
  const legend = h("legend"), settings = h("div", { class: "convae-controls" }), code = button("Its output is the code", () => change({ code: now().at + 1 }));
  const editor = h("fieldset", { class: "convae-editing convae-result" }, legend, kindOf.element, settings,
    h("div", { class: "convae-buttons" }, button("Add a layer after it", insert), button("Move up", () => move(-1)), button("Move down", () => move(1)), button("Remove", remove), code));
  const sight = h("div", { class: "convae-tensors", "aria-hidden": "true" });
  const verdict = h("p", { class: "convae-outcome", role: "status" }), mend = h("div", { class: "convae-buttons" });
  const says = facts("In all", "Code", "This layer", "Sees"), lines = h("pre", { tabindex: 0, "aria-label": "The net in PyTorch" });
  kit.root.classList.add("convae-stack");
  kit.root.append(
    pick.element,
    h("div", { class: "convae-play" },
      drawer("Size of the input", size.element),
      h("div", { class: "convae-result convae-sticky" }, verdict, sight, mend),
      box,
      ...kit.lines,
      editor),
    drawer("Formulas", h("div", { class: "convae-result" }, says.element, h("details", null, h("summary", null, "In PyTorch"), lines)),
    h("p", { class: "convae-hint" }, "Arrow keys walk through the table; Alt with up or down moves a layer, Insert adds one after it, Delete removes it. Multiply-adds are for one picture. Sees: on how many rows and columns of the picture one number depends, where it depends on most.")),
  );
  kit.keep(verdict, mend, says.element);

  /** One line of PyTorch. */
  const line = ({ kind, s, told, settings }, [c]) => {
    const named = settings.filter(([name, , , , , usual]) => s[name] !== usual).map(([name]) => `${name}=${name === "bias" ? "False" : s[name]}`);
    return (kind === "BlurPool" ? "" : "nn.") + `${kind}(${kind === "Unflatten" ? `1, (${Object.values(s).join(", ")})` : [...(told ? [c] : []), ...named].join(", ")})`;
  };

  const ends = (pixels) => (pixels.length ? [Math.min(...pixels), Math.max(...pixels)] : []);

  /** What each layer makes of the picture, by the page's own arithmetic. */
  function worked(layers, image) {
    const { shapes, error } = follow(layers, image), axes = image.slice(1);
    // What the numbers see: by the formula as long as it holds, [size, jump] along both axes; else every number's first
    // and last pixel along both axes, [] if it reads padding alone; false where rows and columns were mixed.
    let field = axes.map(() => [1, 1]), spans = axes.map((n) => Array.from({ length: n }, (_, k) => [k, k])), flattened;
    return layers.map((row, at) => {
      const layer = understood(row), { kind, s } = layer, input = shapes[at], output = shapes[at + 1], window = reach(kind, s);
      if (!output) return { ...layer, input, error: at === shapes.length - 1 && error };
      if (kind === "Flatten" && input.length > 1) flattened = input;
      else if (kind === "Linear") {
        field = flattened = null;
        spans &&= spans.map((span) => [ends(span.flat())]);
      } else if (kind === "Unflatten" && flattened && !same(flattened, output)) [field, spans] = [null, false];
      else if (kind === "Unflatten" && !flattened) spans &&= spans.map(([span], a) => Array(output[a + 1]).fill(span));
      else if (side(kind, s, input[1])) {
        field = window ? field?.map(([wide, jump]) => [wide + window[3] * (window[0] - 1) * jump, jump * window[1]]) : null;
        spans &&= spans.map((span, a) => Array.from({ length: output[a + 1] }, (_, place) => ends(reads(layer, place).flatMap((k) => span[k] ?? []))));
      }
      const sees = field?.map(([wide]) => wide) ?? (spans && spans.map((span) => Math.max(...span.map(([low = 1, high = 0]) => high - low + 1))));
      const [parameters, products] = cost(layer, input, output);
      return { ...layer, input, output, parameters, products, sees, field, line: line(layer, input) };
    });
  }

  return () => {
    const { image, layers, table, reason, code: split, at: chosen, length } = now(), axes = image.slice(1);
    pick.set(get("model"));
    channels.set(image[0]);
    size.draw();
    const steps = layers ? worked(layers, image) : table;
    const last = steps.at(-1).output, back = same(last, image), stuck = steps.findIndex(({ error }) => error);
    const coded = split > 0 && split < length && steps[split - 1].output, all = (sees) => sees.every((wide, a) => wide >= axes[a]);

    // The table.
    const held = box.contains(document.activeElement);
    if (cells.length !== length) {
      cells = steps.map((_, r) => NAMES.map((name, c) => Object.assign(h("div", { role: "gridcell", tabindex: -1, "data-name": name }), { place: [r, c] })));
      box.replaceChildren(h("div", { role: "row", class: "convae-heads" }, NAMES.map((name) => h("div", { role: "columnheader" }, name))), ...cells.map((row) => h("div", { role: "row" }, row)));
      current = [-1, current[1]];
    }
    if (current[0] !== chosen) {
      tab([chosen, current[1]]);
      if (held) cells[chosen][current[1]].focus();
    }
    steps.forEach(({ name, kind, s, settings, output, parameters, products, sees, error }, r) => {
      const named = { kernel_size: (k) => `${k}×${k}`, out_channels: (c) => `${c} channel${c > 1 ? "s" : ""}`, bias: () => "no bias" };
      const text = settings?.filter(([key, , , , , usual]) => s[key] !== usual).map(([key]) => named[key]?.(s[key]) ?? `${words(key)} ${s[key]}`).join(", ") ?? name;
      const content = [
        [h("b", null, `${r + 1} ${kind}`), h("span", null, text), error && h("div", { class: "convae-wrong" }, "✕ " + error.message)],
        ...(output ? [[cross(output), r + 1 === split && coded && h("small", null, "code")], [many(parameters)], [many(products)]] : [["—"], ["—"], ["—"]]),
        sees ? [cross(sees), all(sees) && h("small", null, "all")] : ["—"],
      ];
      content.forEach((parts, c) => cells[r][c].replaceChildren(...parts.filter(Boolean)));
      const row = cells[r][0].parentElement;
      row.className = kinds({ "convae-chosen": r === chosen, "convae-code": r + 1 === split && coded });
      row.setAttribute("aria-selected", r === chosen);
    });

    // The picture and what becomes of it, seen from the side: only where the shape changes.
    const tensors = [{ shape: image, from: 0 }];
    steps.forEach(({ output }, at) => output && !same(output, tensors.at(-1).shape) && tensors.push({ shape: output, from: at }));
    const tallest = Math.max(...tensors.map(({ shape }) => shape[1] ?? 1));
    sight.replaceChildren(...tensors.map(({ shape, from }, k) => {
      const until = tensors[k + 1]?.from ?? length, holds = (at) => k > 0 && at >= from && at < until, code = coded && holds(split - 1);
      const sheets = shape[2] ? Math.min(9, 1 + Math.round(Math.log2(shape[0]))) : 1;
      const [high, wide] = shape[2] ? shape.slice(1).map((n) => 6 + (84 * n) / tallest) : [Math.min(90, 12 + 8 * Math.log2(shape[0])), 12];
      return h("div", { class: kinds({ "convae-tensor": true, "convae-chosen": holds(chosen), "convae-code": code }), onclick: () => k && set({ chosen: from }) },
        h("div", { style: `width:${wide / 2 + 3 * sheets}px;height:${high + 3 * sheets}px` },
          Array.from({ length: sheets }, (_, n) => h("i", { style: `width:${wide / 2}px;height:${high}px;left:${3 * (sheets - 1 - n)}px;top:${3 * n}px` }))),
        h("span", null, cross(shape)), h("small", null, k ? code && "code" : "picture"));
    }));

    // Whether it comes back, and what would mend it.
    verdict.textContent = stuck >= 0 ? `✕ Nothing gets past layer ${stuck + 1}.`
      : back ? `✓ A picture of ${cross(image)} comes back as ${cross(last)}.`
      : `✕ A picture of ${cross(image)} goes in, ${last[1] ? cross(last) : `${last[0]} numbers in a row`} come${product(last) > 1 && last[0] === 1 ? "s" : ""} out.`;
    verdict.classList.toggle("convae-fails", !back);
    const ways = back || table ? [] : remedies(layers, image, stuck);
    const hint = stuck >= 0 ? "This would let the picture pass:" : ways[0]?.like === 2 ? "One change would bring it back:" : "A first step back:";
    mend.replaceChildren(ways.length ? hint : back || table ? "" : "No change of a single setting mends this.",
      ...ways.map(({ at, name, value, row }) => button(`layer ${at + 1}: ${words(name)} ${value}`, () => change({ layers: now().layers.with(at, row), chosen: at }))));

    // The layer that is looked at.
    const step = steps[chosen], { kind, s, input, output, sees, field } = step, total = (key) => many(steps.reduce((sum, one) => sum + (one[key] ?? 0), 0));
    editor.hidden = !layers;
    if (layers) {
      if (fields.kind !== kind) {
        fields = { kind, controls: step.settings.map(([name, , low, high, whole], k) => {
          const label = name[0].toUpperCase() + words(name).slice(1), edit = (value) => changeLayer(now().at, now().layers[now().at].with(k + 1, +value));
          return name === "bias" ? checkbox(label, edit) : number(label, [low, high, whole], edit);
        }) };
        settings.replaceChildren(...fields.controls.map(({ element }) => element));
      }
      fields.controls.forEach((control, k) => control.set(layers[chosen][k + 1]));
      legend.textContent = `Layer ${chosen + 1} of ${length}`;
      kindOf.set(kind);
      code.hidden = split === chosen + 1;
    }
    // Rows and columns in one, where they are the same.
    const once = (pair) => (pair[0] === pair[1] ? pair[0] : `rows: ${pair[0]}; columns: ${pair[1]}`);
    const ratio = product(image) / product(coded || [1]), window = s && reach(kind, s), before = chosen ? steps[chosen - 1].field : axes.map(() => [1, 1]);
    says.set("In all", stuck < 0 ? `${total("parameters")} parameters, ${total("products")} multiply-adds for one picture` : "—");
    says.set("Code", !coded ? "—" : `${cross(coded)} ${coded[1] ? `= ${many(product(coded))} ` : ""}numbers for ${many(product(image))} pixels: ` +
      (ratio === 1 ? "just as many" : ratio > 1 ? `${ratio.toFixed(1)} times fewer` : `${(1 / ratio).toFixed(1)} times as many`));
    says.set("This layer", h("code", null, step.line ?? kind), output && s && side(kind, s, input[1]) ? h("div", null, once(input.slice(1).map((n) => side(kind, s, n).toReversed().join(" = ")))) : "");
    says.set("Sees", table ? `Shown as PyTorch traces it: ${reason}.` : sees ? `${cross(sees)} of ${cross(axes)} pixels${field ? ", edges aside" : ""}${all(sees) ? ": the whole picture" : ""}` : "—",
      field && window ? h("div", null, once(field.map(([wide], a) => `${before[a][0]} + ${window[3]}·(${window[0]} − 1)·${before[a][1]} = ${wide}`))) : "");
    lines.textContent = table ? steps.map(({ name, line }) => `${name}: ${line}`).join("\n") : stuck < 0 ? `nn.Sequential(\n${steps.map(({ line }) => `    ${line},`).join("\n")}\n)` : "";
    kit.say(`Layer ${chosen + 1}, ${kind}: ` + (output ? `${cross(input)} become ${cross(output)}, ${many(step.parameters)} parameters.` : step.error ? "impossible where it stands." : "nothing reaches it."));
  };
});
