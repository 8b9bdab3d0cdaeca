//! What a trusted token says.

use serde_json::{Map, Value};

use super::TokenError;

/// The claims of a token whose signature, dates and audience were right.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    user: String,
    all: Map<String, Value>,
}

impl Claims {
    pub(super) fn new(all: Map<String, Value>) -> Result<Self, TokenError> {
        let user = ["sub", "identity"].iter().find_map(|claim| all.get(*claim).and_then(name));
        Ok(Self { user: user.ok_or(TokenError::NoUser)?, all })
    }

    /// Whose token it is: `sub`, or else `identity`.
    pub fn user(&self) -> &str {
        &self.user
    }

    pub(super) fn into_user(self) -> String {
        self.user
    }

    /// A claim as the token has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.all.get(name)
    }

    /// Whether the token was given this scope: a word of `scope` (RFC 8693) or `scp`, or an item of the arrays `scp`
    /// (Microsoft, Okta) or `permissions` (Auth0).
    pub fn has_scope(&self, scope: &str) -> bool {
        ["scope", "scp", "permissions"].iter().any(|claim| match self.all.get(*claim) {
            Some(Value::String(words)) => words.split(' ').any(|word| word == scope),
            Some(Value::Array(items)) => items.iter().any(|item| item == scope),
            _ => false,
        })
    }
}

/// A user's name in a claim: a text, or a whole number, as databases count users.
fn name(claim: &Value) -> Option<String> {
    match claim {
        Value::String(name) if !name.is_empty() => Some(name.clone()),
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(mut all: Value) -> Claims {
        all["sub"] = "alice".into();
        Claims::new(all.as_object().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_scope_is_a_whole_word_or_item_in_any_of_the_three_claims() {
        for all in [
            json!({"scope": "read chat:connect write"}),
            json!({"scp": "chat:connect"}),
            json!({"scp": ["read", "chat:connect"]}),
            json!({"permissions": ["chat:connect"]}),
        ] {
            assert!(claims(all.clone()).has_scope("chat:connect"), "{all}");
        }
        for all in [
            json!({}),
            json!({"scope": "chat:connect2 chat chat:CONNECT"}),
            json!({"scope": {"chat:connect": true}}),
            json!({"permissions": [["chat:connect"]]}),
            json!({"scopes": "chat:connect"}),
        ] {
            assert!(!claims(all.clone()).has_scope("chat:connect"), "{all}");
        }
    }
}
