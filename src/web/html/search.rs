//! One box for everything: inspections, subjects, inspectors, each as far as whoever asks may see them.

use super::Page;
use super::ui::Ui;
use crate::domain::access::Action::{self, OwnAccount};
use crate::domain::alias::fold;
use crate::error::Result;
use crate::service::cx::Cx;
use crate::service::{inspections, inspectors, subjects};
use crate::store::inspections::Wanted;
use crate::store::inspectors::Filter as PeopleFilter;
use crate::store::subjects::Filter as SubjectFilter;
use crate::web::router::{Allow, Router};
use askama::Template;
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/search", Allow::Action(OwnAccount), show);
}

/// What is looked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct SearchQuery {
    /// Words.
    #[serde(default)]
    q: String,
}

/// Hits of one kind that are shown.
const MOST: i64 = 20;
/// Inspections that are looked through.
const INSPECTIONS: i64 = 200;

struct Hit {
    path: String,
    name: String,
    about: String,
}

struct Hits {
    title: String,
    list: Vec<Hit>,
    more: bool,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    ui: &'a Ui,
    q: String,
    groups: Vec<Hits>,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, (): (), query: SearchQuery) -> Result<Page> {
    let q: String = query.q.trim().chars().take(100).collect();
    let mut groups = Vec::new();
    if !q.is_empty() {
        let folded = fold(&q);
        let mut add = |key: &str, mut list: Vec<Hit>| {
            let more = list.len() > MOST as usize;
            list.truncate(MOST as usize);
            if !list.is_empty() {
                groups.push(Hits { title: ui.t(key), list, more });
            }
        };
        if ui.may(Action::ViewInspection) && (cx.actor.department.is_some() || cx.actor.user.is_some()) {
            let rows = inspections::list(cx, Wanted::default(), INSPECTIONS)?;
            let found = rows
                .into_iter()
                .filter(|i| [&i.name, &i.number, &i.field].iter().any(|text| fold(text).contains(&folded)));
            let hits = found.take(MOST as usize + 1).map(|i| Hit {
                path: format!("/inspections/{}", i.id),
                about: format!("{} · {}", i.number, ui.word("inspection-state", &i.state)),
                name: i.name,
            });
            add("nav-inspections", hits.collect());
        }
        if ui.may(Action::ViewSubject) {
            let filter = SubjectFilter { search: Some(q.clone()), ..SubjectFilter::default() };
            let rows = subjects::list(cx, filter, None, MOST + 1)?;
            let hits = rows.into_iter().map(|s| Hit {
                path: format!("/subjects/{}", s.id),
                about: format!("{} · {}{}", s.key, s.town, s.address),
                name: s.name,
            });
            add("nav-subjects", hits.collect());
        }
        if ui.may(Action::ViewInspector) {
            let filter = PeopleFilter { search: Some(q.clone()), ..PeopleFilter::default() };
            let rows = inspectors::list(cx, filter, None, MOST + 1)?;
            let hits = rows.into_iter().map(|p| Hit {
                path: format!("/inspectors/{}", p.id),
                about: format!("{} · {}", p.code, p.unit),
                name: p.name,
            });
            add("nav-inspectors", hits.collect());
        }
    }
    Page::new(ui.t("search-title"), &SearchPage { ui, q, groups })
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let hit = || Hit { path: "/account".to_owned(), name: "某餐厅".to_owned(), about: "R:1".to_owned() };
    let groups = vec![Hits { title: ui.t("nav-subjects"), list: vec![hit(), hit()], more: true }];
    [("餐", groups), ("无", Vec::new()), ("", Vec::new())]
        .into_iter()
        .map(|(q, groups)| {
            Page::new(ui.t("search-title"), &SearchPage { ui, q: q.to_owned(), groups }).unwrap()
        })
        .collect()
}
