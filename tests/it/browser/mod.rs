//! The ten journeys in a real browser, each as the people who make it, in the sample county; pictures of them lie in
//! `target/journeys` afterwards. And every page, looked at for what keeps people from using it.

mod access;
mod county;
mod departments;
mod drawing;
mod driver;
mod lively;
mod oversight;
mod paint;
mod person;
mod pictures;
mod plain;
mod visits;
