//! Who may do what: the whole policy in one table, action x role x relation.
//!
//! The three administrators exclude each other and every other role (GB/T 22239-2019, separation of the system,
//! security and audit administrator). The coordination office oversees and never inspects (国办发〔2024〕54号).

use crate::ids::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A role of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 部门经办人.
    DepartmentClerk,
    /// 法制审核员.
    LegalReviewer,
    /// 部门负责人.
    DepartmentHead,
    /// 执法检查人员.
    Inspector,
    /// 协调办.
    Coordinator,
    /// 监督员.
    Overseer,
    /// 见证人.
    Witness,
    /// 系统管理员.
    SystemAdmin,
    /// 安全管理员.
    SecurityAdmin,
    /// 审计管理员.
    AuditAdmin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::DepartmentClerk,
        Self::LegalReviewer,
        Self::DepartmentHead,
        Self::Inspector,
        Self::Coordinator,
        Self::Overseer,
        Self::Witness,
        Self::SystemAdmin,
        Self::SecurityAdmin,
        Self::AuditAdmin,
    ];

    /// The identifier used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DepartmentClerk => "department_clerk",
            Self::LegalReviewer => "legal_reviewer",
            Self::DepartmentHead => "department_head",
            Self::Inspector => "inspector",
            Self::Coordinator => "coordinator",
            Self::Overseer => "overseer",
            Self::Witness => "witness",
            Self::SystemAdmin => "system_admin",
            Self::SecurityAdmin => "security_admin",
            Self::AuditAdmin => "audit_admin",
        }
    }

    /// The role with this identifier.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }

    /// Which kind of department its holder belongs to.
    #[must_use]
    pub const fn home(self) -> Home {
        match self {
            Self::DepartmentClerk | Self::LegalReviewer | Self::DepartmentHead | Self::Inspector => {
                Home::Inspecting
            }
            Self::Coordinator => Home::Coordination,
            Self::Overseer => Home::Oversight,
            Self::Witness => Home::Anywhere,
            Self::SystemAdmin | Self::SecurityAdmin | Self::AuditAdmin => Home::Nowhere,
        }
    }
}

/// Where the holder of a role works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// In an inspecting department or an expert pool.
    Inspecting,
    /// In the coordination office.
    Coordination,
    /// In the oversight body.
    Oversight,
    /// In any department, or in none (NPC deputies, notaries).
    Anywhere,
    /// In none: the administrators of the machine.
    Nowhere,
}

/// The roles of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(u16);

