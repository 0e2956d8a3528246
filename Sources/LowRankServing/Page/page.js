"use strict";

const byId = (id) => document.getElementById(id);
let abort = null;

function headers() {
  const fields = { "Content-Type": "application/json" };
  const key = byId("key").value.trim();
  if (key) fields.Authorization = "Bearer " + key;
  return fields;
}

// The sentence of a refusal, or the status where there is none.
async function reason(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return "The server answered with status " + response.status + ".";
  }
}

function show(text) {
  byId("notice").textContent = text;
}

async function listModels() {
  const response = await fetch("/v1/models", { headers: headers() });
  document.querySelector(".key").hidden = response.status !== 401 && !byId("key").value;
  if (response.status === 401) return show("This server asks for a key.");
  if (!response.ok) return show(await reason(response));
  show("");
  const names = (await response.json()).data.map((model) => model.id);
  for (const [index, side] of ["left", "right"].entries()) {
    const select = byId(side);
    const chosen = select.value;
    select.replaceChildren(...names.map((name) => new Option(name, name)));
    select.value = names.includes(chosen) ? chosen : names[Math.min(index, names.length - 1)] ?? "";
    byId(side + "-name").textContent = select.value;
  }
}

// The data of the events of a stream, one after the other.
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (true) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const parts = rest.split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const data = part.split("\n").filter((line) => line.startsWith("data: "));
      if (data.length) yield data.map((line) => line.slice(6)).join("\n");
    }
  }
}

async function answer(side, prompt, signal) {
  const isChat = byId("mode").value === "chat";
  const body = {
    model: byId(side).value,
    max_tokens: Number(byId("tokens").value),
    temperature: Number(byId("temperature").value),
    stream: true,
    stream_options: { include_usage: true },
  };
  if (isChat) body.messages = [{ role: "user", content: prompt }];
  else body.prompt = prompt;
  const [text, count] = [byId(side + "-text"), byId(side + "-count")];
  text.textContent = "";
  count.textContent = "";
  const start = performance.now();
  const response = await fetch(isChat ? "/v1/chat/completions" : "/v1/completions", {
    method: "POST", headers: headers(), body: JSON.stringify(body), signal,
  });
  if (!response.ok) throw new Error(await reason(response));
  for await (const data of events(response)) {
    if (data === "[DONE]") break;
    const event = JSON.parse(data);
    if (event.error) throw new Error(event.error.message);
    const choice = event.choices[0];
    if (choice) text.append(isChat ? choice.delta.content ?? "" : choice.text);
    if (event.usage) {
      const seconds = (performance.now() - start) / 1000;
      const tokens = event.usage.completion_tokens;
      count.textContent =
        `${tokens} tokens in ${seconds.toFixed(2)} s, ${(tokens / seconds).toFixed(1)} tokens/s`;
    }
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
  const sides = ["left", "right"];
  for (const side of sides) byId(side + "-name").textContent = byId(side).value;
  const results = await Promise.allSettled(
    sides.map((side) => answer(side, prompt, own.signal)));
  const failed = results.find(
    (result) => result.status === "rejected" && result.reason.name !== "AbortError");
  if (failed) show(failed.reason.message);
  if (abort === own) byId("stop").disabled = true;
});

byId("stop").addEventListener("click", () => abort?.abort());
byId("key").addEventListener("change", listModels);
listModels().catch(() => show("The server does not answer."));
