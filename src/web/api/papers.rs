//! Papers for printing and for WPS, notices delivered, calendars.

use crate::documents::papers::sheet::Sheet;
use crate::documents::papers::{Book, Format, html};
use crate::domain::paper::{VisitPaper, WholePaper};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::papers::notices::{self, Account, Draft};
use crate::service::papers::{self, Run, calendar, cards, listing as listings, whole};
use crate::store::papers::Delivery;
use crate::web::call::Call;
use crate::web::page::{After, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, File, Page, Reply, Stream};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use utoipa::{IntoParams, ToSchema};

/// Which form.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PaperQuery {
    /// `html` (a page for printing) or `docx`; absent: `html`.
    pub format: Option<String>,
}

impl PaperQuery {
    fn read(&self) -> Result<Format> {
        let name = self.format.as_deref().unwrap_or("html");
        Format::parse(name).ok_or_else(|| Error::field("format", "unknown_value", "只能是:html、docx"))
    }
}

/// The bytes of a paper.
#[derive(Debug, Clone)]
pub struct PaperBytes {}

crate::describe_files!(PaperBytes: Format::Html.media(), Format::Docx.media());

fn unknown() -> Error {
    Error::NotFound("文书")
}

/// A page is shown, under a policy that lets it do nothing; a Word file is saved.
fn headed(mut answer: Answer, format: Format, name: &str) -> Answer {
    answer.headers.retain(|(header, _)| header != "Content-Disposition");
    let how = if format == Format::Html { "inline" } else { "attachment" };
    let file = format!("{name}.{}", format.ending());
    answer.headers.push(("Content-Disposition".to_owned(), format!("{how}; filename=\"{file}\"")));
    if format == Format::Html {
        answer.headers.push(("Content-Security-Policy".to_owned(), html::policy()));
    }
    answer
}

fn small(format: Format, title: &str, name: &str, sheets: &[Sheet]) -> Result<Answer> {
    let mut book = Book::new(format, title, Vec::new()).map_err(|e| Error::internal(&e))?;
    for sheet in sheets {
        book.sheet(sheet).map_err(|e| Error::internal(&e))?;
    }
    let bytes = book.finish().map_err(|e| Error::internal(&e))?;
    let file = File { bytes, content_type: format.media(), name: None };
    Ok(headed(Reply::ok(file).into_file(), format, name))
}

/// `GET /api/v1/papers/visits/{id}/{paper}`: `dispatch-slip`, `notice` or `visit-form`.
///
/// # Errors
/// Not visible; not dispatched; the notice of an unannounced visit that has not begun.
pub fn visit(call: &Call, (id, name): (Id, String), query: PaperQuery) -> Result<Answer> {
    // Who may not have papers at all does not learn which there are.
    call.read(|_| Ok(()))?;
    let paper = VisitPaper::parse(&name).ok_or_else(unknown)?;
    let format = query.read()?;
    let (code, sheets) = call.read(|cx| papers::of_visit(cx, id, paper))?;
    small(format, &format!("{code} {}", paper.word()), &format!("{name}-{id}"), &sheets)
}

/// `GET /api/v1/papers/inspections/{id}/{paper}`: a paper of all its visits in one file, made while it is sent; or
/// `draw-record` or `joint-summary`.
///
/// # Errors
/// Not visible; nothing to print yet.
pub fn inspection(call: &Call, (id, name): (Id, String), query: PaperQuery) -> Result<Answer> {
    call.read(|_| Ok(()))?;
    let format = query.read()?;
    let file = format!("{name}-{id}");
    if let Some(paper) = WholePaper::parse(&name) {
        let (row, sheets) = call.read(|cx| whole::of_inspection(cx, id, paper))?;
        return small(format, &format!("{} {}", row.number, paper.word()), &file, &sheets);
    }
    let paper = VisitPaper::parse(&name).ok_or_else(unknown)?;
    let run = call.read(|cx| papers::run(cx, id, paper))?;
    streamed(call, format, (paper.word(), &file), run, move |cx, ids| papers::sheets_of(cx, ids, paper))
}

