//! The files of the bundle, one after another, each written as it is read: evidence and papers of thousands of visits
//! never stand in memory together. The same state gives the same bytes.

use super::super::cx::Cx;
use super::super::journal;
use super::super::papers::{self, whole};
use super::super::visits as visit_service;
use super::{Around, CHUNK, Fetch, Known, Shown, evidence_file, known, objects, of_inspection, shown, still};
use crate::documents::bundle::Bundle;
use crate::documents::papers::sheet::Sheet;
use crate::documents::papers::{Book, Format};
use crate::domain::draw::bytes::Hash;
use crate::domain::draw::merkle;
use crate::domain::draw::note::SignedCheckpoint;
use crate::domain::journal::checkpoint;
use crate::domain::paper::{VisitPaper, WholePaper};
use crate::domain::result::{FollowUp, Method, Outcome};
use crate::domain::states::Word;
use crate::error::{Error, Result};
use crate::exchange::write::{Cell, Column, Table, write_csv};
use crate::ids::Id;
use crate::store::journal::Stored;
use crate::store::results::{CheckResult, findings};
use crate::store::{archive, draws, inspections, log, tasks, visits};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{Seek, Write};

/// What the manifest calls this layout.
const FORM: &str = "onedoor-archive/1";
/// Tiles of the log that are kept while proofs are made: 8 KiB each.
const TILES: usize = 1_024;

fn disk(error: std::io::Error) -> Error {
    Error::unavailable(&error)
}

/// Writes the archive of a joint inspection into a bundle, from one state of the database; what the manifest says beside
/// its files comes back.
///
/// # Errors
/// Not visible; not allowed; the disk; evidence that was intact a moment ago is gone.
pub fn write<W: Write + Seek>(
    cx: &mut Cx<'_>,
    id: Id,
    bundle: &mut Bundle<W>,
    fetch: &Fetch<'_>,
) -> Result<Map<String, Value>> {
    still(cx, |cx| write_all(cx, id, bundle, fetch))
}

fn write_all<W: Write + Seek>(
    cx: &mut Cx<'_>,
    id: Id,
    bundle: &mut Bundle<W>,
    fetch: &Fetch<'_>,
) -> Result<Map<String, Value>> {
    let known = known(cx, id, fetch)?;
    let shown = shown(cx, &known)?;
    let wanted: BTreeSet<&str> = shown.checked.files.iter().map(String::as_str).collect();
    let text = inspection_json(cx, &known, &shown)?;
    add(bundle, "inspection.json", &text)?;
    draw_files(cx, &known, bundle)?;
    visit_papers(cx, &known, &wanted, bundle)?;
    whole_papers(cx, &known, &wanted, bundle)?;
    if wanted.contains("visits.json") {
        visits_json(cx, &known, &shown, bundle)?;
    }
    if wanted.contains("results/results.json") {
        results(cx, &known, &shown, bundle)?;
    }
    evidence(cx, &known, bundle, fetch)?;
    let note = events(cx, &known, bundle)?;
    let mut facts = Map::new();
    facts.insert("form".to_owned(), FORM.into());
    facts.insert("region".to_owned(), known.inspection.region.clone().into());
    facts.insert(
        "inspection".to_owned(),
        json!({
            "id": id, "number": known.inspection.number, "name": known.inspection.name,
            "state": known.inspection.state, "version": known.inspection.version,
        }),
    );
    let head = note.map(|n| {
        let c = n.checkpoint;
        json!({ "origin": c.origin, "size": c.size, "root": hex::encode(c.root) })
    });
    facts.insert("log".to_owned(), head.unwrap_or(Value::Null));
    facts.insert("complete".to_owned(), shown.checked.gaps.is_empty().into());
    let gap = |g: &crate::domain::archive::Gap| {
        json!({
            "code": g.code, "about": g.about, "who": shown.who(g.who), "text": g.text,
        })
    };
    facts.insert("missing".to_owned(), shown.checked.gaps.iter().map(gap).collect());
    Ok(facts)
}

fn add<W: Write + Seek>(bundle: &mut Bundle<W>, path: &str, value: &Value) -> Result<()> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|e| Error::internal(&e))?;
    text.push(b'\n');
    bundle.add(path, &text).map_err(disk)
}

/// Writes a JSON list entry by entry.
struct List<'a, W: Write + Seek> {
    bundle: &'a mut Bundle<W>,
    n: usize,
}

