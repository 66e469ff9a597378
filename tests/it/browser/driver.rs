//! A real Chromium, driven as a person uses it: through the W3C WebDriver protocol of chromedriver, which is JSON over
//! HTTP and needs no more than the client the tests have anyway.

use crate::support::TestApp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Functions that find things by the words on them.
const PERSON: &str = include_str!("person.js");
/// An office screen and a telephone, CSS pixels.
pub(crate) const DESK: (u32, u32) = (1366, 768);
pub(crate) const PHONE: (u32, u32) = (360, 740);
/// The name under which an answer of the protocol holds an element.
pub(super) const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One browser at a time: there are two processors, and the server needs one.
static TURN: Mutex<()> = Mutex::new(());
/// The chromedriver of this process, as long as a test uses it or waits for it.
static DRIVER: Mutex<Weak<Driver>> = Mutex::new(Weak::new());

struct Driver {
    address: String,
    process: Child,
    // Its end would end chromedriver.
    _told: BufReader<ChildStdout>,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Driver {
    fn of_this_process() -> Arc<Self> {
        let mut known = DRIVER.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(driver) = known.upgrade() {
            return driver;
        }
        // Installs what is missing, as for PostgreSQL.
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/browser.sh");
        let ran = Command::new("bash").arg(script).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let program = String::from_utf8(ran.stdout).unwrap();
        let mut process =
            Command::new(program.trim()).arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        let port: u16 = loop {
            line.clear();
            assert!(told.read_line(&mut line).unwrap() > 0, "chromedriver does not start");
            if let Some((_, port)) = line.rsplit_once("successfully on port ") {
                break port.trim().trim_end_matches('.').parse().unwrap();
            }
        };
        let driver = Arc::new(Self { address: format!("http://127.0.0.1:{port}"), process, _told: told });
        *known = Arc::downgrade(&driver);
        driver
    }
}

/// A browser window with nobody before it yet.
pub(crate) struct Browser {
    session: String,
    agent: ureq::Agent,
    pub(super) base: String,
    pub(super) journey: String,
    pub(super) pictures: Cell<u32>,
    /// Cookies of those who are not before the screen now, by login.
    pub(super) people: RefCell<BTreeMap<String, Vec<Value>>>,
    pub(super) sitting: RefCell<String>,
    driver: Arc<Driver>,
    _profile: tempfile::TempDir,
    _turn: Option<MutexGuard<'static, ()>>,
}

impl Drop for Browser {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "at {:?}\n{:?}",
                self.try_js("return location.href", &[]),
                self.try_js("return read()", &[])
            );
            let _ = self.save(&format!("target/journeys/{}-failed.png", self.journey));
        }
        let _ = self.ask("DELETE", "", None);
    }
}

impl Browser {
    /// Opens a browser for a journey of this name; waits until no other has one.
    pub(crate) fn open(app: &TestApp, journey: &str) -> Self {
        let driver = Driver::of_this_process();
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        Self::start(app, journey, driver, Some(turn))
    }

    /// A second window at another place, with cookies of its own.
    pub(crate) fn elsewhere(&self, app: &TestApp, name: &str) -> Self {
        Self::start(app, &format!("{}-{name}", self.journey), Arc::clone(&self.driver), None)
    }

