//! Times in AWS's spellings.

use chrono::{DateTime, SecondsFormat, Utc};

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    Utc::now().timestamp_millis()
}

/// `31/Aug/2022:13:34:52 +0000`, the common log format.
pub(crate) fn log_format(ms: i64) -> String {
    utc(ms).format("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

/// `2022-01-25T18:50:04.673Z`.
pub(crate) fn iso_8601(ms: i64) -> String {
    utc(ms).to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn utc(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}