impl<'a, W: Write + Seek> List<'a, W> {
    fn begin(bundle: &'a mut Bundle<W>, path: &str) -> Result<Self> {
        bundle.start(path).map_err(disk)?;
        bundle.write_all(b"[").map_err(disk)?;
        Ok(Self { bundle, n: 0 })
    }

    fn entry(&mut self, value: &Value) -> Result<()> {
        let mut text = if self.n == 0 { b"\n".to_vec() } else { b",\n".to_vec() };
        serde_json::to_writer(&mut text, value).map_err(|e| Error::internal(&e))?;
        self.n += 1;
        self.bundle.write_all(&text).map_err(disk)
    }

    fn end(self) -> Result<()> {
        self.bundle.write_all(b"\n]\n").map_err(disk)
    }
}

fn inspection_json(cx: &mut Cx<'_>, known: &Known, shown: &Shown) -> Result<Value> {
    let i = &known.inspection;
    let name = |id: Id| shown.names.get(&id).cloned().unwrap_or_default();
    let participants: Vec<Value> = inspections::participants(cx.db, i.id)?
        .iter()
        .map(|p| json!({ "department": name(p.department_id), "role": p.role, "people": p.people }))
        .collect();
    Ok(json!({
        "id": i.id, "number": i.number, "name": i.name, "field": i.field, "state": i.state,
        "initiator": name(i.department_id), "filter": i.filter.0, "quota": i.quota.0,
        "window_from": i.window_from, "window_to": i.window_to, "notice": i.notice,
        "people_per_department": i.people_per_department, "draw_rules": i.draw_rules.0,
        "abort_reason": i.abort_reason, "participants": participants,
        "created_at": i.created_at.0, "updated_at": i.updated_at.0,
    }))
}

/// The transcripts, byte for byte as they are served to the public.
fn draw_files<W: Write + Seek>(cx: &mut Cx<'_>, known: &Known, bundle: &mut Bundle<W>) -> Result<()> {
    for fact in &known.facts.draws {
        let draw = draws::need(cx.db, fact.id)?;
        bundle.add(&fact.file, &draw.public).map_err(disk)?;
    }
    Ok(())
}

fn visit_papers<W: Write + Seek>(
    cx: &mut Cx<'_>,
    known: &Known,
    wanted: &BTreeSet<&str>,
    bundle: &mut Bundle<W>,
) -> Result<()> {
    for paper in VisitPaper::ALL {
        for format in Format::ALL {
            let path = format!("papers/{}.{}", paper.as_str(), format.ending());
            if !wanted.contains(path.as_str()) {
                continue;
            }
            bundle.start(&path).map_err(disk)?;
            let title = format!("{} {}", known.inspection.number, paper.word());
            let mut book = Book::new(format, &title, &mut *bundle).map_err(disk)?;
            for chunk in known.visits.chunks(papers::CHUNK) {
                for sheet in papers::archived(cx, chunk, *paper)? {
                    book.sheet(&sheet).map_err(disk)?;
                }
            }
            book.finish().map_err(disk)?;
        }
    }
    Ok(())
}

fn whole_papers<W: Write + Seek>(
    cx: &mut Cx<'_>,
    known: &Known,
    wanted: &BTreeSet<&str>,
    bundle: &mut Bundle<W>,
) -> Result<()> {
    for paper in WholePaper::ALL {
        let path = |format: Format| format!("papers/{}.{}", paper.as_str(), format.ending());
        if !wanted.contains(path(Format::Html).as_str()) {
            continue;
        }
        let sheets: Vec<Sheet> = match paper {
            WholePaper::DrawRecord => whole::draw_record(cx, &known.inspection)?.sheets(),
            WholePaper::JointSummary => whole::joint_summary(cx, &known.inspection)?.sheets(),
        };
        for format in Format::ALL {
            bundle.start(&path(format)).map_err(disk)?;
            let title = format!("{} {}", known.inspection.number, paper.word());
            let mut book = Book::new(format, &title, &mut *bundle).map_err(disk)?;
            for sheet in &sheets {
                book.sheet(sheet).map_err(disk)?;
            }
            book.finish().map_err(disk)?;
        }
    }
    Ok(())
}

