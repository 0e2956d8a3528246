// Answers that come token by token.

import { byId, post } from "./server.js";

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

// The events up to [DONE]; an error where the stream ends without it.
async function* completeEvents(response) {
  try {
    for await (const data of events(response)) {
      if (data === "[DONE]") return;
      yield JSON.parse(data);
    }
  } catch (error) {
    if (error.name === "AbortError") throw error;
  }
  throw new Error("The answer was cut off: the connection ended before the answer did.");
}

function counted(tokens, seconds, limit) {
  const rate = `${tokens} tokens in ${seconds.toFixed(2)} s, ${(tokens / seconds).toFixed(1)} tokens/s`;
  return limit ? rate + "; the limit of tokens ended it" : rate;
}

// Shows what a side's model answers to a prompt.
export async function generate(side, prompt, signal) {
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
  const start = performance.now();
  const path = isChat ? "/v1/chat/completions" : "/v1/completions";
  let isLimit = false;
  for await (const event of completeEvents(await post(path, body, signal))) {
    if (event.error) throw new Error(event.error.message);
    const choice = event.choices[0];
    if (choice) byId(side + "-text").append(isChat ? choice.delta.content ?? "" : choice.text);
    if (choice?.finish_reason) isLimit = choice.finish_reason === "length";
    if (event.usage) {
      byId(side + "-count").textContent = counted(
        event.usage.completion_tokens, (performance.now() - start) / 1000, isLimit);
    }
  }
}