    fn start(
        app: &TestApp,
        journey: &str,
        driver: Arc<Driver>,
        turn: Option<MutexGuard<'static, ()>>,
    ) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let folder = format!("--user-data-dir={}", profile.path().display());
        let mut switches = vec![
            "--headless",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-default-apps",
            "--metrics-recording-only",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--lang=zh-CN",
            folder.as_str(),
        ];
        if std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0 {
            switches.push("--no-sandbox");
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome", "unhandledPromptBehavior": "ignore", "pageLoadStrategy": "none",
            "timeouts": { "pageLoad": 20_000, "script": 20_000 }, "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": switches, "prefs": {
                "credentials_enable_service": false, "profile.password_manager_enabled": false,
            } },
        } } });
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let agent: ureq::Agent = config.into();
        let mut browser = Self {
            session: format!("{}/session", driver.address),
            agent,
            base: app.base.clone(),
            journey: journey.to_owned(),
            pictures: Cell::new(0),
            people: RefCell::default(),
            sitting: RefCell::default(),
            driver,
            _profile: profile,
            _turn: turn,
        };
        let sessions = browser.session.clone();
        // Now and then Chromium starts and shows nothing; then another is started.
        for attempt in 1.. {
            let made = browser.ask("POST", "", Some(&wanted)).unwrap();
            browser.session = format!("{sessions}/{}", made["sessionId"].as_str().unwrap());
            let blank = browser.ask("POST", "/url", Some(&json!({ "url": "data:text/html,ready" })));
            match blank.and_then(|_| browser.try_js("return document.readyState", &[])) {
                Ok(_) => break,
                Err(wrong) => assert!(attempt < 3, "Chromium does not start: {wrong}"),
            }
            let _ = browser.ask("DELETE", "", None);
            browser.session.clone_from(&sessions);
        }
        browser.size(DESK);
        browser
    }

    /// A command of the protocol; its `value`, or what is wrong.
    pub(super) fn ask(&self, method: &str, command: &str, body: Option<&Value>) -> Result<Value, String> {
        let body = match (method, body) {
            (_, Some(body)) => body.to_string(),
            ("POST", None) => "{}".to_owned(),
            _ => String::new(),
        };
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{command}", self.session))
            .header("Content-Type", "application/json; charset=utf-8")
            .body(body)
            .map_err(|e| e.to_string())?;
        let mut answer = self.agent.run(request).map_err(|e| e.to_string())?;
        let bytes =
            answer.body_mut().with_config().limit(1 << 28).read_to_vec().map_err(|e| e.to_string())?;
        let mut told: Value = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
        let value = told["value"].take();
        if answer.status().is_success() {
            return Ok(value);
        }
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        Err(format!("{}: {}", text("error"), text("message").lines().next().unwrap_or_default()))
    }

    #[track_caller]
    pub(super) fn must(&self, command: &str, body: &Value) -> Value {
        self.ask("POST", command, Some(body)).unwrap_or_else(|wrong| panic!("{command}: {wrong}"))
    }

    pub(super) fn try_js(&self, code: &str, arguments: &[Value]) -> Result<Value, String> {
        let body = json!({ "script": format!("{PERSON}\n{code}"), "args": arguments });
        self.ask("POST", "/execute/sync", Some(&body))
    }

    /// Runs a script in the page.
    #[track_caller]
    pub(crate) fn js(&self, code: &str, arguments: &[Value]) -> Value {
        self.try_js(code, arguments).unwrap_or_else(|wrong| panic!("{wrong}"))
    }

    /// Runs a script that answers later, through its last argument.
    #[track_caller]
    pub(crate) fn js_later(&self, code: &str, arguments: &[Value]) -> Value {
        self.must("/execute/async", &json!({ "script": code, "args": arguments }))
    }

    /// A command of Chromium's own protocol.
    fn cdp(&self, command: &str, parameters: &Value) -> Value {
        self.must("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Makes the window as large as this screen.
    pub(crate) fn size(&self, (width, height): (u32, u32)) {
        let phone = width < 600;
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.cdp("Emulation.setDeviceMetricsOverride", &screen);
        self.cdp("Emulation.setTouchEmulationEnabled", &json!({ "enabled": phone }));
    }

    /// Asks for dark pages, or light ones.
    pub(crate) fn dark(&self, dark: bool) {
        let wish = json!({ "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } });
        self.cdp("Emulation.setEmulatedMedia", &json!({ "features": [wish] }));
    }

    /// Cuts the line, or mends it.
    pub(crate) fn line(&self, up: bool) {
        self.cdp("Network.enable", &json!({}));
        let line = json!({ "offline": !up, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.cdp("Network.emulateNetworkConditions", &line);
    }

    /// What the browser complained of since it was asked last: errors of scripts, violations of the policy.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.must("/se/log", &json!({ "type": "browser" }));
        let lines = log
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["level"] == "SEVERE" || line["level"] == "WARNING");
        lines.map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    pub(super) fn save(&self, path: &str) -> Result<(), String> {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
        let picture = self.ask("GET", "/screenshot", None)?;
        let bytes = STANDARD.decode(picture.as_str().unwrap_or_default()).map_err(|e| e.to_string())?;
        std::fs::create_dir_all(path.parent().unwrap()).map_err(|e| e.to_string())?;
        std::fs::write(path, bytes).map_err(|e| e.to_string())
    }
}
