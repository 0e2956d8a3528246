// A figure of one or several metrics over steps.

import { draw, make, soon, write } from "./elements.js";
import { crosshair, steer } from "./crosshair.js";
import { short, ticks, whole } from "./numbers.js";
import { linearScale, logarithmicScale, margin } from "./scales.js";
import { NumberTable } from "./table.js";

// What is shown: `lines` are { name, slot, style, series, isMain }, style one of "noisy", "plain", "checks".
export class LineChart {
  constructor({ id, title, height, format, settings }) {
    Object.assign(this, { id, title, height, settings, lines: [] });
    this.format = format ?? short;
    this.reading = make("p", { class: "reading" });
    this.legend = make("ul", { class: "legend" });
    this.svg = draw("svg", { role: "img", "aria-label": title });
    this.cursor = make("div", {
      class: "cursor", role: "slider", tabindex: "0", "aria-orientation": "horizontal",
      "aria-label": `Step shown in ${title}`, id: `${id}-cursor`,
    });
    this.plot = make("div", { class: "plot" }, this.svg, this.cursor);
    this.table = new NumberTable(title, () => this.rows());
    this.element = make(
      "section", { class: "figure", "aria-labelledby": `${id}-title` },
      make("div", { class: "heading" }, make("h2", { id: `${id}-title` }, title), this.reading),
      this.legend, this.plot, this.table.element);
    this.redraw = soon(() => this.draw());
    this.point = soon(() => this.drawCrosshair());
    crosshair.listen(this.point);
    steer(this.cursor, { steps: () => this.steps(), place: (x) => this.nearest(x) });
    new ResizeObserver(this.redraw).observe(this.plot);
  }

  show(lines) {
    // The crosshair may ask before the next picture is drawn.
    this.lines = lines.filter(({ series }) => series?.buckets.length > 0)
      .map((line) => ({ ...line, drawn: [] }));
    this.redraw();
  }

  get main() {
    return this.lines.find(({ isMain }) => isMain) ?? this.lines[0];
  }

  steps() {
    return this.main?.series.buckets.map(({ step }) => step) ?? [];
  }

  nearest(x) {
    const steps = this.steps();
    if (steps.length === 0 || !this.x) return undefined;
    const wanted = this.x.value(x);
    const index = Math.max(0, this.main.series.index(wanted));
    const next = Math.min(steps.length - 1, index + 1);
    return wanted - steps[index] <= steps[next] - wanted ? steps[index] : steps[next];
  }

  draw() {
    const width = Math.round(this.plot.clientWidth);
    if (width === 0) return;
    const isLogarithmic = this.settings.logarithmic && this.canBeLogarithmic;
    const span = this.settings.smoothing;
    for (const line of this.lines) {
      line.drawn = line.style === "noisy" ? line.series.smoothed(span)
        : line.series.buckets.map(({ mean }) => mean);
    }
    this.svg.replaceChildren();
    this.svg.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", this.height);
    this.lay(width, isLogarithmic);
    if (this.lines.length > 0) {
      this.drawAxes(width);
      const curves = draw("g");
      for (const line of this.fromBelow()) this.drawLine(curves, line, span);
      this.svg.append(curves);
    }
    this.marks = draw("g", { class: "marks" });
    this.svg.append(this.marks);
    this.drawLegend();
    this.drawCrosshair();
    this.describe();
    this.table.refresh();
  }

  // The run that is watched lies above the others, and few values above many.
  fromBelow() {
    const height = ({ isMain, style }) => (isMain ? 2 : 0) + (style === "checks" ? 1 : 0);
    return [...this.lines].sort((first, second) => height(first) - height(second));
  }

  get canBeLogarithmic() {
    return this.lines.some(({ series }) => series.buckets.some(({ mean }) => mean > 0));
  }

