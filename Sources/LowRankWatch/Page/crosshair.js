// The step that all figures show the values of; none means the latest.

const listeners = new Set();
let shown = null;

export const crosshair = {
  get step() {
    return shown;
  },

  show(step) {
    if (step === shown) return;
    shown = step;
    for (const listener of listeners) listener();
  },

  listen(action) {
    listeners.add(action);
  },
};

// Makes an element move the crosshair by pointer and keyboard.
// `steps()` gives what can be shown, in order; `place(x)` the nearest of them to a place in the element;
// `turn(by)` is what the other arrows do, if they do anything.
export const steer = (element, { steps, place, turn }) => {
  const nearest = (event) => {
    const step = place(event.clientX - element.getBoundingClientRect().left, event);
    if (step !== undefined) crosshair.show(step);
  };
  element.addEventListener("pointermove", nearest);
  element.addEventListener("pointerdown", nearest);
  element.addEventListener("pointerleave", () => crosshair.show(null));
  element.addEventListener("blur", () => crosshair.show(null));
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const all = steps();
    if (all.length === 0) return;
    const shownIndex = () => {
      const index = all.findIndex((step) => step >= crosshair.step);
      return index < 0 ? all.length - 1 : index;
    };
    const current = crosshair.step === null ? all.length - 1 : shownIndex();
    const far = Math.max(2, Math.round(all.length / 20));
    const moves = {
      ArrowLeft: current - (event.shiftKey ? far : 1),
      ArrowRight: current + (event.shiftKey ? far : 1),
      PageDown: current - far,
      PageUp: current + far,
      Home: 0,
      End: all.length - 1,
    };
    if (event.key in moves) {
      const index = Math.min(all.length - 1, Math.max(0, moves[event.key]));
      crosshair.show(all[index]);
    } else if (event.key === "Escape" && crosshair.step !== null) {
      crosshair.show(null);
    } else if (turn && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      turn(event.key === "ArrowUp" ? -1 : 1);
    } else {
      return;
    }
    event.preventDefault();
  });
};