fn visits_json<W: Write + Seek>(
    cx: &mut Cx<'_>,
    known: &Known,
    shown: &Shown,
    bundle: &mut Bundle<W>,
) -> Result<()> {
    let id = known.inspection.id;
    let mut list = List::begin(bundle, "visits.json")?;
    for chunk in known.visits.chunks(CHUNK) {
        let around = Around::read(cx, chunk, id)?;
        let mut rows = visits::by_ids(cx.db, chunk)?;
        rows.sort_by_key(|v| v.id);
        for whole in visit_service::whole(cx, rows)? {
            list.entry(&visit_json(&whole, &around, shown))?;
        }
    }
    list.end()
}

fn visit_json(whole: &visit_service::Whole, around: &Around, shown: &Shown) -> Value {
    let (v, s) = (&whole.visit, &whole.subject);
    let name = |id: Id| shown.names.get(&id).cloned().unwrap_or_default();
    let team: Vec<Value> = whole
        .team
        .iter()
        .map(|(seat, p)| {
            json!({
                "name": p.name, "department": name(seat.department_id), "post": seat.role,
                "unit": p.unit, "certificate": p.cert_no, "draw_ref": seat.draw_ref,
            })
        })
        .collect();
    let tasks: Vec<Value> = whole
        .tasks
        .iter()
        .map(|(t, i)| {
            json!({ "code": t.code, "item": i.name, "department": name(t.department_id), "state": t.state })
        })
        .collect();
    let people: HashMap<Id, &str> =
        whole.team.iter().map(|(s, p)| (s.inspector_id, p.name.as_str())).collect();
    let check_ins: Vec<Value> = around
        .check_ins
        .iter()
        .filter(|c| c.0 == v.id)
        .map(|c| json!({ "inspector": people.get(&c.1), "inspector_id": c.1, "at": c.2.0 }))
        .collect();
    let deliveries: Vec<Value> = around
        .deliveries
        .iter()
        .filter(|d| d.visit_id == v.id)
        .map(|d| {
            json!({
                "for_day": d.for_day, "channel": d.channel, "delivered_at": d.delivered_at.0,
                "receiver": d.receiver, "note": d.note, "reason": d.reason, "in_time": d.in_time,
            })
        })
        .collect();
    let conduct = around.conducts.get(&v.id).map(|c| {
        json!({
            "began_at": c.began_at.map(|t| t.0), "ended_at": c.ended_at.map(|t| t.0), "end_day": c.end_day,
            "obstacle": c.obstacle, "obstacle_note": c.obstacle_note, "statement": c.statement,
            "signer": c.signer, "signed": c.signed, "signed_at": c.signed_at.map(|t| t.0),
        })
    });
    json!({
        "id": v.id, "code": v.code, "state": v.state, "day": v.on_day, "start_minute": v.start_minute,
        "minutes": v.minutes, "announced": v.announced, "lead": v.lead_department_id.map(name),
        "subject": { "id": s.id, "key": s.key, "name": s.name, "address": format!("{}{}", s.town, s.address) },
        "dispatched_at": v.dispatched_at.map(|t| t.0), "team": team, "tasks": tasks,
        "check_ins": check_ins, "notices": deliveries, "conduct": conduct,
    })
}

/// Titles of `results.csv`.
const TITLES: [&str; 17] = [
    "入企编号",
    "任务编号",
    "代码(注册号)",
    "检查对象",
    "部门",
    "抽查事项",
    "版次",
    "状态",
    "检查结果",
    "检查方式",
    "法律法规",
    "其他情形",
    "后续处置",
    "说明",
    "录入时间",
    "公示时间",
    "退回原因",
];

fn words<W: Word>(names: &[String]) -> String {
    names.iter().filter_map(|n| W::parse(n)).map(Word::word).collect::<Vec<_>>().join("、")
}

/// Every version of every result, as JSON and as CSV. Only the rows stand in memory, and only once.
fn results<W: Write + Seek>(
    cx: &mut Cx<'_>,
    known: &Known,
    shown: &Shown,
    bundle: &mut Bundle<W>,
) -> Result<()> {
    let id = known.inspection.id;
    bundle.start("results/results.csv").map_err(disk)?;
    let mut first = true;
    each(cx, known, |rows, named| {
        let lines = rows.iter().map(|r| csv_row(r, named, shown));
        let mut bytes = Vec::new();
        let columns = TITLES.map(Column::text).to_vec();
        write_csv(Table::new("results", columns, lines), &mut bytes).map_err(|e| Error::internal(&e))?;
        if !first {
            let titles = bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
            bytes.drain(..titles);
        }
        first = false;
        bundle.write_all(&bytes).map_err(disk)
    })?;
    let mut list = List::begin(bundle, "results/results.json")?;
    each(cx, known, |rows, named| {
        rows.iter().try_for_each(|r| list.entry(&result_json(r, named, shown, id)))
    })?;
    list.end()
}

