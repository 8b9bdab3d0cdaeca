//! Marks a pushed message, so that a client which gets it twice shows it once.
//!
//! A client that replaces its socket has two connections for a moment, and a push goes to both. See PROTOCOL.md.

use uuid::Uuid;

use crate::object::with_member;

/// The protocol's own member of a message.
const MEMBER: &str = "everwire";

/// What `/@connections` takes, in bytes; a message that the mark would push over it stays as it is.
const MAX_MESSAGE_BYTES: usize = 128 * 1024;

/// `message` with an id of its own. `None` for what is no JSON object, or has that member already: it stays as it is.
pub(crate) fn marked(message: &str) -> Option<String> {
    let marked = with_member(message, MEMBER, &format!(r#"{{"id":"{}"}}"#, Uuid::new_v4()))?;
    (marked.len() <= MAX_MESSAGE_BYTES).then_some(marked)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_message_gets_an_id_and_keeps_what_it_has() {
        for message in [r#"{"b":1,"a":12345678901234567890}"#, "{}", " {\"a\":{}}\n"] {
            let text = marked(message).unwrap();
            let mut value: Value = serde_json::from_str(&text).unwrap();
            let id = value.as_object_mut().unwrap().remove(MEMBER).unwrap();
            assert!(id["id"].as_str().is_some_and(|id| id.len() == 36), "{text}");
            assert_eq!(value, serde_json::from_str::<Value>(message).unwrap());
        }
        assert!(
            marked(r#"{"b":1,"a":12345678901234567890}"#)
                .unwrap()
                .starts_with(r#"{"b":1,"a":12345678901234567890,"#)
        );
    }

    #[test]
    fn no_two_messages_have_the_same_id() {
        assert_ne!(marked("{}").unwrap(), marked("{}").unwrap());
    }

    #[test]
    fn what_cannot_be_marked_stays_as_it_is() {
        for message in ["[1]", "\"text\"", "7", "not JSON", r#"{"everwire":{"id":"mine"}}"#] {
            assert_eq!(marked(message), None);
        }
        let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(MAX_MESSAGE_BYTES - 10));
        assert_eq!(marked(&large), None);
    }
}
