//! What an authorizer's answer allows.

use serde::Deserialize;
use serde_json::{Map, Value};

/// How large an authorizer's answer may be, in bytes of JSON.
const MAX_ANSWER_BYTES: usize = 8 * 1024;

/// A REQUEST authorizer's answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    principal_id: String,
    policy_document: PolicyDocument,
    context: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    statement: Vec<Statement>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: Effect,
    action: OneOrMany,
    resource: OneOrMany,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Answer {
    /// Reads a function's result; `None` if API Gateway would call it malformed.
    pub(crate) fn read(result: &Value) -> Option<Self> {
        // Undocumented [U]: what an oversized answer leads to. As malformed as any other.
        if result.to_string().len() > MAX_ANSWER_BYTES {
            return None;
        }
        // Undocumented [U]: an answer without a principalId. Malformed too, as the documentation calls it required.
        let answer: Self = serde_json::from_value(result.clone()).ok()?;
        let scalars =
            answer.context.iter().flat_map(Map::values).all(|value| !value.is_object() && !value.is_array());
        scalars.then_some(answer)
    }

    /// Whether the policy lets `execute-api:Invoke` at `arn`. A Deny beats every Allow.
    pub(crate) fn allows(&self, arn: &str) -> bool {
        let effects = |wanted: Effect| {
            self.policy_document
                .statement
                .iter()
                .any(|statement| statement.effect == wanted && statement.matches(arn))
        };
        effects(Effect::Allow) && !effects(Effect::Deny)
    }

    /// What events carry as `requestContext.authorizer`: the context's values as texts, and the principal.
    ///
    /// Undocumented [U]: whether WebSocket events keep the type of numbers and booleans. Texts, as in `$context`.
    pub(crate) fn into_context(self) -> Box<[(String, Value)]> {
        let own = self.context.into_iter().flatten().filter(|(key, _)| key != "principalId");
        let principal = ("principalId".to_owned(), self.principal_id.into());
        own.map(|(key, value)| (key, text(value))).chain([principal]).collect()
    }
}

fn text(value: Value) -> Value {
    match value {
        Value::String(_) | Value::Null => value,
        other => other.to_string().into(),
    }
}

impl Statement {
    fn matches(&self, arn: &str) -> bool {
        self.action.iter().any(|action| glob(&action.to_ascii_lowercase(), "execute-api:invoke"))
            && self.resource.iter().any(|resource| glob(resource, arn))
    }
}

impl OneOrMany {
    fn iter(&self) -> impl Iterator<Item = &String> {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
        .iter()
    }
}

/// IAM's wildcards: `*` is any text, `?` any one character.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where the last `*` was and how much it has swallowed, to give it one more when what follows fails. The
    // obvious recursion takes exponential time on `*a*a*a*a`.
    let mut star = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p).is_some_and(|&c| c == b'?' || c == text[t]) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, swallowed)) = star {
            (p, t) = (at + 1, swallowed + 1);
            star = Some((at, swallowed + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARN: &str = "arn:aws:execute-api:r:1:api/dev/$connect";

    fn answer(statements: Value) -> Answer {
        let result = json!({"principalId": "alice", "policyDocument": {"Version": "2012-10-17", "Statement": statements}});
        Answer::read(&result).expect("well formed")
    }

    #[test]
    fn wildcards_match_as_in_iam() {
        for pattern in [ARN, "*", "arn:aws:execute-api:*:*:api/dev/*", "arn:*/dev/?connect", "**$connect"] {
            assert!(glob(pattern, ARN), "{pattern}");
        }
        for pattern in ["", "arn", "*/prod/*", "arn:*/dev/?", "*$connect?"] {
            assert!(!glob(pattern, ARN), "{pattern}");
        }
    }

    #[test]
    fn a_deny_beats_an_allow() {
        let allow = json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"});
        let deny = json!({"Effect": "Deny", "Action": ["execute-api:*"], "Resource": [ARN]});
        assert!(answer(json!([allow])).allows(ARN));
        assert!(!answer(json!([allow, deny])).allows(ARN));
        assert!(!answer(json!([deny, allow])).allows(ARN));
    }

    #[test]
    fn a_policy_for_another_action_or_resource_allows_nothing() {
        let other_action = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
        let other_stage = json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*/prod/*"});
        assert!(!answer(json!([other_action, other_stage])).allows(ARN));
        assert!(!answer(json!([])).allows(ARN));
    }

    #[test]
    fn a_context_with_an_object_or_of_more_than_8_kilobytes_is_malformed() {
        let with = |context: Value| json!({"principalId": "alice", "policyDocument": {"Statement": []}, "context": context});
        assert!(Answer::read(&with(json!({"a": "text", "b": 1, "c": true}))).is_some());
        assert!(Answer::read(&with(json!({"a": {}}))).is_none());
        assert!(Answer::read(&with(json!({"a": "x".repeat(MAX_ANSWER_BYTES)}))).is_none());
    }
}
