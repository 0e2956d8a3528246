// The stream of events, which begins again by itself whatever happens to it.

import { byId, write } from "./elements.js";

const patience = [1, 2, 4, 8, 15];

export class Connection {
  // `address()` says where to connect; `handlers` what to do with each kind of event.
  constructor(address, handlers) {
    Object.assign(this, { address, handlers, failures: 0 });
    this.open();
  }

  open() {
    const events = new EventSource(this.address());
    events.addEventListener("open", () => {
      this.failures = 0;
      this.say(true);
    });
    for (const [name, handle] of Object.entries(this.handlers)) {
      events.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    }
    events.addEventListener("error", () => {
      this.say(false);
      // The browser goes on by itself unless it was refused; then we try, less and less often.
      if (events.readyState !== EventSource.CLOSED) return;
      const seconds = patience[Math.min(this.failures, patience.length - 1)];
      this.failures += 1;
      setTimeout(() => this.open(), seconds * 1000);
    });
  }

  say(isConnected) {
    const element = byId("connection");
    element.classList.toggle("lost", !isConnected);
    write(element, isConnected ? "Connected" : "Disconnected. Trying again …");
  }
}
