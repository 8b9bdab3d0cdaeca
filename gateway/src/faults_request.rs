//! Reads what is asked of `POST /faults`, and says what is wrong with it.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::faults::{Fault, Target};
use crate::nearest::nearest;

/// A fault that can be asked for.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Refuse,
    Deny,
    Delay,
    Drop,
    BlackHole,
    Close,
    Throttle,
}

/// Each fault by its name, and its own fields beside those that say for whom.
const FAULTS: [(&str, Kind, &[&str]); 7] = [
    ("refuse", Kind::Refuse, &["status"]),
    ("deny", Kind::Deny, &[]),
    ("delay", Kind::Delay, &["ms"]),
    ("drop", Kind::Drop, &[]),
    ("black-hole", Kind::BlackHole, &[]),
    ("close", Kind::Close, &["code", "reason"]),
    ("throttle", Kind::Throttle, &[]),
];

/// For whom it is.
const TARGET: [&str; 3] = ["connection", "user", "next"];

/// What a refused handshake is answered with, unless told otherwise.
const REFUSE_STATUS: u16 = 503;

/// Nothing below is a refusal to WebSocket clients: 101 is a yes, and they follow no 2xx.
const STATUSES: RangeInclusive<u64> = 300..=599;

/// In milliseconds. The longest is past every client's own timeout.
const DELAYS: RangeInclusive<u64> = 1..=600_000;

/// How many handshakes can be meant.
const NEXT: RangeInclusive<u64> = 1..=1_000_000;

/// The longest close reason, in bytes: a close frame holds 125, and two are the code's (RFC 6455, 5.5).
const MAX_REASON_BYTES: usize = 123;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) fault: Fault,
    pub(crate) target: Target,
}

/// Why nothing is done.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub(crate) struct BadRequest(String);

impl Asked {
    /// Reads a request's body.
    pub(crate) fn read(body: &[u8]) -> Result<Self, BadRequest> {
        let example = r#"{"fault":"drop","user":"alice"}"#;
        let fields: Map<String, Value> = serde_json::from_slice(body)
            .map_err(|error| bad(format!("no fault: {error}. One is asked for as {example}")))?;
        let known = FAULTS.map(|(name, ..)| name);
        let name =
            text(&fields, "fault")?.ok_or_else(|| bad(format!("fault: which one? {}", names(known))))?;
        let Some((_, kind, own)) = FAULTS.into_iter().find(|(known, ..)| *known == name) else {
            return Err(bad(format!("fault: {name:?} is none{}. {}", meant(&name, known), names(known))));
        };
        known_only(&fields, &name, own)?;
        let asked = Self { fault: fault(&fields, kind)?, target: target(&fields)? };
        asked.makes_sense()?;
        Ok(asked)
    }

    fn makes_sense(&self) -> Result<(), BadRequest> {
        let Target { connection, user, next } = &self.target;
        let remedy = match (connection, user, next) {
            (Some(_), Some(_), _) => "connection and user: name one of them",
            (Some(_), _, Some(_)) => {
                "connection and next: a connection that is open makes no handshake any more"
            }
            (Some(_), ..) if matches!(self.fault, Fault::Refuse { .. } | Fault::Deny) => {
                "connection: one that is open cannot be refused any more. Name a user, or next, or drop it"
            }
            _ => return Ok(()),
        };
        Err(bad(remedy))
    }
}

/// Refuses a field that the fault does not have.
fn known_only(fields: &Map<String, Value>, name: &str, own: &[&str]) -> Result<(), BadRequest> {
    let known: Vec<_> = ["fault"].iter().chain(own).chain(&TARGET).copied().collect();
    let Some(unknown) = fields.keys().find(|field| !known.contains(&field.as_str())) else { return Ok(()) };
    let others = FAULTS.iter().find(|(.., own)| own.contains(&unknown.as_str()));
    Err(bad(match others {
        Some((other, ..)) => format!("{unknown}: not a field of {name}, but of {other}"),
        None => format!("{unknown}: no such field{}. {}", meant(unknown, known.clone()), names(known)),
    }))
}

fn fault(fields: &Map<String, Value>, kind: Kind) -> Result<Fault, BadRequest> {
    Ok(match kind {
        Kind::Refuse => {
            let status = number(fields, "status", STATUSES)?;
            Fault::Refuse { status: status.unwrap_or(REFUSE_STATUS) }
        }
        Kind::Deny => Fault::Deny,
        Kind::Delay => {
            let ms = number(fields, "ms", DELAYS)?;
            Fault::Delay { ms: ms.ok_or_else(|| bad("ms: how many milliseconds?"))? }
        }
        Kind::Drop => Fault::Drop,
        Kind::BlackHole => Fault::BlackHole,
        Kind::Close => Fault::Close { code: code(fields)?, reason: reason(fields)? },
        Kind::Throttle => Fault::Throttle,
    })
}

fn target(fields: &Map<String, Value>) -> Result<Target, BadRequest> {
    Ok(Target {
        connection: text(fields, "connection")?,
        user: text(fields, "user")?,
        next: number(fields, "next", NEXT)?,
    })
}

