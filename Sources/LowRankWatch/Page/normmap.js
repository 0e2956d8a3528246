// A number of every module, step by step: one map for each kind of module, its rows the layers.

import { draw, make, soon } from "./elements.js";
import { crosshair } from "./crosshair.js";
import { levels, NormPanel } from "./normpanel.js";
import { short, whole } from "./numbers.js";
import { NumberTable } from "./table.js";

// Splits a path at its first number: `model.layers.3.self_attn.q_proj` is row 3 of `self_attn.q_proj`.
const split = (path) => {
  const parts = path.split(".");
  const at = parts.findIndex((part) => /^\d+$/.test(part));
  if (at < 0) return { group: "Other modules", row: path, order: 0, isNamed: true };
  return {
    group: parts.slice(at + 1).join(".") || parts.slice(0, at).join("."), stack: parts.slice(0, at).join("."),
    row: parts[at], order: Number(parts[at]), isNamed: false,
  };
};

export class NormMap {
  // Metrics whose names begin with the prefix, each a noun of a module.
  constructor({ id, title, prefix, noun, settings }) {
    Object.assign(this, { id, title, prefix, noun, settings, panels: new Map() });
    this.scale = make("div", { class: "scale" });
    this.grid = make("div", { class: "panels" });
    this.table = new NumberTable(title, () => this.rows());
    this.element = make(
      "section", { class: "figure wide", "aria-labelledby": `${id}-title` },
      make("div", { class: "heading" }, make("h2", { id: `${id}-title` }, title), this.scale),
      make("p", { class: "hint" },
        "One row for each layer, one column for each record. Arrows up and down choose the layer."),
      this.grid, this.table.element);
    this.redraw = soon(() => this.draw());
    crosshair.listen(soon(() => this.point()));
    new ResizeObserver(this.redraw).observe(this.grid);
  }

  has(name) {
    return name.startsWith(this.prefix);
  }

  show(series) {
    this.modules = [...series.byName]
      .filter(([name, { buckets }]) => this.has(name) && buckets.length > 0)
      .map(([name, values]) => ({ path: name.slice(this.prefix.length), values }));
    this.arrange();
    this.redraw();
  }

  // Puts modules into maps; those of two stacks, as of an encoder and a decoder, are apart.
  arrange() {
    const places = this.modules.map((module) => ({ ...module, ...split(module.path) }));
    const stacks = new Set(places.map(({ stack }) => stack).filter((stack) => stack !== undefined));
    const groups = new Map();
    for (const place of places) {
      const name = stacks.size > 1 && place.stack ? `${place.stack} · ${place.group}` : place.group;
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(place);
    }
    for (const [name, modules] of groups) {
      modules.sort((first, second) => first.order - second.order);
      if (!this.panels.has(name)) {
        const panel = new NormPanel(`${this.id}-${this.panels.size}`, name, this.noun);
        this.panels.set(name, panel);
        this.grid.append(panel.element);
      }
      this.panels.get(name).modules = modules;
    }
  }

  draw() {
    let [least, largest] = [Infinity, -Infinity];
    for (const { values } of this.modules ?? []) {
      for (const { mean } of values.buckets) {
        if (this.settings.logarithmic && mean <= 0) continue;
        least = Math.min(least, mean);
        largest = Math.max(largest, mean);
      }
    }
    if (!Number.isFinite(least)) [least, largest] = [0, 1];
    if (!this.settings.logarithmic) least = Math.min(0, least);
    if (least === largest) largest = least + 1;
    const isLogarithmic = this.settings.logarithmic && least > 0;
    const level = (value) => {
      const share = isLogarithmic
        ? Math.log(value / least) / Math.log(largest / least) : (value - least) / (largest - least);
      return Math.min(levels - 1, Math.max(0, Math.floor(share * levels)));
    };
    this.scale.replaceChildren(make("span", {}, short(least)), colours(this.noun), make("span", {}, short(largest)));
    for (const panel of this.panels.values()) panel.draw(level);
    this.point();
    this.table.refresh();
  }

  point() {
    for (const panel of this.panels.values()) panel.point();
  }

  rows() {
    const latest = (this.modules ?? []).map(({ path, values }) => [
      path, short(values.buckets[0].mean), short(values.last.mean), whole(values.last.step),
    ]);
    return { heads: ["Module", "First", "Latest", "At step"], rows: latest };
  }
}

const colours = (noun) => {
  const bar = draw("svg", { width: levels * 7, height: 10, role: "img", "aria-label": `Colours from the least to the largest ${noun}` });
  for (let index = 0; index < levels; index++) {
    bar.append(draw("rect", { class: `l${index}`, x: index * 7, y: 0, width: 7.5, height: 10 }));
  }
  return bar;
};
