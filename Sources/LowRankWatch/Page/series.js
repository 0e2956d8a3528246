// The values of a metric in buckets of consecutive steps, as the server keeps them (ThinnedSeries.swift).

export class Series {
  constructor(limit) {
    this.limit = limit;
    this.width = 1;
    this.buckets = [];
  }

  static from({ width, limit, steps, means, least, largest, counts }) {
    const series = new Series(limit);
    series.width = width;
    series.buckets = steps.map((step, index) => ({
      step,
      mean: means[index],
      least: least ? least[index] : means[index],
      largest: largest ? largest[index] : means[index],
      count: counts ? counts[index] : 1,
    }));
    return series;
  }

  get last() {
    return this.buckets[this.buckets.length - 1];
  }

  // A step that comes again displaces what was recorded from it on.
  add(value, step) {
    if (!Number.isFinite(value)) return;
    if (this.last && step <= this.last.step) {
      while (this.last && Math.floor(this.last.step / this.width) * this.width >= step) {
        this.buckets.pop();
      }
    }
    this.append({ step, mean: value, least: value, largest: value, count: 1 });
    while (this.buckets.length > this.limit) this.halve();
  }

  append(bucket) {
    const last = this.last;
    if (!last || Math.floor(last.step / this.width) !== Math.floor(bucket.step / this.width)) {
      this.buckets.push(bucket);
      return;
    }
    const count = last.count + bucket.count;
    last.mean += (bucket.mean - last.mean) * (bucket.count / count);
    last.step = Math.max(last.step, bucket.step);
    last.least = Math.min(last.least, bucket.least);
    last.largest = Math.max(last.largest, bucket.largest);
    last.count = count;
  }

  halve() {
    const before = this.buckets;
    this.buckets = [];
    this.width *= 2;
    for (const bucket of before) this.append(bucket);
  }

  // The index of the last bucket at or before a step, or -1.
  index(step) {
    let [low, high] = [0, this.buckets.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.buckets[middle].step <= step) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  at(step) {
    return this.buckets[this.index(step)];
  }

  // Means that forget the past by a factor of e every `span` steps; the first are not drawn to zero.
  smoothed(span) {
    if (span === 0) return this.buckets.map((bucket) => bucket.mean);
    let [sum, weight, before] = [0, 0, undefined];
    return this.buckets.map(({ step, mean }) => {
      const passed = before === undefined ? 1 : step - before;
      const kept = Math.exp(-passed / span);
      sum = sum * kept + (1 - kept) * mean;
      weight = weight * kept + (1 - kept);
      before = step;
      return sum / weight;
    });
  }
}

// All series of a run, by the names of their metrics.
export class RunSeries {
  constructor() {
    this.cursor = 0;
    this.time = undefined;
    this.byName = new Map();
  }

  static from(digest) {
    const all = new RunSeries();
    all.cursor = digest.cursor;
    all.time = digest.time;
    for (const named of digest.series) all.byName.set(named.name, Series.from(named));
    return all;
  }

  add(page) {
    if (page.cursor <= this.cursor) return;
    this.cursor = page.cursor;
    for (const { step, time, values } of page.groups) {
      this.time = time;
      for (const [name, value] of values) {
        if (!this.byName.has(name)) {
          this.byName.set(name, new Series(/^(update_norm|rank)\//.test(name) ? 256 : 2048));
        }
        this.byName.get(name).add(value, step);
      }
    }
  }

  get(name) {
    return this.byName.get(name);
  }

  latest(name) {
    return this.byName.get(name)?.last?.mean;
  }

  get lastStep() {
    let step = 0;
    for (const series of this.byName.values()) step = Math.max(step, series.last?.step ?? 0);
    return step;
  }
}
