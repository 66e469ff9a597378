//! What waits after the visits: referrals, rectifications, letters, commissions, notices, complaints, return visits.

use super::{Desk, MOST};
use crate::domain::access::Action::{AskBusiness, HandleComplaint};
use crate::domain::access::{Role, Scope};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::{commissions, mailings, rectifications, referrals};
use crate::service::papers::notices;
use crate::service::voice::{self, rounds};
use crate::store::county;
use crate::store::follow_up::{rectifications::Filter as Orders, referrals::Filter as Referrals};
use crate::store::mailings::{commissions::Filter as Commissions, letters::Filter as Letters};
use chrono::{Days, NaiveDate};
use std::collections::{BTreeSet, HashMap};

/// What waits for others is shown so many days before its last day.
const NEAR: u64 = 7;
/// Notices that are looked at: each costs more than a row.
const NOTICES: i64 = 20;

/// Something of a subject, before the subject's name is known.
struct Found {
    kind: &'static str,
    /// Its sentence, with the name of the subject.
    what: String,
    subject: Id,
    due: Option<NaiveDate>,
    href: String,
    act: &'static str,
}

impl Desk<'_> {
    /// Everything of this kind that waits for whoever asks.
    pub(super) fn after(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        let has = |role: Role| cx.actor.roles.has(role);
        let (clerk, head) = (has(Role::DepartmentClerk), has(Role::DepartmentHead));
        let (legal, office) = (has(Role::LegalReviewer), has(Role::Coordinator));
        let own = cx.actor.department;
        let mut found = Vec::new();
        if let Some(own) = own {
            if clerk || head {
                self.referred(cx, own, &mut found)?;
                self.ordered(cx, &mut found)?;
                self.hired(cx, &mut found)?;
            }
            if clerk || head || legal {
                self.posted(cx, clerk || head, head, &mut found)?;
            }
        }
        let ids: Vec<Id> = found.iter().map(|f| f.subject).collect::<BTreeSet<_>>().into_iter().collect();
        let names: HashMap<Id, String> =
            county::subjects(cx.db, &ids)?.into_iter().map(|s| (s.id, s.name)).collect();
        for f in found {
            let name = names.get(&f.subject).map_or("", String::as_str);
            let what = self.ui.t1(&f.what, "name", name);
            self.add(f.kind, what, f.due, f.href, f.act);
        }
        if office || (clerk && own.is_some()) {
            self.undelivered(cx, office)?;
        }
        self.said(cx)
    }

    /// What others sent here, and what came back.
    fn referred(&mut self, cx: &mut Cx<'_>, own: Id, found: &mut Vec<Found>) -> Result<()> {
        for (state, received) in [("sent", true), ("received", true), ("answered", false), ("refused", false)]
        {
            let filter = Referrals {
                state: Some(state.to_owned()),
                to: Some(own).filter(|_| received),
                from: Some(own).filter(|_| !received),
                ..Referrals::default()
            };
            let rows = referrals::list(cx, &filter, None, MOST)?;
            self.more |= i64::try_from(rows.len()).is_ok_and(|n| n >= MOST);
            found.extend(rows.into_iter().map(|r| Found {
                kind: "todo-kind-referral",
                what: format!("todo-referral-{state}"),
                subject: r.subject_id,
                due: r.due_day,
                href: format!("/referrals/{}", r.id),
                act: match state {
                    "sent" => "todo-act-receive",
                    "received" => "todo-act-answer-referral",
                    _ => "todo-act-close-referral",
                },
            }));
        }
        Ok(())
    }

    /// Rectifications that are to be rechecked, that were not fulfilled, or whose time is over.
    fn ordered(&mut self, cx: &mut Cx<'_>, found: &mut Vec<Found>) -> Result<()> {
        for state in ["ordered", "reported", "not_fulfilled"] {
            let filter = Orders { state: Some(state.to_owned()), ..Orders::default() };
            // While the time runs the business is waited for.
            let rows = rectifications::list(cx, &filter, state == "ordered", None, MOST)?;
            self.more |= i64::try_from(rows.len()).is_ok_and(|n| n >= MOST);
            found.extend(rows.into_iter().map(|r| Found {
                kind: "todo-kind-order",
                what: format!("todo-order-{}", state.replace('_', "-")),
                subject: r.subject_id,
                due: r.due_day,
                href: if state == "not_fulfilled" {
                    format!("/case-filings/new?rectification_id={}", r.id)
                } else {
                    format!("/rectifications/{}", r.id)
                },
                act: if state == "not_fulfilled" { "todo-act-file" } else { "todo-act-recheck" },
            }));
        }
        Ok(())
    }

    fn near(&self, day: Option<NaiveDate>) -> bool {
        let until = self.ui.today.checked_add_days(Days::new(NEAR));
        day.is_some_and(|d| until.is_none_or(|until| d <= until))
    }

    /// Reports of experts and institutions that are due.
    fn hired(&mut self, cx: &mut Cx<'_>, found: &mut Vec<Found>) -> Result<()> {
        let filter = Commissions { state: Some("ordered".to_owned()), ..Commissions::default() };
        let rows = commissions::list(cx, &filter, None, MOST)?;
        let visits: Vec<Id> = rows.iter().map(|r| r.visit_id).collect();
        let visits: HashMap<Id, Id> =
            crate::store::visits::by_ids(cx.db, &visits)?.into_iter().map(|v| (v.id, v.subject_id)).collect();
        for r in rows.into_iter().filter(|r| self.near(r.due_day)) {
            let Some(subject) = visits.get(&r.visit_id) else { continue };
            found.push(Found {
                kind: "todo-kind-commission",
                what: "todo-commission".to_owned(),
                subject: *subject,
                due: r.due_day,
                href: format!("/commissions/{}", r.id),
                act: "todo-act-report",
            });
        }
        Ok(())
    }

    /// Letters to be sent or looked after, and listings to be agreed to.
    fn posted(&mut self, cx: &mut Cx<'_>, works: bool, head: bool, found: &mut Vec<Found>) -> Result<()> {
        let steps = [
            ("first_sent", works, "todo-act-fate"),
            ("first_failed", works, "todo-act-second"),
            ("second_failed", works, "todo-act-remind"),
            ("reminded", works, "todo-act-hand-over"),
            ("handed_over", true, "todo-act-station"),
            ("station_approved", head, "todo-act-bureau"),
        ];
        for (state, mine, act) in steps {
            // A clerk who is neither reviewer nor head agrees to nothing.
            let agrees = cx.actor.roles.has(Role::LegalReviewer) || head;
            if !mine || (state == "handed_over" && !agrees) {
                continue;
            }
            let filter = Letters { state: Some(state.to_owned()), ..Letters::default() };
            for r in mailings::list(cx, &filter, None, MOST)? {
                let same = r.decided_by.is_some() && r.decided_by == cx.actor.user;
                // The post is waited for first.
                if (state == "first_sent" && !self.near(r.due_day)) || (state == "station_approved" && same) {
                    continue;
                }
                found.push(Found {
                    kind: "todo-kind-mailing",
                    what: format!("todo-mailing-{}", state.replace('_', "-")),
                    subject: r.subject_id,
                    due: r.due_day,
                    href: format!("/mailings/{}", r.id),
                    act,
                });
            }
        }
        Ok(())
    }

    /// Notices that should have been delivered: of visits one's own department leads, or of all for the coordination office.
    fn undelivered(&mut self, cx: &mut Cx<'_>, office: bool) -> Result<()> {
        let rows = notices::overdue(cx, None, NOTICES)?;
        self.more |= i64::try_from(rows.len()).is_ok_and(|n| n >= NOTICES);
        for a in rows {
            if !office && a.whole.visit.lead_department_id != cx.actor.department {
                continue;
            }
            let what = self.ui.t2("todo-notice", "name", &a.whole.subject.name, "code", &a.whole.visit.code);
            let href = format!("/visits/{}/notice", a.whole.visit.id);
            self.add("todo-kind-notice", what, a.last_day, href, "todo-act-notice");
        }
        Ok(())
    }

    /// Complaints, and businesses to be asked.
    fn said(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        let region = cx.region().to_owned();
        let county = Scope::county(&region);
        if cx.can(HandleComplaint, &county) {
            for state in ["lodged", "taken", "answered"] {
                let rows = voice::list_complaints(cx, Some(state.to_owned()), None, None, MOST)?;
                self.more |= i64::try_from(rows.len()).is_ok_and(|n| n >= MOST);
                for c in rows {
                    let what =
                        self.ui.t1(&format!("todo-complaint-{state}"), "time", self.ui.time(&c.created_at.0));
                    let act = format!("todo-act-complaint-{state}");
                    self.add("todo-kind-complaint", what, None, format!("/complaints/{}", c.id), &act);
                }
            }
        }
        if cx.can(AskBusiness, &county) {
            let waiting = rounds::waiting(cx)?;
            for id in waiting.announced {
                let what = self.ui.t("todo-round-announced");
                self.add("todo-kind-round", what, None, format!("/return-rounds/{id}"), "todo-act-draw");
            }
            for (id, n) in waiting.to_ask {
                let what = self.ui.n("todo-round-drawn", n);
                self.add("todo-kind-round", what, None, format!("/return-rounds/{id}"), "todo-act-ask");
            }
        }
        Ok(())
    }
}
