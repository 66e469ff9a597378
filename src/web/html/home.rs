//! The first page after the login: what waits for whoever asks, overdue first, each with one click to do it.

mod after;

use super::Page;
use super::desk::attention as words;
use super::ui::Ui;
use crate::domain::access::Action::{self, OwnAccount};
use crate::domain::access::{Role, Scope};
use crate::domain::attention::{Kind, Severity};
use crate::domain::calendar::WorkdayTable;
use crate::domain::draw_state;
use crate::domain::inspection::State;
use crate::domain::result::{Countdown, countdown};
use crate::error::Result;
use crate::service::cx::Cx;
use crate::service::invitations::{self, Invited, calendar};
use crate::service::oversight::attention;
use crate::service::{draws, inspections, items, results, visits};
use crate::store::inspections::Wanted;
use crate::store::inspections::invitations::Wanted as Asked;
use crate::store::items::Filter as ItemFilter;
use crate::store::results::Filter as ResultFilter;
use crate::web::parse::NoQuery;
use crate::web::router::{Allow, Router};
use askama::Template;
use chrono::NaiveDate;

pub(super) fn pages(r: &mut Router) {
    r.page("/", Allow::Action(OwnAccount), show);
}

/// Of what has no end of its own, at most so many are looked at.
const MOST: i64 = 100;

/// Something that waits.
#[derive(Debug, Clone, Default)]
struct Todo {
    /// What kind of thing.
    kind: String,
    /// What, in a sentence.
    what: String,
    /// Last day.
    due: Option<NaiveDate>,
    /// How near it is.
    left: Option<Countdown>,
    /// Red in the lists of oversight.
    red: bool,
    /// Where it is done.
    href: String,
    /// What is done there.
    act: String,
}

impl Todo {
    const fn is_late(&self) -> bool {
        self.red || matches!(self.left, Some(Countdown::Late(_)))
    }
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    ui: &'a Ui,
    late: Vec<Todo>,
    open: Vec<Todo>,
    /// There is more of some kind than was read.
    more: bool,
    /// What whoever has nothing to do may begin: address and text.
    begin: Vec<(&'static str, String)>,
}

impl HomePage<'_> {
    fn groups(&self) -> [(&'static str, String, &[Todo]); 2] {
        [("late", self.ui.t("home-late"), &self.late), ("open", self.ui.t("home-open"), &self.open)]
    }
}

struct Desk<'a> {
    ui: &'a Ui,
    calendar: WorkdayTable,
    todos: Vec<Todo>,
    more: bool,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let mut desk = Desk { ui, calendar: calendar(cx)?, todos: Vec::new(), more: false };
    let has = |role: Role| cx.actor.roles.has(role);
    let (clerk, head) = (has(Role::DepartmentClerk), has(Role::DepartmentHead));
    let (legal, inspector) = (has(Role::LegalReviewer), has(Role::Inspector));
    let (coordinator, witness) = (has(Role::Coordinator), has(Role::Witness));
    if cx.actor.department.is_some() && (clerk || head) {
        desk.invitations(cx)?;
    }
    if cx.actor.department.is_some() && (clerk || coordinator) {
        desk.inspections(cx, coordinator)?;
    }
    if witness {
        desk.witnessed(cx)?;
    }
    if inspector {
        desk.visits(cx)?;
    }
    if cx.actor.department.is_some() {
        desk.results(cx, legal, head, clerk)?;
        desk.items(cx, legal, head)?;
    }
    if ui.may(Action::ViewAttention) && (cx.actor.department.is_some() || coordinator) {
        desk.attention(cx, clerk || head)?;
    }
    desk.after(cx)?;
    let Desk { mut todos, more, .. } = desk;
    todos.sort_by(|a, b| {
        (a.due.is_none(), a.due, &a.kind, &a.what).cmp(&(b.due.is_none(), b.due, &b.kind, &b.what))
    });
    let (late, open): (Vec<Todo>, Vec<Todo>) = todos.into_iter().partition(Todo::is_late);
    let ways = [
        ("/inspections/new", Action::EditInspection, "home-begin-inspection"),
        ("/inspections", Action::ViewInspection, "home-see-inspections"),
        ("/visits", Action::ViewVisit, "home-see-visits"),
        ("/users", Action::ViewUsers, "home-see-users"),
        ("/journal", Action::ViewJournal, "journal-title"),
        ("/outbox", Action::ViewOutbox, "outbox-title"),
    ];
    let begin = ways
        .into_iter()
        .filter(|(path, action, _)| ui.has(path) && ui.may(*action))
        .map(|(path, _, key)| (path, ui.t(key)))
        .collect();
    let name = cx.actor.name.clone();
    let page = Page::new(ui.t("home-title"), &HomePage { ui, late, open, more, begin })?;
    Ok(page.lead(ui.t2("home-lead", "name", name, "day", ui.day(&ui.today))))
}

