// The head of the page: how it stands with the run.

import { byId, make, write } from "./elements.js";
import { duration, moment, whole } from "./numbers.js";
import { factsOf } from "./charts.js";

const outcomes = {
  running: "Running", finished: "Finished", failed: "Failed", interrupted: "Interrupted", lost: "Lost",
};

const messages = {
  interrupted: "It was stopped before its end; --resume continues it from its last state.",
  lost: "Its process is gone without a word; --resume continues the run from its last state.",
};

export const outcomeText = (outcome) => outcomes[outcome] ?? outcome;

// How fast steps are done, by what was seen in the last minutes.
export class Pace {
  constructor() {
    this.seen = [];
  }

  add(groups) {
    for (const { step, time } of groups) {
      const last = this.seen[this.seen.length - 1];
      if (last && step <= last.step) continue;
      this.seen.push({ step, time });
    }
    const newest = this.seen[this.seen.length - 1]?.time;
    this.seen = this.seen.filter(({ time }) => newest - time <= 120);
  }

  secondsPerStep(run, series) {
    const [first, last] = [this.seen[0], this.seen[this.seen.length - 1]];
    if (last && last.time - first.time >= 5) return (last.time - first.time) / (last.step - first.step);
    const [passed, steps] = [(series.time ?? run.started) - run.started, series.lastStep - run.first];
    return steps > 0 && passed > 0 ? passed / steps : undefined;
  }
}

export const showStatus = (run, series, pace) => {
  const step = Math.max(series.lastStep, run.first);
  write(byId("run-name"), run.name);
  const outcome = byId("outcome");
  outcome.className = `outcome ${run.outcome}`;
  write(outcome, outcomeText(run.outcome));
  const message = byId("message");
  const text = run.message || messages[run.outcome] || "";
  write(message, text);
  message.hidden = !text;
  message.className = `message ${run.outcome}`;
  showProgress(run, series, step, pace);
  showFacts(byId("facts"), factsOf(series));
  byId("about").hidden = run.facts.length === 0;
  showFacts(byId("about-facts"), [["Started", moment(run.started)], ...run.facts.map(({ label, value }) => [label, value])]);
  const share = run.steps ? `${Math.floor((100 * step) / run.steps)} %` : whole(step);
  const begin = run.outcome === "running" ? share : outcomeText(run.outcome);
  document.title = `${begin} · ${run.name} · lowrank watch`;
};

const showProgress = (run, series, step, pace) => {
  const bar = byId("progress");
  bar.hidden = !run.steps;
  if (run.steps) {
    bar.max = run.steps;
    bar.value = Math.min(step, run.steps);
  }
  write(byId("steps"), run.steps ? `Step ${whole(step)} of ${whole(run.steps)}` : `Step ${whole(step)}`);
  const seconds = run.outcome === "running" && run.steps
    ? (run.steps - step) * (pace.secondsPerStep(run, series) ?? NaN) : NaN;
  const took = run.ended ? `took ${duration(run.ended - run.started)}` : "";
  const rest = Number.isFinite(seconds) && seconds > 0 ? `about ${duration(seconds)} left` : "";
  write(byId("remaining"), run.outcome === "running" ? rest : run.outcome === "finished" ? took : "");
};

// Changes the values in place, so that what is read aloud or selected stays.
const showFacts = (list, facts) => {
  const labels = facts.map(([label]) => label).join("\n");
  if (list.dataset.labels !== labels) {
    list.dataset.labels = labels;
    list.replaceChildren(...facts.map(([label]) => make("div", {}, make("dt", {}, label), make("dd"))));
  }
  facts.forEach(([, value], index) => write(list.children[index].lastChild, value));
};
