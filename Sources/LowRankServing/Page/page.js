// The page's form: which models there are, what they do, and who answers.

import { classify, embed } from "./encode.js";
import { generate } from "./generate.js";
import { ask, byId, reason } from "./server.js";

const sides = ["left", "right"];
const tasks = {
  generate: { says: "continues texts", work: generate, label: "Prompt" },
  classification: { says: "classifies texts", work: classify, label: "Texts, one a line" },
  embeddings: { says: "makes vectors of texts", work: embed, label: "Texts, one a line" },
};
let task = tasks.generate;
let abort = null;
let listed = "";
let asked = 0;

function show(text) {
  byId("notice").textContent = text;
}

// Says what the server does, and offers the settings that this has.
function describe(model) {
  task = tasks[model.task] ?? tasks.generate;
  const base = model.parent ?? model.id;
  const length = model.max_model_len.toLocaleString("en");
  byId("purpose").textContent = `${base} ${task.says} of up to ${length} tokens.`;
  byId("prompt-label").textContent = task.label;
  const isGeneration = task === tasks.generate;
  for (const element of document.querySelectorAll(".generation")) element.hidden = !isGeneration;
  const tokens = byId("tokens");
  tokens.disabled = byId("temperature").disabled = !isGeneration;
  tokens.max = model.max_model_len;
  if (tokens.value === tokens.defaultValue && Number(tokens.value) > model.max_model_len / 2) {
    tokens.value = Math.max(1, Math.floor(model.max_model_len / 2));
  }
}

// Offers the models; what was chosen stays, also where it was unloaded.
function offer(names, keeps) {
  for (const [index, side] of sides.entries()) {
    const select = byId(side);
    const chosen = select.value;
    const offered = keeps && chosen && !names.includes(chosen) ? [...names, chosen] : names;
    select.replaceChildren(...offered.map((name) => new Option(name, name)));
    select.value = offered.includes(chosen) ? chosen : names[Math.min(index, names.length - 1)] ?? "";
    byId(side + "-name").textContent ||= select.value;
  }
}

async function listModels(keeps) {
  asked = performance.now();
  const response = await ask("/v1/models");
  document.querySelector(".key").hidden = response.status !== 401 && !byId("key").value;
  if (response.status === 401) return show("This server asks for a key.");
  if (!response.ok) return show(await reason(response));
  const models = (await response.json()).data;
  const names = models.map((model) => model.id);
  if (!keeps) show(names.length ? "" : "This key may use no model.");
  // A menu that is open is not disturbed in vain.
  if (keeps && listed === names.join("\n")) return;
  listed = names.join("\n");
  if (models.length) describe(models[0]);
  offer(names, keeps);
}

const fail = (error) => show(error.message);
// Adapters are loaded and unloaded while the page is open.
const refresh = () => {
  if (performance.now() - asked > 500) listModels(true).catch(fail);
};

async function answer(side, prompt, signal) {
  for (const part of ["text", "fault", "count"]) byId(`${side}-${part}`).replaceChildren();
  byId(side + "-name").textContent = byId(side).value;
  try {
    await task.work(side, prompt, signal);
  } catch (error) {
    if (signal !== abort.signal) return;
    if (error.name === "AbortError") byId(side + "-count").textContent = "Stopped.";
    else byId(side + "-fault").textContent = error.message;
  }
}

byId("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  abort?.abort();
  abort = new AbortController();
  const own = abort;
  show("");
  byId("stop").disabled = false;
  const prompt = byId("prompt").value;
  await Promise.all(sides.map((side) => answer(side, prompt, own.signal)));
  if (abort === own) byId("stop").disabled = true;
});

byId("stop").addEventListener("click", () => abort?.abort());
byId("key").addEventListener("change", () => listModels(false).catch(fail));
for (const side of sides) {
  for (const event of ["pointerenter", "focus"]) byId(side).addEventListener(event, refresh);
}
listModels(false).catch(fail);
