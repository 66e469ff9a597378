//! One invitation: the invited department answers (accept with items and people, decline, propose other dates); the
//! initiating department and the coordination office settle it.

use super::names;
use super::show::{quota_words, scope_words};
use crate::domain::access::Action::{AnswerInvitation, EditInspection, RemindInvitation, ViewInspection};
use crate::domain::access::{Role, Scope};
use crate::domain::invitation::{Act, State, next};
use crate::domain::result::countdown;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections::{self, Origins, doc};
use crate::service::invitations::{self, Invited, Proposal, calendar};
use crate::service::{inspectors, items};
use crate::store::inspectors::Filter as PeopleFilter;
use crate::store::items::Filter as ItemFilter;
use crate::web::api::inspections::{InspectionReason, ParticipationBody};
use crate::web::api::invitations::DatesProposal;
use crate::web::html::field::Choice;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::reply::Empty;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/invitations/{id}", Action(ViewInspection), show);
    r.form("/invitations/{id}/accept", Action(AnswerInvitation), accept, show);
    r.form("/invitations/{id}/decline", Action(AnswerInvitation), decline, show);
    r.form("/invitations/{id}/propose", Action(AnswerInvitation), propose, show);
    r.form("/invitations/{id}/retract", Action(AnswerInvitation), retract, show);
    r.form("/invitations/{id}/agree", Action(EditInspection), agree, show);
    r.form("/invitations/{id}/insist", Action(EditInspection), insist, show);
    r.form("/invitations/{id}/reinvite", Action(EditInspection), reinvite, show);
    r.form("/invitations/{id}/withdraw", Action(RemindInvitation), withdraw, show);
    r.form("/invitations/{id}/extend", Action(RemindInvitation), extend, show);
    r.form("/invitations/{id}/remind", Action(RemindInvitation), remind, show);
}

/// Which answer is being written.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct AnswerQuery {
    /// `accept`, `decline`, `propose`, `retract`, `insist`, `withdraw`.
    r#as: String,
}

/// Something to do with it: the act, whether it needs words, whether it is the natural one.
struct Move {
    act: &'static str,
    text: String,
    words: bool,
    /// What is asked first.
    sure: String,
}

#[derive(Template)]
#[template(path = "inspections/invitation.html")]
struct InvitationPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    inspection: Id,
    name: String,
    number: String,
    department: String,
    initiator: String,
    state: String,
    due: String,
    late: bool,
    required: bool,
    message: String,
    reason: String,
    proposed: String,
    window: String,
    from: String,
    to: String,
    quota: String,
    scope: Vec<(String, String)>,
    people: i32,
    /// What is being written now.
    writing: String,
    moves: Vec<Move>,
    /// Whoever looks may see the inspection.
    seen: bool,
    items: Vec<Choice>,
    inspectors: Vec<Choice>,
}

impl InvitationPage<'_> {
    fn hint(&self) -> String {
        self.ui.t(&format!("invitation-{}-hint", self.writing))
    }

    fn act(&self) -> String {
        self.ui.t(&format!("invitation-act-{}", self.writing))
    }
}

/// What is asked before an act that needs no words.
fn sure(ui: &Ui, act: &str, words: bool) -> String {
    if words { String::new() } else { ui.t(&format!("invitation-{act}-sure")) }
}

/// Entries of a department's own lists to choose from.
const MOST: i64 = 200;

/// The items a department may inspect, those of its plan chosen.
pub(super) fn own_items(cx: &mut Cx<'_>, department: Id, chosen: &[Id]) -> Result<Vec<Choice>> {
    let filter = ItemFilter {
        department: Some(department),
        state: Some("published".to_owned()),
        level: Some("own".to_owned()),
        ..ItemFilter::default()
    };
    let rows = items::list(cx, filter, None, MOST)?;
    let rows = rows.into_iter().filter(|i| i.current && i.department_id == department);
    Ok(rows
        .map(|i| Choice::new(i.id.to_string(), i.name).hint(i.object).chosen(chosen.contains(&i.id)))
        .collect())
}

