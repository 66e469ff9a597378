//! The screen an inspector shows to the business: who is here, what is checked, and the code behind which the business
//! sees the same and rates it.

use crate::documents::papers::picture;
use crate::domain::access::Action::ViewVisit;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::results::on_site;
use crate::web::html::Page;
use crate::web::html::ui::{Html, Ui};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;

pub(super) fn pages(r: &mut Router) {
    r.page("/visits/{id}/code", Action(ViewVisit), show);
}

struct Officer {
    name: String,
    department: String,
    certificate: String,
}

#[derive(Template)]
#[template(path = "visits/screen.html")]
struct ScreenPage<'a> {
    ui: &'a Ui,
    id: Id,
    subject: String,
    number: String,
    day: String,
    code: String,
    qr: Html,
    team: Vec<Officer>,
    items: Vec<(String, String)>,
}

/// A code in groups of four, as it is read out.
fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let account = on_site::get(cx, id)?;
    if !account.code_shown || account.conduct.began_at.is_none() {
        return Err(Error::refused("not_checked_in", "请先在检查现场签到,签到后才能亮码"));
    }
    let address =
        format!("{}/public/visits/{}", cx.rules.mail.link.trim_end_matches('/'), account.conduct.code);
    let whole = account.whole;
    let name =
        |id: Id| whole.departments.iter().find(|d| d.id == id).map(|d| d.name.clone()).unwrap_or_default();
    let template = ScreenPage {
        ui,
        id,
        number: whole.visit.code.clone(),
        day: ui.day_or(&whole.visit.on_day),
        code: grouped(&account.conduct.code),
        qr: Html::made(picture::svg(&address)),
        team: whole
            .team
            .iter()
            .map(|(seat, person)| Officer {
                name: person.name.clone(),
                department: name(seat.department_id),
                certificate: person.cert_no.clone(),
            })
            .collect(),
        items: whole.tasks.iter().map(|(t, i)| (name(t.department_id), i.name.clone())).collect(),
        subject: whole.subject.name.clone(),
    };
    Ok(Page::new(ui.t("door-screen-title"), &template)?.bare())
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let template = ScreenPage {
        ui,
        id: Id(uuid::Uuid::from_u128(5)),
        subject: "某某餐饮有限公司".to_owned(),
        number: "V0001".to_owned(),
        day: "2026年5月8日（周五）".to_owned(),
        code: grouped("ABCDEFGHJKMNPQRSTVWX"),
        qr: Html::made(picture::svg("http://localhost/public/visits/ABCD")),
        team: vec![Officer {
            name: "张三".to_owned(),
            department: "市场监管局".to_owned(),
            certificate: "13010012345".to_owned(),
        }],
        items: vec![("市场监管局".to_owned(), "食品经营许可检查".to_owned())],
    };
    vec![Page::new(ui.t("door-screen-title"), &template).unwrap().bare()]
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_code_is_read_in_groups() {
        assert_eq!(super::grouped("ABCDEFGHJK"), "ABCD EFGH JK");
    }
}
