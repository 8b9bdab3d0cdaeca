//! A line for people: time, sign, user, connection, what.

use std::fmt::Write;

use anstyle::{AnsiColor, Style as Ansi};
use axum::http::StatusCode;
use chrono::{DateTime, Local};
use serde_json::{Map, Value};

use super::Level;
use crate::activity::{Happening, What};

/// How much of a text that somebody else wrote is shown, in characters.
const SHOWN: usize = 120;

/// How lines look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) has_colors: bool,
}

impl Style {
    fn paint(self, style: Ansi, text: &str) -> String {
        if self.has_colors { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn dim(self, text: &str) -> String {
        self.paint(Ansi::new().dimmed(), text)
    }
}

pub(super) fn happening(style: Style, happening: &Happening) -> String {
    let Happening { at, connection_id, user, what } = happening;
    let (sign, color, what) = describe(what);
    let mut line = format!("{} {}", style.dim(&time(*at)), style.paint(color.on_default().bold(), sign));
    if let Some(user) = user {
        let _ = write!(line, " {}", style.paint(Ansi::new().bold(), &plain(user)));
    }
    if let Some(id) = connection_id {
        let _ = write!(line, " {}", style.dim(id));
    }
    let _ = writeln!(line, " {what}");
    line
}

pub(super) fn event(style: Style, at: i64, level: Level, text: &str, fields: &Map<String, Value>) -> String {
    let (sign, color) = match level {
        Level::Info => ("*", AnsiColor::Blue),
        Level::Warn => ("!", AnsiColor::Yellow),
        Level::Error => ("x", AnsiColor::Red),
    };
    let mut line = format!("{} {} ", style.dim(&time(at)), style.paint(color.on_default().bold(), sign));
    if level != Level::Info {
        line += if level == Level::Warn { "warning: " } else { "error: " };
    }
    line += &escaped(text);
    for (name, value) in fields {
        let value = match value {
            Value::String(text) => plain(text),
            value => value.to_string(),
        };
        let _ = write!(line, " {}{value}", style.dim(&format!("{name}=")));
    }
    line.push('\n');
    line
}

/// A block, one place per line.
pub(super) fn places(style: Style, places: &[(&str, String)]) -> String {
    let width = places.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut block = String::new();
    for (name, place) in places {
        let _ = writeln!(block, "  {} {}", style.dim(&format!("{name:width$}")), escaped(place));
    }
    block
}

/// Sign, colour, words.
fn describe(what: &What) -> (&'static str, AnsiColor, String) {
    use AnsiColor::{Blue, Cyan, Green, Magenta, Red, Yellow};
    match what {
        What::Connected => ("+", Green, "connected".to_owned()),
        What::Refused { status } => ("!", Yellow, format!("handshake refused: {}", self::status(*status))),
        What::Disconnected { code, reason, lasted_ms } => {
            let reason = if reason.is_empty() { String::new() } else { format!(" {}", quoted(reason)) };
            ("-", Blue, format!("disconnected {code}{reason} after {}", lasted(*lasted_ms)))
        }
        What::Message { route, bytes } => {
            (">", Cyan, format!("message to {}, {}", plain(route), size(*bytes)))
        }
        What::NoRoute { bytes } => ("!", Yellow, format!("message to no route, {}", size(*bytes))),
        What::Answered { route, bytes } => {
            ("<", Cyan, format!("answered by {}, {}", plain(route), size(*bytes)))
        }
        What::Pushed { bytes } => ("<", Magenta, format!("pushed, {}", size(*bytes))),
        What::Sent { delivered, gone, failed } => {
            ("<", Magenta, format!("send: {delivered} delivered, {gone} gone, {failed} failed"))
        }
        What::CallRefused { status } => {
            ("!", Yellow, format!("call of /@connections refused: {}", self::status(*status)))
        }
        What::Deleted => ("-", Magenta, "deleted by the backend".to_owned()),
        What::Dropped { bytes } => ("!", Yellow, format!("dropped what was to be sent, {}", size(*bytes))),
        What::FunctionFailed { function, error } => {
            ("x", Red, format!("function {} failed: {}", plain(function), quoted(error)))
        }
        What::FunctionTimedOut { function } => ("x", Red, format!("function {} timed out", plain(function))),
        What::Throttled => ("!", Yellow, "throttled: too many requests".to_owned()),
        What::Fault { fault } => ("!", Magenta, format!("fault on purpose: {fault}")),
        What::FaultEnded { fault } => ("!", Magenta, format!("fault on purpose ended: {fault}")),
    }
}

/// In local time: people look at their clock.
fn time(at: i64) -> String {
    let time = DateTime::from_timestamp_millis(at).unwrap_or_default();
    time.with_timezone(&Local).format("%H:%M:%S%.3f").to_string()
}

fn status(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

fn size(bytes: usize) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..=9_999 => format!("{bytes} bytes"),
        _ => format!("{} KB", bytes / 1024),
    }
}

fn lasted(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 => format!("{ms} ms"),
        1..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A name as it is if it is a simple one, and in quotes otherwise.
fn plain(name: &str) -> String {
    let is_simple = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '$' | '/' | ':');
    let is_short = name.chars().nth(SHOWN).is_none();
    if !name.is_empty() && is_short && name.chars().all(is_simple) { name.to_owned() } else { quoted(name) }
}

/// In quotes, escaped, and not too long.
fn quoted(text: &str) -> String {
    let more = if text.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("\"{}\"{more}", text.chars().take(SHOWN).flat_map(char::escape_debug).collect::<String>())
}

/// Our own words, in which somebody else's may be cited.
fn escaped(text: &str) -> String {
    let escape = |c: char| if is_harmful(c) { c.escape_debug().collect() } else { String::from(c) };
    text.chars().map(escape).collect()
}

/// Whether a terminal may obey this character instead of showing it: controls, line breaks, changes of direction.
pub(super) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { has_colors: false };
    const HOSTILE: &str = "a\nb\u{1b}[31m\u{9b}2J\r\u{202e}\"";