/// The codes that an endpoint may send (RFC 6455, 7.4, and the registry it set up).
fn code(fields: &Map<String, Value>) -> Result<u16, BadRequest> {
    let code = number(fields, "code", 0..=65535)?.ok_or_else(|| bad("code: which one? As 1011 or 4000"))?;
    let cause = match code {
        1000..=1003 | 1007..=1014 | 3000..=4999 => return Ok(code),
        1004..=1006 | 1015 => "is reserved and never on the wire",
        0..=999 => "is not used (RFC 6455, 7.4.2)",
        1016..=2999 => "is reserved for the protocol's future",
        _ => "is not used: the last is 4999",
    };
    Err(bad(format!("code: {code} {cause}. 1000-1003, 1007-1014 and 3000-4999 can be sent")))
}

fn reason(fields: &Map<String, Value>) -> Result<String, BadRequest> {
    let reason = match fields.get("reason") {
        None => String::new(),
        Some(Value::String(reason)) => reason.clone(),
        Some(other) => return Err(bad(format!("reason: a text, not {other}"))),
    };
    if reason.len() > MAX_REASON_BYTES {
        let bytes = reason.len();
        return Err(bad(format!("reason: {bytes} bytes, but a close frame has room for {MAX_REASON_BYTES}")));
    }
    Ok(reason)
}

/// A text that is not empty.
fn text(fields: &Map<String, Value>, field: &str) -> Result<Option<String>, BadRequest> {
    match fields.get(field) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(other) => Err(bad(format!("{field}: a text that is not empty, not {other}"))),
    }
}

fn number<T: TryFrom<u64>>(
    fields: &Map<String, Value>,
    field: &str,
    range: RangeInclusive<u64>,
) -> Result<Option<T>, BadRequest> {
    let Some(value) = fields.get(field) else { return Ok(None) };
    let number =
        value.as_u64().filter(|number| range.contains(number)).and_then(|number| T::try_from(number).ok());
    let (least, most) = (range.start(), range.end());
    number
        .map(Some)
        .ok_or_else(|| bad(format!("{field}: a whole number from {least} to {most}, not {value}")))
}

/// `, did you mean …?`, if something known is near.
fn meant<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(unknown, known).map_or_else(String::new, |known| format!(", did you mean {known:?}?"))
}

fn names<'a>(known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.into_iter().collect();
    format!("There are {}", known.join(", "))
}

fn bad(cause: impl Display) -> BadRequest {
    BadRequest(cause.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(body: Value) -> String {
        Asked::read(body.to_string().as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_fault_or_field_is_answered_with_the_nearest_known() {
        assert!(refused(json!({"fault": "refus"})).contains(r#"did you mean "refuse"?"#));
        assert!(refused(json!({"fault": "blackhole"})).contains(r#"did you mean "black-hole"?"#));
        assert!(refused(json!({"fault": "xyz"})).contains("There are refuse, deny,"));
        assert!(refused(json!({"fault": "drop", "usr": "alice"})).contains(r#"did you mean "user"?"#));
        assert!(
            refused(json!({"fault": "drop", "status": 500})).contains("not a field of drop, but of refuse")
        );
    }

    #[test]
    fn only_codes_that_may_be_sent_are_sent() {
        let read = |code: u64| Asked::read(json!({"fault": "close", "code": code}).to_string().as_bytes());
        for code in [1000, 1003, 1007, 1011, 1014, 3000, 4999] {
            assert!(read(code).is_ok(), "{code}");
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535, 65536] {
            assert!(read(code).unwrap_err().to_string().starts_with("code: "), "{code}");
        }
    }

    #[test]
    fn a_reason_has_to_fit_into_a_close_frame() {
        let read = |reason: String| {
            Asked::read(json!({"fault": "close", "code": 1000, "reason": reason}).to_string().as_bytes())
        };
        assert!(read("x".repeat(123)).is_ok());
        assert!(read("x".repeat(124)).unwrap_err().to_string().contains("room for 123"));
        assert!(read("é".repeat(62)).unwrap_err().to_string().contains("124 bytes"));
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_cause() {
        let cases = [
            (json!([]), "no fault:"),
            (json!({}), "fault: which one?"),
            (json!({"fault": 7}), "fault: a text"),
            (json!({"fault": "delay"}), "ms: how many"),
            (json!({"fault": "delay", "ms": 0}), "ms: a whole number from 1"),
            (json!({"fault": "delay", "ms": "5"}), r#"not "5""#),
            (json!({"fault": "close"}), "code: which one?"),
            (json!({"fault": "close", "code": 1000, "reason": 7}), "reason: a text"),
            (json!({"fault": "refuse", "status": 200}), "status: a whole number from 300 to 599"),
            (json!({"fault": "refuse", "next": 0}), "next: a whole number from 1"),
            (json!({"fault": "refuse", "next": -1}), "next: a whole number from 1"),
            (json!({"fault": "deny", "user": ""}), "user: a text that is not empty"),
            (json!({"fault": "drop", "user": "alice", "connection": "x"}), "connection and user"),
            (json!({"fault": "drop", "next": 1, "connection": "x"}), "connection and next"),
            (json!({"fault": "refuse", "connection": "x"}), "cannot be refused any more"),
        ];
        for (body, cause) in cases {
            assert!(refused(body.clone()).contains(cause), "{body}: {}", refused(body.clone()));
        }
    }
}