  // Places both axes around what is shown.
  lay(width, isLogarithmic) {
    let [first, last, least, largest] = [Infinity, -Infinity, Infinity, -Infinity];
    const take = (value) => {
      if (!Number.isFinite(value) || (isLogarithmic && value <= 0)) return;
      least = Math.min(least, value);
      largest = Math.max(largest, value);
    };
    for (const { series, drawn, style, isMain } of this.lines) {
      first = Math.min(first, series.buckets[0].step);
      last = Math.max(last, series.last.step);
      drawn.forEach(take);
      if (style === "noisy" && isMain) {
        for (const bucket of series.buckets) {
          take(bucket.least);
          take(bucket.largest);
        }
      }
    }
    if (first === last) last = first + 1;
    if (least === largest) {
      const around = Math.abs(least) * 0.1 || 1;
      [least, largest] = [isLogarithmic ? least / 1.1 : least - around, largest + around];
    }
    const bottom = this.height - margin.bottom;
    this.y = isLogarithmic ? logarithmicScale(least, largest, bottom) : linearScale(least, largest, bottom);
    const longest = Math.max(0, ...this.y.ticks.map(({ label }) => label.length));
    const left = 10 + 7.2 * longest;
    const right = width - margin.right;
    this.x = {
      left, right,
      place: (step) => left + ((step - first) / (last - first)) * (right - left),
      value: (place) => first + ((place - left) / (right - left)) * (last - first),
      ticks: ticks(first, last, Math.max(2, Math.min(8, (right - left) / 90))).values.filter(Number.isInteger),
    };
  }

  drawAxes(width) {
    const bottom = this.height - margin.bottom;
    const axes = draw("g", { class: "axes", "aria-hidden": "true" });
    for (const { value, label } of this.y.ticks) {
      const y = this.y.place(value);
      axes.append(
        draw("line", { x1: this.x.left, x2: width - margin.right, y1: y, y2: y }),
        draw("text", { x: this.x.left - 8, y: y + 4, "text-anchor": "end" }, label));
    }
    for (const step of this.x.ticks) {
      const x = this.x.place(step);
      const anchor = x > width - 34 ? "end" : x < this.x.left + 14 ? "start" : "middle";
      axes.append(draw("text", { x, y: bottom + 19, "text-anchor": anchor }, whole(step)));
    }
    this.svg.append(axes);
  }

  drawLine(group, line, span) {
    const { series, drawn, style, slot, isMain } = line;
    const buckets = series.buckets;
    const isSmooth = style === "noisy" && span > 0;
    if (style === "noisy" && isMain && (isSmooth || series.width > 1)) {
      group.append(series.width > 1
        ? draw("path", { class: `band s${slot}`, d: this.band(buckets) })
        : draw("path", { class: `raw s${slot}`, d: this.path(buckets, (bucket) => bucket.mean) }));
    }
    const kind = style === "checks" ? "line checks" : "line";
    group.append(draw("path", {
      class: `${kind} s${slot}${isMain ? "" : " other"}`,
      d: this.path(buckets, (_, index) => drawn[index]),
    }));
    // Few values are seen as points: validations, and the only one so far.
    if (buckets.length > (style === "checks" ? 60 : 1)) return;
    buckets.forEach(({ step }, index) => {
      const y = this.y.place(drawn[index]);
      if (y === undefined) return;
      group.append(draw("circle", { class: `dot s${slot}`, cx: this.x.place(step), cy: y, r: 3.5 }));
    });
  }

  path(buckets, value) {
    let [text, isJoined] = ["", false];
    buckets.forEach((bucket, index) => {
      const y = this.y.place(value(bucket, index));
      if (y === undefined) {
        isJoined = false;
        return;
      }
      text += `${isJoined ? "L" : "M"}${this.x.place(bucket.step).toFixed(1)} ${y.toFixed(1)}`;
      isJoined = true;
    });
    return text;
  }

  // From the least to the largest of every bucket.
  band(buckets) {
    const upper = [];
    const lower = [];
    for (const { step, least, largest } of buckets) {
      const [high, low] = [this.y.place(largest), this.y.place(least)];
      if (high === undefined) continue;
      const x = this.x.place(step).toFixed(1);
      upper.push(`${x} ${high.toFixed(1)}`);
      lower.unshift(`${x} ${(low ?? this.height - margin.bottom).toFixed(1)}`);
    }
    return upper.length > 0 ? `M${upper.join("L")}L${lower.join("L")}Z` : "";
  }

