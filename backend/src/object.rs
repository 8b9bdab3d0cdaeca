//! Adds a member to the text of a JSON object. In the text, so that the order of members and long numbers survive.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::de::IgnoredAny;

/// `text` with one more member, whose value is JSON too. `None` if `text` is no JSON object, or has that member.
pub(crate) fn with_member(text: &str, name: &str, value: &str) -> Option<String> {
    let members: HashMap<Cow<'_, str>, IgnoredAny> = serde_json::from_str(text).ok()?;
    let (body, _) = text.rsplit_once('}')?;
    let comma = if members.is_empty() { "" } else { "," };
    (!members.contains_key(name)).then(|| format!(r#"{body}{comma}"{name}":{value}}}"#))
}
