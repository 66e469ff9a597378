//! `config.json` or the sheet 参数: the rules of the run, each key optional, each type strict.

use super::files::Found;
use crate::domain::planning::input::{Rules, TeamMode};
use crate::exchange::fault::{Fault, Report};
use crate::exchange::headers::Layout;
use crate::exchange::{text, value, words};
use chrono::NaiveDate;
use serde_json::Value;

/// The rules and the planning period, when the file states one.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    /// Rules.
    pub(super) rules: Rules,
    /// First day.
    pub(super) start: Option<NaiveDate>,
    /// Last day.
    pub(super) end: Option<NaiveDate>,
    /// Where they stand.
    pub(super) file: String,
}

/// Keys that other programs write and that decide nothing here.
const IGNORED: &[&str] =
    &["version", "preset", "seed", "workdays", "equivalence", "frequency_note", "comment", "window"];

/// Reads the settings found, or the defaults.
pub(super) fn read(found: &Found, report: &mut Report) -> Settings {
    let mut reader = Reader {
        settings: Settings::default(),
        report,
        file: String::new(),
        sheet: None,
        row: 0,
        lenient: false,
    };
    if let Some((file, bytes)) = &found.config {
        reader.file.clone_from(file);
        if found.part("config").is_some() {
            reader.bad("", "", "two_files", "参数有两份:config.json 和工作表", "请只保留一份");
        }
        reader.json(bytes);
    } else if let Some(part) = found.part("config") {
        reader.file.clone_from(&part.file);
        reader.sheet.clone_from(&part.sheet.name);
        reader.lenient = true;
        match Layout::find(part.table, &part.sheet) {
            Ok(layout) => {
                let (key, val) = (layout.place("key").at.unwrap_or(0), layout.place("value").at.unwrap_or(1));
                for i in layout.first..part.sheet.len() {
                    let row = part.sheet.row(i);
                    reader.row = row.number;
                    let key = text::code(row.text(key)).into_owned();
                    let val = text::clean(row.text(val));
                    if !val.is_empty() {
                        let key = words::meaning("setting", &key).unwrap_or(&key);
                        reader.set(key, &Value::String(val.into_owned()));
                    }
                }
            }
            Err(faults) => {
                for fault in faults {
                    reader.report.push(fault.file(&part.file, part.sheet.name.as_deref()));
                }
            }
        }
    }
    reader.row = 0;
    reader.together();
    reader.settings.file = reader.file;
    reader.settings
}

struct Reader<'a> {
    settings: Settings,
    report: &'a mut Report,
    file: String,
    sheet: Option<String>,
    row: u32,
    /// Values are texts of a sheet and are read as such.
    lenient: bool,
}

