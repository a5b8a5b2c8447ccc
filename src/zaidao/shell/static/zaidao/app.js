// What HTMX alone does not do: a branch of the tree opens once, so its button goes.
"use strict";
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const asked = detail.requestConfig.elt;
  if (asked.classList.contains("more")) asked.remove();
});
