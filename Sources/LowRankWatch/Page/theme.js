// Runs before anything is drawn, so that the page does not flash in the other colours.
(() => {
  const choices = ["auto", "light", "dark"];
  const names = { auto: "Theme: auto", light: "Theme: light", dark: "Theme: dark" };
  const read = () => {
    try {
      const kept = localStorage.getItem("theme");
      return choices.includes(kept) ? kept : "auto";
    } catch {
      return "auto";
    }
  };
  const keep = (choice) => {
    try {
      localStorage.setItem("theme", choice);
    } catch {
      // A browser that keeps nothing shows the choice until the page is left.
    }
  };
  let choice = read();
  const show = () => {
    if (choice === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    const button = document.getElementById("theme");
    if (button) button.textContent = names[choice];
  };
  show();
  document.addEventListener("DOMContentLoaded", () => {
    show();
    document.getElementById("theme").addEventListener("click", () => {
      choice = choices[(choices.indexOf(choice) + 1) % choices.length];
      keep(choice);
      show();
    });
  });
})();