/// Names that results refer to.
struct Named {
    visits: HashMap<Id, (String, String, String)>,
    tasks: HashMap<Id, String>,
    items: HashMap<Id, String>,
}

fn each(
    cx: &mut Cx<'_>,
    known: &Known,
    mut work: impl FnMut(&[CheckResult], &Named) -> Result<()>,
) -> Result<()> {
    let mut any = false;
    for chunk in known.visits.chunks(CHUNK) {
        let rows = of_inspection(findings::of_visits(cx.db, chunk)?, known.inspection.id);
        if rows.is_empty() {
            continue;
        }
        any = true;
        let mut named = Named { visits: HashMap::new(), tasks: HashMap::new(), items: HashMap::new() };
        let mut list = visits::by_ids(cx.db, chunk)?;
        list.sort_by_key(|v| v.id);
        for whole in visit_service::whole(cx, list)? {
            let s = &whole.subject;
            named.visits.insert(whole.visit.id, (whole.visit.code.clone(), s.key.clone(), s.name.clone()));
            named.items.extend(whole.tasks.iter().map(|(_, i)| (i.id, i.name.clone())));
        }
        let ids: Vec<Id> = rows.iter().map(|r| r.task_id).collect();
        named.tasks.extend(tasks::by_ids(cx.db, &ids)?.into_iter().map(|t| (t.id, t.code)));
        work(&rows, &named)?;
    }
    if !any {
        work(&[], &Named { visits: HashMap::new(), tasks: HashMap::new(), items: HashMap::new() })?;
    }
    Ok(())
}

fn state_word(state: &str) -> String {
    crate::domain::result::State::parse(state).map_or_else(|| state.to_owned(), |s| s.word().to_owned())
}

fn csv_row(r: &CheckResult, named: &Named, shown: &Shown) -> Vec<Cell> {
    let (code, key, subject) = named.visits.get(&r.visit_id).cloned().unwrap_or_default();
    let time = |at: Option<crate::store::types::At>| {
        at.map(|t| crate::clock::china_date(t.0).to_string()).unwrap_or_default()
    };
    let texts = [
        code,
        named.tasks.get(&r.task_id).cloned().unwrap_or_default(),
        key,
        subject,
        shown.names.get(&r.department_id).cloned().unwrap_or_default(),
        named.items.get(&r.item_id).cloned().unwrap_or_default(),
        r.revision.to_string(),
        state_word(&r.state),
        words::<Outcome>(&r.outcomes.0),
        words::<Method>(&r.methods.0),
        r.law.clone(),
        r.other.clone(),
        words::<FollowUp>(&r.follow_up.0),
        r.note.clone(),
        time(r.entered_at),
        time(r.published_at),
        r.review_note.clone(),
    ];
    texts.into_iter().map(Cell::Text).collect()
}

fn result_json(r: &CheckResult, named: &Named, shown: &Shown, inspection: Id) -> Value {
    let (code, key, subject) = named.visits.get(&r.visit_id).cloned().unwrap_or_default();
    json!({
        "id": r.id, "inspection_id": inspection, "visit": code, "visit_id": r.visit_id,
        "task": named.tasks.get(&r.task_id), "task_id": r.task_id, "subject_key": key, "subject": subject,
        "department": shown.names.get(&r.department_id), "item": named.items.get(&r.item_id),
        "revision": r.revision, "current": r.current, "previous_id": r.previous_id, "state": r.state,
        "outcomes": r.outcomes.0, "outcome_words": words::<Outcome>(&r.outcomes.0), "methods": r.methods.0,
        "law": r.law, "other": r.other, "follow_up": r.follow_up.0, "note": r.note,
        "entered_by": r.entered_by, "entered_at": r.entered_at.map(|t| t.0),
        "confirmed_by": r.confirmed_by, "confirmed_at": r.confirmed_at.map(|t| t.0),
        "reviewed_by": r.reviewed_by, "reviewed_at": r.reviewed_at.map(|t| t.0), "review_note": r.review_note,
        "approved_by": r.approved_by, "approved_at": r.approved_at.map(|t| t.0),
        "published_at": r.published_at.map(|t| t.0),
    })
}

