//! Which function a message is for: the route selection expression `$request.body.action`.

use serde_json::Value;

use crate::Functions;

/// The route key of a message, or `None` if the API has no route for it, not even `$default`.
pub(crate) fn select(functions: &dyn Functions, body: &str) -> Option<String> {
    action(body)
        .filter(|key| !is_reserved(key) && functions.has_route(key))
        .or_else(|| functions.has_route("$default").then(|| "$default".to_owned()))
}

/// Undocumented: what AWS does with a message that names `$connect`. Here only the gateway itself selects these
/// two, or a client could run its own `$connect` again, as if it had just been let in.
fn is_reserved(key: &str) -> bool {
    matches!(key, "$connect" | "$disconnect")
}

/// What the expression yields, as a text; nothing for a body that is not JSON.
fn action(body: &str) -> Option<String> {
    let message: Value = serde_json::from_str(body).ok()?;
    match message.get("action")? {
        Value::String(action) => Some(action.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}
