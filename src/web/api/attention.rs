//! What needs attention now.

use crate::domain::attention::Kind;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::oversight::attention::{self, Attention};
use crate::web::reply::Reply;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Something that needs attention.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttentionView {
    /// `late_answer`, `declined_invitation`, `late_publication`, `publication_due`, `unstaffed_visit`, `planning_blocked`,
    /// `unheld_visit`, `cap_exceeded`, `certificate_expiring`, `aborted_draw`, `returned_item`, `returned_result`,
    /// `pending_replacement` or `open_card`.
    pub kind: String,
    /// The same in Chinese.
    pub word: String,
    /// `red` or `yellow`.
    pub severity: String,
    /// In a sentence.
    pub what: String,
    /// Where to look.
    pub link: String,
    /// The departments that should do something; none: the coordination office.
    pub department_ids: Vec<Id>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Until when.
    pub due: Option<NaiveDate>,
    /// How near that is, in words; empty where there is no day.
    pub countdown: String,
}

impl From<Attention> for AttentionView {
    fn from(a: Attention) -> Self {
        Self {
            kind: a.kind.as_str().to_owned(),
            word: a.kind.word().to_owned(),
            severity: a.severity.as_str().to_owned(),
            what: a.what,
            link: a.link,
            department_ids: a.departments,
            since: a.since,
            due: a.due,
            countdown: a.countdown.map_or_else(String::new, |c| c.words()),
        }
    }
}

/// What needs attention now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttentionList {
    /// The most urgent first.
    pub items: Vec<AttentionView>,
    /// How many are red.
    pub red: usize,
    /// How many are yellow.
    pub yellow: usize,
    /// Kinds of which there is more than is shown.
    pub cut: Vec<String>,
}

/// What is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AttentionQuery {
    /// Of this department only.
    pub department_id: Option<Id>,
    /// Of this kind only.
    #[param(max_length = 40)]
    pub kind: Option<String>,
}

/// `GET /api/v1/attention`
///
/// # Errors
/// Not allowed; an unknown kind.
pub fn list(cx: &mut Cx<'_>, (): (), query: AttentionQuery) -> Result<Reply<AttentionList>> {
    let kinds = match query.kind.as_deref() {
        None => Vec::new(),
        Some(name) => {
            vec![Kind::parse(name).ok_or_else(|| Error::field("kind", "unknown_value", "没有这一类待办"))?]
        }
    };
    let list = attention::list(cx, query.department_id, &kinds)?;
    let items: Vec<AttentionView> = list.items.into_iter().map(AttentionView::from).collect();
    let red = items.iter().filter(|a| a.severity == "red").count();
    Ok(Reply::ok(AttentionList {
        red,
        yellow: items.len() - red,
        items,
        cut: list.cut.iter().map(|k| k.as_str().to_owned()).collect(),
    }))
}
