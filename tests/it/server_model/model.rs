//! What a joint inspection and its invitations are, written once more from the rules alone (domain.md section 3, issue
//! of the server): who may, what the state allows, what changes. It shares no code with the server.

use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// The officers' certificates end here: (year, month, day).
const CERTIFIED: (i32, u32, u32) = (2029, 12, 31);
/// Departments of the county: market, education, fire, health.
pub(crate) const DEPARTMENTS: usize = 4;
/// The departments that supervise schools, which all inspections here are about.
const SUPERVISORS: [usize; 3] = [0, 1, 2];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Clerk,
    Head,
    Legal,
    Inspector,
    Coordinator,
    Overseer,
    Witness,
    Admin,
    Nobody,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) kind: Kind,
    pub(crate) department: Option<usize>,
}

const fn person(kind: Kind, department: usize) -> Person {
    Person { kind, department: Some(department) }
}

const fn outside(kind: Kind) -> Person {
    Person { kind, department: None }
}

/// The people; those at a desk of a department first.
pub(crate) const PEOPLE: [Person; 14] = [
    person(Kind::Clerk, 0),
    person(Kind::Clerk, 1),
    person(Kind::Clerk, 2),
    person(Kind::Clerk, 3),
    person(Kind::Head, 0),
    person(Kind::Head, 1),
    person(Kind::Legal, 0),
    person(Kind::Legal, 2),
    person(Kind::Inspector, 0),
    outside(Kind::Coordinator),
    outside(Kind::Overseer),
    outside(Kind::Witness),
    outside(Kind::Admin),
    outside(Kind::Nobody),
];

/// The place of somebody among [`PEOPLE`].
pub(crate) fn place(kind: Kind, department: Option<usize>) -> usize {
    PEOPLE
        .iter()
        .position(|p| p.kind == kind && (department.is_none() || p.department == department))
        .unwrap()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Draft,
    Inviting,
    Confirmed,
    Frozen,
    Aborted,
}

impl Stage {
    pub(crate) const ALL: [Self; 5] =
        [Self::Draft, Self::Inviting, Self::Confirmed, Self::Frozen, Self::Aborted];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Inviting => "inviting",
            Self::Confirmed => "confirmed",
            Self::Frozen => "pool_frozen",
            Self::Aborted => "aborted",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Pending,
    Accepted,
    Declined,
    Rescheduled,
    Escalated,
    Withdrawn,
}

impl Answer {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Rescheduled => "rescheduled",
            Self::Escalated => "escalated",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Which items a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Items {
    Own,
    None,
    Foreign,
}

/// Which dates a department proposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dates {
    Later(u8),
    Same,
    Past,
    Reversed,
}

/// Which version a request says it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Unsaid,
    Right,
    Stale,
}

/// What is done to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    See,
    Accept(Items),
    Decline { why: bool },
    Propose { dates: Dates, items: Items, why: bool },
    Agree,
    Insist { why: bool },
    Withdraw { why: bool },
    Reinvite,
    Retract { why: bool },
    Extend,
    Remind,
}

/// A command; what it is about is named beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    Create(Items),
    See,
    List(Option<Stage>),
    Change {
        items: Items,
        days: u8,
    },
    Participate(Items),
    Invite {
        named: Vec<usize>,
        required: bool,
        related: bool,
    },
    Confirm,
    Revise {
        why: bool,
    },
    Abort {
        why: bool,
    },
    Freeze,
    Release {
        why: bool,
    },
    Invitation(usize, Reply),
    Invitations,
    /// Two weeks pass without an answer.
    Wait,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invitation {
    pub(crate) state: Answer,
    pub(crate) version: i64,
    pub(crate) required: bool,
    pub(crate) related: bool,
    pub(crate) proposed: Option<(NaiveDate, NaiveDate)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inspection {
    pub(crate) owner: usize,
    pub(crate) number: String,
    pub(crate) stage: Stage,
    pub(crate) version: i64,
    pub(crate) window: (NaiveDate, NaiveDate),
    /// Whether the initiator has chosen items.
    pub(crate) items: bool,
    pub(crate) invitations: [Option<Invitation>; DEPARTMENTS],
    /// Partners whose items are remembered from before a revision.
    remembered: [bool; DEPARTMENTS],
}

/// The county.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) today: NaiveDate,
    /// Inspections of the present case.
    pub(crate) inspections: Vec<Inspection>,
    /// Last number taken, by year.
    pub(crate) numbers: BTreeMap<i32, u32>,
}

/// Why not: the HTTP status.
type Outcome = Result<u16, u16>;

