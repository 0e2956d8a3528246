// The numbers behind a figure, made when they are asked for.

import { make, write } from "./elements.js";

const rest = 2000;

export class NumberTable {
  // `rows()` gives { heads, rows, note }, texts all of them.
  constructor(title, rows) {
    this.rows = rows;
    this.note = make("p", { class: "hint" });
    this.body = make("div", {
      class: "rows", tabindex: "0", role: "region", "aria-label": `Numbers of ${title}`,
    });
    this.element = make("details", {}, make("summary", {}, "Numbers"), this.note, this.body);
    this.element.addEventListener("toggle", () => this.fill());
  }

  // Follows what is live, but slowly enough to be read.
  refresh() {
    if (!this.element.open || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.fill();
    }, rest);
  }

  fill() {
    if (!this.element.open) return;
    const { heads, rows, note } = this.rows();
    write(this.note, note ?? "");
    this.note.hidden = !note;
    const row = (cells, name) => make("tr", {}, ...cells.map((cell, index) => make(
      index === 0 && name === "td" ? "th" : name,
      { class: index > 0 ? "n" : null, scope: name === "th" ? "col" : index === 0 ? "row" : null }, cell)));
    this.body.replaceChildren(make(
      "table", {}, make("thead", {}, row(heads, "th")),
      make("tbody", {}, ...rows.map((cells) => row(cells, "td")))));
  }
}
