//! What every page has: the language and its words, who asks, the form as typed, links to what is there.

use super::browser::Browser;
use super::field::{Field, Kind};
use super::form::Form;
use super::words::{Lang, printed};
use crate::domain::access::{Action, Actor, Role, may_ever};
use crate::domain::result::Countdown;
use crate::error::{FieldError, Result};
use crate::service::cx::Cx;
use crate::store::departments;
use crate::web::call::Call;
use crate::web::router::{Router, Sort};
use askama::Template;
use askama::filters::HtmlSafe;
use chrono::{DateTime, NaiveDate, Utc};
use fluent_templates::fluent_bundle::FluentValue;
use std::cell::RefCell;
use std::fmt::Display;
use std::sync::Arc;

/// Markup that was made by us and is put in as it is.
#[derive(Debug, Clone, Template)]
#[template(source = "{{ text|safe }}", ext = "html")]
pub struct Html {
    text: String,
}

impl HtmlSafe for Html {}

impl Html {
    /// Markup whose parts have been escaped.
    #[must_use]
    pub const fn made(text: String) -> Self {
        Self { text }
    }
}

/// The addresses of the pages.
#[derive(Debug, Clone, Default)]
pub struct Pages(Arc<Vec<&'static str>>);

impl Pages {
    /// The pages of a router.
    #[must_use]
    pub fn of(router: &Router) -> Self {
        let pages = router.entries.iter().filter(|e| e.page.is_some() && e.method == "GET");
        Self(Arc::new(pages.map(|e| e.path).collect()))
    }

    /// Whether there is a page at a path.
    #[must_use]
    pub fn have(&self, path: &str) -> bool {
        let path = path.split('?').next().unwrap_or_default();
        self.0.iter().any(|pattern| {
            let (mut a, mut b) = (pattern.split('/'), path.split('/'));
            loop {
                match (a.next(), b.next()) {
                    (None, None) => return true,
                    (Some(p), Some(q)) if p == q || (p.starts_with('{') && !q.is_empty()) => {}
                    _ => return false,
                }
            }
        })
    }
}

/// Whoever has logged in.
#[derive(Debug, Clone)]
pub struct Who {
    /// Rights.
    pub actor: Actor,
    /// Name of his department; empty where he has none.
    pub department: String,
}

impl Who {
    /// His roles.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        self.actor.roles.iter().collect()
    }
}

/// A number of things.
pub trait Count {
    /// How many.
    fn count(&self) -> i64;
}

