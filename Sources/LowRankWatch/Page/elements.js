// Elements of the page and of drawings. Text goes in as text, never as markup.

const drawing = "http://www.w3.org/2000/svg";

const fill = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
};

export const make = (name, attributes = {}, ...children) =>
  fill(document.createElement(name), attributes, children);

export const draw = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(drawing, name), attributes, children);

export const byId = (id) => document.getElementById(id);

// Changes a text only if it is another, so that nothing is announced or selected in vain.
export const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

// Calls something once before the next picture, however often it is asked for.
export const soon = (action) => {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      action();
    });
  };
};
