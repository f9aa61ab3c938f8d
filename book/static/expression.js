// What an exercise's answer may be: an expression as Python has it, of numbers and lists; there is no eval in it.
// Whole numbers are BigInt and have no end, as in Python; numbers with a point are JavaScript's. read(text, names) gives
// a function that takes the names' values, and whether they are an answer's first. It throws a Fault with a place in the text where that cannot be read, the
// function one without a place where Python would stop.
globalThis.convaeExpression = (() => {
  class Fault extends Error {
    constructor(message, from, to) {
      super(message);
      Object.assign(this, { from, to });
    }
  }
  const stop = (message) => { throw new Fault(message); };
  const STEPS = 1e6, BITS = 1e4; // of one answer, of one whole number: what is larger would hold up the page
  const LARGEST = 2n ** BigInt(10 * BITS);
  const WORDS = ["if", "else", "for", "in", "and", "or", "not", "True", "False"];
  const SIGNS = { "−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=" };
  // What stands in formulas, and how it is written here.
  const INSTEAD = { "^": "a power is written **", "²": "a power is written **", "√": "a root is written sqrt(…)" };
  for (const sign of "⌊⌋") INSTEAD[sign] = "what is rounded down is written floor(…), or // for the division";
  for (const sign of "⌈⌉") INSTEAD[sign] = "what is rounded up is written ceil(…)";
  const TOKEN = /(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|((?:math\.)?[A-Za-z_]\w*)|(\*\*|\/\/|<=|>=|==|!=|[-−–+*×·/÷%<>≤≥≠=()[\],:]))/y;

  let left = 0;
  const spend = (steps) => (left -= steps) < 0 && stop("that takes too many steps for this page; try it in the notebook");

  // -- numbers
  const is = { list: Array.isArray, whole: (value) => typeof value === "bigint" };
  /** True and False count as 1 and 0. */
  const counted = (value) => (is.list(value) ? stop("there is a list where a number has to be") : typeof value === "boolean" ? BigInt(value) : value);
  const real = (value) => {
    const number = Number(value);
    return is.whole(value) && !isFinite(number) ? stop("a whole number is too large to be divided or rooted") : number;
  };
  const toWhole = (number) => (isFinite(number) ? BigInt(number) : stop("what is infinite has no whole number"));
  const numeric = (wholes, reals) => (one, other) => {
    const [a, b] = [counted(one), counted(other)];
    return is.whole(a) && is.whole(b) ? wholes(a, b) : reals(real(a), real(b));
  };
  const divisor = (number) => (number == 0 ? stop("division by zero") : number);
  const floorWhole = (a, b) => (a % divisor(b) !== 0n && a < 0n !== b < 0n ? a / b - 1n : a / b);
  /** The quotient's floor and the remainder, which has the divisor's sign, as CPython computes them. */
  const floorReal = (a, b) => {
    let rest = a % divisor(b), quotient = (a - rest) / b;
    if (rest === 0) rest = b < 0 ? -0 : 0;
    else if (b < 0 !== rest < 0) [rest, quotient] = [rest + b, quotient - 1];
    let floor = Math.floor(quotient);
    if (quotient - floor > 0.5) floor += 1;
    return [quotient === 0 ? (a / b < 0 || Object.is(a / b, -0) ? -0 : 0) : floor, rest];
  };
  const powerReal = (a, b) => {
    if (a === 0 && b < 0) stop("0 has no power below 0");
    const power = a === 1 ? 1 : b === 2 ? a * a : a ** b;
    if (isNaN(power) && !isNaN(a) && !isNaN(b)) stop("a number below 0 has no such root");
    return isFinite(a) && isFinite(b) && !isFinite(power) ? stop("a power is too large") : power;
  };
  const powerWhole = (a, b) => {
    if (b < 0n) return powerReal(real(a), real(b));
    const bits = a.toString(2).length;
    return bits > 1 && BigInt(bits) * b > BITS && a !== -1n ? stop("a power is too large for this page") : a ** b;
  };
  const repeated = (values, times) => {
    if (!is.whole(times)) stop("a list is repeated a whole number of times");
    spend((values.length || 1) * Math.max(0, Number(times)));
    return Array.from({ length: Math.max(0, Number(times)) }, () => values).flat();
  };
  const plus = numeric((a, b) => a + b, (a, b) => a + b);
  const sized = (whole) => (whole > LARGEST || whole < -LARGEST ? stop("a whole number is too large for this page") : whole);
  const times = numeric((a, b) => sized(a * b), (a, b) => a * b);
  const joined = (a, b) => (spend(a.length + b.length), [...a, ...b]);
  const OPERATORS = {
    "+": (a, b) => (is.list(a) && is.list(b) ? joined(a, b) : plus(a, b)),
    "-": numeric((a, b) => a - b, (a, b) => a - b),
    "*": (a, b) => (is.list(a) ? repeated(a, counted(b)) : is.list(b) ? repeated(b, counted(a)) : times(a, b)),
    "/": numeric((a, b) => real(a) / real(divisor(b)), (a, b) => a / divisor(b)),
    "//": numeric(floorWhole, (a, b) => floorReal(a, b)[0]),
    "%": numeric((a, b) => a - b * floorWhole(a, b), (a, b) => floorReal(a, b)[1]),
    "**": numeric(powerWhole, powerReal),
  };
  /** Lists number by number; 1 equals 1.0 and True. */
  const equal = (a, b) =>
    is.list(a) || is.list(b) ? is.list(a) && is.list(b) && a.length === b.length && a.every((value, k) => equal(value, b[k])) : a == b;
  const COMPARISONS = {
    "<": (a, b) => counted(a) < counted(b), ">": (a, b) => counted(a) > counted(b),
    "<=": (a, b) => counted(a) <= counted(b), ">=": (a, b) => counted(a) >= counted(b),
    "==": equal, "!=": (a, b) => !equal(a, b),
  };
  const compared = Object.keys(COMPARISONS);
  const truth = (value) => (is.list(value) ? value.length > 0 : value != 0);

  // -- lists and functions
  const items = (value) => (is.list(value) ? value : stop("there is a number where a list has to be"));
  const index = (value) => {
    const place = counted(value);
    return is.whole(place) ? Number(place) : stop(`a place in a list is a whole number, and ${shown(value)} is none: take // or round`);
  };
  const slice = (values, from, to, by) => {
    const step = by === null ? 1 : index(by), { length } = values, found = [];
    if (step === 0) stop("the step of a slice is not 0");
    const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
    const end = (value, none) => (value === null ? none : Math.min(Math.max(index(value) < 0 ? index(value) + length : index(value), low), high));
    const last = end(to, step > 0 ? high : low);
    for (let k = end(from, step > 0 ? low : high); step > 0 ? k < last : k > last; k += step) found.push(values[k]);
    return found;
  };
  const range = (...ends) => {
    const [from, to, by] = [ends.length > 1 ? ends[0] : 0n, ends[ends.length > 1 ? 1 : 0], ends[2] ?? 1n].map(counted);
    if (![from, to, by].every(is.whole)) stop("range takes whole numbers");
    if (by === 0n) stop("the step of range is not 0");
    const found = [];
    for (let value = from; by > 0n ? value < to : value > to; value += by) spend(1), found.push(value);
    return found;
  };
  const extreme = (name, better) => (...given) => {
    const values = given.length > 1 ? given : items(given[0]);
    return values.length ? values.reduce((one, other) => (better(counted(other), counted(one)) ? other : one)) : stop(`${name} of an empty list`);
  };
  const rounding = (round) => (value) => (is.whole(counted(value)) ? counted(value) : toWhole(round(value)));
  const toEven = (number) => {
    const low = Math.floor(number), rest = number - low;
    return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
  };
  const smooth = (compute, domain, told) => (value) => {
    const number = real(counted(value)), result = domain(number) ? compute(number) : stop(told);
    return isFinite(number) && !isFinite(result) ? stop("a number is too large") : result;
  };
  /** Exact where the power is, in every browser. */
  const logarithm = (compute, base) =>
    smooth((number) => (base ** Math.round(compute(number)) === number ? Math.round(compute(number)) : compute(number)), (number) => number > 0, "only numbers above 0 have a logarithm");
  const natural = logarithm(Math.log, NaN);
  const all = (fold, first) => (values) => items(values).reduce((one, other) => fold(one, counted(other)), first);
  const sorted = (values, { reverse }) => {
    const order = [...items(values)].sort((one, other) => (counted(one) < counted(other) ? -1 : counted(one) > counted(other) ? 1 : 0));
    return reverse === undefined || !index(reverse) ? order : order.reverse();
  };
  const list = (values) => [...items(values)];
  const FUNCTIONS = {
    abs: [1, 1, (value) => (counted(value) < 0 ? -counted(value) : is.whole(counted(value)) ? counted(value) : Math.abs(value))],
    ceil: [1, 1, rounding(Math.ceil)],
    exp: [1, 1, smooth(Math.exp, () => true)],
    float: [1, 1, (value) => real(counted(value))],
    floor: [1, 1, rounding(Math.floor)],
    int: [1, 1, rounding(Math.trunc)],
    len: [1, 1, (values) => BigInt(items(values).length)],
    list: [1, 1, list],
    log: [1, 2, (value, base) => (base === undefined ? natural(value) : natural(value) / divisor(natural(base)))],
    log10: [1, 1, logarithm(Math.log10, 10)],
    log2: [1, 1, logarithm(Math.log2, 2)],
    max: [1, Infinity, extreme("max", (one, other) => one > other)],
    min: [1, Infinity, extreme("min", (one, other) => one < other)],
    prod: [1, 1, all(times, 1n)],
    range: [1, 3, range],
    reversed: [1, 1, (values) => list(values).reverse()],
    round: [1, 1, rounding(toEven)],
    sorted: [1, 1, sorted, ["reverse"]],
    sqrt: [1, 1, smooth(Math.sqrt, (number) => number >= 0, "a number below 0 has no root")],
    sum: [1, 1, all(plus, 0n)],
    tuple: [1, 1, list],
    zip: [1, Infinity, (...lists) => range(extreme("zip", (a, b) => a < b)(lists.map((one) => BigInt(items(one).length)))).map((k) => lists.map((one) => one[k]))],
  };
  const CONSTANTS = { pi: Math.PI };
  const OF_MATH = ["ceil", "exp", "floor", "log", "log10", "log2", "pi", "prod", "sqrt"];

  // -- text
  function tokens(text) {
    const found = [], space = /\s*/y;
    const behindSpace = (at) => {
      space.lastIndex = at;
      space.exec(text);
      return space.lastIndex;
    };
    for (let from = behindSpace(0); from < text.length; from = behindSpace(TOKEN.lastIndex)) {
      TOKEN.lastIndex = from;
      const one = TOKEN.exec(text);
      if (!one) throw new Fault(`“${String.fromCodePoint(text.codePointAt(from))}” has no meaning here${INSTEAD[text[from]] ? `: ${INSTEAD[text[from]]}` : ""}`, from, from + 1);
      const [, number, name, sign] = one, own = number ?? (OF_MATH.includes(name?.slice(5)) ? name.replace("math.", "") : name) ?? SIGNS[sign] ?? sign;
      const kind = number !== undefined ? "number" : sign !== undefined || WORDS.includes(own) ? "sign" : "name";
      found.push({ kind, text: own, from, to: TOKEN.lastIndex });
    }
    return [...found, { kind: "end", text: "the end", from: text.length, to: text.length }];
  }

  /** A function of an object with the value of each name. */
  function read(text, names) {
    const all = tokens(text), used = [];
    let place = 0;
    const take = (...signs) => (all[place].kind === "sign" && signs.includes(all[place].text) ? all[place++] : null);
    const quoted = ({ kind, text: own }) => (kind === "end" ? own : `“${own}”`);
    const fail = (message, token = all[place]) => { throw new Fault(message, token.from, token.to); };
    const before = () => (place ? `behind “${text.slice(0, all[place - 1].to).trim().slice(-20)}”` : "at the beginning");
    const need = (sign) => take(sign) ?? fail(`${before()} comes ${quoted(all[place])}; “${sign}” has to come there`);

    /** What stands between commas, up to a sign that closes it: its elements, and whether there was a comma. */
    const several = (close) => {
      const elements = [];
      let comma = false;
      while (!(close ? take(close) : all[place].kind === "end")) {
        elements.push(expression());
        if (take(",")) comma = true;
        else if (close) { need(close); break; }
        else break;
      }
      return { elements, comma };
    };
    const listed = (elements) => (scope) => elements.map((element) => element(scope));

    /** What stands in front of a for is computed for each element of the list behind the in. */
    const comprehension = (element, first) => {
      const loops = [], bound = [];
      while (take("for")) {
        const own = [];
        do {
          if (all[place].kind !== "name") fail(`${before()} comes ${quoted(all[place])}; a name has to come there`);
          own.push(all[place++].text);
        } while (take(","));
        need("in");
        const over = either(), tests = [];
        while (take("if")) tests.push(either());
        loops.push({ own, over, tests });
        bound.push(...own);
      }
      for (let k = used.length - 1; k >= first; k--) if (bound.includes(used[k].text)) used.splice(k, 1);
      const walk = (scope, depth, found) => {
        if (depth === loops.length) found.push(element(scope));
        else
          for (const value of items(loops[depth].over(scope))) {
            spend(1);
            const inner = Object.create(scope), { own, tests } = loops[depth];
            if (own.length > 1 && items(value).length !== own.length) stop(`${own.length} names are given ${value.length} values`);
            own.forEach((name, k) => (inner[name] = own.length > 1 ? value[k] : value));
            if (tests.every((test) => truth(test(inner)))) walk(inner, depth + 1, found);
          }
        return found;
      };
      return (scope) => walk(scope, 0, []);
    };
    const isFor = () => all[place].kind === "sign" && all[place].text === "for";

    const call = (token) => {
      const [least, most, run, keywords = []] = FUNCTIONS[token.text], given = [], named = {};
      let closed = take(")");
      while (!closed) {
        const [own, after] = [all[place], all[place + 1]], first = used.length;
        if (own.kind === "name" && after.text === "=" && after.kind === "sign") {
          if (!keywords.includes(own.text) || own.text in named) fail(`${token.text} takes no ${own.text} here`, own);
          place += 2;
          named[own.text] = expression();
        } else {
          if (Object.keys(named).length) fail("what has a name stands last in the brackets", own);
          const value = expression(), alone = isFor();
          given.push(alone ? comprehension(value, first) : value);
          if (alone && (given.length > 1 || all[place].text === ",")) fail("beside others, what is made by a for needs brackets of its own");
        }
        closed = take(")") ?? (need(","), take(")"));
      }
      if (given.length < least || given.length > most)
        fail(`${token.text} takes ${least === most ? least : most === Infinity ? `${least} or more` : `${least} to ${most}`} in its brackets, not ${given.length}`, token);
      return (scope) => {
        const values = given.map((value) => value(scope));
        return keywords.length ? run(...values, Object.fromEntries(Object.entries(named).map(([name, value]) => [name, value(scope)]))) : run(...values);
      };
    };

    const atom = () => {
      const token = all[place], first = used.length;
      if (token.kind === "number") {
        if (/^0+[1-9]\d*$/.test(token.text)) fail("a whole number does not begin with 0", token);
        place++;
        const value = /^\d+$/.test(token.text) ? BigInt(token.text) : Number(token.text);
        return () => value;
      }
      if (token.kind === "name") {
        place++;
        const own = token.text, known = names.includes(own), isFunction = !known && Object.hasOwn(FUNCTIONS, own);
        if (take("(")) {
          if (!isFunction) fail(known ? `“${own}” is no function: is a sign missing in front of the bracket?` : `“${own}” is no function that is known here`, token);
          return call(token);
        }
        // a for further on may give a value to the name of a function or of a constant
        if (known || !Object.hasOwn(CONSTANTS, own)) used.push(token);
        return (scope) => (own in scope ? scope[own] : Object.hasOwn(CONSTANTS, own) ? CONSTANTS[own] : stop(`“${own}” has no value yet`));
      }
      if (take("True")) return () => true;
      if (take("False")) return () => false;
      const opened = take("(", "["), close = opened?.text === "(" ? ")" : "]";
      if (opened) {
        if (take(close)) return () => [];
        const value = expression();
        if (isFor()) {
          const made = comprehension(value, first);
          need(close);
          return made;
        }
        if (take(",")) return listed([value, ...several(close).elements]);
        need(close);
        return close === "]" ? listed([value]) : value;
      }
      if (token.text === "=") fail("there is a single “=”: give only what stands behind it; two of them compare");
      return fail(`${before()} comes ${quoted(token)}; a number, a name or a bracket has to come there`);
    };

    const primary = () => {
      let value = atom();
      while (take("[")) {
        const of = value, parts = [null, null, null];
        let colons = 0;
        while (!take("]")) {
          if (take(":")) {
            if (++colons > 2) fail("there are too many colons", all[place - 1]);
          } else if (parts[colons]) need("]");
          else parts[colons] = expression();
        }
        if (!colons && !parts[0]) fail("there is no place in these brackets", all[place - 1]);
        value = (scope) => {
          const values = items(of(scope)), [from, to, by] = parts.map((part) => part && part(scope));
          if (colons) return slice(values, from, to, by);
          const at = index(from) < 0 ? index(from) + values.length : index(from);
          return at in values ? values[at] : stop(`a list of ${values.length} has no place ${shown(from)}`);
        };
      }
      return value;
    };
    const power = () => {
      const base = primary();
      if (!take("**")) return base;
      const exponent = factor();
      return (scope) => OPERATORS["**"](base(scope), exponent(scope));
    };
    const factor = () => {
      const sign = take("-", "+");
      if (!sign) return power();
      const value = factor();
      return sign.text === "-" ? (scope) => -counted(value(scope)) : (scope) => counted(value(scope));
    };
    const chain = (below, ...signs) => () => {
      let value = below();
      for (let sign = take(...signs); sign; sign = take(...signs)) {
        const one = value, other = below(), operate = OPERATORS[sign.text];
        value = (scope) => operate(one(scope), other(scope));
      }
      return value;
    };
    const product = chain(factor, "*", "/", "//", "%"), total = chain(product, "+", "-");
    const comparison = () => {
      const parts = [total()], compare = [];
      for (let sign = take(...compared); sign; sign = take(...compared)) {
        compare.push(COMPARISONS[sign.text]);
        parts.push(total());
      }
      if (parts.length === 1) return parts[0];
      return (scope) => {
        let one = parts[0](scope);
        return compare.every((holds, k) => {
          const other = parts[k + 1](scope), held = holds(one, other);
          one = other;
          return held;
        });
      };
    };
    const negation = () => {
      if (!take("not")) return comparison();
      const value = negation();
      return (scope) => !truth(value(scope));
    };
    const logical = (below, sign, goesOn) => () => {
      const one = below();
      if (!take(sign)) return one;
      const other = logical(below, sign, goesOn)();
      return (scope) => {
        const value = one(scope);
        return goesOn(value) ? other(scope) : value;
      };
    };
    const both = logical(negation, "and", truth), either = logical(both, "or", (value) => !truth(value));
    function expression() {
      const value = either();
      if (!take("if")) return value;
      const test = either();
      need("else");
      const other = expression();
      return (scope) => (truth(test(scope)) ? value(scope) : other(scope));
    }

    if (all[0].text === "return") fail("leave the word return out: only the value is asked for", all[0]);
    const { elements, comma } = several("");
    if (!elements.length) fail("there is nothing yet");
    if (all[place].kind !== "end")
      fail(all[place].text === "=" ? "there is a single “=”: give only what stands behind it; two of them compare" : `${before()} comes ${quoted(all[place])}: ${all[place].text === "mod" ? "the remainder is written %" : "is a sign missing between them?"}`);
    const unknown = used.find(({ text: own }) => !names.includes(own));
    if (unknown && Object.hasOwn(FUNCTIONS, unknown.text)) fail(`“${unknown.text}” is a function: what it is of stands behind it in brackets`, unknown);
    if (unknown) fail(`“${unknown.text}” is not known here; known are ${names.join(", ") || "numbers"}, and functions`, unknown);
    const value = comma ? listed(elements) : elements[0];
    return (scope, first = true) => {
      if (first) left = STEPS;
      return value(Object.assign(Object.create(null), scope));
    };
  }

  /** A value as Python writes it. */
  function shown(value) {
    if (is.list(value)) return `[${value.map(shown).join(", ")}]`;
    if (typeof value === "boolean") return value ? "True" : "False";
    if (is.whole(value)) return `${value}`;
    if (!isFinite(value)) return isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
    const [digits, exponent] = value.toExponential().split("e");
    if (value !== 0 && (exponent < -4 || exponent >= 16))
      return `${digits}e${exponent < 0 ? "-" : "+"}${`${Math.abs(exponent)}`.padStart(2, "0")}`;
    return Object.is(value, -0) ? "-0.0" : Number.isInteger(value) ? `${value}.0` : `${value}`;
  }

  return { read, shown, equal, Fault, names: [...Object.keys(FUNCTIONS), ...Object.keys(CONSTANTS)] };
})();