impl Desk<'_> {
    fn add(&mut self, kind: &str, what: String, due: Option<NaiveDate>, href: String, act: &str) {
        let todo = Todo {
            kind: self.ui.t(kind),
            what,
            due,
            left: due.map(|due| countdown(&self.calendar, self.ui.today, due)),
            red: false,
            href,
            act: self.ui.t(act),
        };
        self.todos.push(todo);
    }

    /// Invitations to one's own department, and dates that partners propose.
    fn invitations(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        let own = cx.actor.department;
        for state in ["pending", "escalated"] {
            let asked = Asked { department: own, state: Some(state.to_owned()), ..Asked::default() };
            for Invited { invitation: v, inspection: i } in invitations::list(cx, asked, MOST)? {
                let what = self.ui.t2("todo-invitation", "name", &i.name, "number", &i.number);
                let href = format!("/invitations/{}", v.id);
                self.add("todo-kind-invitation", what, Some(v.due_day), href, "todo-act-answer");
            }
        }
        Ok(())
    }

    /// The next step of joint inspections: of the initiating department, or of the coordination office.
    fn inspections(&mut self, cx: &mut Cx<'_>, office: bool) -> Result<()> {
        let own = cx.actor.department;
        let wanted = Wanted { department: if office { None } else { own }, ..Wanted::default() };
        let rows = inspections::list(cx, wanted, MOST)?;
        for i in rows.into_iter().filter(|i| office || Some(i.department_id) == own) {
            let Some(state) = State::parse(&i.state) else { continue };
            let step = if office {
                match state {
                    State::Confirmed => "freeze",
                    State::PoolFrozen => "draw",
                    State::Drawn | State::Merged => "plan",
                    _ => continue,
                }
            } else {
                match state {
                    State::Draft => "invite",
                    State::Inviting => {
                        let full = inspections::get(cx, i.id)?;
                        let is = |state: &str| full.invitations.iter().any(|v| v.state == state);
                        if is("rescheduled") || is("declined") {
                            "settle"
                        } else if is("pending") || is("escalated") {
                            continue;
                        } else {
                            "confirm"
                        }
                    }
                    State::Staffed => "dispatch",
                    _ => continue,
                }
            };
            let what = self.ui.t2(&format!("todo-inspection-{step}"), "name", &i.name, "number", &i.number);
            let act = format!("todo-act-{step}");
            self.add("todo-kind-inspection", what, Some(i.window_to), format!("/inspections/{}", i.id), &act);
        }
        Ok(())
    }

    /// Draws that wait for one's own word or card.
    fn witnessed(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        let user = cx.user()?;
        for i in inspections::list(cx, Wanted::default(), MOST)? {
            for shown in draws::of(cx, i.id)? {
                let Some(own) = shown.witnesses.iter().find(|w| w.user_id == user) else { continue };
                let act = match draw_state::State::parse(&shown.draw.state) {
                    Some(draw_state::State::Opened) if own.commitment.is_empty() => "commit",
                    Some(draw_state::State::Sealed) if own.revealed_at.is_none() => "reveal",
                    _ => continue,
                };
                let what = self.ui.t2(&format!("todo-draw-{act}"), "name", &i.name, "number", &i.number);
                let href = format!("/draws/{}/witness", shown.draw.id);
                let due = Some(crate::clock::china_date(shown.draw.deadline.0));
                self.add("todo-kind-draw", what, due, href, &format!("todo-act-{act}"));
            }
        }
        Ok(())
    }

    /// An inspector's visits: those that have begun, those of today, those that were to be before.
    fn visits(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        for state in ["in_progress", "obstructed", "dispatched"] {
            for whole in visits::mine(cx, Some(state.to_owned()), None, MOST)? {
                let visit = &whole.visit;
                if state == "dispatched" && visit.on_day.is_none_or(|day| day > self.ui.today) {
                    continue;
                }
                let what =
                    self.ui.t2("todo-visit", "name", &whole.subject.name, "place", &whole.subject.address);
                let href = format!("/visits/{}", visit.id);
                let act = if state == "dispatched" { "todo-act-visit" } else { "todo-act-enter" };
                self.add("todo-kind-visit", what, visit.on_day, href, act);
            }
        }
        Ok(())
    }

    /// Results that wait for review, approval, publication by one's own department.
    fn results(&mut self, cx: &mut Cx<'_>, legal: bool, head: bool, clerk: bool) -> Result<()> {
        let steps = [
            ("confirmed", legal || clerk, "review"),
            ("reviewed", head, "approve"),
            ("approved", head || clerk, "publish"),
        ];
        for (state, mine, act) in steps {
            if !mine {
                continue;
            }
            let filter = ResultFilter {
                state: Some(state.to_owned()),
                department: cx.actor.department,
                ..ResultFilter::default()
            };
            let n = results::list(cx, &filter, None, MOST)?.len();
            if n > 0 {
                let what = self.ui.n(&format!("todo-results-{act}"), n);
                let href = format!("/results?state={state}");
                self.add("todo-kind-result", what, None, href, &format!("todo-act-{act}"));
            }
        }
        Ok(())
    }

    /// Items that wait for legal review or publication.
    fn items(&mut self, cx: &mut Cx<'_>, legal: bool, head: bool) -> Result<()> {
        for (state, mine, act) in [("in_review", legal, "item-review"), ("effective", head, "item-publish")] {
            let region = cx.region().to_owned();
            let Some(own) = cx.actor.department.filter(|_| mine) else { continue };
            if !cx.can(Action::ViewItem, &Scope::of(&region, own)) {
                continue;
            }
            let filter =
                ItemFilter { department: Some(own), state: Some(state.to_owned()), ..ItemFilter::default() };
            let n = items::list(cx, filter, None, MOST)?.len();
            if n > 0 {
                let what = self.ui.n(&format!("todo-{act}"), n);
                self.add(
                    "todo-kind-item",
                    what,
                    None,
                    format!("/items?state={state}"),
                    &format!("todo-act-{act}"),
                );
            }
        }
        Ok(())
    }

    /// What oversight would see: what is late or in the way. Late answers of one's own are among the invitations already.
    fn attention(&mut self, cx: &mut Cx<'_>, answers: bool) -> Result<()> {
        let list = attention::list(cx, None, &[])?;
        self.more |= !list.cut.is_empty();
        for a in list.items {
            if answers && a.kind == Kind::LateAnswer {
                continue;
            }
            self.todos.push(Todo {
                kind: self.ui.word("attention", a.kind.as_str()),
                what: words::sentence(self.ui, &a),
                due: a.due,
                left: a.countdown,
                red: a.severity == Severity::Red,
                href: words::way(self.ui, &a),
                act: self.ui.t("todo-act-see"),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let todo = |left, due| Todo {
        kind: ui.t("todo-kind-invitation"),
        what: ui.t2("todo-invitation", "name", "餐饮业联合抽查", "number", "示抽查〔2026〕3号"),
        due,
        left,
        red: false,
        href: "/account".to_owned(),
        act: ui.t("todo-act-answer"),
    };
    let day = NaiveDate::from_ymd_opt(2026, 5, 12);
    let full = HomePage {
        ui,
        late: vec![todo(Some(Countdown::Late(2)), day)],
        open: vec![todo(Some(Countdown::Left(3)), day), todo(Option::None, Option::None)],
        more: true,
        begin: Vec::new(),
    };
    let empty = HomePage {
        ui,
        late: Vec::new(),
        open: Vec::new(),
        more: false,
        begin: vec![("/inspections", ui.t("home-see-inspections"))],
    };
    [full, empty].iter().map(|p| Page::new(ui.t("home-title"), p).unwrap()).collect()
}