/// Whether some role may do such a thing at all.
fn knows(kind: Kind, act: &Act) -> bool {
    use Kind::{Clerk, Coordinator, Head, Legal, Overseer, Witness};
    match act {
        Act::See | Act::List(_) | Act::Invitation(_, Reply::See) => {
            matches!(kind, Clerk | Head | Legal | Coordinator | Overseer | Witness)
        }
        Act::Invitations => matches!(kind, Clerk | Head | Legal | Coordinator | Overseer),
        Act::Create(_)
        | Act::Change { .. }
        | Act::Participate(_)
        | Act::Invite { .. }
        | Act::Confirm
        | Act::Revise { .. }
        | Act::Invitation(_, Reply::Agree | Reply::Insist { .. } | Reply::Reinvite) => kind == Clerk,
        Act::Abort { .. } => matches!(kind, Head | Coordinator),
        Act::Freeze | Act::Release { .. } => kind == Coordinator,
        Act::Invitation(_, Reply::Extend | Reply::Remind | Reply::Withdraw { .. }) => {
            matches!(kind, Clerk | Coordinator)
        }
        Act::Invitation(..) => matches!(kind, Clerk | Head),
        Act::Wait => true,
    }
}

const fn refuse_unless(good: bool, status: u16) -> Result<(), u16> {
    if good { Ok(()) } else { Err(status) }
}

impl Inspection {
    pub(crate) fn sees(&self, who: Person) -> bool {
        match who.kind {
            Kind::Coordinator | Kind::Overseer => true,
            Kind::Clerk | Kind::Head | Kind::Legal => {
                let own = who.department.unwrap();
                let asked = self.invitations[own].as_ref().is_some_and(|i| i.state != Answer::Withdrawn);
                own == self.owner || asked
            }
            // A witness sees what he is called to; nobody is, before the draw.
            _ => false,
        }
    }

    /// A department still learns that its invitation was withdrawn.
    pub(crate) fn sees_invitation(&self, who: Person, department: usize) -> bool {
        let desk = matches!(who.kind, Kind::Clerk | Kind::Head | Kind::Legal);
        self.sees(who) || (desk && who.department == Some(department))
    }

    fn owns(&self, who: Person) -> bool {
        who.department == Some(self.owner)
    }

    /// A confirmed inspection waits for its partners again.
    fn wait_again(&mut self) {
        if self.stage == Stage::Confirmed {
            self.stage = Stage::Inviting;
            self.version += 1;
        }
    }

    fn settled(&self) -> bool {
        let all = || self.invitations.iter().flatten();
        all().any(|i| i.state == Answer::Accepted)
            && all().all(|i| match i.state {
                Answer::Accepted => true,
                Answer::Declined | Answer::Withdrawn => !i.required,
                Answer::Pending | Answer::Rescheduled | Answer::Escalated => false,
            })
    }
}

impl Model {
    /// The dates that a request names.
    pub(crate) fn dates(&self, at: usize, dates: Dates) -> (NaiveDate, NaiveDate) {
        let day = |n: u64| self.today.checked_add_days(Days::new(n)).unwrap();
        match dates {
            Dates::Later(n) => (day(20 + u64::from(n)), day(80)),
            Dates::Same => self.inspections[at].window,
            Dates::Past => (self.today, day(80)),
            Dates::Reversed => (day(40), day(39)),
        }
    }

    /// The window that a draft or its change names.
    pub(crate) fn window(&self, days: u8) -> (NaiveDate, NaiveDate) {
        let day = |n: u64| self.today.checked_add_days(Days::new(n)).unwrap();
        (day(60 + u64::from(days)), day(120))
    }

    /// What the server must answer; what happens, happens here too.
    pub(crate) fn run(&mut self, who: Person, at: usize, act: &Act, version: Version) -> u16 {
        if *act == Act::Wait {
            self.wait();
            return 200;
        }
        if who.kind == Kind::Nobody {
            return 401;
        }
        if !knows(who.kind, act) {
            return 403;
        }
        let outcome = match act {
            Act::List(_) | Act::Invitations => Ok(200),
            Act::Create(items) => self.create(who, *items),
            Act::Invitation(department, reply) => self.reply(who, at, *department, *reply, version),
            act => self.move_on(who, at, act, version),
        };
        outcome.unwrap_or_else(|status| status)
    }

    fn wait(&mut self) {
        self.today = self.today.checked_add_days(Days::new(14)).unwrap();
        for i in self.inspections.iter_mut().flat_map(|i| i.invitations.iter_mut().flatten()) {
            if i.state == Answer::Pending {
                i.state = Answer::Escalated;
                i.version += 1;
            }
        }
    }

    fn create(&mut self, who: Person, items: Items) -> Outcome {
        use chrono::Datelike;
        refuse_unless(items != Items::Foreign, 422)?;
        let last = self.numbers.entry(self.today.year()).or_default();
        *last += 1;
        self.inspections.push(Inspection {
            owner: who.department.unwrap(),
            number: format!("示抽查〔{}〕{last}号", self.today.year()),
            stage: Stage::Draft,
            version: 1,
            window: self.window(0),
            items: items == Items::Own,
            invitations: Default::default(),
            remembered: Default::default(),
        });
        Ok(201)
    }

