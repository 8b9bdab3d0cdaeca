//! Which route a message is for: API Gateway's route selection expressions.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use serde_json_path::JsonPath;
use thiserror::Error;

/// A route selection expression: what it yields for a message is the message's route key.
///
/// As API Gateway's: a static text, `$request.body.PATH`, or `${request.body.PATH}` as often as one likes between
/// other text. PATH is a JSONPath (RFC 9535) from the message on, without its `$`; what it finds is made a text, what
/// it does not find is the empty one. `\$` is a dollar sign.
///
/// ```
/// use everwire_gateway::route::RouteSelection;
///
/// let selection: RouteSelection = "${request.body.topic}/${request.body.action}".parse()?;
/// assert_eq!(selection.route_key(r#"{"topic":"chat","action":"join"}"#).as_deref(), Some("chat/join"));
/// # Ok::<(), everwire_gateway::route::RouteSelectionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RouteSelection {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    /// Of the message's body.
    Path(JsonPath),
}

/// A text that is no route selection expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{expression:?} is no route selection expression: {cause}. One is $request.body.action")]
pub struct RouteSelectionError {
    expression: String,
    cause: String,
}

impl RouteSelection {
    /// The route key of a message; `None` if the expression needs a body in JSON and this is none.
    pub fn route_key(&self, body: &str) -> Option<String> {
        if let [Part::Text(text)] = self.parts.as_slice() {
            return Some(text.clone());
        }
        let message: Value = serde_json::from_str(body).ok()?;
        Some(self.parts.iter().map(|part| part.of(&message)).collect())
    }
}

impl Part {
    fn of(&self, message: &Value) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Path(path) => text(&path.query(message).all()),
        }
    }
}

/// Undocumented [U]: null, which is taken for missing; and several values, which become a JSON array.
fn text(found: &[&Value]) -> String {
    match found {
        [] | [Value::Null] => String::new(),
        [Value::String(text)] => text.clone(),
        [value] => value.to_string(),
        values => Value::from_iter(values.iter().map(|&value| value.clone())).to_string(),
    }
}

impl Default for RouteSelection {
    /// `$request.body.action`.
    fn default() -> Self {
        let path = JsonPath::parse("$.action").ok().map(Part::Path);
        Self { text: "$request.body.action".to_owned(), parts: path.into_iter().collect() }
    }
}

impl fmt::Display for RouteSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for RouteSelection {
    type Err = RouteSelectionError;

    fn from_str(expression: &str) -> Result<Self, Self::Err> {
        let parts = parse(expression)
            .map_err(|cause| RouteSelectionError { expression: expression.to_owned(), cause })?;
        Ok(Self { text: expression.to_owned(), parts })
    }
}

fn parse(expression: &str) -> Result<Vec<Part>, String> {
    if expression.is_empty() {
        return Err("it is empty".to_owned());
    }
    // Without braces the variable is the whole expression.
    if let Some(variable) = expression.strip_prefix('$').filter(|rest| !rest.starts_with('{')) {
        return Ok(vec![path(variable)?]);
    }
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = expression;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("\\$") {
            text.push('$');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            let (variable, after) = after.split_once('}').ok_or("a ${ has no }")?;
            parts.extend((!text.is_empty()).then(|| Part::Text(std::mem::take(&mut text))));
            parts.push(path(variable)?);
            rest = after;
        } else if c == '$' {
            return Err("a $ between other text needs braces, as in ${request.body.action}, or \\$ for the sign itself".to_owned());
        } else {
            text.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    parts.extend((!text.is_empty()).then_some(Part::Text(text)));
    Ok(parts)
}

fn path(variable: &str) -> Result<Part, String> {
    let path = variable.strip_prefix("request.body").ok_or_else(|| {
        format!("${{{variable}}} is not of the message; only request.body is there to select by")
    })?;
    let path =
        JsonPath::parse(&format!("${path}")).map_err(|error| format!("${path} is no JSONPath: {error}"))?;
    Ok(Part::Path(path))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;

    use super::*;

    fn key(expression: &str, body: &str) -> Option<String> {
        expression.parse::<RouteSelection>().unwrap().route_key(body)
    }

    #[test]
    fn the_default_expression_is_the_action() {
        assert_eq!(RouteSelection::default(), "$request.body.action".parse().unwrap());
        assert_eq!(key("$request.body.action", r#"{"action":"join"}"#).as_deref(), Some("join"));
        assert_eq!(key("${request.body.action}", r#"{"action":"join"}"#).as_deref(), Some("join"));
    }

    #[test]
    fn a_path_may_go_deep() {
        let body = r#"{"service":{"chat":[{"action":"join"}]},"a b":1}"#;
        assert_eq!(key("$request.body.service.chat[0].action", body).as_deref(), Some("join"));
        assert_eq!(key("$request.body['a b']", body).as_deref(), Some("1"));
    }

    #[test]
    fn what_is_found_becomes_a_text_and_what_is_not_the_empty_one() {
        for (value, text) in
            [("7", "7"), ("true", "true"), ("null", ""), ("\"\"", ""), (r#"{"a":1}"#, r#"{"a":1}"#)]
        {
            assert_eq!(
                key("$request.body.action", &format!(r#"{{"action":{value}}}"#)).as_deref(),
                Some(text)
            );
        }
        for body in ["{}", "[1]", "7"] {
            assert_eq!(key("$request.body.action", body).as_deref(), Some(""), "{body}");
        }
    }

    #[test]
    fn texts_and_variables_compose() {
        let body = r#"{"topic":"chat","action":"join"}"#;
        assert_eq!(
            key("${request.body.topic}/v1/${request.body.action}", body).as_deref(),
            Some("chat/v1/join")
        );
        assert_eq!(key(r"\$default", body).as_deref(), Some("$default"));
        assert_eq!(key("always", "not JSON").as_deref(), Some("always"));
    }

    #[test]
    fn a_body_that_is_not_json_has_no_key() {
        for body in ["", "not JSON", "{", r#"{action:"join"}"#] {
            assert_eq!(key("$request.body.action", body), None, "{body}");
        }
    }

    #[test]
    fn an_expression_that_cannot_be_read_is_refused_with_its_cause() {
        for (expression, cause) in [
            ("", "empty"),
            ("$", "only request.body"),
            ("$default", "only request.body"),
            ("$request.header.action", "only request.body"),
            ("${request.body.action", "no }"),
            ("a/$request.body.action", "braces"),
            ("$request.body.[", "JSONPath"),
        ] {
            let error = expression.parse::<RouteSelection>().unwrap_err().to_string();
            assert!(error.contains(cause), "{error}");
        }
    }

    #[test]
    fn no_expression_and_no_body_panics() {
        const TRIED: u32 = 4096;
        let expressions = r"[$\\{}\[\]().*?@a-z/' ]{0,24}|\PC{0,24}";
        let bodies = r#"[{}\[\]":,a-z0-9 ]{0,40}|\PC{0,40}"#;
        let keeps_its_text = |(expression, body): (String, String)| {
            if let Ok(selection) = expression.parse::<RouteSelection>() {
                let _ = selection.route_key(&body);
                prop_assert_eq!(selection.to_string(), expression);
            }
            Ok(())
        };
        let mut runner = TestRunner::new(ProptestConfig::with_cases(TRIED));
        runner.run(&(expressions, bodies), keeps_its_text).unwrap();
        println!("{TRIED} route selection expressions tried");
    }
}
