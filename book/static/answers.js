// Exercises that are answered in the page: the table of cases and slips is the one by which convae.exercises grades, and
// an answer is judged here as it is there. Without this script the box says how it is done in the notebook.
globalThis.convaeAnswers = (() => {
  const { read, shown, equal, names: known } = convaeExpression;
  const isList = Array.isArray;

  /** The table of an element's data: numbers are written as Python writes them, for 2 is not 2.0. */
  function table(json) {
    const { judge, names, cases, right, slips, close, any_order: anyOrder } = JSON.parse(json), values = (text) => read(text, [])({});
    return judge ? { judge, names: [] } : {
      names, close, anyOrder,
      cases: values(cases), right: values(right),
      slips: slips.map(([message, text]) => ({ message, values: values(text) })),
    };
  }

  /** As single precision is. */
  function near(value, expected) {
    if (isList(expected)) return isList(value) && value.length === expected.length && value.every((one, k) => near(one, expected[k]));
    if (isList(value)) return false;
    const [a, b] = [Number(value), Number(expected)];
    return a === b || (isFinite(a) && isFinite(b) && Math.abs(a - b) <= Math.max(1e-5 * Math.max(Math.abs(a), Math.abs(b)), 1e-6));
  }

  const told = (names, values) => names.map((name, k) => `${name} = ${shown(values[k])}`).join(", ");
  /** To nine places, but where they do not show that two numbers differ. */
  function apart(...two) {
    const short = (value) => (typeof value === "number" && Math.abs(value) < 1e15 ? Number(value.toFixed(9)) : value);
    const same = two.every((value) => !isList(value)) && Number(short(two[0])) === Number(short(two[1]));
    return two.map((value) => shown(same ? value : short(value))).map((text) => (text.length > 500 ? `${text.slice(0, 500)}…` : text));
  }

  /** What is said to an answer's value in each case, as _judged of convae/exercises/grading.py does. */
  function judge({ names, cases, right, slips, close, anyOrder }, values) {
    const given = values.map((value, k) => {
      if (anyOrder && isList(value)) value = value.flat(Infinity).sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
      while (isList(value) && value.length === 1 && !isList(right[k])) [value] = value;
      return value;
    });
    const same = close ? near : equal, wrong = given.findIndex((value, k) => !same(value, right[k]));
    if (wrong < 0) return { right: true, message: `All ${cases.length} cases agree.` };
    const slip = slips.find((one) => given.every((value, k) => same(value, one.values[k])));
    if (slip) return { right: false, message: slip.message };
    const [value, expected] = apart(given[wrong], right[wrong]);
    return { right: false, message: `For ${told(names, cases[wrong])} it gives ${value}, but should give ${expected}. Try that case by hand.` };
  }

  /** To six digits, as Python's :g. */
  function short(number) {
    const [digits, exponent] = number.toExponential(5).split("e");
    if (exponent >= -4 && exponent < 6) return `${Number(number.toPrecision(6))}`;
    return `${Number(digits)}e${exponent < 0 ? "-" : "+"}${`${Math.abs(exponent)}`.padStart(2, "0")}`;
  }

  /** As cross_filter of convae/exercises/kernels.py. */
  function crossFilter(rows) {
    const not = (message) => ({ right: false, message });
    while (isList(rows) && rows.length === 1 && isList(rows[0]) && isList(rows[0][0])) [rows] = rows;
    if (!isList(rows) || !rows.every((row) => isList(row) && !row.some(isList)))
      return not("These are not three rows of three numbers: write [[…, …, …], […, …, …], […, …, …]].");
    const kernel = rows.flat().map(Number), cross = [1, 0, 1, 0, 1, 0, 1, 0, 1];
    if (kernel.length !== 9 || rows.some((row) => row.length !== 3)) return not(`These are ${kernel.length} numbers: give three rows of three.`);
    if (!kernel.every(isFinite)) return not("One of the weights is not a finite number.");
    const answer = (patch) => patch.reduce((sum, pixel, k) => sum + kernel[k] * pixel, 0), own = answer(cross);
    const patches = Array.from({ length: 512 }, (_, n) => cross.map((_, k) => (n >> (8 - k)) & 1));
    const rivals = patches.filter((patch) => `${patch}` !== `${cross}` && answer(patch) >= own);
    if (!rivals.length) return { right: true, message: `The X gets ${short(own)}; none of the other 511 patches gets as much.` };
    const bar = cross.findIndex((pixel, k) => pixel && kernel[k] <= 0), white = answer(cross.map(() => 1));
    if (bar >= 0) return not(`The X is white in row ${Math.floor(bar / 3)}, column ${bar % 3}: the weight there, ${short(kernel[bar])}, has to be above 0.`);
    if (white >= own)
      return not(`A patch that is white everywhere gets ${short(white)}, the X ${short(own)}: weights where the X is dark have to be negative.`);
    const rival = [0, 3, 6].map((from) => rivals[0].slice(from, from + 3).join("")).join(" / ");
    return not(`${rivals.length} other patches get as much as the X, ${rival} among them. Where does it differ?`);
  }
  const JUDGES = { cross_filter: crossFilter };

  /** What is said to an expression; where it cannot be read, the place is told. */
  function grade(exercise, text) {
    const { names, cases } = exercise;
    let compute, at = 0;
    try {
      compute = read(text, names);
      if (exercise.judge) return JUDGES[exercise.judge](compute({}));
      const values = cases.map((values, k) => ((at = k), compute(Object.fromEntries(names.map((name, n) => [name, values[n]])), !k)));
      return judge(exercise, values);
    } catch (fault) {
      if (fault instanceof RangeError) return { right: null, message: "That is too much for this page; try it in the notebook.", from: 0, to: text.length };
      if (!(fault instanceof convaeExpression.Fault)) throw fault;
      const why = /[.?]$/.test(fault.message) ? fault.message : `${fault.message}.`;
      if (!compute) return { right: null, message: why, from: fault.from, to: fault.to };
      return { right: false, message: `${names.length ? `For ${told(names, cases[at])} it` : "It"} stops: ${why}` };
    }
  }

  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const listed = (names) => names.flatMap((name, k) => [k ? (k === names.length - 1 ? " and " : ", ") : "", make("code", { textContent: name })]);

  function answerHere(box, number) {
    const { names = [] } = JSON.parse(box.dataset.exercise), id = `answer-${number}`;
    let exercise; // read when it is needed: tables are long
    const label = make("label", { htmlFor: id }, `Your answer: ${box.dataset.asked}`, ...(names.length ? [", from ", ...listed(names)] : []));
    const field = make("input", { id, type: "text", maxLength: 400, autocomplete: "off", autocapitalize: "off", spellcheck: false });
    field.setAttribute("autocorrect", "off");
    const said = make("p", { id: `${id}-said` });
    said.setAttribute("role", "status");
    field.setAttribute("aria-describedby", said.id);
    const line = make("div", { className: "convae-solve-line" }, field, make("button", { type: "submit", textContent: "Check" }));
    const help = make("details", { className: "convae-more" }, make("summary", { textContent: "what can be written" }),
      make("p", {}, "An expression of Python: ", ...listed(["+ - * / // % **", "( )", "< <= == != >= >", "a if b else c", "[a, b]", "a[0]", "a[1:]", "[2 * a for a in b]"]),
        `; the functions ${known.join(", ")}.`));
    const form = make("form", { className: "convae-solve" }, label, line, said, help);
    const TITLES = new Map([[true, "Right."], [false, "Not yet."], [null, "This cannot be read:"]]);
    form.onsubmit = (event) => {
      event.preventDefault();
      exercise ??= table(box.dataset.exercise);
      const { right, message, from, to } = grade(exercise, field.value);
      said.dataset.right = right;
      field.setAttribute("aria-invalid", right === null);
      said.replaceChildren(make("strong", { textContent: TITLES.get(right) }), ` ${message}`);
      if (right === null) field.setSelectionRange(from, Math.max(to, from));
    };
    field.oninput = () => {
      said.replaceChildren();
      field.removeAttribute("aria-invalid");
    };
    box.replaceChildren(form);
  }

  if (typeof document !== "undefined") {
    const begin = () => document.querySelectorAll(".convae-exercise[data-exercise]").forEach(answerHere);
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
    else begin();
  }
  return { table, judge, grade };
})();
