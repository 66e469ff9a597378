//! Lists: tabs and filters that live in the address, and the way to the following page.

use super::session::encoded;
use super::ui::Ui;
use askama::Template;
use askama::filters::HtmlSafe;

/// One view of a list: a tab.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Address.
    pub href: String,
    /// What it shows.
    pub text: String,
    /// How many; none: not counted.
    pub count: Option<usize>,
    /// It is shown.
    pub here: bool,
}

/// The tabs above a list.
#[derive(Debug, Template)]
#[template(path = "_tabs.html")]
pub struct Tabs<'a> {
    ui: &'a Ui,
    tabs: Vec<Tab>,
}

impl HtmlSafe for Tabs<'_> {}

impl<'a> Tabs<'a> {
    /// Tabs.
    #[must_use]
    pub const fn new(ui: &'a Ui, tabs: Vec<Tab>) -> Self {
        Self { ui, tabs }
    }
}

/// The way on below a list.
#[derive(Debug, Template)]
#[template(path = "_pager.html")]
pub struct Pager<'a> {
    ui: &'a Ui,
    first: Option<String>,
    next: Option<String>,
}

impl HtmlSafe for Pager<'_> {}

impl<'a> Pager<'a> {
    /// Below a list at the present address with these filters (name and value), whose cursor is `after` and whose
    /// following page begins after `next`.
    #[must_use]
    pub fn new(ui: &'a Ui, filters: &[(&str, Option<&str>)], after: bool, next: Option<&str>) -> Self {
        let here = address(&ui.path, filters);
        let more = |n: &str| {
            let sign = if here.contains('?') { '&' } else { '?' };
            format!("{here}{sign}after={}", encoded(n))
        };
        Self { ui, next: next.map(more), first: after.then_some(here) }
    }
}

/// An address with the filters that are set.
#[must_use]
pub fn address(path: &str, filters: &[(&str, Option<&str>)]) -> String {
    let mut out = path.to_owned();
    for (name, value) in filters {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            out.push(if out.contains('?') { '&' } else { '?' });
            out.push_str(name);
            out.push('=');
            out.push_str(&encoded(value));
        }
    }
    out
}

/// A filter that was left empty is none.
///
/// # Errors
/// A value of the wrong kind.
pub fn filled<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
    D: serde::Deserializer<'de>,
{
    let text = <String as serde::Deserialize>::deserialize(from)?;
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(serde::de::Error::custom) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_stay_in_the_address() {
        let filters = [("state", Some("draft")), ("q", Some("a&b")), ("year", None), ("x", Some(""))];
        assert_eq!(address("/inspections", &filters), "/inspections?state=draft&q=a%26b");
        let ui = Ui::sample(super::super::words::Lang::Zh, &[]);
        let pager = Pager::new(&ui, &filters, true, Some("=="));
        assert_eq!(pager.next.as_deref(), Some("/?state=draft&q=a%26b&after=%3D%3D"));
        assert_eq!(pager.first.as_deref(), Some("/?state=draft&q=a%26b"));
        assert_eq!(Pager::new(&ui, &[], false, Some("x")).next.as_deref(), Some("/?after=x"));
    }
}
