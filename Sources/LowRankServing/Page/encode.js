// Texts that are read whole: their classes, or how alike their vectors are.

import { byId, post } from "./server.js";

const lines = (text) => text.split("\n").map((line) => line.trim()).filter((line) => line);

function table(head, rows) {
  const element = document.createElement("table");
  for (const [index, row] of [head, ...rows].entries()) {
    const place = element.insertRow();
    for (const [column, text] of row.entries()) {
      const cell = document.createElement(index && column ? "td" : "th");
      cell.scope = index ? "row" : "col";
      cell.textContent = text;
      place.append(cell);
    }
  }
  return element;
}

function likeliest(item) {
  if (item.label === null) return item.probs.map((value) => value.toPrecision(4)).join(", ");
  return item.probs.map((value, index) => [value, item.labels[index]])
    .sort((a, b) => b[0] - a[0]).slice(0, 5)
    .map(([value, label]) => `${label}\u00a0${value.toFixed(3)}`).join(", ");
}

// Shows the classes of each line.
export async function classify(side, prompt, signal) {
  const texts = lines(prompt);
  const body = { model: byId(side).value, input: texts };
  const { data } = await (await post("/v1/classify", body, signal)).json();
  const head = data.some((item) => item.label === null)
    ? ["Text", "Value"] : ["Text", "Class", "Probabilities"];
  const rows = data.map((item, index) => item.label === null
    ? [texts[index], likeliest(item)] : [texts[index], item.label, likeliest(item)]);
  byId(side + "-text").replaceChildren(table(head, rows));
}

// Shows the cosine of the angle between the vectors of each two lines.
export async function embed(side, prompt, signal) {
  const texts = lines(prompt);
  const body = { model: byId(side).value, input: texts, encoding_format: "float" };
  const { data } = await (await post("/v1/embeddings", body, signal)).json();
  const vectors = data.map((item) => item.embedding);
  // They have length 1.
  const cosine = (a, b) => a.reduce((sum, value, index) => sum + value * b[index], 0);
  const head = ["Cosine", ...texts.map((_, index) => String(index + 1))];
  const rows = vectors.map((a, index) =>
    [`${index + 1} ${texts[index]}`, ...vectors.map((b) => cosine(a, b).toFixed(3))]);
  byId(side + "-text").replaceChildren(table(head, rows));
  const size = `${vectors.length} ${vectors.length === 1 ? "vector" : "vectors"} of ${vectors[0].length} numbers`;
  byId(side + "-count").textContent = vectors.length > 1
    ? size : size + "; write two texts or more, one a line, to see how alike they are";
}
