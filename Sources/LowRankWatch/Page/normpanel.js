// The map of one kind of module: rows are layers, columns are steps, colours are numbers.

import { draw, make, write } from "./elements.js";
import { crosshair, steer } from "./crosshair.js";
import { short, whole } from "./numbers.js";

// As many colours as the style sheet has.
export const levels = 16;
const head = 5;
const foot = 20;

export class NormPanel {
  constructor(id, name, noun) {
    this.name = name;
    this.noun = noun;
    this.row = 0;
    this.modules = [];
    this.reading = make("p", { class: "reading" });
    this.svg = draw("svg", { role: "img", "aria-label": name });
    this.cursor = make("div", {
      class: "cursor", role: "slider", tabindex: "0", id: `${id}-cursor`,
      "aria-label": `Step and layer shown of ${name}`,
    });
    this.plot = make("div", { class: "plot" }, this.svg, this.cursor);
    this.element = make(
      "div", { class: "panel" }, make("h3", { title: name }, name), this.reading, this.plot);
    steer(this.cursor, {
      steps: () => this.columns?.map(({ step }) => step) ?? [],
      place: (x, event) => this.place(x, event),
      turn: (by) => {
        this.row = Math.min(this.modules.length - 1, Math.max(0, this.row + by));
        if (crosshair.step === null) crosshair.show(this.columns[this.columns.length - 1].step);
        this.point();
      },
    });
  }

  place(x, event) {
    if (!this.columns?.length) return undefined;
    const y = event.clientY - this.cursor.getBoundingClientRect().top - head;
    const row = Math.min(this.modules.length - 1, Math.max(0, Math.floor(y / this.high)));
    if (row !== this.row) {
      this.row = row;
      this.point();
    }
    const index = Math.floor((x - this.left) / this.wide);
    return this.columns[Math.min(this.columns.length - 1, Math.max(0, index))].step;
  }

  draw(level) {
    const width = Math.round(this.plot.clientWidth);
    if (width === 0 || this.modules.length === 0) return;
    const isNamed = this.modules[0].isNamed;
    this.left = isNamed ? Math.round(Math.min(190, width * 0.45)) : 26;
    this.high = isNamed ? 16 : Math.max(7, Math.min(16, Math.floor(190 / this.modules.length)));
    this.layColumns(width - this.left);
    const height = this.high * this.modules.length;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${head + height + foot}`);
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", head + height + foot);
    this.svg.replaceChildren(...this.cells(level), this.axes(height), this.mark = draw("g"));
    const [first, last] = [this.columns[0], this.columns[this.columns.length - 1]];
    const largest = this.modules.reduce((best, module) =>
      module.values.last.mean > best.values.last.mean ? module : best);
    this.svg.setAttribute("aria-label",
      `${this.name}: ${this.modules.length} modules, steps ${whole(first.step)} to ${whole(last.step)}; `
      + `the latest ${this.noun} is largest at ${largest.path}, ${short(largest.values.last.mean)}.`);
  }

  // Columns are the records of the module that has most; neighbours join where pixels are few.
  layColumns(room) {
    const longest = this.modules.reduce((best, { values }) =>
      values.buckets.length > best.values.buckets.length ? { values } : best, this.modules[0]);
    const buckets = longest.values.buckets;
    const every = Math.max(1, Math.ceil(buckets.length / Math.max(1, Math.floor(room / 3))));
    this.columns = [];
    for (let index = 0; index < buckets.length; index += every) {
      const end = Math.min(buckets.length, index + every) - 1;
      this.columns.push({ after: index > 0 ? buckets[index - 1].step : -Infinity, step: buckets[end].step });
    }
    this.wide = Math.max(1, Math.min(24, Math.floor(room / this.columns.length)));
  }

  // One path for each colour, of runs of equal cells: a few elements instead of thousands.
  cells(level) {
    const texts = Array.from({ length: levels }, () => "");
    this.modules.forEach(({ values }, row) => {
      let [begin, current] = [0, -1];
      const close = (end) => {
        if (current < 0) return;
        const [x, y] = [this.left + begin * this.wide, head + row * this.high];
        const wide = (end - begin) * this.wide;
        texts[current] += `M${x} ${y}h${wide}v${this.high}h${-wide}z`;
      };
      this.columns.forEach((column, index) => {
        const value = this.valueIn(values, column);
        const next = value === undefined ? -1 : level(value);
        if (next === current) return;
        close(index);
        [begin, current] = [index, next];
      });
      close(this.columns.length);
    });
    return texts.map((d, index) => draw("path", { class: `l${index}`, d }));
  }

  valueIn(values, { after, step }) {
    let [sum, count] = [0, 0];
    for (let index = values.index(step); index >= 0 && values.buckets[index].step > after; index--) {
      sum += values.buckets[index].mean;
      count += 1;
    }
    return count > 0 ? sum / count : undefined;
  }

  axes(height) {
    const axes = draw("g", { class: "axes", "aria-hidden": "true" });
    const count = this.modules.length;
    const every = this.modules[0].isNamed ? 1 : Math.ceil(14 / this.high);
    this.modules.forEach(({ row, isNamed }, index) => {
      const isShown = index % every === 0 && (index === 0 || count - 1 - index >= every || index === count - 1);
      if (!isShown && index !== count - 1) return;
      const text = isNamed && row.length > this.left / 7 ? `…${row.slice(-Math.floor(this.left / 7) + 1)}` : row;
      axes.append(draw("text", {
        x: this.left - 6, y: head + index * this.high + this.high / 2 + 4, "text-anchor": "end",
      }, text));
    });
    const right = this.left + this.wide * this.columns.length;
    axes.append(draw("text", { x: this.left, y: head + height + 15 }, whole(this.columns[0].after === -Infinity
      ? this.modules[0].values.buckets[0].step : this.columns[0].step)));
    if (this.columns.length > 1 && right - this.left > 70) {
      axes.append(draw("text", { x: right, y: head + height + 15, "text-anchor": "end" },
        whole(this.columns[this.columns.length - 1].step)));
    }
    return axes;
  }

  point() {
    if (!this.columns?.length || !this.mark) return;
    const step = crosshair.step;
    const found = step === null ? this.columns.length - 1 : this.columns.findIndex((column) => column.step >= step);
    const index = found < 0 ? this.columns.length - 1 : found;
    const module = this.modules[Math.min(this.row, this.modules.length - 1)];
    const value = this.valueIn(module.values, this.columns[index]);
    const what = module.isNamed ? module.row : `layer ${module.row}`;
    const text = `${what}, step ${whole(this.columns[index].step)}: ${short(value)}`;
    write(this.reading, text);
    this.reading.classList.toggle("chosen", step !== null);
    this.cursor.setAttribute("aria-valuemin", this.columns[0].step);
    this.cursor.setAttribute("aria-valuemax", this.columns[this.columns.length - 1].step);
    this.cursor.setAttribute("aria-valuenow", this.columns[index].step);
    this.cursor.setAttribute("aria-valuetext", text);
    this.mark.replaceChildren();
    if (step === null) return;
    this.mark.append(draw("rect", {
      class: "cell", x: this.left + index * this.wide - 1, y: head + this.row * this.high - 1,
      width: this.wide + 2, height: this.high + 2,
    }));
  }
}