    fn shown(what: What) -> String {
        let line = happening(PLAIN, &Happening { user: Some("alice".to_owned()), ..Happening::new(what) });
        assert!(line.ends_with('\n') && !line.trim_end_matches('\n').contains(is_harmful), "{line:?}");
        // Without the time.
        line[13..].trim_end().to_owned()
    }

    #[test]
    fn a_happening_is_a_line() {
        assert_eq!(shown(What::Connected), "+ alice connected");
        assert_eq!(shown(What::Refused { status: 401 }), "! alice handshake refused: 401 Unauthorized");
        assert_eq!(
            shown(What::Message { route: "ping".to_owned(), bytes: 17 }),
            "> alice message to ping, 17 bytes"
        );
        let reason = "Going away".to_owned();
        let line = shown(What::Disconnected { code: 1001, reason, lasted_ms: 601_000 });
        assert_eq!(line, "- alice disconnected 1001 \"Going away\" after 10 min 1 s");
    }

    #[test]
    fn whatever_comes_from_outside_stays_on_its_line_and_commands_no_terminal() {
        let hostile = || HOSTILE.to_owned();
        shown(What::Disconnected { code: 1000, reason: hostile(), lasted_ms: 0 });
        shown(What::FunctionFailed { function: hostile(), error: hostile() });
        shown(What::Message { route: hostile(), bytes: 1 });
        let line = happening(PLAIN, &Happening { user: Some(hostile()), ..Happening::new(What::Connected) });
        assert!(!line.trim_end_matches('\n').contains(is_harmful), "{line:?}");
        let fields = Map::from_iter([("reason".to_owned(), HOSTILE.into())]);
        let line = event(PLAIN, 0, Level::Info, HOSTILE, &fields);
        assert!(!line.trim_end_matches('\n').contains(is_harmful), "{line:?}");
    }

    #[test]
    fn a_long_text_is_cut() {
        let error = "x".repeat(1_000_000);
        assert!(shown(What::FunctionFailed { function: "chat".to_owned(), error }).len() < 200);
    }

    #[test]
    fn colours_are_for_those_who_want_them() {
        let happened = Happening::new(What::Connected);
        assert!(happening(Style { has_colors: true }, &happened).contains("\u{1b}["));
        assert!(!happening(PLAIN, &happened).contains('\u{1b}'));
    }
}
