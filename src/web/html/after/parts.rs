//! What the lists and the single things of this area are made of: cells, facts, and forms for what may be done.

use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::web::html::Page;
use crate::web::html::field::{Choice, Field};
use crate::web::html::list::{Pager, Tabs};
use crate::web::html::ui::{Html, Ui, escaped};
use askama::Template;
use std::fmt::Display;

/// Nothing to show.
pub(super) fn nothing() -> Html {
    Html::made(String::new())
}

/// A text.
pub(super) fn plain(text: &str) -> Html {
    Html::made(escaped(text))
}

/// A text with another in small print below it.
pub(super) fn with_small(text: &Html, small: &str) -> Html {
    if small.is_empty() {
        return text.clone();
    }
    Html::made(format!("{text}<br><small>{}</small>", escaped(small)))
}

/// A cell of a list.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    html: Html,
    class: &'static str,
}

impl Cell {
    /// A text, or a dash.
    pub(super) fn text(text: &str) -> Self {
        Self { html: plain(if text.is_empty() { "—" } else { text }), class: "" }
    }

    /// Something of words and chips.
    pub(super) const fn of(html: Html) -> Self {
        Self { html, class: "" }
    }

    /// A link to a page of its own.
    pub(super) fn link(ui: &Ui, href: &str, text: &str) -> Self {
        Self { html: ui.link(href, text), class: "" }
    }

    /// A state.
    pub(super) fn chip(ui: &Ui, family: &str, code: &str) -> Self {
        Self { html: ui.chip(family, code), class: "fit" }
    }

    /// With small print below it.
    pub(super) fn small(mut self, text: &str) -> Self {
        self.html = with_small(&self.html, text);
        self
    }

    /// Red where it is late.
    pub(super) const fn late(mut self, late: bool) -> Self {
        if late {
            self.class = "fault";
        }
        self
    }

    /// A text of some length.
    pub(super) const fn long(mut self) -> Self {
        self.class = "long";
        self
    }
}

/// A list with its filters.
#[derive(Debug, Template)]
#[template(path = "after/list.html")]
pub(super) struct ListPage<'a> {
    pub(super) ui: &'a Ui,
    pub(super) tabs: Option<Tabs<'a>>,
    pub(super) filters: Vec<Field<'a>>,
    /// Filters that are no fields: name and value.
    pub(super) keep: Vec<(&'static str, String)>,
    pub(super) notes: Vec<String>,
    /// Where to go on: address and text.
    pub(super) ways: Vec<(String, String)>,
    pub(super) caption: String,
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) none: String,
    pub(super) none_then: String,
    pub(super) pager: Pager<'a>,
}

impl<'a> ListPage<'a> {
    /// A list with these columns, without filters.
    pub(super) fn new(ui: &'a Ui, caption: String, heads: Vec<String>, rows: Vec<Vec<Cell>>) -> Self {
        Self {
            ui,
            tabs: None,
            filters: Vec::new(),
            keep: Vec::new(),
            notes: Vec::new(),
            ways: Vec::new(),
            caption,
            heads,
            rows,
            none: String::new(),
            none_then: String::new(),
            pager: Pager::new(ui, &[], false, None),
        }
    }

    /// What is said when it is empty, and what to do then.
    pub(super) fn none(mut self, none: String, then: String) -> Self {
        (self.none, self.none_then) = (none, then);
        self
    }

    fn cells<'c>(&'c self, row: &'c [Cell]) -> Vec<(&'c str, &'c Cell)> {
        self.heads.iter().map(String::as_str).zip(row).collect()
    }

    /// As a page below the hub.
    pub(super) fn page(&self) -> Result<Page> {
        Ok(Page::new(self.caption.clone(), self)?.under("/follow-up", self.ui.t("follow-title")))
    }
}

/// Something that is known of a thing.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    label: String,
    value: Html,
    wide: bool,
}

/// A step of a procedure.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) text: String,
    /// `past`, `now`, `ended` or nothing.
    pub(super) class: &'static str,
    pub(super) by: String,
}

/// A part of a page: lines with what stands at their end.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) title: String,
    pub(super) lines: Vec<(Html, Html)>,
    /// Said where there is no line.
    pub(super) none: String,
}

/// A form for one act.
#[derive(Debug)]
pub(super) struct Deed<'a> {
    href: String,
    title: String,
    go: String,
    then: String,
    sure: String,
    danger: bool,
    open: bool,
    files: bool,
    hidden: Html,
    fields: Vec<Field<'a>>,
}

