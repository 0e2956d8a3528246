// From values to places on the vertical axis, which ends at `bottom`. What has no place is undefined.

import { logarithmicTicks, mark, tick, ticks } from "./numbers.js";

// What a figure keeps free around its axes.
export const margin = { top: 10, right: 14, bottom: 26 };

export const linearScale = (least, largest, bottom) => {
  // An axis that nearly reaches zero begins there.
  if (least > 0 && least < largest / 4) least = 0;
  const room = (largest - least) * 0.05;
  const [from, to] = [least === 0 ? 0 : least - room, largest + room];
  const round = ticks(from, to, 5);
  return {
    place: (value) => Number.isFinite(value)
      ? bottom - ((value - from) / (to - from)) * (bottom - margin.top) : undefined,
    ticks: round.values.map((value) => ({ value, label: tick(value, round.step) })),
  };
};

export const logarithmicScale = (least, largest, bottom) => {
  const room = Math.max((Math.log(largest) - Math.log(least)) * 0.05, 0.02);
  const [from, to] = [Math.log(least) - room, Math.log(largest) + room];
  return {
    place: (value) => value > 0
      ? bottom - ((Math.log(value) - from) / (to - from)) * (bottom - margin.top) : undefined,
    ticks: logarithmicTicks(Math.exp(from), Math.exp(to))
      .map((value) => ({ value, label: mark(value) })),
  };
};
