//! Mails about invitations and inspections.

use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::store::inspections::Invitation;
use crate::store::outbox::Mail;
use crate::store::scopes;

/// Writes to the clerks and heads of a department about an invitation, once for each version of it.
pub(in crate::service) fn tell(
    cx: &mut Cx<'_>,
    department: Id,
    kind: &'static str,
    subject: &str,
    body: &str,
    about: &Invitation,
) -> Result<()> {
    tell_again(cx, department, kind, subject, body, about, &about.version.to_string())
}

/// Writes to the clerks and heads of a department about an invitation. `times` tells mails apart that are
/// sent again without a new version.
pub(super) fn tell_again(
    cx: &mut Cx<'_>,
    department: Id,
    kind: &'static str,
    subject: &str,
    body: &str,
    about: &Invitation,
    times: &str,
) -> Result<()> {
    let to = scopes::holders(cx.db, department, &["department_clerk", "department_head"])?;
    for account in to {
        mail(cx, kind, subject, body, about.id, account.id, &account.email, times)?;
    }
    Ok(())
}

/// Writes to the clerks and heads of a department about an inspection.
pub(in crate::service) fn tell_department(
    cx: &mut Cx<'_>,
    department: Id,
    kind: &'static str,
    subject: &str,
    body: &str,
    inspection: Id,
) -> Result<()> {
    let to = scopes::holders(cx.db, department, &["department_clerk", "department_head"])?;
    let times = cx.now.timestamp_millis().to_string();
    for account in to {
        mail(cx, kind, subject, body, inspection, account.id, &account.email, &times)?;
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "a mail has this many parts")]
pub(super) fn mail(
    cx: &mut Cx<'_>,
    kind: &'static str,
    subject: &str,
    body: &str,
    object: Id,
    user: Id,
    address: &str,
    times: &str,
) -> Result<()> {
    if address.is_empty() {
        return Ok(());
    }
    let link = cx.rules.mail.link.clone();
    cx.mail(Mail {
        kind,
        recipient: address.to_owned(),
        user: Some(user),
        subject: subject.to_owned(),
        body: format!("{body}\n\n{link}"),
        object: Some(object),
        dedupe: format!("{kind}:{object}:{times}:{user}"),
    })
}