    /// In this order: may he see it, may he do it, is it the version he knows, does the state allow it, is what he
    /// sends right.
    fn move_on(&mut self, who: Person, at: usize, act: &Act, version: Version) -> Outcome {
        let (today, window) = (
            self.today,
            match act {
                Act::Change { days, .. } => self.window(*days),
                _ => (self.today, self.today),
            },
        );
        let i = &mut self.inspections[at];
        refuse_unless(i.sees(who), 404)?;
        let allowed = match act {
            Act::See | Act::Participate(_) => true,
            Act::Abort { .. } => i.owns(who) || who.kind == Kind::Coordinator,
            Act::Freeze | Act::Release { .. } => true,
            _ => i.owns(who),
        };
        refuse_unless(allowed, 403)?;
        let must_say = matches!(act, Act::Change { .. } | Act::Participate(_));
        let looks = !matches!(act, Act::See | Act::Freeze | Act::Release { .. });
        refuse_unless(!must_say || version != Version::Unsaid, 428)?;
        refuse_unless(!looks || version != Version::Stale, 412)?;
        match act {
            Act::See => {}
            Act::Change { items, .. } => {
                refuse_unless(i.stage == Stage::Draft, 409)?;
                refuse_unless(*items != Items::Foreign, 422)?;
                i.window = window;
                i.items = *items == Items::Own;
                i.version += 1;
            }
            Act::Participate(items) => {
                let open = matches!(i.stage, Stage::Draft | Stage::Inviting | Stage::Confirmed);
                let own = who.department.unwrap();
                let accepted = i.invitations[own].as_ref().is_some_and(|v| v.state == Answer::Accepted);
                refuse_unless(open && (i.owns(who) || accepted), 409)?;
                // Only a draft may be without items of its own.
                let empty = i.owns(who) && i.stage == Stage::Draft;
                refuse_unless(*items == Items::Own || (*items == Items::None && empty), 422)?;
                if i.owns(who) {
                    i.items = *items == Items::Own;
                }
                i.version += 1;
            }
            Act::Invite { named, required, related } => invite(i, named, *required, *related)?,
            Act::Confirm => {
                let ready = match i.stage {
                    Stage::Draft => i.items,
                    Stage::Inviting => i.settled(),
                    _ => false,
                };
                refuse_unless(ready, 409)?;
                i.stage = Stage::Confirmed;
                i.version += 1;
            }
            Act::Revise { why } => {
                refuse_unless(matches!(i.stage, Stage::Inviting | Stage::Confirmed), 409)?;
                refuse_unless(*why, 422)?;
                i.stage = Stage::Draft;
                i.version += 1;
                for (department, v) in i.invitations.iter_mut().enumerate() {
                    let Some(v) = v else { continue };
                    i.remembered[department] |= matches!(v.state, Answer::Accepted | Answer::Rescheduled);
                    withdraw(v);
                }
            }
            Act::Abort { why } => {
                refuse_unless(i.stage != Stage::Aborted, 409)?;
                refuse_unless(*why, 422)?;
                i.stage = Stage::Aborted;
                i.version += 1;
                for v in i.invitations.iter_mut().flatten() {
                    if !matches!(v.state, Answer::Accepted | Answer::Declined) {
                        withdraw(v);
                    }
                }
            }
            Act::Freeze => {
                let certified = NaiveDate::from_ymd_opt(CERTIFIED.0, CERTIFIED.1, CERTIFIED.2).unwrap();
                let can = today <= i.window.1 && i.window.0 <= certified;
                refuse_unless(i.stage == Stage::Confirmed && can, 409)?;
                i.stage = Stage::Frozen;
                i.version += 1;
                return Ok(201);
            }
            Act::Release { why } => {
                refuse_unless(i.stage == Stage::Frozen, 409)?;
                refuse_unless(*why, 422)?;
                i.stage = Stage::Confirmed;
                i.version += 1;
            }
            Act::Create(_) | Act::List(_) | Act::Invitation(..) | Act::Invitations | Act::Wait => {}
        }
        Ok(200)
    }

