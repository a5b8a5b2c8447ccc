// What the browser and htmx alone do not do. Everything works without this file; it makes the keyboard quicker.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);

  // A branch of the tree opens once, so its button goes.
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const asked = detail.requestConfig.elt;
    if (asked.classList.contains("more")) asked.remove();
  });

  // A fragment that did not come says so in words.
  const said = {
    403: "您现在的岗位不能做这一步。", 404: "没有找到,可能已经删除。", 413: "提交的内容太大。", 429: "操作太频繁,请稍后再试。",
    503: "数据库暂时没有回应,请过几分钟再试。",
    0: "没有连上服务器,请检查网络后再试。",
  };
  const tell = ({ detail }) => {
    const place = one("#said");
    if (!place) return;
    const note = document.createElement("div");
    note.className = "alert alert-warning";
    note.textContent = `没有完成:${said[detail.xhr.status] || "服务器没有办成这一步,请刷新页面后再试。"}`;
    place.replaceChildren(note);
  };
  document.addEventListener("htmx:responseError", tell);
  document.addEventListener("htmx:sendError", tell);

  // After a refused form: to the first field that wants mending, else to what was said about the whole form.
  const mend = () => {
    const wrong = one('main [aria-invalid="true"]') || one("main [data-errors]");
    if (wrong) wrong.focus();
  };
  document.addEventListener("DOMContentLoaded", mend);
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (target instanceof Element && one('[aria-invalid="true"], [data-errors]', target)) mend();
  });

  // Menus: one open at a time, closed by Esc and by a click elsewhere.
  const close = (but) => {
    for (const menu of document.querySelectorAll("details.drop[open]")) if (!but || !menu.contains(but)) menu.open = false;
  };
  document.addEventListener("click", ({ target }) => close(target));
  document.addEventListener("focusin", ({ target }) => close(target));
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (key === "Escape") {
      const open = one("details.drop[open]");
      if (open) {
        const inside = open.contains(target);
        open.open = false;
        if (inside) one("summary", open).focus();
      }
      return;
    }
    const typing = target instanceof Element && target.closest("input, textarea, select, [contenteditable]");
    const search = one('main input[type="search"]') || one(".find input");
    if (key === "/" && search && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
})();
