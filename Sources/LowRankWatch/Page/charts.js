// Which figures there are: the loss, one for each other metric, the maps of ranks and updates.

import { LineChart } from "./linechart.js";
import { NormMap } from "./normmap.js";
import { bytes, short, whole } from "./numbers.js";

// Metrics of the program, in the order in which they are shown.
const known = {
  learning_rate: { title: "Learning rate", style: "plain" },
  gradient_norm: { title: "Gradient norm", style: "noisy" },
  total_rank: { title: "Total rank", style: "plain", format: (value) => whole(Math.round(value)) },
  tokens_per_second: { title: "Tokens per second", style: "noisy", format: (value) => whole(Math.round(value)) },
};
// Metrics that have no figure of their own: the first two share one, the last is a number.
const elsewhere = ["loss", "train_loss", "valid_loss", "peak_memory_bytes"];
const limit = 24;

const spoken = (name) => {
  const words = name.replace(/^valid_/, "validation_").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const rank = (name) => {
  if (name.startsWith("valid_")) return 0;
  const index = Object.keys(known).indexOf(name);
  return index < 0 ? 50 : index + 1;
};

export class Charts {
  constructor(container, settings) {
    Object.assign(this, { container, settings, charts: new Map() });
    this.loss = new LineChart({ id: "loss", title: "Loss", height: 320, settings });
    this.loss.element.classList.add("wide");
    this.ranks = new NormMap({ id: "ranks", title: "Ranks", prefix: "rank/", noun: "rank", settings });
    this.norms = new NormMap({ id: "norms", title: "Update norms", prefix: "update_norm/", noun: "norm", settings });
    container.append(this.loss.element);
  }

  // Shows runs: the first is the one that is watched, the others lie over it. Each is { label, slot, series }.
  show(runs) {
    const isAlone = runs.length === 1;
    const line = (run, metric, style, name) => ({
      name, style, slot: run.slot, series: run.series.get(metric), isMain: run === runs[0],
    });
    // Colours tell runs apart; a run that is alone needs none and has two for its two losses.
    this.loss.show([
      ...runs.map((run) => line(run, "loss", "noisy", isAlone ? "Training" : run.label)),
      ...runs.map((run) => ({
        ...line(run, "valid_loss", "checks", isAlone ? "Validation" : `${run.label}, validation`),
        ...(isAlone ? { slot: 1 } : {}),
      })),
    ]);
    const names = this.names(runs);
    for (const name of names) {
      const { title = spoken(name), style, format } = known[name] ?? {};
      if (!this.charts.has(name)) {
        this.charts.set(name, new LineChart({
          id: `metric-${this.charts.size}`, title, height: 190, format, settings: this.settings,
        }));
      }
      const kind = style ?? (name.startsWith("valid_") ? "checks" : "noisy");
      this.charts.get(name).show(runs.map((run) => line(run, name, kind, isAlone ? title : run.label)));
    }
    this.ranks.show(runs[0].series);
    this.norms.show(runs[0].series);
    this.place(names);
  }

  names(runs) {
    const all = new Set(runs.flatMap(({ series }) => [...series.byName.keys()]));
    return [...all]
      .filter((name) => !elsewhere.includes(name) && !this.norms.has(name) && !this.ranks.has(name))
      .sort((first, second) => rank(first) - rank(second) || (first < second ? -1 : 1))
      .slice(0, limit);
  }

  // Puts figures in order without touching those that are in place, which would lose the focus.
  place(names) {
    const wanted = [this.loss, ...names.map((name) => this.charts.get(name))];
    for (const map of [this.ranks, this.norms]) if (map.modules?.length) wanted.push(map);
    const elements = wanted.map(({ element }) => element);
    elements.forEach((element, index) => {
      if (this.container.children[index] !== element) {
        this.container.insertBefore(element, this.container.children[index] ?? null);
      }
    });
    while (this.container.children.length > elements.length) this.container.lastChild.remove();
  }

  redraw() {
    for (const chart of [this.loss, ...this.charts.values(), this.ranks, this.norms]) chart.redraw();
  }
}

export const factsOf = (series) => [
  ["Loss", short(series.latest("loss"))],
  ["Validation loss", short(series.latest("valid_loss"))],
  ["Tokens per second", series.get("tokens_per_second") ? whole(Math.round(series.latest("tokens_per_second"))) : "–"],
  ["Peak memory", series.get("peak_memory_bytes") ? bytes(series.get("peak_memory_bytes").last.largest) : "–"],
];