impl<'a> Deed<'a> {
    /// What is done at this address, with these fields.
    pub(super) fn new(ui: &'a Ui, href: String, title: String, fields: Vec<Field<'a>>) -> Self {
        Self {
            open: ui.path == href,
            href,
            go: title.clone(),
            title,
            then: String::new(),
            sure: String::new(),
            danger: false,
            files: false,
            hidden: ui.hidden(),
            fields,
        }
    }

    /// Of this version of the thing.
    pub(super) fn of(mut self, ui: &Ui, version: i64) -> Self {
        self.hidden = ui.hidden_of(&version);
        self
    }

    /// The words of its button.
    pub(super) fn go(mut self, go: String) -> Self {
        self.go = go;
        self
    }

    /// What follows from it.
    pub(super) fn then(mut self, then: String) -> Self {
        self.then = then;
        self
    }

    /// What is asked before it is sent.
    pub(super) fn sure(mut self, sure: String) -> Self {
        self.sure = sure;
        self
    }

    /// Not what is usually done.
    pub(super) const fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    /// With a file.
    pub(super) const fn with_file(mut self) -> Self {
        self.files = true;
        self
    }

    /// With this value, which nobody types.
    pub(super) fn with(mut self, name: &str, value: impl Display) -> Self {
        let value = escaped(&value.to_string());
        let name = escaped(name);
        self.hidden =
            Html::made(format!("{}<input type=\"hidden\" name=\"{name}\" value=\"{value}\">", self.hidden));
        self
    }
}

/// One thing: how it stands, what is known of it, what may be done.
#[derive(Debug, Template)]
#[template(path = "after/thing.html")]
pub(super) struct ThingPage<'a> {
    pub(super) ui: &'a Ui,
    pub(super) chip: Html,
    pub(super) head: String,
    pub(super) steps: Vec<Step>,
    /// Whose turn it is.
    pub(super) turn: String,
    pub(super) due: String,
    pub(super) late: bool,
    pub(super) notes: Vec<String>,
    /// Where to go on: address and text.
    pub(super) ways: Vec<(String, String)>,
    facts: Vec<Fact>,
    pub(super) parts: Vec<Part>,
    /// Name, page for printing, Word file.
    pub(super) papers: Vec<(String, String, String)>,
    pub(super) deeds: Vec<Deed<'a>>,
}

impl<'a> ThingPage<'a> {
    /// A thing nothing is known of yet.
    pub(super) fn new(ui: &'a Ui, chip: Html, head: String) -> Self {
        Self {
            ui,
            chip,
            head,
            steps: Vec::new(),
            turn: String::new(),
            due: String::new(),
            late: false,
            notes: Vec::new(),
            ways: Vec::new(),
            facts: Vec::new(),
            parts: Vec::new(),
            papers: Vec::new(),
            deeds: Vec::new(),
        }
    }

    /// Adds what is known; an empty text is not shown.
    pub(super) fn fact(&mut self, label: String, value: &str) {
        if !value.is_empty() {
            self.facts.push(Fact { label, value: plain(value), wide: false });
        }
    }

    /// The same over the whole width.
    pub(super) fn words(&mut self, label: String, value: &str) {
        if !value.is_empty() {
            self.facts.push(Fact { label, value: plain(value), wide: true });
        }
    }

    /// The same with a link in it.
    pub(super) fn linked(&mut self, label: String, value: Html) {
        self.facts.push(Fact { label, value, wide: false });
    }

    /// Adds a paper: its name and its address.
    pub(super) fn paper(&mut self, name: String, html: String) {
        let docx = format!("{html}?format=docx");
        self.papers.push((name, html, docx));
    }

    /// As a page below the hub and a list.
    pub(super) fn page(&self, title: String, list: &str, list_title: String) -> Result<Page> {
        let page = Page::new(title, self)?.under("/follow-up", self.ui.t("follow-title"));
        Ok(page.under(list, list_title))
    }
}

/// The words of a family for these codes, to choose from.
pub(super) fn word_choices(ui: &Ui, family: &str, codes: &[&str], chosen: &str) -> Vec<Choice> {
    codes
        .iter()
        .map(|code| {
            let label = if code.is_empty() { ui.t("filter-all") } else { ui.word(family, code) };
            Choice::new(*code, label).chosen(*code == chosen)
        })
        .collect()
}

/// The inspecting departments to choose from, after the one for all of them.
pub(super) fn office_choices(cx: &mut Cx<'_>, ui: &Ui, chosen: Option<Id>) -> Result<Vec<Choice>> {
    let region = cx.region().to_owned();
    let mut list = vec![Choice::new("", ui.t("filter-all"))];
    for d in crate::store::departments::all(cx.db, &region)? {
        if d.kind == "inspecting" {
            list.push(Choice::new(d.id.to_string(), d.name).chosen(chosen == Some(d.id)));
        }
    }
    Ok(list)
}
