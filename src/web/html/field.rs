//! A field of a form: label, hint, input and what is wrong with it, always in the same order.

use super::ui::{Html, Ui, escaped, id_of};
use askama::Template;
use askama::filters::HtmlSafe;

/// What is typed or chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line.
    Text,
    /// A password: never shown again.
    Password,
    /// A whole number.
    Number,
    /// A day.
    Date,
    /// A day and a time of day.
    Moment,
    /// Several lines.
    Area,
    /// A file.
    File,
    /// One of a few, all seen.
    Radios,
    /// One of many.
    Select,
    /// Any of a few.
    Checks,
    /// Yes or no.
    Check,
}

/// One of the values to choose from.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// What is read below; may be empty.
    pub hint: String,
    /// Whether it is chosen to begin with.
    pub chosen: bool,
}

impl Choice {
    /// A value and its words.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), ..Self::default() }
    }

    /// Chosen to begin with.
    #[must_use]
    pub const fn chosen(mut self, chosen: bool) -> Self {
        self.chosen = chosen;
        self
    }

    /// With words below.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// A field.
#[derive(Debug, Template)]
#[template(path = "_field.html")]
pub struct Field<'a> {
    name: String,
    id: String,
    label: String,
    kind: Kind,
    value: String,
    choices: Vec<Choice>,
    hint: String,
    faults: Vec<String>,
    required: bool,
    optional: String,
    most: usize,
    complete: &'static str,
    width: &'static str,
    accept: &'static str,
    list: &'static str,
    hidden_label: bool,
    /// Of the form that was sent, if one was.
    own: bool,
    ui: &'a Ui,
}

impl HtmlSafe for Field<'_> {}

impl<'a> Field<'a> {
    pub(super) fn new(ui: &'a Ui, name: &str, label: String, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            id: id_of(name),
            label,
            kind,
            value: ui.form.value(name).unwrap_or_default().to_owned(),
            choices: Vec::new(),
            hint: String::new(),
            faults: ui.form.faults_at(name).map(|f| ui.fault(f)).collect(),
            required: true,
            optional: String::new(),
            most: 0,
            complete: "",
            width: "",
            accept: "",
            list: "",
            hidden_label: false,
            own: true,
            ui,
        }
    }

    const fn of(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Of the form for this act, one of several on a page: only in the one that was sent, whose address ends with its act,
    /// stands what was typed and what is wrong with it; every other one has identifiers of its own. To be said first.
    #[must_use]
    pub fn of_form(mut self, act: &str) -> Self {
        self.own = self.ui.form.sent && self.ui.path.rsplit('/').next() == Some(act);
        if !self.own {
            self.id = format!("{}-{}", id_of(act), self.id);
            self.value.clear();
            self.faults.clear();
        }
        self
    }

    fn sent(&self) -> bool {
        self.own && self.ui.form.sent
    }

    /// What stands in it while nothing has been typed.
    #[must_use]
    pub fn value(mut self, value: impl std::fmt::Display) -> Self {
        if !self.sent() {
            self.value = value.to_string();
        }
        self
    }

    /// A hint below the label: a text.
    #[must_use]
    pub fn hint(mut self, key: &str) -> Self {
        self.hint = self.ui.t(key);
        self
    }

    /// A hint that is no text of ours.
    #[must_use]
    pub fn hint_of(mut self, text: &str) -> Self {
        text.clone_into(&mut self.hint);
        self
    }

    /// May be left out.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self.optional = self.ui.t("field-optional");
        self
    }

    /// Most characters.
    #[must_use]
    pub const fn most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// What a browser may fill in by itself (`autocomplete`).
    #[must_use]
    pub const fn complete(mut self, word: &'static str) -> Self {
        self.complete = word;
        self
    }

    /// Suggests what stands in the `datalist` with this identifier.
    #[must_use]
    pub const fn list(mut self, id: &'static str) -> Self {
        self.list = id;
        self
    }

    /// Narrow: as wide as a date or a number.
    #[must_use]
    pub const fn narrow(mut self) -> Self {
        self.width = "narrow";
        self
    }

    /// The label is there for those who listen only.
    #[must_use]
    pub const fn unlabelled(mut self) -> Self {
        self.hidden_label = true;
        self
    }

    /// A password.
    #[must_use]
    pub fn password(mut self) -> Self {
        self.value.clear();
        self.of(Kind::Password)
    }

    /// A whole number.
    #[must_use]
    pub const fn number(self) -> Self {
        self.narrow().of(Kind::Number)
    }

    /// A day.
    #[must_use]
    pub const fn date(self) -> Self {
        self.narrow().of(Kind::Date)
    }

    /// A day and a time of day, by the clock of China.
    #[must_use]
    pub const fn moment(self) -> Self {
        self.narrow().of(Kind::Moment)
    }

    /// Several lines.
    #[must_use]
    pub const fn area(self) -> Self {
        self.of(Kind::Area)
    }

    /// A file of these kinds (`.csv,.xlsx`).
    #[must_use]
    pub const fn file(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self.of(Kind::File)
    }

    /// One of a few.
    #[must_use]
    pub fn radios(self, choices: &[Choice]) -> Self {
        self.choose(choices).of(Kind::Radios)
    }

    /// One of many.
    #[must_use]
    pub fn select(self, choices: &[Choice]) -> Self {
        self.choose(choices).of(Kind::Select)
    }

    /// Any of a few.
    #[must_use]
    pub fn checks(self, choices: &[Choice]) -> Self {
        self.choose(choices).of(Kind::Checks)
    }

    /// Yes or no.
    #[must_use]
    pub fn check(mut self, ticked: bool) -> Self {
        let ticked = if self.sent() { self.ui.form.value(&self.name).is_some() } else { ticked };
        self.choices = vec![Choice::new("true", self.label.clone()).chosen(ticked)];
        self.required = false;
        self.of(Kind::Check)
    }

    fn choose(mut self, choices: &[Choice]) -> Self {
        self.choices = choices.to_vec();
        if self.sent() {
            let sent = self.ui.form.values(&self.name);
            for choice in &mut self.choices {
                choice.chosen = sent.contains(&choice.value.as_str());
            }
        } else if !self.value.is_empty() {
            for choice in &mut self.choices {
                choice.chosen |= choice.value == self.value;
            }
        }
        self
    }

    fn is_group(&self) -> bool {
        matches!(self.kind, Kind::Radios | Kind::Checks)
    }

    const fn input(&self) -> &'static str {
        match self.kind {
            Kind::Password => "password",
            Kind::Date => "date",
            Kind::Moment => "datetime-local",
            Kind::File => "file",
            Kind::Radios => "radio",
            Kind::Checks | Kind::Check => "checkbox",
            // A number too: wheels and arrows on numbers change them unnoticed.
            _ => "text",
        }
    }

    fn faults(&self) -> Html {
        if self.faults.is_empty() {
            return Html::made(String::new());
        }
        let (id, prefix) = (&self.id, self.ui.t("error-prefix"));
        let mut text = format!("<p class=\"fault\" id=\"{id}-fault\"><span class=\"sr\">{prefix}</span>");
        for fault in &self.faults {
            text.push_str("<span>");
            text.push_str(&escaped(fault));
            text.push_str("</span>");
        }
        text.push_str("</p>");
        Html::made(text)
    }

    fn described(&self) -> String {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("{}-hint", self.id));
        }
        if !self.faults.is_empty() {
            ids.push(format!("{}-fault", self.id));
        }
        ids.join(" ")
    }
}
