// Reads cases.json, one list of [function, …arguments] a case, and writes what book/static's scripts answer.
import { readFileSync, writeFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

const [, , folder, cases, answers] = process.argv;
for (const name of ["expression.js", "answers.js"]) runInThisContext(readFileSync(`${folder}/${name}`, "utf8"), name);
const { read, shown, Fault } = convaeExpression, { table, judge, grade } = convaeAnswers;

const tables = new Map();
const tableOf = (json) => tables.get(json) ?? tables.set(json, table(json)).get(json);
const value = (text, names = {}) => read(text, Object.keys(names))(names);
const RUN = {
  /** An expression's value as text; names have texts as values. */
  value: (text, names) => shown(value(text, Object.fromEntries(Object.entries(names).map(([name, own]) => [name, value(own)])))),
  judge: (json, values) => judge(tableOf(json), value(values)),
  grade: (json, text) => grade(tableOf(json), text),
};
const found = JSON.parse(readFileSync(cases, "utf8")).map(([name, ...given]) => {
  try {
    return RUN[name](...given);
  } catch (fault) {
    if (!(fault instanceof Fault)) throw Error(`${name} ${given}`, { cause: fault });
    return { message: fault.message, from: fault.from, to: fault.to };
  }
});
writeFileSync(answers, JSON.stringify(found));
