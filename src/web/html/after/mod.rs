//! What follows from a result: rectifications, and referrals and notices between departments.

mod orders;
mod referrals;

#[cfg(test)]
use super::Page;
#[cfg(test)]
use super::ui::Ui;
use crate::web::router::Router;

pub(super) fn pages(r: &mut Router) {
    orders::pages(r);
    referrals::pages(r);
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let mut pages = orders::samples(ui);
    pages.extend(referrals::samples(ui));
    pages
}