  // What a line says at the step of the crosshair, or at its end.
  value(line) {
    const step = crosshair.step;
    const index = step === null ? line.series.buckets.length - 1 : line.series.index(step);
    return index < 0 ? undefined : {
      step: line.series.buckets[index].step, exact: line.series.buckets[index].mean,
      drawn: line.drawn[index],
    };
  }

  drawLegend() {
    this.values = this.lines.map((line) => {
      const [value, smoothed] = [make("b"), make("span", { class: "smoothed" })];
      const item = make("li", {}, swatch(line), make("span", {}, line.name), value, smoothed);
      return { line, value, smoothed, item };
    });
    this.legend.replaceChildren(...this.values.map(({ item }) => item));
  }

  drawCrosshair() {
    if (!this.marks || !this.values) return;
    const step = crosshair.step;
    this.marks.replaceChildren();
    const said = [];
    for (const { line, value, smoothed } of this.values) {
      const there = this.value(line);
      const text = there ? this.format(there.exact) : "–";
      write(value, text);
      const isSmooth = there && line.isMain && line.style === "noisy" && this.settings.smoothing > 0;
      write(smoothed, isSmooth ? `smoothed ${this.format(there.drawn)}` : "");
      if (there) said.push(`${line.name} ${text}`);
    }
    const steps = this.steps();
    const shown = this.main && this.value(this.main)?.step;
    write(this.reading, shown === undefined ? "" : step === null ? `Latest, step ${whole(shown)}` : `Step ${whole(shown)}`);
    this.reading.classList.toggle("chosen", step !== null);
    if (steps.length > 0) {
      this.cursor.setAttribute("aria-valuemin", steps[0]);
      this.cursor.setAttribute("aria-valuemax", steps[steps.length - 1]);
      this.cursor.setAttribute("aria-valuenow", shown ?? steps[0]);
      this.cursor.setAttribute("aria-valuetext", `Step ${whole(shown ?? steps[0])}: ${said.join(", ")}`);
    }
    if (step === null || this.lines.length === 0) return;
    const x = this.x.place(shown ?? step);
    if (x < this.x.left - 1 || x > this.x.right + 1) return;
    this.marks.append(draw("line", {
      class: "hair", x1: x, x2: x, y1: margin.top, y2: this.height - margin.bottom,
    }));
    for (const { line } of this.values) {
      const there = this.value(line);
      const y = there && this.y.place(there.drawn);
      if (y === undefined) continue;
      this.marks.append(draw("circle", {
        class: `mark s${line.slot}`, cx: this.x.place(there.step), cy: y, r: 4.5,
      }));
    }
  }

  describe() {
    const parts = this.lines.map(({ name, series }) => {
      const [first, last] = [series.buckets[0], series.last];
      return `${name} from ${this.format(first.mean)} at step ${whole(first.step)}`
        + ` to ${this.format(last.mean)} at step ${whole(last.step)}`;
    });
    this.svg.setAttribute("aria-label", `${this.title}: ${parts.join("; ") || "nothing yet"}.`);
  }

  rows() {
    const main = this.main;
    if (!main) return { heads: [], rows: [] };
    const { buckets, width } = main.series;
    const every = Math.max(1, Math.ceil(buckets.length / 100));
    const chosen = buckets.filter((_, index) => (buckets.length - 1 - index) % every === 0).reverse();
    const note = [
      width > 1 ? `Means of ${whole(width)} steps.` : "",
      every > 1 ? `One of every ${every} values.` : "",
    ].filter(Boolean).join(" ");
    return {
      note,
      heads: ["Step", ...this.lines.map(({ name }) => name)],
      rows: chosen.map(({ step }) => [
        whole(step),
        ...this.lines.map((line) => {
          const there = line.series.at(step);
          return there ? this.format(there.mean) : "–";
        }),
      ]),
    };
  }
}

const swatch = ({ slot, style, isMain }) => {
  const kind = style === "checks" ? "line checks" : "line";
  const sample = draw("svg", { class: "swatch", width: 24, height: 10, "aria-hidden": "true" });
  sample.append(draw("path", { class: `${kind} s${slot}${isMain ? "" : " other"}`, d: "M1 5H23" }));
  if (style === "checks") sample.append(draw("circle", { class: `dot s${slot}`, cx: 12, cy: 5, r: 3.5 }));
  return sample;
};