/// Bytes on their way from the writer of a file to the answer.
#[derive(Debug, Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn drain(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The papers of a run in one file, made while it is sent.
fn streamed(
    call: &Call,
    format: Format,
    (word, file): (&str, &str),
    run: Run,
    sheets: impl FnMut(&mut Cx<'_>, &[Id]) -> Result<Vec<Sheet>> + Send + 'static,
) -> Result<Answer> {
    let counts = [("X-Papers-Visits", run.visits.len()), ("X-Papers-Withheld", run.withheld)];
    let title = format!("{} {word}", run.inspection.number);
    let stream = pages(call, format, &title, run.visits, sheets)?;
    let mut answer = headed(Answer::streamed(stream, format.media(), ""), format, file);
    for (header, n) in counts {
        answer.headers.push((header.to_owned(), n.to_string()));
    }
    Ok(answer)
}

/// `GET /api/v1/papers/rating-cards/visits/{id}`: what the business needs to rate its visit.
///
/// # Errors
/// Not visible; not allowed; not dispatched.
pub fn rating_card(call: &Call, id: Id, query: PaperQuery) -> Result<Answer> {
    let format = query.read()?;
    let (code, sheets) = call.read(|cx| cards::of_visit(cx, id))?;
    small(format, &format!("{code} 企业评价卡"), &format!("rating-card-{id}"), &sheets)
}

/// `GET /api/v1/papers/rating-cards/inspections/{id}`: the cards of all its visits in one file.
///
/// # Errors
/// Not visible; not allowed; nothing to print yet.
pub fn rating_cards(call: &Call, id: Id, query: PaperQuery) -> Result<Answer> {
    let format = query.read()?;
    let run = call.read(|cx| cards::run(cx, id))?;
    streamed(call, format, ("企业评价卡", &format!("rating-cards-{id}")), run, cards::sheets_of)
}

/// `GET /api/v1/papers/mailings/{id}/listing`: 《经营异常名录审批表》.
///
/// # Errors
/// Not visible; both letters have not failed yet.
pub fn listing(call: &Call, id: Id, query: PaperQuery) -> Result<Answer> {
    let format = query.read()?;
    let (code, sheets) = call.read(|cx| listings::of_mailing(cx, id))?;
    small(format, &format!("{code} 经营异常名录审批表"), &format!("listing-{id}"), &sheets)
}

fn pages(
    call: &Call,
    format: Format,
    title: &str,
    visits: Vec<Id>,
    mut sheets: impl FnMut(&mut Cx<'_>, &[Id]) -> Result<Vec<Sheet>> + Send + 'static,
) -> Result<Stream> {
    let wrong = |e: io::Error| Error::internal(&e);
    let pipe = Pipe::default();
    let mut book = Some(Book::new(format, title, pipe.clone()).map_err(wrong)?);
    let (own, mut at) = (call.clone(), 0);
    Ok(Stream::new(move || {
        let Some(open) = &mut book else { return Ok(None) };
        let chunk = visits.get(at..visits.len().min(at + papers::CHUNK)).unwrap_or_default();
        at += chunk.len();
        if chunk.is_empty() {
            if let Some(done) = book.take() {
                done.finish().map_err(wrong)?;
            }
        } else {
            for sheet in own.read(|cx| sheets(cx, chunk))? {
                open.sheet(&sheet).map_err(wrong)?;
            }
        }
        Ok(Some(pipe.drain()))
    }))
}

/// A delivery of a notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Identifier.
    pub id: Id,
    /// The day of the visit that the notice names.
    pub for_day: NaiveDate,
    /// `in_person`, `mail`, `electronic` or `left_behind`.
    pub channel: String,
    /// When it was delivered.
    pub delivered_at: DateTime<Utc>,
    /// Who took it.
    pub receiver: String,
    /// Remark.
    pub note: String,
    /// Why it was late; empty when it was in time.
    pub reason: String,
    /// Whether it was in time.
    pub in_time: bool,
    /// Who recorded it.
    pub user_id: Id,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl From<Delivery> for DeliveryView {
    fn from(d: Delivery) -> Self {
        Self {
            id: d.id,
            for_day: d.for_day,
            channel: d.channel,
            delivered_at: d.delivered_at.0,
            receiver: d.receiver,
            note: d.note,
            reason: d.reason,
            in_time: d.in_time,
            user_id: d.user_id,
            created_at: d.created_at.0,
        }
    }
}

/// Where the notice of a visit stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticeStanding {
    /// Visit.
    pub visit_id: Id,
    /// Its code.
    pub visit_code: String,
    /// Its day.
    pub day: Option<NaiveDate>,
    /// Department that leads.
    pub lead_department_id: Option<Id>,
    /// `not_needed` (unannounced), `open`, `overdue`, `delivered` or `delivered_late`.
    pub standing: String,
    /// Whether it needs attention now.
    pub overdue: bool,
    /// The last day on which it can be delivered in time; absent for an unannounced visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<NaiveDate>,
    /// Deliveries; one for an earlier date of the visit does not count any more.
    pub deliveries: Vec<DeliveryView>,
}

impl From<Account> for NoticeStanding {
    fn from(a: Account) -> Self {
        let standing = a.standing.as_str();
        Self {
            visit_id: a.whole.visit.id,
            visit_code: a.whole.visit.code,
            day: a.whole.visit.on_day,
            lead_department_id: a.whole.visit.lead_department_id,
            standing: standing.to_owned(),
            overdue: standing == "overdue",
            last_day: a.last_day,
            deliveries: a.deliveries.into_iter().map(DeliveryView::from).collect(),
        }
    }
}

/// `GET /api/v1/visits/{id}/notice`
///
/// # Errors
/// Not visible; not dispatched.
pub fn notice(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<NoticeStanding>> {
    Ok(Reply::ok(notices::get(cx, id)?.into()))
}

/// A delivery to be recorded.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryBody {
    /// `in_person`, `mail`, `electronic` or `left_behind`.
    // Where it is missing, that is said together with the other faults.
    #[schema(required = true)]
    #[serde(default)]
    pub channel: String,
    /// When it was delivered; absent: now.
    pub delivered_at: Option<DateTime<Utc>>,
    /// Who took it.
    #[schema(max_length = 100, required = true)]
    #[serde(default)]
    pub receiver: String,
    /// Remark.
    #[schema(max_length = 500)]
    #[serde(default)]
    pub note: String,
    /// Why it is late; required when it is.
    #[schema(max_length = 500)]
    #[serde(default)]
    pub reason: String,
}

/// `POST /api/v1/visits/{id}/notice/delivery`: said again for the same date of the visit it changes nothing.
///
/// # Errors
/// Not allowed; not dispatched; an unannounced visit that has not begun; late without a reason.
pub fn deliver(cx: &mut Cx<'_>, id: Id, body: &DeliveryBody) -> Result<Reply<NoticeStanding>> {
    let draft = Draft {
        channel: body.channel.clone(),
        delivered_at: body.delivered_at,
        receiver: body.receiver.clone(),
        note: body.note.clone(),
        reason: body.reason.clone(),
    };
    Ok(Reply::ok(notices::deliver(cx, id, &draft)?.into()))
}

/// `GET /api/v1/notices/overdue`: visits whose notices should have been delivered.
///
/// # Errors
/// Not allowed.
pub fn overdue(cx: &mut Cx<'_>, (): (), query: After) -> Result<Reply<Page<NoticeStanding>>> {
    let read = |after, most| notices::overdue(cx, after, most);
    by_id(query.after.as_ref(), query.limit, read, |a| a.whole.visit.id)
}

/// Whose calendar.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CalendarFeedQuery {
    /// Department; absent: one's own visits as an inspector, else those of one's own department.
    pub department_id: Option<Id>,
}

/// A calendar (RFC 5545).
#[derive(Debug, Clone)]
pub struct CalendarBytes {}

crate::describe_files!(CalendarBytes: "text/calendar; charset=utf-8");

/// `GET /api/v1/calendar.ics`
///
/// # Errors
/// Not allowed; no department to show.
pub fn ics(call: &Call, (): (), query: CalendarFeedQuery) -> Result<Answer> {
    let found = call.read(|cx| calendar::of(cx, query.department_id))?;
    let bytes = crate::documents::ics::calendar(&found.name, &found.entries).into_bytes();
    let name = Some("onedoor.ics".to_owned());
    Ok(Reply::ok(File { bytes, content_type: "text/calendar; charset=utf-8", name }).into_file())
}
