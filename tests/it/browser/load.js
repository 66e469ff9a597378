// How the page came: what moved while it did, what it weighs, whom it asked. Answers through the last argument.
const done = arguments[arguments.length - 1];
const here = location.origin, loads = performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"));
const answer = {
  bytes: loads.reduce((sum, e) => sum + Math.max(e.transferSize, e.encodedBodySize), 0),
  foreign: loads.map((e) => e.name).filter((n) => !n.startsWith(here) && !n.startsWith("data:")),
  shift: 0,
};
new PerformanceObserver((list) => list.getEntries().forEach((e) => { answer.shift += e.value; })).observe({ type: "layout-shift", buffered: true });
setTimeout(() => done(answer), 30);
