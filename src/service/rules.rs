//! The settings of the server that use cases depend on, each with its default in `config/server.toml`.

use serde::Deserialize;

/// What use cases may need to know.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The county this server is for.
    pub region: Region,
    /// Login and passwords.
    pub login: Login,
    /// Deadlines and counts of the procedure.
    pub procedure: Procedure,
    /// What follows after a visit.
    pub follow_up: FollowUp,
    /// Mail.
    pub mail: Mail,
    /// Papers and what people are told of them.
    pub papers: Papers,
    /// How long data are kept.
    pub retention: Retention,
    /// Oversight.
    pub oversight: Oversight,
}

/// Papers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Papers {
    /// Hour of the day in China, 0 to 23, at which people are told together of the visits they are sent to.
    pub digest_hour: u32,
    /// Path below the server's address under which a business sees its visit; the code of the visit follows it.
    pub visit_page: String,
}

/// Retention.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Days that the journal and archived data are kept at least.
    pub journal_days: u32,
    /// Days after which a file that no row names is removed.
    pub orphan_days: u32,
}

/// Oversight.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oversight {
    /// Days before a certificate runs out from which it is shown.
    pub certificate_days: u32,
    /// Weights of the 14 indicators in years for which the coordination office has set none.
    pub score_weights: Vec<u32>,
    /// Entries of the Atom feed.
    pub feed_entries: u32,
}

/// The county.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// 区划代码, six digits.
    pub code: String,
    /// Name.
    pub name: String,
    /// Token of the authority in draws (VDR/1), e.g. `CN-350403`.
    pub token: String,
}

/// Login.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Password rules.
    pub passwords: crate::domain::password::Profile,
    /// Life of an access token, seconds.
    pub access_s: i64,
    /// A session ends this long after the login, seconds.
    pub session_s: i64,
    /// A session that is not used for this long ends, seconds.
    pub idle_s: i64,
    /// Roles that must use a second factor.
    pub totp_roles: Vec<crate::domain::access::Role>,
}

/// Deadlines and counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Working days to answer an invitation.
    pub answer_days: u32,
    /// Working days after which an invited department is reminded.
    pub remind_after: Vec<u32>,
    /// Planned on-site checks per department, subject and calendar year.
    pub cap_per_year: u32,
    /// Working days before a visit that is announced.
    pub notice_days: u32,
    /// Officers per department and visit.
    pub people_per_department: u32,
    /// Most people of a visit.
    pub people_ceiling: u32,
    /// Whether officers who were at a subject the last time stay away the next time where others can go.
    pub rotate: bool,
    /// Ratio of each credit-risk class where a joint inspection says none.
    pub class_ratios: Vec<(String, String)>,
    /// Working days after the end of an inspection within which its results are published.
    pub publish_days: u32,
    /// Working days before the last day to publish at which a department is reminded, the farthest first.
    pub publish_remind: Vec<u32>,
    /// Working days after the last day to publish from which the card is red.
    pub publish_red: u32,
    /// Percent, times 100, below which an untargeted draw is warned about.
    pub untargeted_floor_bp: u32,
    /// The same for a targeted draw.
    pub targeted_floor_bp: u32,
}

/// What follows after a visit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    /// Working days before the last day of a step at which whoever must take it is reminded, the farthest first.
    pub remind: Vec<u32>,
    /// Working days to receive a referral, or to take note of a copy notice.
    pub receive_days: u32,
    /// Working days to answer a referral that was received.
    pub answer_days: u32,
    /// Working days to close a referral that was answered, or to deal with one that came back.
    pub close_days: u32,
    /// Calendar days after the first letter from which on the second may be posted.
    pub mailing_from: u32,
    /// Calendar days after the first letter until which it may.
    pub mailing_to: u32,
    /// Working days from the verification that a business cannot be reached to its listing.
    pub listing_days: u32,
    /// What a listing rests on beside the law entered with the result, as the form of its approval cites it.
    pub listing_basis: Vec<String>,
    /// Calendar days for which a result of another department may be recognised.
    pub recognise_days: u32,
    /// Most complaints about one visit.
    pub complaints: u32,
}

/// Mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Sender; empty: no mail goes out, the outbox keeps it.
    pub from: String,
    /// `smtp://host:port`, `smtps://…` with user and password, or `file:FOLDER`.
    pub transport: String,
    /// Attempts before a mail is given up.
    pub attempts: u32,
    /// Address of the server in mails.
    pub link: String,
}
