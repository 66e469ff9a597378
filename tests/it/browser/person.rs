//! What people do before a browser: read, follow links, fill fields, press buttons. Things are found by the words on them.

use super::driver::{Browser, ELEMENT};
use crate::support::PASSWORD;
use serde_json::json;
use std::time::{Duration, Instant};

/// How long a person waits for something to appear.
const PATIENCE: Duration = Duration::from_secs(15);

impl Browser {
    /// Keeps a picture of the window among those of the journeys.
    #[track_caller]
    pub(crate) fn picture(&self, name: &str) {
        let number = self.pictures.get() + 1;
        self.pictures.set(number);
        self.save(&format!("target/journeys/{}-{number}-{name}.png", self.journey)).unwrap();
    }

    /// Keeps a picture of the window as this file, from the folder of the project.
    #[track_caller]
    pub(crate) fn picture_as(&self, path: &str) {
        self.save(path).unwrap();
    }

    /// Types an address.
    #[track_caller]
    pub(crate) fn goes(&self, path: &str) -> &Self {
        self.leaves(|| drop(self.must("/url", &json!({ "url": format!("{}{path}", self.base) }))))
    }

    /// The path and query of the page, without the fragment.
    #[track_caller]
    pub(crate) fn at(&self) -> String {
        self.js("return location.pathname + location.search", &[]).as_str().unwrap().to_owned()
    }

    /// All that can be read on the page.
    #[track_caller]
    pub(crate) fn reads(&self) -> String {
        self.js("return read()", &[]).as_str().unwrap().to_owned()
    }

    #[track_caller]
    #[expect(clippy::disallowed_methods, reason = "a browser takes its own time")]
    fn until<T>(&self, mut look: impl FnMut() -> Result<T, String>) -> T {
        let start = Instant::now();
        loop {
            match look() {
                Ok(found) => return found,
                Err(wrong) if start.elapsed() > PATIENCE => panic!("{wrong}"),
                Err(_) => std::thread::sleep(Duration::from_millis(40)),
            }
        }
    }

    /// Reads all these words on the page, at once or soon.
    #[track_caller]
    pub(crate) fn sees(&self, words: &[&str]) -> &Self {
        for words in words {
            self.until(|| {
                let page = self.try_js("return read()", &[])?;
                let page = page.as_str().unwrap_or_default();
                if page.contains(words) {
                    Ok(())
                } else {
                    Err(format!("“{words}” is not on the page: {page}"))
                }
            });
        }
        self
    }

    /// Does not read these words.
    #[track_caller]
    pub(crate) fn misses(&self, words: &str) -> &Self {
        let page = self.reads();
        assert!(!page.contains(words), "“{words}” is on the page: {page}");
        self
    }

    /// The element that a function of `person.js` finds below these words.
    #[track_caller]
    fn finds(&self, kind: &str, part: &str, words: &str) -> String {
        let arguments = [json!(part), json!(words)];
        self.until(|| {
            let found = self.try_js(&format!("return {kind}(arguments[0], arguments[1])"), &arguments)?;
            found[ELEMENT].as_str().map(str::to_owned).ok_or_else(|| {
                let offer = self.try_js("return offer(arguments[0])", &arguments).unwrap_or_default();
                format!("no {kind} “{words}” under “{part}”; there are {offer}")
            })
        })
    }

    /// Scrolls to where an element can be reached, and clicks it.
    #[track_caller]
    fn click(&self, element: &str) {
        self.js("arguments[0].scrollIntoView({ block: 'center' })", &[json!({ ELEMENT: element })]);
        self.must(&format!("/element/{element}/click"), &json!({}));
    }

    /// Does what leads to another page, and waits for that.
    #[track_caller]
    fn leaves(&self, act: impl FnOnce()) -> &Self {
        self.js("window.before = true", &[]);
        act();
        self.until(|| {
            let there = self.try_js("return !window.before && document.readyState === 'complete'", &[])?;
            if there == true { Ok(()) } else { Err("the page does not change".to_owned()) }
        });
        self
    }

    /// Answers the question of a window in front of the page.
    #[track_caller]
    fn answers(&self, question: &str, yes: bool) {
        let asked = self.until(|| self.ask("GET", "/alert/text", None));
        assert!(asked.as_str().unwrap().contains(question), "asked {asked}, not “{question}”");
        self.must(if yes { "/alert/accept" } else { "/alert/dismiss" }, &json!({}));
    }

    /// The part of the page below a heading or legend, or a row that begins so.
    pub(crate) fn part<'a>(&'a self, words: &'a str) -> Part<'a> {
        Part { browser: self, words }
    }

    /// Follows a link.
    #[track_caller]
    pub(crate) fn follows(&self, words: &str) -> &Self {
        self.part("").follows(words)
    }

    /// Presses a button that leads on.
    #[track_caller]
    pub(crate) fn presses(&self, words: &str) -> &Self {
        self.part("").presses(words)
    }

    /// Presses a button and answers yes to the question that follows.
    #[track_caller]
    pub(crate) fn presses_surely(&self, words: &str, question: &str) -> &Self {
        self.part("").presses_surely(words, question)
    }

