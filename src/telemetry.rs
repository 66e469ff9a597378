//! Logs: structured, without secrets, to standard error.

use crate::config::Log;
use tracing_subscriber::EnvFilter;

/// Starts logging. A second start in one process changes nothing.
///
/// # Errors
/// A level that is none.
pub fn start(log: &Log) -> Result<(), String> {
    let filter = EnvFilter::try_new(&log.level).map_err(|e| format!("log.level:{e}"))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format.as_str() {
        "json" => builder.json().try_init(),
        "text" => builder.with_target(false).try_init(),
        other => return Err(format!("log.format“{other}”须为 text 或 json")),
    };
    drop(started);
    Ok(())
}
