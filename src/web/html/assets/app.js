"use strict";
/* More pleasant with it; no page needs it. */
(function () {
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };
  var words = document.documentElement.lang === "en"
    ? { leave: "What you typed has not been sent.", sure: "Are you sure?", draft: "Restored what you typed before.", away: "Discard", copied: "Copied", show: "Show", hide: "Hide" }
    : { leave: "填写的内容还没有提交。", sure: "确定吗？", draft: "已恢复您之前填写而未提交的内容。", away: "不用恢复", copied: "已复制", show: "显示", hide: "隐藏" };

  /* What is wrong is read first. */
  var focus = document.querySelector("[data-focus]");
  if (focus) { focus.focus(); document.title = document.title.replace(/^\s+/, ""); }

  /* The way one is on is seen, also on a telephone. */
  all(".ways [aria-current]").forEach(function (a) { a.closest(".ways").scrollLeft = (a.parentNode.previousElementSibling || a).offsetLeft; });

  /* "/" goes to the search box. */
  document.addEventListener("keydown", function (event) {
    var into = event.target;
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(into.tagName) || into.isContentEditable) return;
    var box = document.querySelector("[data-slash]");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  });

  /* A menu closes when something else is used. */
  document.addEventListener("click", function (event) {
    all("details.menu[open]").forEach(function (menu) { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") all("details.menu[open]").forEach(function (menu) { menu.open = false; menu.querySelector("summary").focus(); });
  });

  /* Asks before what cannot be taken back; sends once. */
  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter;
    var question = (button && button.getAttribute("data-confirm")) || form.getAttribute("data-confirm");
    if (question !== null && !window.confirm(question || words.sure)) { event.preventDefault(); return; }
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(function () { delete form.dataset.sent; }, 8000);
  });
  window.addEventListener("pageshow", function () { all("form[data-sent]").forEach(function (form) { delete form.dataset.sent; }); });

  /* Warns before what was typed is lost. */
  var changed = function (form) {
    return all("input, textarea, select", form).some(function (field) {
      if (field.type === "hidden" || field.type === "submit") return false;
      if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
      if (field.tagName === "SELECT") return all("option", field).some(function (o) { return o.selected !== o.defaultSelected; }) && all("option", field).some(function (o) { return o.defaultSelected; });
      return field.value !== field.defaultValue;
    });
  };
  window.addEventListener("beforeunload", function (event) {
    var open = all("form[data-guard]").some(function (form) { return !form.dataset.sent && changed(form); });
    if (open) { event.preventDefault(); event.returnValue = words.leave; }
  });

  /* Keeps drafts of long forms in this browser until they are sent; never passwords. */
  var kept = function (form) {
    return all("input, textarea, select", form).filter(function (f) { return f.name && f.type !== "hidden" && f.type !== "password" && f.type !== "file"; });
  };
  all("form[data-draft]").forEach(function (form) {
    var key = "draft:" + form.getAttribute("data-draft") + ":" + location.pathname, store;
    try { store = window.localStorage; } catch (error) { return; }
    if (!store) return;
    var save = function () {
      var list = kept(form).map(function (f) { return [f.name, f.value, f.type === "checkbox" || f.type === "radio" ? f.checked : null]; });
      try { if (changed(form)) store.setItem(key, JSON.stringify(list)); else store.removeItem(key); } catch (error) { /* full */ }
    };
    var text = store.getItem(key);
    /* A form that came back with faults shows what was sent; a draft would be older. */
    if (text && !document.getElementById("summary")) {
      try {
        var list = JSON.parse(text), fields = kept(form);
        if (list.length === fields.length && list.every(function (entry, i) { return entry[0] === fields[i].name; })) {
          list.forEach(function (entry, i) { if (entry[2] === null) fields[i].value = entry[1]; else fields[i].checked = entry[2]; });
          var note = document.createElement("p"), away = document.createElement("button");
          note.className = "note"; note.setAttribute("role", "status"); note.textContent = words.draft + " ";
          away.type = "button"; away.className = "plain"; away.textContent = words.away;
          away.addEventListener("click", function () { store.removeItem(key); form.reset(); note.remove(); });
          note.appendChild(away); form.insertBefore(note, form.firstChild);
        }
      } catch (error) { store.removeItem(key); }
    }
    var timer;
    form.addEventListener("input", function () { window.clearTimeout(timer); timer = window.setTimeout(save, 600); });
    form.addEventListener("submit", function () { window.clearTimeout(timer); store.removeItem(key); });
  });

  /* Ticks all boxes of a list. */
  all("[data-all]").forEach(function (box) {
    box.hidden = false;
    box.addEventListener("change", function () {
      all('input[type=checkbox][name="' + box.getAttribute("data-all") + '"]', box.form || document).forEach(function (one) { one.checked = box.checked; });
    });
  });

  /* Narrows a long list of choices to what is typed. */
  all("[data-narrow]").forEach(function (input) {
    var list = document.getElementById(input.getAttribute("data-narrow"));
    input.hidden = false;
    input.addEventListener("input", function () {
      var text = input.value.trim().toLowerCase();
      all(".choice, tbody tr, li", list).forEach(function (one) { one.hidden = one.textContent.toLowerCase().indexOf(text) < 0 && !one.querySelector("input:checked"); });
    });
  });

  /* Shows a password while it is typed. */
  all("input[type=password]").forEach(function (input) {
    var button = document.createElement("button");
    button.type = "button"; button.className = "plain"; button.textContent = words.show; button.setAttribute("aria-controls", input.id);
    button.addEventListener("click", function () {
      var hidden = input.type === "password";
      input.type = hidden ? "text" : "password"; button.textContent = hidden ? words.hide : words.show;
    });
    input.insertAdjacentElement("afterend", button);
    if (input.form) input.form.addEventListener("submit", function () { input.type = "password"; });
  });

  /* Copies a text; needs no permission and no https. */
  all("[data-copy]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var from = document.getElementById(button.getAttribute("data-copy")), range = document.createRange(), chosen = window.getSelection();
      range.selectNodeContents(from); chosen.removeAllRanges(); chosen.addRange(range);
      if (document.execCommand("copy")) button.textContent = words.copied;
    });
  });
  all("[data-print]").forEach(function (button) { button.hidden = false; button.addEventListener("click", function () { window.print(); }); });

  /* What is wider than the window is reached with the keyboard too. */
  var wide = function () { all(".scroll").forEach(function (box) { if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex"); }); };
  wide(); window.addEventListener("resize", wide);

  /* Live parts: read again every few seconds, or when the server says so. */
  all("[data-live]").forEach(function (part) {
    var every = (parseInt(part.getAttribute("data-live"), 10) || 3) * 1000, busy = false;
    var read = function () {
      if (busy || document.hidden) return;
      busy = true;
      fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } }).then(function (answer) {
        if (answer.redirected || !answer.ok) { location.reload(); return ""; }
        return answer.text();
      }).then(function (text) {
        if (!text) return;
        var fresh = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
        if (fresh && fresh.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.innerHTML = fresh.innerHTML;
        if (!fresh || !fresh.hasAttribute("data-live")) { window.clearInterval(timer); if (fresh) part.removeAttribute("data-live"); }
      }).catch(function () { /* the line is down: the next round tries again */ }).then(function () { busy = false; });
    };
    var timer = window.setInterval(read, every), address = part.getAttribute("data-events");
    if (address && window.EventSource) {
      var source = new EventSource(address);
      source.addEventListener("message", read);
      window.addEventListener("beforeunload", function () { source.close(); });
    }
  });

  /* Where there may be no line: a page is left only when the server can be reached. */
  document.addEventListener("submit", function (event) {
    var form = event.target, said = form.getAttribute("data-line"), button = event.submitter;
    if (!said || form.dataset.up) { delete form.dataset.up; return; }
    event.preventDefault(); event.stopPropagation();
    fetch(document.querySelector("link[rel=icon]").href, { cache: "no-store" }).then(function () { form.dataset.up = "1"; form.requestSubmit(button); }, function () { window.alert(said); });
  }, true);
})();
