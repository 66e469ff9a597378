// Runs the script of the public draw page on bundles and on bundles somebody has changed: `node draw_check.js draw.js`,
// with JSON on its input, {"bundles": {name: text}}. Prints {name: {"found": .., "missed": [what changed unnoticed]}}.
"use strict";
const fs = require("fs");
const own = { exports: {} };
new Function("module", fs.readFileSync(process.argv[2], "utf8"))(own);
const verify = own.exports;
const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const wrong = (text, but) => Object.entries(verify(text)).some(([step, held]) => held === false && step !== but);
const told = {};
for (const [name, text] of Object.entries(asked.bundles)) {
  const missed = [];
  const tried = (what, change, but) => {
    const copy = JSON.parse(text);
    if (change(copy) === false) return;
    // Whoever changes a bundle writes a fitting sum as well.
    delete copy.sum;
    if (!wrong(JSON.stringify(copy), but)) missed.push(what);
  };
  const flip = t => t.replace(/[0-9a-f](?=[^0-9a-f]*$)/, c => c === "0" ? "1" : "0");
  const bundle = JSON.parse(text);
  for (const [record, lines] of Object.entries(bundle.records)) {
    lines.split("\n").forEach((line, i) => {
      if (line === "") return;
      tried(`${record}: ${line.split(" ")[0]}`, b => {
        const all = b.records[record].split("\n");
        all[i] = flip(line);
        if (all[i] === line) return false;
        b.records[record] = all.join("\n");
        // The log says the same, and that its root is wrong does not count: the draw itself must tell.
        const place = b.log.entries.indexOf(Buffer.from(lines).toString("base64"));
        if (place >= 0) b.log.entries[place] = Buffer.from(b.records[record]).toString("base64");
      }, i > 1 ? "log" : "");
    });
  }
  tried("log root", b => { b.log.root = flip(b.log.root); });
  tried("log entry", b => { b.log.entries.pop(); });
  tried("a second result in the log", b => {
    if (!b.records.result) return false;
    b.log.entries.push(Buffer.from(b.records.result.replace("vdr/1/result", "vdr/1/abort")).toString("base64"));
  });
  tried("excluded", b => { b.excluded = b.excluded.length ? [] : [[0, "CAP"]]; });
  (bundle.winners || []).forEach((_, i) => {
    tried(`winner ${i} id`, b => { b.winners[i].id = flip(b.winners[i].id); });
    tried(`winner ${i} number`, b => { b.winners[i].number += 1; });
    tried(`winner ${i} body`, b => { b.winners[i].body = flip(b.winners[i].body); });
    tried(`winner ${i} gone`, b => { b.winners.splice(i, 1); });
  });
  told[name] = { found: verify(text), missed };
  if (bundle.sum) told[name].sum = verify(text.replace(/"form": "/, '"form":  "')).file;
}
console.log(JSON.stringify(told));
