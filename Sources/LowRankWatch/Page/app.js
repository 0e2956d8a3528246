// The page: what is shown, and what happens when the server tells something new.

import { byId, make, soon, write } from "./elements.js";
import { Charts } from "./charts.js";
import { Connection } from "./connection.js";
import { RunList } from "./runlist.js";
import { Pace, showStatus } from "./status.js";
import { RunSeries } from "./series.js";
import { whole } from "./numbers.js";

const spans = [0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];
const overlayLimit = 7;

const settings = { smoothing: 10, logarithmic: false };
const pace = new Pace();
const overlays = new Map();
let runs = [];
let run = null;
let series = new RunSeries();
let charts = null;
let list = null;

const fetchJSON = async (address) => {
  const answer = await fetch(address);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error ?? `The server answered ${answer.status}.`);
  return body;
};

const seriesOf = async (id) =>
  RunSeries.from(await fetchJSON(`/api/runs/${encodeURIComponent(id)}/points`));

const slots = () => {
  const all = new Map();
  if (run) all.set(run.id, 0);
  for (const [id, { slot }] of overlays) all.set(id, slot);
  return all;
};

const show = soon(() => {
  list.show(runs, run?.id, slots());
  if (!run) return;
  showStatus(run, series, pace);
  const shown = [{ label: run.name, slot: 0, series }];
  for (const [id, overlay] of overlays) {
    const label = runs.find((other) => other.id === id)?.name ?? id;
    if (overlay.series) shown.push({ label, slot: overlay.slot, series: overlay.series });
  }
  charts.show(shown);
});

const overlay = async (id, isWanted) => {
  if (!isWanted) {
    overlays.delete(id);
    show();
    return;
  }
  const taken = new Set([...overlays.values()].map(({ slot }) => slot));
  const slot = [1, 2, 3, 4, 5, 6, 7].find((number) => !taken.has(number));
  if (slot === undefined) {
    write(byId("newer"), `${overlayLimit} runs at most lie over another; take one away first.`);
    show();
    return;
  }
  const entry = { slot };
  overlays.set(id, entry);
  show();
  try {
    entry.series = await seriesOf(id);
  } catch {
    overlays.delete(id);
  }
  show();
};

const sayWhatIsNewer = () => {
  const newest = runs[0];
  if (!run || !newest || newest.id === run.id || newest.started <= run.started) return;
  const line = byId("newer");
  if (line.dataset.run === newest.id) return;
  line.dataset.run = newest.id;
  line.replaceChildren("A newer run: ", make("a", { href: `/?run=${encodeURIComponent(newest.id)}` }, newest.name));
};

const begin = async (first) => {
  run = first;
  byId("empty").hidden = true;
  byId("run").hidden = false;
  charts = new Charts(byId("figures"), settings);
  series = await seriesOf(run.id);
  show();
};

const connect = () => new Connection(
  () => (run ? `/events?run=${encodeURIComponent(run.id)}&after=${series.cursor}` : "/events"),
  {
    runs: (news) => {
      runs = news.runs;
      // The first run of all takes the place of the empty page.
      if (!run && runs.length > 0) location.reload();
      sayWhatIsNewer();
      show();
    },
    run: (news) => {
      run = news;
      show();
    },
    points: (page) => {
      series.add(page);
      pace.add(page.groups);
      show();
    },
  });

const wireControls = () => {
  const slider = byId("smoothing");
  const text = byId("smoothing-text");
  const smooth = () => {
    settings.smoothing = spans[Number(slider.value)];
    const words = settings.smoothing === 0 ? "none" : `about ${whole(settings.smoothing)} steps`;
    write(text, words);
    slider.setAttribute("aria-valuetext", words);
    charts?.redraw();
  };
  slider.value = spans.indexOf(settings.smoothing);
  smooth();
  slider.addEventListener("input", smooth);
  byId("logarithmic").addEventListener("change", (event) => {
    settings.logarithmic = event.target.checked;
    charts?.redraw();
  });
};

const start = async () => {
  list = new RunList({ onOverlay: overlay });
  wireControls();
  runs = (await fetchJSON("/api/runs")).runs;
  const wanted = new URLSearchParams(location.search).get("run");
  const chosen = wanted
    ? await fetchJSON(`/api/runs/${encodeURIComponent(wanted)}`)
    : runs.find(({ outcome }) => outcome === "running") ?? runs[0];
  if (chosen) await begin(chosen);
  else byId("empty").hidden = false;
  show();
  connect();
};

start().catch((error) => {
  byId("run").hidden = true;
  byId("problem").hidden = false;
  write(byId("problem-text"), error.message);
});
