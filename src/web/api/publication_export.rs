//! The export of published results, streamed.

use crate::error::{Error, Result};
use crate::exchange::write::{Cell, Column, Table, write_csv};
use crate::ids::Id;
use crate::service::results::export::{Place, Record, next};
use crate::store::results::findings::ExportFilter;
use crate::web::call::Call;
use crate::web::reply::{Answer, Stream};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

/// Columns of the CSV: the national field names; one line for each item.
const COLUMNS: [&str; 12] = [
    "uniscid",
    "entName",
    "raninsPlanId",
    "raninsPlaneName",
    "raninsTaskId",
    "raninsTaskName",
    "raninsTypeName",
    "insAuth",
    "insDate",
    "seqno",
    "raninsItemName",
    "raninsCheckResName",
];

/// Which form.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PublicationExportQuery {
    /// `csv` or `json`.
    pub format: String,
    /// Only what this department published.
    pub department_id: Option<Id>,
    /// Only inspections that ended on this day or later.
    pub from: Option<NaiveDate>,
    /// And not after this day.
    pub to: Option<NaiveDate>,
}

/// The bytes of an export.
#[derive(Debug, Clone)]
pub struct PublicationBytes {}

crate::describe_files!(PublicationBytes: "text/csv; charset=utf-8", "application/json");

fn csv(records: &[Record], first: bool) -> Result<Vec<u8>> {
    let rows = records.iter().flat_map(|r| {
        r.details.iter().map(move |d| {
            let texts = [
                &r.uniscid,
                &r.ent_name,
                &r.ranins_plan_id,
                &r.ranins_plane_name,
                &r.ranins_task_id,
                &r.ranins_task_name,
                &r.ranins_type_name,
                &r.ins_auth,
                &r.ins_date,
            ];
            let mut row: Vec<Cell> = texts.into_iter().map(|t| Cell::Text(t.clone())).collect();
            row.push(Cell::Int(i64::try_from(d.seqno).unwrap_or(i64::MAX)));
            row.push(Cell::Text(d.ranins_item_name.clone()));
            row.push(Cell::Text(d.ranins_check_res_name.clone()));
            row
        })
    });
    let mut bytes = Vec::new();
    let columns = COLUMNS.map(Column::text).to_vec();
    write_csv(Table::new("publications", columns, rows), &mut bytes).map_err(|e| Error::internal(&e))?;
    if !first {
        // Byte-order mark and titles stand only at the beginning.
        let titles = bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
        bytes.drain(..titles);
    }
    Ok(bytes)
}

fn json(records: &[Record], first: bool) -> Result<Vec<u8>> {
    let mut bytes = if first { b"[".to_vec() } else { Vec::new() };
    for (i, record) in records.iter().enumerate() {
        if !(first && i == 0) {
            bytes.push(b',');
        }
        bytes.push(b'\n');
        serde_json::to_writer(&mut bytes, record).map_err(|e| Error::internal(&e))?;
    }
    Ok(bytes)
}

/// `GET /api/v1/exports/publications`
///
/// # Errors
/// An unknown form; a period that ends before it begins; the database.
pub fn export(call: &Call, (): (), query: PublicationExportQuery) -> Result<Answer> {
    let as_json = match query.format.as_str() {
        "json" => true,
        "csv" => false,
        _ => return Err(Error::field("format", "unknown_value", "只能是:csv、json")),
    };
    if let (Some(from), Some(to)) = (query.from, query.to)
        && to < from
    {
        return Err(Error::field("to", "before_start", "截止日期早于起始日期"));
    }
    let wanted = ExportFilter { department: query.department_id, from: query.from, to: query.to };
    // Before the first byte, for nothing can be refused afterwards.
    call.read(|_| Ok(()))?;
    let (own, mut place) = (call.clone(), Place::of(wanted));
    // Nothing was written yet; of JSON, no record: then no comma stands before the next.
    let (mut begun, mut filled, mut ended) = (false, false, false);
    let pump = move || {
        if ended {
            return Ok(None);
        }
        let Some(records) = own.read(|cx| next(cx, &mut place))? else {
            ended = true;
            return Ok(Some(match (as_json, filled) {
                (true, true) => b"\n]\n".to_vec(),
                (true, false) => b"[]\n".to_vec(),
                (false, _) if begun => Vec::new(),
                (false, _) => csv(&[], true)?,
            }));
        };
        if as_json && records.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let bytes = if as_json { json(&records, !filled)? } else { csv(&records, !begun)? };
        (begun, filled) = (true, true);
        Ok(Some(bytes))
    };
    let (ending, media) =
        if as_json { ("json", "application/json") } else { ("csv", "text/csv; charset=utf-8") };
    Ok(Answer::streamed(Stream::new(pump), media, &format!("publications.{ending}")))
}
