//! The export of published results with the field names of the national publication system, a page at a time: a county's
//! million results never stand in memory together.

use super::public::{Published, dress};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::plans::targeted;
use crate::store::publications;
use crate::store::results::findings::{self, ExportFilter};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// Results of one page.
const PAGE: i64 = 2_000;

/// One item of a publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// Number in the publication, from 1.
    pub seqno: usize,
    /// 抽查事项.
    pub ranins_item_name: String,
    /// 抽查结果; several are joined by 、.
    pub ranins_check_res_name: String,
}

/// What one department published about one visit to a subject, as the national system names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// 统一社会信用代码 or registration number.
    pub uniscid: String,
    /// Name of the subject.
    pub ent_name: String,
    /// 抽查计划编号; empty where no plan stands behind it.
    pub ranins_plan_id: String,
    /// 抽查计划名称.
    pub ranins_plane_name: String,
    /// 抽查任务编号; empty for a single task.
    pub ranins_task_id: String,
    /// 抽查任务名称.
    pub ranins_task_name: String,
    /// 抽查类型: 定向 or 不定向.
    pub ranins_type_name: String,
    /// 抽查机关.
    pub ins_auth: String,
    /// 抽查完成日期.
    pub ins_date: String,
    /// Item by item.
    pub details: Vec<Detail>,
}

/// Where an export stands.
#[derive(Debug, Clone, Default)]
pub struct Place {
    wanted: ExportFilter,
    after: Option<(Id, Id, Id)>,
    // What a page ended with may go on in the next.
    open: Vec<Published>,
    ended: bool,
}

impl Place {
    /// The beginning of an export of these results.
    #[must_use]
    pub fn of(wanted: ExportFilter) -> Self {
        Self { wanted, ..Self::default() }
    }
}

/// The next records; none at the end.
///
/// # Errors
/// The database.
pub fn next(cx: &mut Cx<'_>, place: &mut Place) -> Result<Option<Vec<Record>>> {
    if place.ended {
        return Ok(None);
    }
    let region = cx.region().to_owned();
    let rows = findings::published(cx.db, &region, &place.wanted, place.after, PAGE)?;
    place.ended = rows.len() < usize::try_from(PAGE).unwrap_or(0);
    if let Some(last) = rows.last() {
        place.after = Some((last.visit_id, last.department_id, last.id));
    }
    let mut list = std::mem::take(&mut place.open);
    list.extend(dress(cx, &rows)?);
    let key = |p: &Published| (p.visit_id, p.department_id);
    if !place.ended
        && let Some(last) = list.last().map(key)
    {
        let whole = list.iter().position(|p| key(p) == last).unwrap_or(list.len());
        place.open = list.split_off(whole);
    }
    let ids: BTreeSet<Id> = list.iter().filter_map(|p| p.inspection_id).collect();
    let mut plans = HashMap::new();
    for plan in publications::plans_of(cx.db, &ids.into_iter().collect::<Vec<_>>())? {
        if let Some(id) = plan.inspection_id {
            plans.entry((id, plan.department_id)).or_insert((plan.code, plan.name));
        }
    }
    let aimed: HashMap<Id, bool> = crate::store::county::inspections(
        cx.db,
        &list.iter().filter_map(|p| p.inspection_id).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>(),
    )?
    .into_iter()
    .map(|i| (i.id, targeted(&i.filter.0)))
    .collect();
    let records = list
        .chunk_by(|a, b| key(a) == key(b))
        .filter_map(|group| group.first().map(|first| (first, group)))
        .map(|(first, group)| {
            let plan = first.inspection_id.and_then(|id| plans.get(&(id, first.department_id)));
            let (ranins_plan_id, ranins_plane_name) = plan.cloned().unwrap_or_default();
            let is_aimed = first.inspection_id.and_then(|id| aimed.get(&id)).copied().unwrap_or(true);
            Record {
                uniscid: first.subject_key.clone(),
                ent_name: first.subject.clone(),
                ranins_plan_id,
                ranins_plane_name,
                ranins_task_id: first.number.clone(),
                ranins_task_name: first.inspection.clone(),
                ranins_type_name: if is_aimed { "定向" } else { "不定向" }.to_owned(),
                ins_auth: first.department.clone(),
                ins_date: first.end_day.map(|d| d.to_string()).unwrap_or_default(),
                details: group
                    .iter()
                    .zip(1..)
                    .map(|(p, seqno)| Detail {
                        seqno,
                        ranins_item_name: p.item.clone(),
                        ranins_check_res_name: p
                            .outcomes
                            .iter()
                            .map(|o| o.word())
                            .collect::<Vec<_>>()
                            .join("、"),
                    })
                    .collect(),
            }
        })
        .collect();
    Ok(Some(records))
}
