//! `onedoor doctor`: everything that can be wrong with an installation, looked at in one go.

use super::journal;
use crate::domain::draw::note::VerifierKey;
use crate::error::Result;
use crate::store::conn::Conn;
use crate::store::{health, migrate};
use chrono::{DateTime, Utc};

/// Clocks of two machines may differ by this much, seconds.
const CLOCK_S: i64 = 5;
/// Events that wait longer than this, seconds, are not being sealed.
const LAG_S: i64 = 60;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What, in Chinese.
    pub what: &'static str,
    /// Whether it is as it should be.
    pub good: bool,
    /// What was found, and what to do.
    pub text: String,
}

impl Check {
    /// A check with its outcome.
    #[must_use]
    pub fn new(what: &'static str, good: bool, text: impl Into<String>) -> Self {
        Self { what, good, text: text.into() }
    }

    fn of(what: &'static str, found: Result<Vec<String>>, fine: &str, cure: &str) -> Self {
        match found {
            Ok(list) if list.is_empty() => Self::new(what, true, fine),
            Ok(list) => Self::new(what, false, format!("{};{cure}", list.join("; "))),
            Err(error) => Self::new(what, false, format!("{error} {error:?}")),
        }
    }
}

/// Looks at the database. Without `key` the journal is not checked.
pub fn examine(db: &mut Conn, key: Option<&VerifierKey>, now: DateTime<Utc>) -> Vec<Check> {
    let mut checks = Vec::new();
    checks.push(match health::engine(db) {
        Ok(text) => {
            let risky = text.contains("fsync off") || text.contains("synchronous_commit off");
            Check::new("数据库", !risky, if risky { format!("{text}:断电会丢失已确认的数据") } else { text })
        }
        Err(error) => Check::new("数据库", false, format!("{error} {error:?}")),
    });
    checks.push(Check::of(
        "结构版本",
        migrate::pending(db),
        "最新",
        "以上迁移尚未执行,请运行 onedoor migrate",
    ));
    checks.push(Check::of("完整性", health::integrity(db), "无损坏", "请停止服务并用备份恢复"));
    checks.push(Check::of(
        "引用",
        health::dangling(db),
        "无悬空引用",
        "有记录引用了不存在的记录,请用备份核对",
    ));
    match health::clock(db) {
        Ok(None) => {}
        Ok(Some(theirs)) => {
            let apart = (theirs - now).num_seconds().abs();
            checks.push(Check::new("数据库时钟", apart <= CLOCK_S, format!("与本机相差{apart}秒")));
        }
        Err(error) => checks.push(Check::new("数据库时钟", false, format!("{error:?}"))),
    }
    match crate::store::journal::waiting(db) {
        Ok((n, oldest)) => {
            let lag = oldest.map_or(0, |o| (now - o).num_seconds());
            checks.push(Check::new("待入序的日志", lag <= LAG_S, format!("{n}条,最久{}秒", lag.max(0))));
        }
        Err(error) => checks.push(Check::new("待入序的日志", false, format!("{error:?}"))),
    }
    if let Some(key) = key {
        checks.push(match journal::check(db, &[], key) {
            Ok(done) if done.report.is_whole() => {
                Check::new("操作日志", true, format!("{}条,与检查点一致", done.report.rows))
            }
            Ok(done) => {
                let first: Vec<String> =
                    done.report.findings.iter().take(5).map(ToString::to_string).collect();
                Check::new("操作日志", false, format!("{};详见 onedoor verify-journal", first.join(";")))
            }
            Err(error) => Check::new("操作日志", false, format!("{error} {error:?}")),
        });
    }
    checks
}