impl Roles {
    /// Whether the account has `role`.
    #[must_use]
    pub const fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Its roles, in the order of [`Role::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |r| self.has(*r))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |set, role| set | role.bit()))
    }
}

/// Which roles an account may hold together: an administrator holds nothing else, a coordinator, an overseer and a
/// witness neither inspect nor act for a department. Answers what is wrong, in Chinese.
#[must_use]
pub fn conflicts(roles: &[Role]) -> Vec<String> {
    let mut faults = Vec::new();
    let admins = [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin];
    if roles.iter().any(|r| admins.contains(r)) && roles.len() > 1 {
        faults.push("系统管理员、安全管理员、审计管理员相互排斥,也不得兼任其他角色".to_owned());
    }
    let homes: Vec<Home> = roles.iter().map(|r| r.home()).collect();
    for apart in [Home::Coordination, Home::Oversight] {
        if homes.contains(&apart) && homes.iter().any(|h| *h != apart && *h != Home::Nowhere) {
            faults.push("协调办、监督员不得兼任部门角色或见证人".to_owned());
            break;
        }
    }
    if roles.contains(&Role::Witness) && roles.contains(&Role::Inspector) {
        faults.push("见证人不得同时是执法检查人员".to_owned());
    }
    faults
}

/// Whoever asks for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account; none for the public and for the machine itself.
    pub user: Option<Id>,
    /// The login session.
    pub session: Option<Id>,
    /// The county it belongs to; empty for the public.
    pub region: String,
    /// Its department.
    pub department: Option<Id>,
    /// Its entry in the inspector directory.
    pub inspector: Option<Id>,
    /// Its roles.
    pub roles: Roles,
    /// Its name, for texts.
    pub name: String,
    /// The machine itself: reminders, expiries, the first start.
    pub system: bool,
}

impl Actor {
    /// Somebody who has not logged in.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self {
            user: None,
            session: None,
            region: String::new(),
            department: None,
            inspector: None,
            roles: Roles(0),
            name: String::new(),
            system: false,
        }
    }

    /// The machine itself, acting for a county.
    #[must_use]
    pub fn system(region: &str) -> Self {
        Self { region: region.to_owned(), system: true, name: "system".to_owned(), ..Self::anonymous() }
    }
}

/// What an act is about, as far as rights go.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    /// The county; empty: whichever.
    pub region: &'a str,
    /// The department it belongs to.
    pub owner: Option<Id>,
    /// Departments that take part.
    pub participants: &'a [Id],
    /// Inspectors and accounts that are assigned to it.
    pub assigned: &'a [Id],
}

impl<'a> Scope<'a> {
    /// Something that belongs to a department.
    #[must_use]
    pub const fn of(region: &'a str, owner: Id) -> Self {
        Self { region, owner: Some(owner), participants: &[], assigned: &[] }
    }

    /// Something that belongs to the county as a whole.
    #[must_use]
    pub const fn county(region: &'a str) -> Self {
        Self { region, owner: None, participants: &[], assigned: &[] }
    }
}

/// How an actor stands to a thing; a set.
const OWN: u8 = 1;
const PART: u8 = 2;
const ASSIGNED: u8 = 4;
const OTHER: u8 = 8;
const ANY: u8 = OWN | PART | ASSIGNED | OTHER;

const CLERK: u16 = Role::DepartmentClerk.bit();
const LEGAL: u16 = Role::LegalReviewer.bit();
const HEAD: u16 = Role::DepartmentHead.bit();
const INSPECTOR: u16 = Role::Inspector.bit();
const COORDINATOR: u16 = Role::Coordinator.bit();
const OVERSEER: u16 = Role::Overseer.bit();
const WITNESS: u16 = Role::Witness.bit();
const SYSTEM: u16 = Role::SystemAdmin.bit();
const SECURITY: u16 = Role::SecurityAdmin.bit();
const AUDIT: u16 = Role::AuditAdmin.bit();
/// Those who work for a department at a desk.
const STAFF: u16 = CLERK | LEGAL | HEAD;
/// Everybody who is logged in, even before any role was given.
const INSIDE: u16 = u16::MAX;

macro_rules! policy {
    ($($(#[$doc:meta])* $action:ident => $view:ident: $([$roles:expr, $relations:expr]),+;)+) => {
        /// Something one may or may not do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($(#[$doc])* $action,)+
        }

        impl Action {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$action),+];

            /// Who may: (set of roles, set of relations).
            const fn rules(self) -> &'static [(u16, u8)] {
                match self { $(Self::$action => &[$(($roles, $relations)),+],)+ }
            }

            /// What one must be allowed in order to know that the thing exists.
            const fn view(self) -> Self {
                match self { $(Self::$action => Self::$view,)+ }
            }

            /// The identifier in the access table of the documentation and the tests.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$action => stringify!($action),)+ }
            }
        }
    };
}

// Action => what makes the thing visible: [roles, relations to the thing], ...;
policy! {
    /// One's own account: see it, change the password, log out.
    OwnAccount => OwnAccount: [INSIDE, ANY];
    /// Long work: one's own, and that about things one may see.
    ViewJob => ViewJob: [INSIDE, ANY];
    /// The list of accounts.
    ViewUsers => ViewUsers: [SYSTEM | SECURITY | AUDIT, ANY], [HEAD, OWN];
    /// Create accounts, change their names and departments.
    EditUsers => ViewUsers: [SYSTEM, ANY];
    /// Give and take roles; disable and enable accounts; end sessions; reset a lost password.
    GrantRoles => ViewUsers: [SECURITY, ANY];
    /// Settings of the county.
    ViewSettings => ViewSettings: [SYSTEM | SECURITY | AUDIT | COORDINATOR, ANY];
    /// Change them.
    EditSettings => ViewSettings: [SYSTEM, ANY];
    /// Mail that waits, went out or failed.
    ViewOutbox => ViewOutbox: [SYSTEM, ANY];
    /// Send failed mail again.
    RetryOutbox => ViewOutbox: [SYSTEM, ANY];
    /// The journal of all acts.
    ViewJournal => ViewJournal: [AUDIT | OVERSEER, ANY];
    /// Erase the personal data behind a journal row, leaving its leaf.
    EraseJournalPrivate => ViewJournal: [AUDIT, ANY];

    /// Departments, calendar, vocabularies: the county's common words.
    ViewCommon => ViewCommon: [INSIDE, ANY];
    /// Register departments and their aliases; the system administrator too, for the coordination office itself must be
    /// registered before anybody can work for it.
    EditDepartments => ViewCommon: [COORDINATOR | SYSTEM, ANY];
    /// Working days and vocabularies.
    EditCommon => ViewCommon: [COORDINATOR, ANY];

    /// Item lists of one's department; those in force of all others.
    ViewItem => ViewItem: [STAFF, ANY], [INSPECTOR | COORDINATOR | OVERSEER, ANY];
    /// Draft, change, claim and submit items.
    EditItem => ViewItem: [CLERK, OWN];
    /// Pass or return a submitted item.
    ReviewItem => ViewItem: [LEGAL, OWN];
    /// Publish an item, or take it out of use.
    PublishItem => ViewItem: [HEAD, OWN];
    /// The upper list from which departments claim.
    EditUpperItems => ViewItem: [COORDINATOR, ANY];
    /// The door of drafting: one's own list, or the upper list for the coordination office.
    DraftItem => ViewItem: [CLERK, OWN], [COORDINATOR, ANY];
    /// The door of review.
    DecideItem => ViewItem: [LEGAL, OWN], [COORDINATOR, ANY];
    /// The door of publication.
    ReleaseItem => ViewItem: [HEAD, OWN], [COORDINATOR, ANY];

    /// The directory of subjects.
    ViewSubject => ViewSubject: [STAFF | COORDINATOR | OVERSEER, ANY];
    /// Keep it.
    EditSubject => ViewSubject: [CLERK | COORDINATOR, ANY];
    /// The directory of inspectors and experts with certificates and leave.
    ViewInspector => ViewInspector: [STAFF, OWN], [INSPECTOR, ASSIGNED], [COORDINATOR | OVERSEER, ANY];
    /// Keep it.
    EditInspector => ViewInspector: [CLERK, OWN];
    /// Recusals.
    ViewRecusal => ViewRecusal: [STAFF, OWN], [INSPECTOR, ASSIGNED], [COORDINATOR | OVERSEER, ANY];
    /// Declare one, or record the application of a business.
    DeclareRecusal => ViewRecusal: [CLERK, OWN], [INSPECTOR, ASSIGNED];
    /// Decide on one.
    DecideRecusal => ViewRecusal: [HEAD, OWN];
    /// The frequency-cap ledger.
    ViewCaps => ViewCaps: [STAFF, OWN], [COORDINATOR | OVERSEER, ANY];
    /// Record a check outside any plan.
    RecordCheck => ViewCaps: [CLERK, OWN];

    /// Plan entries.
    ViewPlan => ViewPlan: [STAFF, OWN], [COORDINATOR | OVERSEER, ANY];
    /// Draft and file them.
    EditPlan => ViewPlan: [CLERK, OWN];
    /// Publish them, or take them back.
    PublishPlan => ViewPlan: [HEAD, OWN];
    /// Check and apply a file of a registry; what it may change is judged row by row.
    Import => Import: [CLERK | COORDINATOR, OWN];
    /// Put the rows of a county-wide list as drafts into the departments it names.
    DraftForAll => Import: [COORDINATOR, ANY];
    /// The overlap board.
    ViewOverlap => ViewOverlap: [COORDINATOR | OVERSEER, ANY];
    /// Turn a proposal of the overlap board into a joint inspection.
    AcceptOverlap => ViewOverlap: [COORDINATOR, ANY];

    /// A joint inspection.
    ViewInspection => ViewInspection: [STAFF, OWN | PART], [COORDINATOR | OVERSEER, ANY], [WITNESS, ASSIGNED];
    /// Create and change one, invite partners, confirm it.
    EditInspection => ViewInspection: [CLERK, OWN];
    /// Choose one's own department's items and people in it.
    EditParticipation => ViewInspection: [CLERK, OWN | PART];
    /// End one.
    AbortInspection => ViewInspection: [HEAD, OWN], [COORDINATOR, ANY];
    /// Answer an invitation of one's own department.
    AnswerInvitation => ViewInspection: [CLERK | HEAD, OWN];
    /// Remind an invited department, settle what nobody answers.
    RemindInvitation => ViewInspection: [CLERK, PART], [COORDINATOR, ANY];

    /// A draw that is not public yet.
    ViewDraw => ViewDraw: [STAFF, OWN | PART], [COORDINATOR | OVERSEER, ANY], [WITNESS, ASSIGNED];
    /// Freeze the pool, open, seal, reveal, draw, abort, draw again.
    OperateDraw => ViewDraw: [COORDINATOR, ANY];
    /// The list behind a pool and its key, to check a draw as an auditor.
    AuditDraw => ViewDraw: [OVERSEER, ANY];
    /// Hand in one's own commitment and card.
    WitnessDraw => ViewDraw: [WITNESS, ASSIGNED];

    /// Tasks of a department.
    ViewTask => ViewTask: [STAFF, OWN], [COORDINATOR | OVERSEER, ANY];
    /// Single tasks outside joint inspections.
    EditTask => ViewTask: [CLERK, OWN];
    /// Merge and staffing runs.
    ViewPlanning => ViewPlanning: [COORDINATOR | OVERSEER, ANY];
    /// Run, commit and re-run them; pin and split visits.
    RunPlanning => ViewPlanning: [COORDINATOR, ANY];

    /// A visit. An inspector sees it whatever his station, and only after dispatch.
    ViewVisit => ViewVisit: [STAFF, OWN | PART], [INSPECTOR, ASSIGNED], [COORDINATOR | OVERSEER, ANY];
    /// Send the teams out.
    DispatchVisit => ViewVisit: [CLERK, OWN], [COORDINATOR, ANY];
    /// Ask for another inspector.
    RequestReplacement => ViewVisit: [CLERK, OWN | PART], [INSPECTOR, ASSIGNED];
    /// Approve or reject it: the head of the inspector's own department.
    DecideReplacement => ViewReplacement: [HEAD, OWN];
    /// Replacements.
    ViewReplacement => ViewReplacement: [STAFF, OWN], [INSPECTOR, ASSIGNED], [COORDINATOR | OVERSEER, ANY];
    /// Check in, record an obstacle, the statement of the business, evidence, and end a visit.
    WorkOnSite => ViewVisit: [INSPECTOR, ASSIGNED];
    /// Enter and confirm results: the A and the B post of each department, for its own items. Nobody else ever.
    EnterResult => ViewVisit: [INSPECTOR, ASSIGNED];
    /// Results: of one's own department and of the visits it takes part in.
    ViewResult => ViewResult: [STAFF, OWN | PART], [INSPECTOR, ASSIGNED], [COORDINATOR | OVERSEER, ANY];
    /// 审核.
    ReviewResult => ViewResult: [LEGAL | CLERK, OWN];
    /// Send it back with a reason.
    ReturnResult => ViewResult: [STAFF, OWN];
    /// 批准.
    ApproveResult => ViewResult: [HEAD, OWN];
    /// 公示.
    PublishResult => ViewResult: [CLERK | HEAD, OWN];
    /// Open the correction of a published result.
    CorrectResult => ViewResult: [CLERK | HEAD, OWN];
    /// How long there is to publish.
    ViewPublication => ViewPublication: [STAFF, OWN], [COORDINATOR | OVERSEER, ANY];

    /// Papers of a visit and calendars: those who may see the visit, once it is dispatched.
    ViewPaper => ViewVisit: [STAFF, OWN | PART], [INSPECTOR, ASSIGNED], [COORDINATOR | OVERSEER, ANY];
    /// Papers of a joint inspection: the draw record, the summary, those of all visits that whoever asks may see.
    ViewWholePaper => ViewInspection: [STAFF, OWN | PART], [COORDINATOR | OVERSEER, ANY], [WITNESS | INSPECTOR, ASSIGNED];
    /// Record that the notice of a visit was delivered: whoever sends the team out, and the team itself.
    DeliverNotice => ViewVisit: [CLERK, OWN], [INSPECTOR, ASSIGNED], [COORDINATOR, ANY];
    /// The whole archive of a joint inspection with evidence and journal: the initiating department, the coordination
    /// office, overseers.
    ViewArchive => ViewInspection: [CLERK | HEAD, OWN], [COORDINATOR | OVERSEER, ANY];
    /// What follows from one's own department's results: rectifications, case filings, letters, commissions.
    ViewFollowUp => ViewFollowUp: [STAFF | INSPECTOR, OWN], [COORDINATOR | OVERSEER, ANY];
    /// Order, record and file it.
    WorkFollowUp => ViewFollowUp: [CLERK | HEAD, OWN];
    /// Extend the time of a rectification; approve a listing for the bureau.
    DecideFollowUp => ViewFollowUp: [HEAD, OWN];
    /// Approve a listing as head of the station, or send it back.
    ReviewListing => ViewFollowUp: [LEGAL | HEAD, OWN];
    /// A referral or copy notice: the department that sent it owns it, the one that receives it takes part.
    ViewReferral => ViewReferral: [STAFF, OWN | PART], [COORDINATOR | OVERSEER, ANY];
    /// Send and close one.
    SendReferral => ViewReferral: [CLERK | HEAD, OWN];
    /// Receive, refuse and answer one.
    AnswerReferral => ViewReferral: [CLERK | HEAD, PART];
    /// Recognise the result of another department for a task of one's own.
    RecogniseResult => ViewTask: [CLERK, OWN];
    /// Ratings, complaints and return visits: nobody of an inspecting department, ever.
    ViewVoice => ViewVoice: [COORDINATOR | OVERSEER, ANY];
    /// Print what a business needs to rate its visit: nobody of an inspecting department, or it would rate itself.
    PrintRatingCard => ViewVisit: [COORDINATOR | OVERSEER, ANY];
    /// Take, answer and close a complaint.
    HandleComplaint => ViewVoice: [COORDINATOR | OVERSEER, ANY];
    /// Draw visits to ask about, and record the answers.
    AskBusiness => ViewVoice: [OVERSEER, ANY];
    /// What needs attention now.
    ViewAttention => ViewAttention: [STAFF, OWN], [COORDINATOR | OVERSEER, ANY];
    /// Red and yellow cards.
    ViewCard => ViewCard: [STAFF, OWN], [COORDINATOR | OVERSEER, ANY];
    /// 签收: the department a card was shown to.
    AcknowledgeCard => ViewCard: [CLERK | HEAD, OWN];
    /// Figures, charts and statistics tables.
    ViewFigures => ViewFigures: [STAFF, OWN], [COORDINATOR | OVERSEER, ANY];
    /// Scorecards and the evidence for them.
    ViewScorecard => ViewScorecard: [STAFF, OWN], [COORDINATOR | OVERSEER, ANY];
    /// Weights of a year.
    SetScoreWeights => ViewScorecard: [COORDINATOR, ANY];
    /// Evidence of one's own department.
    HandInScoreEvidence => ViewScorecard: [CLERK | HEAD, OWN];
    /// Confirm it, or not.
    DecideScoreEvidence => ViewScorecard: [COORDINATOR, ANY];
}

/// The answer of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Go ahead.
    Allowed,
    /// None of the actor's roles does such things, or not with a thing he can see: 403.
    Denied,
    /// He may not even know of this thing: 404.
    Hidden,
}

fn relation(actor: &Actor, scope: &Scope<'_>) -> u8 {
    let mut set = OTHER;
    if let Some(department) = actor.department {
        if scope.owner == Some(department) {
            set |= OWN;
        }
        if scope.participants.contains(&department) {
            set |= PART;
        }
    }
    if [actor.user, actor.inspector].into_iter().flatten().any(|id| scope.assigned.contains(&id)) {
        set |= ASSIGNED;
    }
    set
}

fn allows(actor: &Actor, action: Action, relations: u8) -> bool {
    action
        .rules()
        .iter()
        .any(|(roles, among)| (*roles == INSIDE || actor.roles.0 & roles != 0) && relations & among != 0)
}

/// Whether some role of the actor may do `action` to some thing or other: the check at the door.
#[must_use]
pub fn may_ever(actor: &Actor, action: Action) -> bool {
    actor.system || (actor.user.is_some() && allows(actor, action, ANY))
}

/// Whether the actor may do `action` to the thing that `scope` describes.
#[must_use]
pub fn may(actor: &Actor, action: Action, scope: &Scope<'_>) -> Verdict {
    let foreign = !scope.region.is_empty() && scope.region != actor.region;
    if actor.system {
        return if foreign { Verdict::Hidden } else { Verdict::Allowed };
    }
    if !may_ever(actor, action) {
        return Verdict::Denied;
    }
    if foreign {
        return Verdict::Hidden;
    }
    let relations = relation(actor, scope);
    if allows(actor, action, relations) {
        Verdict::Allowed
    } else if allows(actor, action.view(), relations) {
        Verdict::Denied
    } else {
        Verdict::Hidden
    }
}
