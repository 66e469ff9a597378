// What every page must be, looked at in the browser as it stands there now. Answers a list of findings.
const found = [];
const visible = (e) => e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && e.getClientRects().length > 0;
const where = (e) => e.outerHTML.replace(/\s+/g, " ").slice(0, 140);
const words = (e) => (e ? e.textContent.replace(/\s+/g, " ").trim() : "");
const every = (what) => Array.from(document.querySelectorAll(what));

if (!document.documentElement.lang) found.push("no language");
if (!document.title.trim()) found.push("no title");
const headings = every("h1").filter(visible).length;
if (headings !== 1) found.push(headings + " first headings");
if (every("main").length !== 1) found.push("no main part, or several");

// Everything one can use says what it is.
const named = (e) => {
  const by = (e.getAttribute("aria-labelledby") || "").split(" ").map((id) => words(document.getElementById(id))).join("");
  const alt = Array.from(e.querySelectorAll("img[alt]")).map((i) => i.alt).join("");
  const labels = Array.from(e.labels || []).map(words).join("");
  return (e.getAttribute("aria-label") || by || labels || (/^(A|BUTTON|SUMMARY)$/.test(e.tagName) ? words(e) + alt : "") || e.title || "").trim();
};
const USED = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
const used = every(USED).filter(visible);
used.filter((e) => !named(e) && !e.hasAttribute("tabindex")).forEach((e) => found.push("no name: " + where(e)));
every("img:not([alt])").forEach((e) => found.push("no alternative: " + where(e)));
every("fieldset").filter((f) => !words(f.querySelector("legend"))).forEach((f) => found.push("a group without a name: " + where(f)));
every("table").filter((t) => t.querySelector("td") && !t.querySelector("th")).forEach((t) => found.push("a table without headings: " + where(t)));
const ids = new Set();
every("[id]").forEach((e) => (ids.has(e.id) ? found.push("twice on the page: #" + e.id) : ids.add(e.id)));
every("[for], [aria-describedby], [aria-labelledby], [aria-controls]").forEach((e) =>
  ["for", "aria-describedby", "aria-labelledby", "aria-controls"].forEach((a) =>
    (e.getAttribute(a) || "").split(" ").filter((id) => id && !document.getElementById(id)).forEach((id) => found.push(a + " of nothing: #" + id))));
let level = 0;
every("h1, h2, h3, h4, h5, h6").filter(visible).forEach((h) => {
  const now = Number(h.tagName[1]);
  if (now > level + 1) found.push("a heading of level " + now + " below level " + level + ": " + words(h));
  level = now;
});

// Large enough for a finger: 24 px, but for words in a sentence.
const box = (e) => {
  let r = e.getBoundingClientRect();
  const label = /^(checkbox|radio)$/.test(e.type) && e.closest("label");
  if (label) r = label.getBoundingClientRect();
  return r;
};
used.filter((e) => !(e.tagName === "A" && getComputedStyle(e).display === "inline")).forEach((e) => {
  const r = box(e);
  const aside = r.right <= 0 || r.bottom + scrollY <= 0 || r.width <= 1;
  if (!aside && (r.width < 23.9 || r.height < 23.9)) found.push("small (" + r.width.toFixed(0) + " x " + r.height.toFixed(0) + "): " + where(e));
});

// Contrast of every text with what is behind it.
const colour = (text) => {
  const n = (text.match(/[\d.]+/g) || []).map(Number);
  return { r: n[0], g: n[1], b: n[2], a: n.length > 3 ? n[3] : 1 };
};
const over = (top, low) => ({ r: top.r * top.a + low.r * (1 - top.a), g: top.g * top.a + low.g * (1 - top.a), b: top.b * top.a + low.b * (1 - top.a), a: 1 });
const behind = (e) => {
  const layers = [];
  for (let at = e; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.backgroundImage !== "none") return null;
    const c = colour(style.backgroundColor);
    if (c.a > 0) layers.push(c);
    if (c.a === 1) break;
  }
  const ground = colour(getComputedStyle(document.documentElement).backgroundColor);
  let under = ground.a === 1 ? ground : matchMedia("(prefers-color-scheme: dark)").matches ? { r: 18, g: 18, b: 18, a: 1 } : { r: 255, g: 255, b: 255, a: 1 };
  layers.reverse().forEach((c) => { under = over(c, under); });
  return under;
};
const light = (c) => {
  const part = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4));
  return 0.2126 * part(c.r) + 0.7152 * part(c.g) + 0.0722 * part(c.b);
};
const texts = new Set();
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) if (walk.currentNode.data.trim() && walk.currentNode.parentElement) texts.add(walk.currentNode.parentElement);
every("input, textarea, select").forEach((e) => texts.add(e));
texts.forEach((e) => {
  if (!visible(e) || e.closest("svg, [disabled], script, style, noscript") || e.getBoundingClientRect().width <= 1) return;
  const style = getComputedStyle(e), back = behind(e);
  if (!back) return;
  const text = over(colour(style.color), back);
  const [a, b] = [light(text), light(back)].sort((x, y) => y - x);
  const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < (large ? 3 : 4.5)) found.push("contrast " + ratio.toFixed(2) + ": " + where(e));
});

// A telephone makes the window as wide as what does not fit.
const room = document.documentElement.clientWidth, wide = document.documentElement.scrollWidth - room;
if (wide > 0) {
  const kept = (e) => { for (let up = e.parentElement; up; up = up.parentElement) if (getComputedStyle(up).overflowX !== "visible") return true; return false; };
  const widest = Array.from(document.body.querySelectorAll("*")).filter((e) => visible(e) && e.getBoundingClientRect().right > room + 1 && !kept(e));
  found.push("scrolls sideways by " + wide + " px: " + widest.slice(-1).map(where).join(""));
}
return found;