macro_rules! counts {
    ($($kind:ty),+) => {$(
        impl Count for $kind {
            fn count(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        }
    )+};
}
counts!(usize, u64, u32, i32, i64);

impl<T: Count + ?Sized> Count for &T {
    fn count(&self) -> i64 {
        (**self).count()
    }
}

/// What every page has.
#[derive(Debug)]
pub struct Ui {
    /// Language.
    pub lang: Lang,
    /// Now.
    pub now: DateTime<Utc>,
    /// Today in China.
    pub today: NaiveDate,
    /// Path of the page.
    pub path: String,
    /// Path and query.
    pub place: String,
    /// Who asks; none: nobody has logged in, or the page is for everybody.
    pub who: Option<Who>,
    /// Long work of whoever asks that is not over.
    pub busy: i64,
    /// The same for everybody.
    pub shared: bool,
    /// Name of the county.
    pub county: String,
    /// What is said once.
    pub said: Option<String>,
    /// The form as typed.
    pub form: Form,
    /// Identifier of the request; empty on pages that are cached.
    pub request_id: String,
    csrf: String,
    once: String,
    pages: Pages,
    /// Names of the fields shown so far, for the summary of faults.
    seen: RefCell<Vec<String>>,
}

impl Ui {
    /// For a request, with the form it brought.
    ///
    /// # Errors
    /// The database; the operating system gives no randomness.
    pub(in crate::web) fn of(call: &Call, cx: &mut Cx<'_>, form: Form) -> Result<Self> {
        let mut ui = Self::bare(call, form)?;
        if cx.actor.user.is_some() && !ui.shared {
            let department = match cx.actor.department {
                Some(id) => departments::get(cx.db, id)?.map(|d| d.name).unwrap_or_default(),
                None => String::new(),
            };
            ui.who = Some(Who { actor: cx.actor.clone(), department });
            ui.busy = match cx.actor.user {
                Some(user) => crate::store::jobs::open_of(cx.db, user)?,
                None => 0,
            };
        }
        Ok(ui)
    }

    /// The same without the database.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub(in crate::web) fn bare(call: &Call, form: Form) -> Result<Self> {
        let server = &call.server;
        let random =
            |what: &mut [u8]| server.entropy.fill(what).map_err(|e| crate::error::Error::internal(&e));
        let browser = call.browser.as_deref();
        let now = server.clock.now();
        let mut ui = Self {
            lang: browser.map(|b| b.lang).unwrap_or_default(),
            now,
            today: crate::clock::china_date(now),
            path: browser.map(|b| b.path.clone()).unwrap_or_default(),
            place: browser.map(Browser::place).unwrap_or_default(),
            who: None,
            busy: 0,
            shared: browser.is_some_and(|b| b.shared),
            county: server.rules.region.name.clone(),
            said: None,
            form,
            request_id: String::new(),
            csrf: String::new(),
            once: String::new(),
            pages: server.pages.clone(),
            seen: RefCell::default(),
        };
        if let Some(browser) = browser.filter(|b| !b.shared) {
            let (mut pad, mut once) = ([0; 32], [0; 16]);
            random(&mut pad)?;
            random(&mut once)?;
            ui.csrf = server.seals.form_token(browser.bound(), &pad);
            ui.once = hex::encode(once);
            ui.request_id.clone_from(&call.origin.request_id);
            ui.said = browser.said.as_deref().map(|said| ui.lang.sentence(said));
        }
        Ok(ui)
    }

    /// A text.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.lang.say(key, &[])
    }

    /// A text with one value in it.
    #[must_use]
    pub fn t1(&self, key: &str, name: &'static str, value: impl Display) -> String {
        self.lang.say(key, &[(name, FluentValue::from(value.to_string()))])
    }

    /// A text with two values in it.
    #[must_use]
    pub fn t2(
        &self,
        key: &str,
        name: &'static str,
        value: impl Display,
        other: &'static str,
        second: impl Display,
    ) -> String {
        let args =
            [(name, FluentValue::from(value.to_string())), (other, FluentValue::from(second.to_string()))];
        self.lang.say(key, &args)
    }

    /// A text with the number `n` in it.
    #[must_use]
    pub fn n(&self, key: &str, n: impl Count) -> String {
        self.lang.say(key, &[("n", FluentValue::from(n.count()))])
    }

    /// The word for a code of a family of words, `FAMILY-CODE`; the code itself where there is none.
    #[must_use]
    pub fn word(&self, family: &str, code: &str) -> String {
        let key = format!("{family}-{}", code.replace('_', "-"));
        self.lang.find(&key, &[]).unwrap_or_else(|| code.to_owned())
    }

    /// A state as a chip: its word, never its colour alone.
    #[must_use]
    pub fn chip(&self, family: &str, code: &str) -> Html {
        let word = escaped(&self.word(family, code));
        Html::made(format!("<span class=\"chip {}\">{word}</span>", escaped(&code.replace('_', "-"))))
    }

    /// A day.
    #[must_use]
    pub fn day(&self, day: &NaiveDate) -> String {
        self.lang.day(*day)
    }

    /// A day, or a dash.
    #[must_use]
    pub fn day_or(&self, day: &Option<NaiveDate>) -> String {
        day.map_or_else(|| "—".to_owned(), |d| self.lang.day(d))
    }

    /// From one day to another.
    #[must_use]
    pub fn span(&self, from: &NaiveDate, to: &NaiveDate) -> String {
        self.lang.span(*from, *to)
    }

    /// A moment.
    #[must_use]
    pub fn time(&self, at: &DateTime<Utc>) -> String {
        self.lang.time(*at)
    }

    /// How near a deadline is.
    #[must_use]
    pub fn countdown(&self, countdown: &Countdown) -> String {
        match *countdown {
            Countdown::Left(n) => self.n("countdown-left", n),
            Countdown::Today => self.t("countdown-today"),
            Countdown::Late(0) => self.t("countdown-over"),
            Countdown::Late(n) => self.n("countdown-late", n),
        }
    }

    /// What a use case says, in Chinese, as it is printed.
    #[must_use]
    pub fn told(&self, text: &str) -> String {
        printed(text)
    }

    /// What is wrong with a field, in the language of the page where it is a common fault.
    #[must_use]
    pub fn fault(&self, fault: &FieldError) -> String {
        let own = match self.lang {
            Lang::Zh => None,
            Lang::En => self.lang.find(&format!("fault-{}", fault.code.replace('_', "-")), &[]),
        };
        own.unwrap_or_else(|| printed(&fault.message))
    }

    /// Whether some role of whoever asks may do this to something or other.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        self.who.as_ref().is_some_and(|w| may_ever(&w.actor, action))
    }

    /// Whether there is a page at this path; what has none is shown without a link.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.pages.have(path)
    }

    /// A link to a page with its text, or only the text where there is no such page.
    #[must_use]
    pub fn link(&self, path: &str, text: &str) -> Html {
        let (text, href) = (escaped(text), escaped(path));
        Html::made(if self.has(path) { format!("<a href=\"{href}\">{text}</a>") } else { text })
    }

    /// The hidden fields every form that sends needs.
    #[must_use]
    pub fn hidden(&self) -> Html {
        Html::made(format!(
            "<input type=\"hidden\" name=\"csrf\" value=\"{}\"><input type=\"hidden\" name=\"once\" value=\"{}\">",
            self.csrf, self.once
        ))
    }

    /// The same, for a change of this version of something.
    #[must_use]
    pub fn hidden_of(&self, version: &i64) -> Html {
        let hidden = self.hidden();
        Html::made(format!("{}<input type=\"hidden\" name=\"version\" value=\"{version}\">", hidden.text))
    }

    /// A field of a form: its name is where the value goes, its label a text.
    #[must_use]
    pub fn field(&self, name: &str, label: &str) -> Field<'_> {
        self.seen.borrow_mut().push(name.to_owned());
        Field::new(self, name, self.t(label), Kind::Text)
    }

    /// A field with a label that is no text of ours (the name of something).
    #[must_use]
    pub fn field_of(&self, name: &str, label: &str) -> Field<'_> {
        self.seen.borrow_mut().push(name.to_owned());
        Field::new(self, name, label.to_owned(), Kind::Text)
    }

    /// What is wrong with the form: where to go, and the words.
    #[must_use]
    pub fn summary(&self) -> Vec<(String, String)> {
        let seen = self.seen.borrow();
        let mut list: Vec<(usize, String, String)> = Vec::new();
        for fault in &self.form.faults {
            let at = seen.iter().position(|name| self.form.faults_at(name).any(|f| f == fault));
            let href = at.map(|i| format!("#{}", id_of(&seen[i]))).unwrap_or_default();
            list.push((at.unwrap_or(usize::MAX), href, self.fault(fault)));
        }
        list.sort_by_key(|(at, ..)| *at);
        list.into_iter().map(|(_, href, text)| (href, text)).collect()
    }

    /// For tests and samples.
    #[cfg(test)]
    pub(in crate::web) fn sample(lang: Lang, roles: &[Role]) -> Self {
        let now: DateTime<Utc> = "2026-05-08T02:30:00Z".parse().unwrap();
        let actor = Actor {
            user: Some(crate::ids::Id(uuid::Uuid::from_u128(1))),
            region: "350403".to_owned(),
            department: Some(crate::ids::Id(uuid::Uuid::from_u128(2))),
            roles: roles.iter().copied().collect(),
            name: "张三".to_owned(),
            ..Actor::anonymous()
        };
        Self {
            lang,
            now,
            today: crate::clock::china_date(now),
            path: "/".to_owned(),
            place: "/".to_owned(),
            who: (!roles.is_empty()).then(|| Who { actor, department: "市场监管局".to_owned() }),
            busy: i64::from(!roles.is_empty()),
            shared: roles.is_empty(),
            county: "示范县".to_owned(),
            said: None,
            form: Form::default(),
            request_id: "0199aaaa".to_owned(),
            csrf: "00".to_owned(),
            once: "00".to_owned(),
            pages: Pages::of(&crate::web::routes()),
            seen: RefCell::default(),
        }
    }
}

/// A text as part of markup or of a quoted attribute.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The identifier of a field's element.
#[must_use]
pub fn id_of(name: &str) -> String {
    escaped(&name.replace('/', "-"))
}

impl Lang {
    /// A sentence as a cookie carries it: its key, and the one value in it.
    #[must_use]
    pub fn sentence(self, said: &str) -> String {
        match said.split_once('\u{1f}') {
            Some((key, value)) => self.say(key, &[("value", FluentValue::from(value.to_owned()))]),
            None => self.say(said, &[]),
        }
    }
}

/// Whether a page is cached for everybody.
impl Sort {
    /// Whether it is.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_only_to_pages_that_exist() {
        let pages = Pages(Arc::new(vec!["/", "/inspections", "/inspections/{id}"]));
        assert!(pages.have("/") && pages.have("/inspections") && pages.have("/inspections/x?tab=1"));
        for none in ["/inspections/", "/inspections/x/y", "/visits/x", "", "inspections"] {
            assert!(!pages.have(none), "{none}");
        }
    }

    #[test]
    fn a_link_cannot_break_out() {
        let ui = Ui::sample(Lang::Zh, &[]);
        assert_eq!(ui.link("/nowhere", "<b>").to_string(), "&lt;b&gt;");
    }
}