/// The officers a department may name.
pub(super) fn own_people(cx: &mut Cx<'_>, department: Id, chosen: &[Id]) -> Result<Vec<Choice>> {
    let filter = PeopleFilter {
        department: Some(department),
        expert: Some(false),
        state: Some("active".to_owned()),
        ..PeopleFilter::default()
    };
    let rows = inspectors::list(cx, filter, None, MOST)?;
    Ok(rows
        .into_iter()
        .map(|p| Choice::new(p.id.to_string(), p.name).hint(p.unit).chosen(chosen.contains(&p.id)))
        .collect())
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, query: AnswerQuery) -> Result<Page> {
    let Invited { invitation: v, inspection: i } = invitations::get(cx, id)?;
    let state = State::parse(&v.state).ok_or_else(|| Error::internal("invitation state"))?;
    let region = cx.region().to_owned();
    let gathers = i.state == "inviting";
    let loose = matches!(i.state.as_str(), "inviting" | "confirmed");
    let answers = cx.can(AnswerInvitation, &Scope::of(&region, v.department_id));
    let edits = cx.can(EditInspection, &Scope::of(&region, i.department_id));
    let office = cx.actor.roles.has(Role::Coordinator);
    let can = |act: Act| next(state, act).is_ok();
    let mut moves = Vec::new();
    let mut add = |may: bool, act: Act, words: bool| {
        if may && can(act) {
            let name = act.as_str();
            moves.push(Move {
                act: name,
                text: ui.t(&format!("invitation-act-{name}")),
                words,
                sure: sure(ui, name, words),
            });
        }
    };
    add(answers && gathers, Act::Accept, true);
    add(answers && gathers, Act::Propose, true);
    add(answers && gathers, Act::Decline, true);
    add(answers && loose, Act::Retract, true);
    add(edits && gathers, Act::Agree, false);
    add(edits && gathers, Act::Insist, true);
    add(edits && loose, Act::Reinvite, false);
    add(office && gathers, Act::Extend, false);
    add((edits || office) && loose, Act::Withdraw, true);
    if (edits || office) && gathers && matches!(state, State::Pending | State::Escalated) {
        moves.insert(
            0,
            Move {
                act: "remind",
                text: ui.t("invitation-act-remind"),
                words: false,
                sure: sure(ui, "remind", false),
            },
        );
    }
    // A form that was refused is shown where it was written.
    let typed = ui.path.rsplit('/').next().unwrap_or_default();
    let asked = if ui.form.sent { typed } else { query.r#as.as_str() };
    let writing = moves.iter().find(|m| m.words && m.act == asked).map_or("", |m| m.act);
    let writing =
        if writing.is_empty() && answers && gathers && can(Act::Accept) { "accept" } else { writing };
    let chooses = matches!(writing, "accept" | "propose");
    let (mut own, mut people) = (Vec::new(), Vec::new());
    if chooses {
        let origins: Origins = doc(&i.overlap)?;
        let planned = origins.items.get(&v.department_id).cloned().unwrap_or_default();
        own = own_items(cx, v.department_id, &planned)?;
        people = own_people(cx, v.department_id, &[])?;
    }
    let names = names(cx)?;
    let calendar = calendar(cx)?;
    let name = |id: &Id| names.get(id).cloned().unwrap_or_default();
    let open = matches!(state, State::Pending | State::Escalated);
    let left = countdown(&calendar, ui.today, v.due_day);
    // The invited department sees the inspection as long as it is invited.
    let seen = inspections::load_for(cx, i.id, ViewInspection).is_ok();
    let template = InvitationPage {
        ui,
        id,
        version: v.version,
        inspection: i.id,
        number: i.number,
        department: name(&v.department_id),
        initiator: name(&i.department_id),
        due: if open {
            format!("{}{}{}", ui.day(&v.due_day), ui.t("comma"), ui.countdown(&left))
        } else {
            String::new()
        },
        late: open && v.due_day < ui.today,
        required: v.required,
        message: v.message,
        reason: v.reason,
        proposed: v.proposed_from.zip(v.proposed_to).map(|(a, b)| ui.span(&a, &b)).unwrap_or_default(),
        window: ui.span(&i.window_from, &i.window_to),
        from: i.window_from.to_string(),
        to: i.window_to.to_string(),
        quota: quota_words(ui, &doc(&i.quota)?),
        scope: scope_words(ui, &names, &doc(&i.filter)?),
        people: v.people,
        writing: writing.to_owned(),
        moves,
        seen,
        items: own,
        inspectors: people,
        state: v.state,
        name: i.name.clone(),
    };
    let page = Page::new(ui.t1("invitation-title", "name", &i.name), &template)?;
    let page = page.under("/inspections", ui.t("nav-inspections"));
    Ok(if seen { page.under(format!("/inspections/{}", i.id), i.name) } else { page })
}

fn done(id: Id, said: &str) -> Done {
    Done::to(format!("/invitations/{id}")).say(said)
}

fn accept(cx: &mut Cx<'_>, id: Id, body: &ParticipationBody) -> Result<Done> {
    // A browser sends no box that is not ticked: here nothing chosen means nothing chosen.
    if body.items.is_empty() {
        return Err(Error::field("/items", "required", "请至少选择一个抽查事项;不参加请拒绝并说明理由"));
    }
    invitations::accept(cx, id, &body.chosen())?;
    Ok(done(id, "invitation-accepted"))
}

fn decline(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Done> {
    invitations::decline(cx, id, &body.reason)?;
    Ok(done(id, "invitation-declined"))
}

fn propose(cx: &mut Cx<'_>, id: Id, body: &DatesProposal) -> Result<Done> {
    let chosen = ParticipationBody {
        items: body.items.clone(),
        inspectors: body.inspectors.clone(),
        people: body.people,
    };
    let proposal = Proposal {
        from: body.window_from,
        to: body.window_to,
        reason: body.reason.clone(),
        chosen: chosen.chosen(),
    };
    invitations::propose(cx, id, &proposal)?;
    Ok(done(id, "invitation-proposed"))
}

fn retract(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Done> {
    invitations::retract(cx, id, &body.reason)?;
    Ok(done(id, "invitation-retracted"))
}

fn agree(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    invitations::agree(cx, id)?;
    Ok(done(id, "invitation-agreed"))
}

fn insist(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Done> {
    invitations::insist(cx, id, &body.reason)?;
    Ok(done(id, "invitation-insisted"))
}

fn reinvite(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    invitations::reinvite(cx, id)?;
    Ok(done(id, "invitation-reinvited"))
}

fn withdraw(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Done> {
    let v = invitations::withdraw(cx, id, &body.reason)?;
    Ok(Done::to(format!("/inspections/{}", v.inspection.id)).say("invitation-withdrawn"))
}

fn extend(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    invitations::extend(cx, id)?;
    Ok(done(id, "invitation-extended"))
}

fn remind(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    invitations::remind(cx, id)?;
    Ok(done(id, "invitation-reminded"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(4));
    let page = |writing: &str| InvitationPage {
        ui,
        id,
        version: 2,
        inspection: id,
        name: text("餐饮业联合抽查"),
        number: text("示抽查〔2026〕3号"),
        department: text("卫生健康局"),
        initiator: text("市场监管局"),
        state: text("pending"),
        due: text("2026年5月8日（周五），还剩 2 个工作日"),
        late: true,
        required: true,
        message: text("请参加"),
        reason: text("人员不足"),
        proposed: text("2026年6月1日至6月10日"),
        window: text("2026年5月8日至5月20日"),
        from: text("2026-05-08"),
        to: text("2026-05-20"),
        quota: text("3%"),
        scope: vec![(text("行业"), text("H62"))],
        people: 2,
        writing: text(writing),
        moves: [
            "accept", "propose", "decline", "retract", "insist", "withdraw", "agree", "reinvite", "extend",
            "remind",
        ]
        .into_iter()
        .map(|act| Move {
            act,
            text: ui.t(&format!("invitation-act-{act}")),
            words: !matches!(act, "agree" | "reinvite" | "extend" | "remind"),
            sure: sure(ui, act, !matches!(act, "agree" | "reinvite" | "extend" | "remind")),
        })
        .collect(),
        items: vec![Choice::new("1", "公共场所卫生检查").hint("餐饮企业").chosen(true)],
        seen: true,
        inspectors: vec![Choice::new("2", "李四")],
    };
    ["accept", "propose", "decline", "retract", "insist", "withdraw", ""]
        .into_iter()
        .map(|writing| Page::new(ui.t1("invitation-title", "name", "x"), &page(writing)).unwrap())
        .collect()
}
