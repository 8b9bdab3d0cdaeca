//! Identity sources: what a handshake has to bring before an authorizer is asked.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use thiserror::Error;

/// One identity source, in API Gateway's spelling: `route.request.querystring.NAME`, `route.request.header.NAME`,
/// `stageVariables.NAME` or `context.NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentitySource {
    place: Place,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    QueryString,
    Header,
    StageVariable,
    Context,
}

impl Place {
    const ALL: [Self; 4] = [Self::QueryString, Self::Header, Self::StageVariable, Self::Context];

    fn prefix(self) -> &'static str {
        match self {
            Self::QueryString => "route.request.querystring.",
            Self::Header => "route.request.header.",
            Self::StageVariable => "stageVariables.",
            Self::Context => "context.",
        }
    }
}

/// A text that is no identity source.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no identity source; give one like route.request.querystring.token, route.request.header.Authorization, \
     stageVariables.NAME or context.NAME"
)]
pub struct IdentitySourceError(String);

impl IdentitySource {
    /// A parameter of the URL's query.
    pub fn query_string(name: impl Into<String>) -> Self {
        Self { place: Place::QueryString, name: name.into() }
    }

    /// Whether the handshake brings it, and not empty. `event` is what the authorizer would get.
    pub(crate) fn is_in(&self, event: &Value) -> bool {
        let found = match self.place {
            Place::QueryString => event["queryStringParameters"].get(&self.name),
            Place::Header => header(&event["headers"], &self.name),
            Place::StageVariable => event["stageVariables"].get(&self.name),
            // `context.identity.sourceIp` is a path.
            Place::Context => event["requestContext"].pointer(&format!("/{}", self.name.replace('.', "/"))),
        };
        found.is_some_and(|value| !value.is_null() && value != "")
    }
}

fn header<'a>(headers: &'a Value, name: &str) -> Option<&'a Value> {
    headers.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

impl fmt::Display for IdentitySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.place.prefix(), self.name)
    }
}

impl FromStr for IdentitySource {
    type Err = IdentitySourceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Place::ALL
            .into_iter()
            .find_map(|place| Some((place, text.strip_prefix(place.prefix())?)))
            .filter(|(_, name)| !name.is_empty())
            .map(|(place, name)| Self { place, name: name.to_owned() })
            .ok_or_else(|| IdentitySourceError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source(text: &str) -> IdentitySource {
        text.parse().unwrap()
    }

    #[test]
    fn each_place_is_looked_at() {
        let event = json!({
            "queryStringParameters": {"token": "a"},
            "headers": {"Authorization": "b"},
            "stageVariables": {"realm": "c"},
            "requestContext": {"identity": {"sourceIp": "127.0.0.1"}},
        });
        for text in [
            "route.request.querystring.token",
            "route.request.header.authorization",
            "stageVariables.realm",
            "context.identity.sourceIp",
        ] {
            assert!(source(text).is_in(&event), "{text}");
            assert!(!source(text).is_in(&json!({})), "{text}");
            assert_eq!(source(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_empty_or_null_is_missing() {
        let event = json!({"queryStringParameters": {"token": ""}, "stageVariables": {"realm": null}});
        assert!(!source("route.request.querystring.token").is_in(&event));
        assert!(!source("stageVariables.realm").is_in(&event));
    }

    #[test]
    fn another_text_is_refused() {
        for text in
            ["", "token", "route.request.querystring.", "method.request.header.Auth", "$request.body.token"]
        {
            assert!(text.parse::<IdentitySource>().is_err(), "{text}");
        }
    }
}
