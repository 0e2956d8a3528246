// The list of runs: a link shows one, a box lays it over the figures.

import { byId, make, write } from "./elements.js";
import { moment, whole } from "./numbers.js";
import { outcomeText } from "./status.js";

export class RunList {
  constructor({ onOverlay }) {
    this.items = new Map();
    this.list = byId("runs");
    this.onOverlay = onOverlay;
    const isWide = matchMedia("(min-width: 900px)");
    const open = () => {
      byId("runs-box").open = isWide.matches;
      // Where there is room the list is always open.
      document.querySelector("#runs-box > summary").tabIndex = isWide.matches ? -1 : 0;
    };
    open();
    isWide.addEventListener("change", open);
  }

  // Shows the runs; `slots` has the colours of those that are in the figures, `main` is the one watched.
  show(runs, main, slots) {
    const ids = runs.map(({ id }) => id).join("\n");
    for (const run of runs) {
      if (!this.items.has(run.id)) this.items.set(run.id, this.item(run));
      this.update(this.items.get(run.id), run, main, slots);
    }
    if (this.ids === ids) return;
    this.ids = ids;
    const focused = document.activeElement;
    this.list.replaceChildren(...runs.map(({ id }) => this.items.get(id).element));
    if (focused && this.list.contains(focused)) focused.focus();
  }

  item(run) {
    const box = make("input", { type: "checkbox", id: `overlay-${run.id}` });
    const name = make("a", { href: `/?run=${encodeURIComponent(run.id)}` });
    const facts = make("span", { class: "run-facts" });
    box.addEventListener("change", () => this.onOverlay(run.id, box.checked));
    const element = make("li", {}, make("span", { class: "box" }, box), make("div", {}, name, facts));
    return { element, box, name, facts };
  }

  update({ element, box, name, facts }, run, main, slots) {
    const isMain = run.id === main;
    const slot = slots.get(run.id);
    element.className = slot === undefined ? "" : `s${slot}`;
    write(name, run.name);
    if (isMain) name.setAttribute("aria-current", "page");
    else name.removeAttribute("aria-current");
    box.checked = isMain || slot !== undefined;
    box.disabled = isMain;
    box.setAttribute("aria-label", isMain ? `${run.name} is shown` : `Lay ${run.name} over the figures`);
    const parts = [`Run ${run.id}`, outcomeText(run.outcome), run.steps ? `${whole(run.steps)} steps` : "", moment(run.started)];
    write(facts, parts.filter(Boolean).join(" · "));
  }
}
