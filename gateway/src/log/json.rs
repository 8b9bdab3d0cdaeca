//! A line for machines: one JSON object, with `at` in milliseconds since 1970 and `event`.

use serde_json::{Map, Value, json};

use super::Level;
use super::line::is_harmful;
use crate::activity::Happening;
use crate::clock;

pub(super) fn happening(happening: &Happening) -> String {
    line(&serde_json::to_value(happening).unwrap_or_default())
}

/// What is no happening has the event `log`.
pub(super) fn event(at: i64, level: Level, text: &str, fields: &Map<String, Value>) -> String {
    let mut object = json!({ "at": at, "event": "log", "level": level.name(), "message": text });
    if !fields.is_empty() {
        object["fields"] = Value::Object(fields.clone());
    }
    line(&object)
}

pub(super) fn places(places: &[(&str, String)]) -> String {
    let places: Map<_, _> =
        places.iter().map(|(name, place)| (name.replace(' ', "-"), Value::from(place.as_str()))).collect();
    line(&json!({ "at": clock::now_ms(), "event": "listening", "places": places }))
}

/// JSON escapes line breaks and the like by itself, but not all that a terminal obeys. Outside of texts there is
/// nothing to escape.
fn line(object: &Value) -> String {
    let mut line = String::new();
    for c in object.to_string().chars() {
        match c {
            c if is_harmful(c) => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| line += &format!("\\u{unit:04x}"))
            }
            c => line.push(c),
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::What;

    #[test]
    fn whatever_a_user_is_called_it_is_one_line_of_json() {
        let user = "a\nb\u{1b}[31m\u{9b}0m\u{7f}\u{2028}\u{202e}<é>";
        let line = happening(&Happening { user: Some(user.to_owned()), ..Happening::new(What::Connected) });
        assert!(!line.trim_end_matches('\n').contains(is_harmful), "{line:?}");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["user"], user);
    }

    #[test]
    fn an_event_says_its_level_and_fields() {
        let fields = Map::from_iter([("stale".to_owned(), json!(3))]);
        let line: Value = serde_json::from_str(&event(7, Level::Warn, "forgot", &fields)).unwrap();
        assert_eq!(
            line,
            json!({"at": 7, "event": "log", "level": "warn", "message": "forgot", "fields": {"stale": 3}})
        );
    }
}