    /// Fills a field.
    #[track_caller]
    pub(crate) fn fills(&self, label: &str, value: &str) -> &Self {
        self.part("").fills(label, value)
    }

    /// Ticks a box, or picks one of several, unless it is.
    #[track_caller]
    pub(crate) fn ticks(&self, label: &str) -> &Self {
        self.part("").ticks(label)
    }

    /// Opens what is folded.
    #[track_caller]
    pub(crate) fn unfolds(&self, words: &str) -> &Self {
        self.part("").unfolds(words)
    }

    /// A field holds this.
    #[track_caller]
    pub(crate) fn holds(&self, label: &str, value: &str) -> &Self {
        let field = json!({ ELEMENT: self.finds("field", "", label) });
        assert_eq!(self.js("return arguments[0].value", &[field]), value, "{label}");
        self
    }

    /// Presses a button and reads what the window in front of the page says; the page stays.
    #[track_caller]
    pub(crate) fn presses_in_vain(&self, words: &str, said: &str) -> &Self {
        self.click(&self.finds("button", "", words));
        self.answers(said, false);
        self
    }

    /// Somebody sits down before the screen and logs in, unless he still is.
    #[track_caller]
    pub(crate) fn sits(&self, login: &str) -> &Self {
        let before = self.sitting.replace(login.to_owned());
        if !before.is_empty() {
            let kept = self.ask("GET", "/cookie", None).unwrap();
            self.people.borrow_mut().insert(before, kept.as_array().unwrap().clone());
            self.ask("DELETE", "/cookie", None).unwrap();
        }
        let mine = self.people.borrow_mut().remove(login).unwrap_or_default();
        if !mine.is_empty() {
            for mut cookie in mine {
                cookie.as_object_mut().unwrap().remove("domain");
                self.must("/cookie", &json!({ "cookie": cookie }));
            }
            self.goes("/");
            if !self.at().starts_with("/login") {
                return self;
            }
        }
        self.goes("/login").fills("登录名", login).fills("密码", PASSWORD).presses("登录").sees(&["工作台"])
    }

    /// Nobody sits before the screen: a shopkeeper, the public.
    #[track_caller]
    pub(crate) fn stands_up(&self) -> &Self {
        let before = self.sitting.replace(String::new());
        if !before.is_empty() {
            let kept = self.ask("GET", "/cookie", None).unwrap();
            self.people.borrow_mut().insert(before, kept.as_array().unwrap().clone());
            self.ask("DELETE", "/cookie", None).unwrap();
        }
        self
    }
}

/// A part of a page.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    browser: &'a Browser,
    words: &'a str,
}

impl<'a> Part<'a> {
    #[track_caller]
    pub(crate) fn follows(self, words: &str) -> &'a Browser {
        let link = self.browser.finds("link", self.words, words);
        self.browser.leaves(|| self.browser.click(&link))
    }

    #[track_caller]
    pub(crate) fn presses(self, words: &str) -> &'a Browser {
        let button = self.browser.finds("button", self.words, words);
        self.browser.leaves(|| self.browser.click(&button))
    }

    #[track_caller]
    pub(crate) fn presses_surely(self, words: &str, question: &str) -> &'a Browser {
        let button = self.browser.finds("button", self.words, words);
        self.browser.leaves(|| {
            self.browser.click(&button);
            self.browser.answers(question, true);
        })
    }

    /// Types into a field, chooses of a list, or names a file.
    #[track_caller]
    pub(crate) fn fills(self, label: &str, value: &str) -> &'a Browser {
        let field = self.browser.finds("field", self.words, label);
        let element = json!({ ELEMENT: field });
        let kind = self.browser.js("return arguments[0].type", std::slice::from_ref(&element));
        match kind.as_str().unwrap() {
            "date" | "datetime-local" => {
                self.browser.js("put(arguments[0], arguments[1])", &[element, json!(value)]);
            }
            "select-one" => {
                let found =
                    self.browser.js("return option(arguments[0], arguments[1])", &[element, json!(value)]);
                let option = found[ELEMENT].as_str().unwrap_or_else(|| panic!("no {value} in {label}"));
                self.browser.click(option);
            }
            "file" => {
                self.browser.must(&format!("/element/{field}/value"), &json!({ "text": value }));
            }
            _ => {
                self.browser.must(&format!("/element/{field}/clear"), &json!({}));
                self.browser.must(&format!("/element/{field}/value"), &json!({ "text": value }));
            }
        }
        self.browser
    }

    #[track_caller]
    pub(crate) fn ticks(self, label: &str) -> &'a Browser {
        let field = self.browser.finds("field", self.words, label);
        let ticked = || self.browser.js("return arguments[0].checked", &[json!({ ELEMENT: field })]) == true;
        if !ticked() {
            self.browser.click(&field);
            assert!(ticked(), "{label} is not ticked");
        }
        self.browser
    }

    #[track_caller]
    pub(crate) fn unfolds(self, words: &str) -> &'a Browser {
        let summary = self.browser.finds("summary", self.words, words);
        self.browser.click(&summary);
        self.browser
    }
}