fn evidence<W: Write + Seek>(
    cx: &mut Cx<'_>,
    known: &Known,
    bundle: &mut Bundle<W>,
    fetch: &Fetch<'_>,
) -> Result<()> {
    // The same photograph may belong to several tasks; it lies here once.
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut index = Vec::new();
    for chunk in known.visits.chunks(CHUNK) {
        for row in archive::evidence_of(cx.db, chunk)? {
            let file = evidence_file(&row);
            index.push(json!({
                "id": row.id, "visit_id": row.visit_id, "task_id": row.task_id,
                "department_id": row.department_id, "name": row.name, "media_type": row.media_type,
                "bytes": row.bytes, "sha256": row.sha256, "user_id": row.user_id, "at": row.created_at.0,
                "file": file,
            }));
            files.insert(file, row.sha256);
        }
    }
    if index.is_empty() {
        return Ok(());
    }
    let intact: BTreeSet<&str> = known
        .facts
        .visits
        .iter()
        .flat_map(|v| &v.evidence)
        .filter(|e| e.intact)
        .map(|e| e.file.as_str())
        .collect();
    for (file, sha256) in &files {
        if !intact.contains(file.as_str()) {
            continue;
        }
        let bytes = fetch(sha256).ok_or_else(|| Error::unavailable(&format!("evidence {sha256}")))?;
        bundle.add(file, &bytes).map_err(disk)?;
    }
    add(bundle, "evidence/index.json", &Value::Array(index))
}

/// The events of the inspection with their proofs under the newest checkpoint, which comes back.
fn events<W: Write + Seek>(
    cx: &mut Cx<'_>,
    known: &Known,
    bundle: &mut Bundle<W>,
) -> Result<Option<SignedCheckpoint>> {
    let note = match log::newest(cx.db)? {
        Some(_) => Some(journal::newest(cx)?),
        None => None,
    };
    if let Some(note) = &note {
        bundle.add("journal/checkpoint.txt", note.text().as_bytes()).map_err(disk)?;
    }
    let ids = objects(cx, known.inspection.id, &known.visits)?;
    let mut tiles: HashMap<(u8, u64), Option<Vec<Hash>>> = HashMap::new();
    let mut list = List::begin(bundle, "journal/events.json")?;
    for chunk in ids.chunks(CHUNK) {
        for row in archive::events_of(cx.db, chunk)? {
            let proof = proof(cx, &row, note.as_ref(), &mut tiles)?;
            let leaf = merkle::leaf_hash(&row.leaf);
            list.entry(&json!({
                "id": row.id, "seq": row.seq, "at": row.at.0, "act": row.act,
                "object_kind": row.object_kind, "object_id": row.object_id,
                "leaf": String::from_utf8_lossy(&row.leaf), "leaf_hash": hex::encode(leaf), "proof": proof,
            }))?;
        }
    }
    list.end()?;
    Ok(note)
}

fn proof(
    cx: &mut Cx<'_>,
    row: &Stored,
    note: Option<&SignedCheckpoint>,
    tiles: &mut HashMap<(u8, u64), Option<Vec<Hash>>>,
) -> Result<Option<String>> {
    let (Some(seq), Some(note)) = (row.seq, note) else { return Ok(None) };
    let index = u64::try_from(seq).map_err(|e| Error::internal(&e))?;
    if index >= note.checkpoint.size {
        return Ok(None);
    }
    if tiles.len() > TILES {
        tiles.clear();
    }
    let db = &mut *cx.db;
    let mut source = |level: u8, place: u64| -> Result<Option<Vec<Hash>>> {
        if let Some(known) = tiles.get(&(level, place)) {
            return Ok(known.clone());
        }
        let read = log::tile(db, level, place)?;
        tiles.insert((level, place), read.clone());
        Ok(read)
    };
    let hash = merkle::leaf_hash(&row.leaf);
    Ok(Some(checkpoint::inclusion_proof(index, &hash, note, &mut source)?.text()))
}
