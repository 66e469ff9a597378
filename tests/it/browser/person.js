// Finds things on a page as a person does: by the words that stand on them. Put before every script of the driver.
const tidy = (text) => (text || "").replace(/\s+/g, " ").trim();
const seen = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && element.getClientRects().length > 0;
// How well a text answers to words: 3 it is them, 2 it begins with them, 1 they stand in it, 0 not at all.
const fits = (text, words) => (text === words ? 3 : text.startsWith(words) ? 2 : text.includes(words) ? 1 : 0);
const best = (list, names, words) => {
  let found = null, most = 0;
  for (const element of list) {
    const rank = Math.max(0, ...names(element).map((name) => fits(tidy(name), words)));
    if (rank > most) { found = element; most = rank; }
  }
  return found;
};
const without = (element, what) => {
  const copy = element.cloneNode(true);
  copy.querySelectorAll(what).forEach((part) => part.remove());
  return copy.textContent;
};
// The smallest part of the page under these words: a heading, a legend, the first cell of a row.
const part = (words) => {
  if (!words) return document;
  const parts = Array.from(document.querySelectorAll("fieldset, section, .card, details, tr, li, form, dialog")).filter(seen);
  const title = (p) => Array.from(p.querySelectorAll("h1, h2, h3, h4, legend, summary, th, caption, label, b")).filter((t) => t.closest("fieldset, section, .card, details, tr, li, form, dialog") === p).map((t) => t.textContent);
  return best(parts, title, words);
};
const all = (scope, what) => { const p = part(scope); return p ? Array.from(p.querySelectorAll(what)).filter(seen) : []; };
const link = (scope, words) => best(all(scope, "a[href]"), (a) => [a.textContent, a.getAttribute("aria-label")], words);
const button = (scope, words) => best(all(scope, "button, input[type=submit]"), (b) => [b.textContent, b.value, b.getAttribute("aria-label")], words);
const summary = (scope, words) => best(all(scope, "summary"), (s) => [s.textContent], words);
const FIELDS = "input:not([type=hidden]):not([type=submit]), select, textarea";
const names = (field) => Array.from(field.labels || []).flatMap((l) => [without(l, "small"), l.textContent]).concat(field.getAttribute("aria-label") || []);
const field = (scope, words) => best(all(scope, FIELDS), names, words);
const option = (select, words) => best(Array.from(select.options), (o) => [o.textContent], words);
// Dates and moments: what a person enters depends on the language of the browser, what the field then holds does not.
const put = (element, value) => {
  element.value = value;
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
};
// What there is instead, for the message of a test that did not find something.
const offer = (scope) => ({
  part: Boolean(part(scope)),
  links: all(scope, "a[href]").map((a) => tidy(a.textContent)),
  buttons: all(scope, "button").map((b) => tidy(b.textContent)),
  fields: all(scope, FIELDS).map((f) => tidy(names(f)[0])),
  summaries: all(scope, "summary").map((s) => tidy(s.textContent)),
});
const read = () => tidy(document.body.innerText);