    fn reply(
        &mut self,
        who: Person,
        at: usize,
        department: usize,
        reply: Reply,
        version: Version,
    ) -> Outcome {
        use Answer::{Accepted, Declined, Escalated, Pending, Rescheduled, Withdrawn};
        let today = self.today;
        let dates = match reply {
            Reply::Propose { dates, .. } => self.dates(at, dates),
            _ => (today, today),
        };
        let i = &mut self.inspections[at];
        let Some(v) = i.invitations[department].clone() else { return Err(404) };
        refuse_unless(i.sees_invitation(who, department), 404)?;
        let invited = who.department == Some(department);
        let office = who.kind == Kind::Coordinator;
        let allowed = match reply {
            Reply::See => true,
            Reply::Accept(_) | Reply::Decline { .. } | Reply::Propose { .. } | Reply::Retract { .. } => {
                invited
            }
            Reply::Agree | Reply::Insist { .. } | Reply::Reinvite => i.owns(who),
            Reply::Extend => office,
            Reply::Remind => i.owns(who) || office,
            // The office may take back what nobody answered.
            Reply::Withdraw { .. } => i.owns(who) || (office && v.state == Escalated),
        };
        refuse_unless(allowed, 403)?;
        if reply == Reply::See {
            return Ok(200);
        }
        refuse_unless(version != Version::Stale, 412)?;
        let next = match (reply, v.state) {
            (Reply::Accept(_), Pending | Rescheduled | Escalated) | (Reply::Agree, Rescheduled) => Accepted,
            (Reply::Decline { .. }, Pending | Rescheduled | Escalated)
            | (Reply::Retract { .. }, Accepted) => Declined,
            (Reply::Propose { .. }, Pending | Escalated) => Rescheduled,
            (Reply::Insist { .. }, Rescheduled)
            | (Reply::Reinvite, Declined | Withdrawn)
            | (Reply::Extend, Escalated) => Pending,
            (Reply::Withdraw { .. }, Pending | Accepted | Declined | Rescheduled | Escalated) => Withdrawn,
            (Reply::Remind, Pending | Escalated) => return Ok(200),
            _ => return Err(409),
        };
        let late = matches!(reply, Reply::Reinvite | Reply::Retract { .. } | Reply::Withdraw { .. });
        refuse_unless(i.stage == Stage::Inviting || (late && i.stage == Stage::Confirmed), 409)?;
        let mut proposed = v.proposed;
        match reply {
            Reply::Accept(items) => {
                let planned = items == Items::None && i.remembered[department];
                refuse_unless(items == Items::Own || planned, 422)?;
                proposed = None;
            }
            Reply::Propose { items, why, .. } => {
                let planned = items == Items::None && i.remembered[department];
                let new = dates.0 <= dates.1 && dates.0 > today && dates != i.window;
                refuse_unless(why && new && (items == Items::Own || planned), 422)?;
                proposed = Some(dates);
            }
            Reply::Agree => {
                let (from, to) = v.proposed.unwrap();
                refuse_unless(to >= today, 409)?;
                i.window = (from, to);
                i.version += 1;
                proposed = None;
            }
            Reply::Decline { why } | Reply::Withdraw { why } | Reply::Retract { why } => {
                refuse_unless(why, 422)?;
            }
            Reply::Insist { why } => {
                refuse_unless(why, 422)?;
                proposed = None;
            }
            Reply::Reinvite | Reply::Extend => proposed = None,
            Reply::See | Reply::Remind => {}
        }
        if late {
            i.wait_again();
        }
        i.invitations[department] = Some(Invitation { state: next, version: v.version + 1, proposed, ..v });
        Ok(200)
    }
}

const fn withdraw(v: &mut Invitation) {
    if !matches!(v.state, Answer::Withdrawn) {
        v.state = Answer::Withdrawn;
        v.version += 1;
    }
}

/// Named departments must not take part yet; of the related ones those are asked that have not been, and those whose
/// invitation was withdrawn.
fn invite(i: &mut Inspection, named: &[usize], required: bool, related: bool) -> Result<(), u16> {
    refuse_unless(matches!(i.stage, Stage::Draft | Stage::Inviting | Stage::Confirmed), 409)?;
    let state = |d: usize| i.invitations[d].as_ref().map(|v| v.state);
    let open = |d: usize| !matches!(state(d), None | Some(Answer::Declined | Answer::Withdrawn));
    refuse_unless(i.items && named.iter().all(|d| *d != i.owner && !open(*d)), 422)?;
    let also = SUPERVISORS.into_iter().filter(|d| {
        related && *d != i.owner && !named.contains(d) && matches!(state(*d), None | Some(Answer::Withdrawn))
    });
    let wanted: Vec<(usize, bool)> =
        named.iter().map(|d| (*d, false)).chain(also.map(|d| (d, true))).collect();
    refuse_unless(!wanted.is_empty(), 422)?;
    if i.stage != Stage::Inviting {
        i.stage = Stage::Inviting;
        i.version += 1;
    }
    for (department, related) in wanted {
        let version = i.invitations[department].as_ref().map_or(1, |v| v.version + 1);
        i.invitations[department] = Some(Invitation {
            state: Answer::Pending,
            version,
            required: required && !related,
            related,
            proposed: None,
        });
    }
    Ok(())
}
