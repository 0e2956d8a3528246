// What the server is asked, and how its refusals are told.

export const byId = (id) => document.getElementById(id);

function headers() {
  const fields = { "Content-Type": "application/json" };
  const key = byId("key").value.trim();
  if (key) fields.Authorization = "Bearer " + key;
  return fields;
}

// The sentence of a refusal, or the status where there is none.
export async function reason(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return "The server answered with status " + response.status + ".";
  }
}

// The response to a request; an error with a sentence where the server is not reached.
export async function ask(path, options = {}) {
  try {
    return await fetch(path, { ...options, headers: headers() });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer.");
  }
}

// The response to a body; an error with the server's sentence where it refuses.
export async function post(path, body, signal) {
  const response = await ask(path, { method: "POST", body: JSON.stringify(body), signal });
  if (!response.ok) throw new Error(await reason(response));
  return response;
}
