//! Every URL of the program, each with its access word.

mod follow_up;
mod inspections;
mod jobs;
mod operations;
mod oversight;
mod papers;
mod people;
mod planning;
mod registries;
mod results;

use super::router::Router;

/// All routes of the API, and all pages.
#[must_use]
pub fn routes() -> Router {
    let mut r = Router::default();
    people::people(&mut r);
    inspections::joint_inspections(&mut r);
    inspections::ceremonies(&mut r);
    operations::operations(&mut r);
    planning::planning(&mut r);
    registries::registries(&mut r);
    results::on_site(&mut r);
    results::publication(&mut r);
    results::public_lists(&mut r);
    papers::papers(&mut r);
    papers::archive(&mut r);
    follow_up::follow_up(&mut r);
    follow_up::letters(&mut r);
    follow_up::voice(&mut r);
    oversight::oversight(&mut r);
    jobs::jobs(&mut r);
    super::html::pages(&mut r);
    r.components.freeze();
    r.forms.freeze();
    r
}
