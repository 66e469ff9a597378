//! 《经营异常名录审批表》 as a paper: the data are those of the follow-up, here they become the form.

use super::super::cx::Cx;
use super::super::follow_up::mailings::{self, Opinion as Said};
use crate::documents::papers::listing::{ListingApproval, MailingLine, Opinion};
use crate::documents::papers::sheet::Sheet;
use crate::documents::papers::{SubjectLine, day};
use crate::domain::mailing::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::results::findings;
use crate::store::subjects;
use chrono::NaiveDate;

fn on(date: Option<NaiveDate>) -> String {
    date.map(day).unwrap_or_default()
}

fn opinion(of: &str, said: &Said) -> Opinion {
    let date = said.day.parse::<NaiveDate>().map_or_else(|_| said.day.clone(), day);
    Opinion {
        of: of.to_owned(),
        text: said.words.clone(),
        signed: format!("{} {date}", said.name).trim().to_owned(),
    }
}

/// The form of a case, with the code of its visit for the title. It can be printed from the moment that both letters have
/// failed, for the station signs on it; what nobody has said yet is left to be written by hand.
///
/// # Errors
/// Not visible; both letters have not failed; the business was reached.
pub fn of_mailing(cx: &mut Cx<'_>, id: Id) -> Result<(String, Vec<Sheet>)> {
    let form = mailings::listing(cx, id)?;
    let row = mailings::get(cx, id)?;
    let state = State::parse(&row.state).ok_or_else(|| Error::internal("mailing state"))?;
    let ready =
        [State::SecondFailed, State::Reminded, State::HandedOver, State::StationApproved, State::Listed];
    if !ready.contains(&state) {
        let text = format!("两次邮寄处于“{}”,两次均未送达后方可出具经营异常名录审批表", state.word());
        return Err(Error::wrong_state(row.state, text));
    }
    let subject = subjects::get(cx.db, row.subject_id)?.ok_or(Error::NotFound("检查对象"))?;
    let letters: Vec<MailingLine> = form
        .letters
        .iter()
        .map(|l| MailingLine {
            carrier: l.kind.clone(),
            number: l.number.clone(),
            sent_on: day(l.posted),
            outcome: format!("{} {}", on(l.ended), l.fate).trim().to_owned(),
        })
        .collect();
    let reminder = if form.reminder.is_empty() {
        String::new()
    } else {
        format!("{}{}提醒：{}", on(form.reminder_day), form.reminder, row.reminder_note)
    };
    let verified = on(form.verified);
    // What the inspector entered as broken comes first, then what the county cites for the procedure.
    let law = findings::need(cx.db, row.result_id)?.law;
    let mut basis: Vec<String> =
        law.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect();
    for cited in &cx.rules.follow_up.listing_basis {
        if !basis.contains(cited) {
            basis.push(cited.clone());
        }
    }
    let paper = ListingApproval {
        county: cx.rules.region.name.clone(),
        number: form.visit.clone(),
        authority: form.department.clone(),
        subject: SubjectLine {
            name: form.subject.clone(),
            key: form.subject_key.clone(),
            kind: subject.kind,
            industry: subject.industry_name,
            address: form.address.clone(),
            contact: subject.contact,
            phone: subject.phone,
        },
        cause: form.reason.to_owned(),
        basis,
        facts: format!("入企检查（{}）未能联系，两次邮寄均未送达，{verified}查实。", form.visit),
        mailings: letters,
        reminder,
        due: on(form.due),
        opinions: vec![
            opinion("承办人意见", &form.handed_over),
            opinion("所长审核意见", &form.station),
            opinion("局领导审批意见", &form.bureau),
        ],
    };
    Ok((form.visit, paper.sheets()))
}
