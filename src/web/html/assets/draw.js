"use strict";
/* Computes a draw again in the browser from its public bundle (VDR/1), asking no server and no Web Crypto, which is
   missing without TLS. */
(() => {
  const bytes = t => new TextEncoder().encode(t);
  const hex = b => Array.from(b, x => (x + 256).toString(16).slice(1)).join("");
  const unhex = h => {
    if (!/^([0-9a-f]{2})*$/.test(h)) throw h;
    return Uint8Array.from(h.match(/../g) || [], x => parseInt(x, 16));
  };
  const join = parts => Uint8Array.from([].concat(...parts.map(p => Array.from(p))));
  const u32 = n => [n >>> 24, n >>> 16 & 255, n >>> 8 & 255, n & 255];
  const u64 = n => [...u32(n / 2 ** 32), ...u32(n)];
  const lp = x => join([u32(x.length), x]);

  /* SHA-256: its constants are the first bits of roots of primes. */
  const K = [], IV = [];
  for (let p = 2; K.length < 64; p++) {
    let d = 2;
    while (p % d) d++;
    if (d < p) continue;
    if (IV.length < 8) IV.push(p ** 0.5 * 2 ** 32 | 0);
    K.push(Math.cbrt(p) * 2 ** 32 | 0);
  }
  const sha = m => {
    const r = (x, n) => x >>> n | x << 32 - n, w = [];
    const b = join([m, [128], new Uint8Array((119 - m.length % 64) % 64), u64(m.length * 8)]);
    let h = IV;
    for (let at = 0; at < b.length; at += 64) {
      let s = h;
      for (let i = 0; i < 64; i++) {
        const j = at + 4 * i, x = w[i - 15], y = w[i - 2], e = s[4], a = s[0];
        w[i] = i < 16 ? b[j] << 24 | b[j + 1] << 16 | b[j + 2] << 8 | b[j + 3]
          : w[i - 16] + (r(x, 7) ^ r(x, 18) ^ x >>> 3) + w[i - 7] + (r(y, 17) ^ r(y, 19) ^ y >>> 10) | 0;
        const t = s[7] + (r(e, 6) ^ r(e, 11) ^ r(e, 25)) + (e & s[5] ^ ~e & s[6]) + K[i] + w[i];
        const u = (r(a, 2) ^ r(a, 13) ^ r(a, 22)) + (a & s[1] ^ a & s[2] ^ s[1] & s[2]);
        s = [t + u | 0, a, s[1], s[2], s[3] + t | 0, e, s[5], s[6]];
      }
      h = h.map((v, i) => v + s[i] | 0);
    }
    return join(h.map(u32));
  };
  const digest = t => hex(sha(bytes(t)));
  const tagged = (tag, fields) => sha(join([bytes(tag), ...fields].map(lp)));
  const hmac = (key, m) => {
    const pad = x => Array.from({ length: 64 }, (_, i) => key[i] ^ x);
    return sha(join([pad(92), sha(join([pad(54), m]))]));
  };

  /* Merkle trees (RFC 6962). */
  const leaf = d => sha(join([[0], d])), node = (l, r) => sha(join([[1], l, r]));
  const root = level => {
    if (!level.length) return digest("");
    while (level.length > 1)
      level = level.filter((_, i) => i % 2 < 1).map((l, i) => 2 * i + 1 in level ? node(l, level[2 * i + 1]) : l);
    return hex(level[0]);
  };
  const climb = (h, at, last, path) => {
    for (path = path.map(unhex); last > 0; at >>= 1, last >>= 1)
      if (at % 2) h = node(path.shift(), h);
      else if (at < last) h = node(h, path.shift());
    return path.length ? "" : hex(h);
  };

  /* Lots: 16 bytes each of one ChaCha20 keystream (RFC 8439). */
  const lots = (key, from, to, each) => {
    const words = new Int32Array(Uint8Array.from([...bytes("expand 32-byte k"), ...key]).buffer);
    for (let block = from >> 2; block * 4 < to; block++) {
      const first = [...words, block, 0, 0, 0], x = Int32Array.from(first);
      const turn = (a, b, d, n) => { x[a] += x[b]; const v = x[d] ^ x[a]; x[d] = v << n | v >>> 32 - n; };
      for (let i = 0; i < 80; i++) {
        const o = i >> 2 & 1, a = i % 4, b = 4 + (a + o) % 4, c = 8 + (a + 2 * o) % 4, d = 12 + (a + 3 * o) % 4;
        turn(a, b, d, 16); turn(c, d, b, 12); turn(a, b, d, 8); turn(c, d, b, 7);
      }
      x.forEach((_, i) => x[i] += first[i]);
      const all = hex(new Uint8Array(x.buffer));
      for (let i = 0; i < 4; i++) {
        const n = block * 4 + i;
        if (n >= from && n < to) each(n, all.substr(32 * i, 32));
      }
    }
  };

  /* How many of each stratum [eligible, rate, least, most, share] are drawn. */
  const quotas = (mode, total, bp, strata) => {
    const min = (a, b) => a < b ? a : b, max = (a, b) => a > b ? a : b, sum = l => l.reduce((a, b) => a + b, 0n);
    const part = (n, bp) => (n * bp + 9999n) / 10000n;
    const k = strata.map(s => min(s[0], max(s[2], part(s[0], s[1]))));
    const up = strata.map(s => s[3] ? min(s[0], s[3]) : s[0]), room = i => up[i] - k[i];
    if (mode === "ratio") return k;
    let rest = min(max(total, max(part(sum(strata.map(s => s[0])), bp), sum(k))), sum(up)) - sum(k);
    let w = strata.map(s => s[4] * s[0]), open = Object.keys(k);
    while (rest > 0n && mode === "webster") {
      const odd = i => 2n * k[i] + 1n;
      k[open.filter(room).reduce((a, b) => w[b] * odd(a) > w[a] * odd(b) ? b : a)]++;
      rest--;
    }
    while (rest > 0n) {
      if (!sum(open.map(i => w[i]))) w = k.map((_, i) => room(i));
      const all = sum(open.map(i => w[i])), had = rest, due = i => had * w[i];
      const full = open.filter(i => due(i) / all >= room(i));
      const give = (i, n) => { k[i] += n; rest -= n; };
      full.forEach(i => give(i, room(i)));
      if (full.length) open = open.filter(room);
      else {
        open.forEach(i => give(i, due(i) / all));
        const left = i => due(i) % all;
        open.sort((a, b) => (left(b) > left(a)) - (left(b) < left(a)) || a - b).slice(0, Number(rest)).forEach(i => give(i, 1n));
      }
    }
    return k;
  };

  /* What holds of a bundle, step by step; a step that the draw has not come to is missing. `shown`: what the page says. */
  const STEPS = ["file", "page", "pool", "log", "cards", "seed", "quota", "lots", "winners"];
  const verify = (text, shown) => {
    const found = {}, say = (step, holds) => found[step] = !!holds && found[step] !== false;
    const rows = record => {
      const all = {};
      record.split("\n").forEach(l => { const [name, ...f] = l.split(" "); (all[name] = all[name] || []).push(f); });
      return all;
    };
    const bundle = JSON.parse(text), drawn = [], sum = bundle.sum;
    let log;
    const draw = part => {
      const r = part.records, o = rows(r.open), id = digest(r.open), own = unhex(id), one = n => o[n][0][0];
      const pool = rows(r.pool_subjects), list = one("list"), out = part.excluded;
      const barred = out.length ? digest(["vdr/1/excluded", ...out.map(e => e.join(" ")), ""].join("\n")) : "-";
      say("pool", digest(r.pool_subjects) === one("subject-pool") && digest(r.pool_inspectors) === one("inspector-pool") && barred === o.excluded[0][1]);
      const later = ["seal", "reveal", "beacon", "result", "publish", "abort"].filter(n => r[n]);
      const places = [r.pool_subjects, r.open, ...later.map(n => r[n])].map(t => log.indexOf(t));
      say("log", places.every((at, i) => at > (i ? places[i - 1] : -1)) && later.every(n => rows(r[n]).draw[0][0] === id)
        && log.filter(e => e.includes("\ndraw " + id)).length === later.length);

      const told = [r.reveal, r.abort].filter(Boolean).map(rows)[0], names = (o.witness || []).map(w => w[0]);
      const secret = [r.reveal, r.publish, r.abort].filter(Boolean).map(t => rows(t).server[0][0]).find(s => s !== "-");
      const cards = told && told.witness || [], sealed = r.seal && rows(r.seal).witness || [];
      if (told) say("cards", (!r.reveal || told.seal[0][0] === digest(r.seal) && cards.length === names.length) && cards.every(([w, salt, value], i) =>
        (!r.reveal || w === names[i]) && sealed.some(s => s[0] === w && s[1] === hex(tagged("vdr/1/witness", [own, bytes(w), unhex(salt), unhex(value)])))));
      if (!secret) return;
      const server = unhex(secret);
      say("cards", one("server") === hex(tagged("vdr/1/server", [bytes(one("authority")), bytes(one("plan")), u32(one("seq")), u32(one("round")), server])));
      if (!r.result) return;

      const proofs = r.beacon ? rows(r.beacon).beacon : [], named = o.beacon || [], res = rows(r.result);
      const seed = hmac(own, join([lp(bytes("vdr/1/entropy")), lp(sha(bytes(r.seal))), lp(server), u32(cards.length),
        ...cards.map(c => join([bytes(c[0]), unhex(c[1]), unhex(c[2])].map(lp))), u32(proofs.length),
        ...proofs.map(([k, ref, p]) => join([bytes(k), bytes(ref), k === "drand-quicknet" ? sha(unhex(p)) : unhex(p)].map(lp)))]));
      const line = res.seed ? "seed " + hex(seed) : "seed-commit " + hex(tagged("vdr/1/seed", [own, seed]));
      say("seed", r.result.includes("\n" + line + "\n") && (!r.publish || rows(r.publish).result[0][0] === digest(r.result)) && named.length === proofs.length && named.every((b, i) => b.join() === proofs[i].slice(0, 2).join()));

      const key = hmac(seed, join([...["vdr/1/key", "subject", list, ""].map(t => lp(bytes(t))), [1]]));
      const skip = new Set(drawn.concat(out.map(e => e[0]))), by = {}, group = [], won = [], leaves = [], lines = [];
      let at = 0;
      pool.group.forEach(([code, weight, count]) => {
        const mine = by[code] = by[code] || [];
        lots(key, at, at += +count, (n, t) => {
          group[n] = code + " " + weight + " ";
          if (!skip.has(n)) mine.push([weight === "1" ? t : (BigInt("0x" + t) / BigInt(weight)).toString(16).padStart(32, "0"), t, n]);
        });
      });
      const k = quotas(...o.quota[0].map((v, i) => i ? BigInt(v) : v), o.stratum.map(s => s.slice(1).map(BigInt)));
      say("quota", o.stratum.every(([code, n], i) => n == (by[code] || []).length && res.stratum[i].slice(0, 3).join() === [code, n, k[i]].join()));
      o.stratum.forEach(([code, n], i) => {
        const first = (by[code] || []).sort((a, b) => a[0] + a[1] < b[0] + b[1] ? -1 : 1).slice(0, Number(k[i]));
        first.forEach(([, t, n], rank) => {
          won.push(n);
          leaves.push(leaf(join([lp(bytes("vdr/1/win")), lp(bytes(code)), u32(rank + 1), u64(n), unhex(t), tagged("vdr/1/win-salt", [server, own, u64(n)]).slice(0, 16)])));
        });
        lines.push(["stratum", code, n, k[i], res.seed && first.length ? first[first.length - 1][0] : "-"].join(" "));
      });
      say("lots", r.result === ["vdr/1/result", "draw " + id, line, ...lines, "selected " + won.length + " " + root(leaves), "assigned " + res.assigned[0].join(" "), ""].join("\n"));
      const same = list => list.sort((a, b) => a - b).join() === won.slice().sort((a, b) => a - b).join();
      say("winners", same(part.winners.map(w => w.number)) && part.winners.every(w => w.body.startsWith(group[w.number]) && pool.root[0][0] === climb(leaf(join([
        tagged("vdr/1/pool-id", [unhex(w.salt_id), bytes(w.id)]), tagged("vdr/1/pool-body", [unhex(w.salt_body), bytes(w.body)])])), w.number, at - 1, w.path)));
      drawn.push(...won);
    };
    if (sum) say("file", digest(text.replace('"sum": "' + sum, '"sum": "')) === sum);
    try {
      log = bundle.log.entries.map(atob);
      (bundle.history || []).concat(bundle).forEach(draw);
      say("log", root(log.map(e => leaf(bytes(e)))) === bundle.log.root);
      if (shown) say("page", shown.draw === digest(bundle.records.open) && (!shown.winners || shown.winners === bundle.winners.map(w => w.number + " " + w.id).join()));
    } catch (_) {
      STEPS.forEach(step => { if (!(step in found)) found[step] = false; });
    }
    return found;
  };
  if (typeof document === "undefined") { module.exports = verify; return; }

  const box = document.getElementById("own"), all = selector => Array.from(document.querySelectorAll(selector));
  const mark = (item, word, look) => { item.textContent = box.dataset[word]; item.className = "chip " + look; };
  const tell = found => {
    const holds = Object.values(found).every(Boolean), total = box.querySelector("p");
    all("#own [data-step]").forEach(item => {
      const held = found[item.dataset.step];
      mark(item, held ? "passed" : held === false ? "failed" : "later", held ? "passed" : held === false ? "problem" : "");
    });
    total.textContent = box.dataset[holds ? "right" : "wrong"];
    total.className = holds ? "said" : "warn";
  };
  const winners = all("[data-winner]").map(row => row.dataset.winner).join();
  box.hidden = false;
  /* The page is drawn first. */
  const later = text => new Promise(go => setTimeout(go, 50, text));
  fetch(box.dataset.bundle).then(answer => answer.ok ? answer.text() : Promise.reject()).then(later)
    .then(text => tell(verify(text, { draw: box.dataset.draw, winners })))
    .catch(() => { box.querySelector("p").textContent = box.dataset.unread; });
})();
