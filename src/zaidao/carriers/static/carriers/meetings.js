// The pages of a meeting: tick lists, drafts that keep themselves, texts to copy. Everything works without this file.
"use strict";
(() => {
  const PERIOD = 20000; // milliseconds between two drafts while somebody types

  // Everybody else expected came: only where nothing is told yet.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-rest]");
    if (!button) return;
    event.preventDefault();
    for (const line of button.closest("[data-list]").querySelectorAll("[data-line]")) {
      const here = line.querySelector("input[type=checkbox]");
      if (!here.checked && !line.querySelector("select").value) {
        here.checked = true;
        here.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
  });

  // Who came is not away, and the other way round.
  document.addEventListener("change", ({ target }) => {
    const line = target.closest("[data-line]");
    if (!line) return;
    const here = line.querySelector("input[type=checkbox]"), away = line.querySelector("select");
    if (target === here && here.checked) away.value = "";
    if (target === away && away.value) here.checked = false;
  });

  // A draft is kept every 20 seconds and on leaving a field, while there is something new: idle pages ask nothing.
  const draft = () => {
    const form = document.querySelector("form[data-draft]"), said = document.getElementById("draft-said");
    if (!form || !said) return;
    let fresh = false;
    const keep = () => {
      if (!fresh) return;
      fresh = false;
      window.htmx.trigger(said, "keep");
    };
    form.addEventListener("input", () => { fresh = true; });
    form.addEventListener("focusout", ({ target }) => { if (target.matches("textarea")) keep(); });
    setInterval(keep, PERIOD);
  };

  // A text to paste elsewhere.
  const copies = () => {
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        const field = document.getElementById(button.dataset.copy);
        field.select();
        try {
          await navigator.clipboard.writeText(field.value);
        } catch {
          document.execCommand("copy"); // pages without encryption have no clipboard of their own
        }
        button.textContent = "已复制";
      });
    }
  };

  document.addEventListener("DOMContentLoaded", () => { draft(); copies(); });
})();
