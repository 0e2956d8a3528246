// Numbers and times as people read them.

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const minus = (text) => text.replace("-", "−");

export const whole = (value) => minus(grouped.format(value));

// Four digits that mean something.
export const short = (value) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 10000 && size < 1e9) return whole(value);
  if (size >= 1e9 || size < 0.001) return power(value);
  return Number.isInteger(value) ? whole(value) : minus(value.toPrecision(4));
};

// A tick of a logarithmic axis.
export const mark = (value) =>
  value >= 1e6 ? compact(value) : value < 0.001 ? power(value) : minus(`${Number(value.toPrecision(2))}`);

const power = (value) => {
  const [digits, exponent] = value.toExponential(2).split("e");
  return minus(`${Number(digits)}e${Number(exponent)}`);
};

// Ticks all have the digits that their distance needs.
export const tick = (value, step) => {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6) return compact(value);
  if (size < 0.001 && step < 0.001) return power(value);
  const digits = Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  if (digits === 0) return whole(value);
  return minus(value.toFixed(digits));
};

const compact = (value) => {
  const units = [[1e9, "G"], [1e6, "M"], [1e3, "k"]];
  const [unit, letter] = units.find(([size]) => Math.abs(value) >= size) ?? [1, ""];
  return minus(`${Number((value / unit).toPrecision(3))}${letter}`);
};

export const bytes = (value) =>
  value >= 1e9 ? `${(value / 1e9).toFixed(2)} GB` : `${Math.round(value / 1e6)} MB`;

export const duration = (seconds) => {
  if (!Number.isFinite(seconds)) return "";
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  const minutes = Math.floor(rounded / 60);
  if (minutes < 60) return minutes < 10 ? `${minutes} min ${rounded % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
};

export const moment = (seconds) =>
  new Date(seconds * 1000).toLocaleString("en-GB", {
    day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
  });

// Round values between two, about as many as wanted.
export const ticks = (least, largest, wanted) => {
  const rough = (largest - least) / Math.max(1, wanted);
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * unit).find((size) => size >= rough);
  const values = [];
  for (let index = Math.ceil(least / step - 1e-9); index * step <= largest + step * 1e-9; index++) {
    values.push(Number((index * step).toPrecision(12)));
  }
  return { values, step };
};

// Powers of ten between two, with 2 and 5 in between where they are few.
export const logarithmicTicks = (least, largest) => {
  const first = Math.floor(Math.log10(least));
  const last = Math.ceil(Math.log10(largest));
  const decades = last - first;
  const factors = decades > 3 ? [1] : decades > 1 ? [1, 2, 5] : [1, 1.5, 2, 3, 5, 7];
  const every = Math.max(1, Math.ceil(decades / 7));
  const values = [];
  for (let exponent = first; exponent <= last; exponent += every) {
    for (const factor of factors) {
      const value = Number((factor * 10 ** exponent).toPrecision(6));
      if (value >= least && value <= largest) values.push(value);
    }
  }
  return values;
};