impl Reader<'_> {
    fn bad(&mut self, key: &str, value: &str, code: &'static str, why: &str, cure: &str) {
        let fault = Fault::error(code, why, cure).at(self.row, key).value(value);
        self.report.push(fault.file(&self.file, self.sheet.as_deref()));
    }

    fn warn(&mut self, key: &str, value: &str, code: &'static str, why: &str, cure: &str) {
        let fault = Fault::warning(code, why, cure).at(self.row, key).value(value);
        self.report.push(fault.file(&self.file, self.sheet.as_deref()));
    }

    fn json(&mut self, bytes: &[u8]) {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match serde_json::from_slice::<Value>(bytes) {
            Ok(Value::Object(map)) => {
                for (key, value) in map {
                    self.set(&key, &value);
                }
            }
            Ok(_) => self.bad(
                "",
                "",
                "bad_config",
                "config.json 应是一个 JSON 对象",
                "请写成 {\"min_per_dept\": 2, ...}",
            ),
            Err(e) => {
                self.row = u32::try_from(e.line()).unwrap_or(0);
                self.bad(
                    "",
                    "",
                    "bad_config",
                    &format!("不是正确的 JSON:{e}"),
                    "请检查括号、引号和逗号,文件须为 UTF-8",
                );
            }
        }
    }

    fn set(&mut self, key: &str, v: &Value) {
        let whole = |r: &mut Self, lo: u32, hi: u32, old: u32| r.whole(key, v, lo, hi).unwrap_or(old);
        match key {
            "max_visit_minutes" => {
                self.settings.rules.max_visit_minutes =
                    whole(self, 1, 1440, self.settings.rules.max_visit_minutes);
            }
            "max_depts_per_visit" => {
                self.settings.rules.max_depts_per_visit =
                    whole(self, 1, 64, self.settings.rules.max_depts_per_visit);
            }
            "max_people_per_visit" => {
                self.settings.rules.max_people_per_visit =
                    whole(self, 0, 250, self.settings.rules.max_people_per_visit);
            }
            "entry_overhead_minutes" => {
                self.settings.rules.entry_overhead_minutes =
                    whole(self, 0, 1440, self.settings.rules.entry_overhead_minutes);
            }
            "travel_minutes" => {
                self.settings.rules.travel_minutes = whole(self, 0, 1440, self.settings.rules.travel_minutes);
            }
            "slot_minutes" => {
                self.settings.rules.slot_minutes = whole(self, 1, 480, self.settings.rules.slot_minutes)
            }
            "min_per_dept" => {
                self.settings.rules.min_per_dept = whole(self, 1, 20, self.settings.rules.min_per_dept)
            }
            "min_total_officers" => {
                self.settings.rules.min_total_officers =
                    whole(self, 1, 50, self.settings.rules.min_total_officers);
            }
            "am" => self.settings.rules.am = self.span(key, v).unwrap_or(self.settings.rules.am),
            "pm" => self.settings.rules.pm = self.span(key, v).unwrap_or(self.settings.rules.pm),
            "lead_required" => {
                self.settings.rules.lead_required =
                    self.flag(key, v).unwrap_or(self.settings.rules.lead_required);
            }
            "bundle_towns" => {
                self.settings.rules.bundle_towns =
                    self.flag(key, v).unwrap_or(self.settings.rules.bundle_towns);
            }
            "packages" => {
                self.settings.rules.packages = whole(self, 0, 500, self.settings.rules.packages);
            }
            "base_qualification" => match v {
                Value::String(s) if !text::code(s).is_empty() => {
                    self.settings.rules.base_qualification = text::code(s).into_owned();
                }
                _ => self.bad(key, &shown(v), "bad_setting", "应为资格代码", "请写成如 \"Q-ZFZ\""),
            },
            "team_mode" => match v.as_str().and_then(words::team_mode) {
                Some(mode) => self.settings.rules.team_mode = mode,
                None => {
                    let cure = "请填写:全局随机、股所组合、所队组合、所所组合、本所组合";
                    self.bad(key, &shown(v), "bad_setting", "不是可识别的组队方式", cure);
                    self.settings.rules.team_mode = TeamMode::Bureau;
                }
            },
            "team_mode_fallback" | "组队方式不成时" => {
                match v.as_str().map(|s| (s, words::team_mode(s))) {
                    Some((_, Some(mode))) => self.settings.rules.team_mode_fallback = Some(mode),
                    Some((word, None)) if words::meaning("no_mode", word).is_some() => {
                        self.settings.rules.team_mode_fallback = None;
                    }
                    _ if v.is_null() => self.settings.rules.team_mode_fallback = None,
                    _ => {
                        let cure = "请填写“不改用”或:全局随机、股所组合、所队组合、所所组合、本所组合";
                        self.bad(key, &shown(v), "bad_setting", "不是可识别的组队方式", cure);
                    }
                }
            }
            "start" => self.settings.start = self.date(key, v),
            "end" => self.settings.end = self.date(key, v),
            _ if IGNORED.contains(&key) => {}
            _ => self.warn(key, &shown(v), "unknown_setting", "不认识的参数,已忽略", "请核对参数名"),
        }
    }

    fn whole(&mut self, key: &str, v: &Value, lo: u32, hi: u32) -> Option<u32> {
        let number = match v {
            Value::Number(n) => n.as_u64().and_then(|n| u32::try_from(n).ok()),
            Value::String(s) if self.lenient => value::minutes(s, u32::MAX).ok(),
            _ => None,
        };
        match number {
            Some(n) if (lo..=hi).contains(&n) => Some(n),
            _ => {
                self.bad(
                    key,
                    &shown(v),
                    "bad_setting",
                    &format!("应为 {lo} 至 {hi} 的整数"),
                    "请改正,或删除该项以采用默认值",
                );
                None
            }
        }
    }

    fn flag(&mut self, key: &str, v: &Value) -> Option<bool> {
        let flag = match v {
            Value::Bool(b) => Some(*b),
            Value::String(s) if self.lenient => words::yes_no(s),
            _ => None,
        };
        if flag.is_none() {
            self.bad(key, &shown(v), "bad_setting", "应为 true 或 false", "请改正,或删除该项以采用默认值");
        }
        flag
    }

    fn span(&mut self, key: &str, v: &Value) -> Option<(u32, u32)> {
        let ends: Vec<String> = match v {
            Value::Array(a) => a.iter().filter_map(|e| e.as_str().map(str::to_owned)).collect(),
            Value::String(s) if self.lenient => {
                text::code(s).split(['-', '~', '至', '到', '—', ',']).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        };
        let times: Vec<u32> = ends.iter().filter_map(|e| value::clock(e).ok()).collect();
        match (ends.len(), times.as_slice()) {
            (2, [from, to]) if from < to => Some((*from, *to)),
            _ => {
                self.bad(
                    key,
                    &shown(v),
                    "bad_setting",
                    "应为开始和结束两个时刻,先后有序",
                    "请写成 [\"08:30\", \"12:00\"]",
                );
                None
            }
        }
    }

    fn date(&mut self, key: &str, v: &Value) -> Option<NaiveDate> {
        let date = v.as_str().and_then(|s| value::date(s, false).ok());
        if date.is_none() {
            self.bad(key, &shown(v), "bad_setting", "应为日期", "请写成 \"2026-03-02\"");
        }
        date
    }

    /// What must hold between settings.
    fn together(&mut self) {
        let rules = self.settings.rules.clone();
        if rules.am.1 > rules.pm.0 {
            self.bad("pm", "", "bad_setting", "下午的开始早于上午的结束", "请改正 am 与 pm");
        }
        if (rules.am.1 - rules.am.0) / rules.slot_minutes + (rules.pm.1 - rules.pm.0) / rules.slot_minutes
            > 64
        {
            self.bad("slot_minutes", "", "bad_setting", "一天超过 64 个时间格", "请加大 slot_minutes");
        }
        if rules.min_total_officers < 2 {
            let why = "行政检查时执法人员不得少于两人";
            self.warn(
                "min_total_officers",
                &rules.min_total_officers.to_string(),
                "fewer_than_two",
                why,
                "请改为 2",
            );
        }
        if let (Some(start), Some(end)) = (self.settings.start, self.settings.end)
            && end < start
        {
            self.bad(
                "end",
                &end.to_string(),
                "reversed_dates",
                "结束日期早于开始日期",
                "请改正 start 与 end",
            );
        }
    }
}

fn shown(v: &Value) -> String {
    match v {
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}
