//! The API that a gateway serves: its routes, its authorizer, and the functions behind them.

use std::collections::BTreeMap;

use crate::identity::IdentitySource;
use crate::route::RouteSelection;

/// A WebSocket API, as one is configured in API Gateway.
///
/// ```
/// use everwire_gateway::api::{Api, Authorizer, Route};
///
/// let api = Api {
///     authorizer: Some(Authorizer::new("auth")),
///     ..Api::default()
///         .with_route("$connect", Route::new("chat"))
///         .with_route("$default", Route::new("chat"))
///         .with_route("getProfile", Route { is_two_way: true, ..Route::new("profiles") })
/// };
/// assert_eq!(api.routes["getProfile"].function, "profiles");
/// ```
#[derive(Debug, Clone)]
pub struct Api {
    /// The stage, the first part of every path: letters, digits, `-` and `_`, up to 128 of them. Default: `dev`.
    pub stage: String,
    /// The stage's variables; every event carries them if there are any. Default: none.
    pub stage_variables: BTreeMap<String, String>,
    /// Picks a message's route. Default: `$request.body.action`.
    pub route_selection: RouteSelection,
    /// Asked before `$connect`. Default: nobody is asked.
    pub authorizer: Option<Authorizer>,
    /// The routes by route key: `$connect`, `$disconnect`, `$default`, and those that messages name. Each may be
    /// missing: without `$connect` everybody is let in; without `$default` a message that no route is for is
    /// answered with an error frame. Default: none.
    pub routes: BTreeMap<String, Route>,
}

/// What is behind a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The function that is called.
    pub function: String,
    /// Whether the result's body goes back to the client, as with a route response on AWS. Default: it is dropped.
    pub is_two_way: bool,
}

/// A REQUEST authorizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorizer {
    /// The function that is called.
    pub function: String,
    /// What a handshake has to bring, all of it and nothing empty: otherwise it is refused with 401 and the function
    /// not called. Default: `route.request.querystring.token`.
    pub identity_sources: Vec<IdentitySource>,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            stage: "dev".to_owned(),
            stage_variables: BTreeMap::new(),
            route_selection: RouteSelection::default(),
            authorizer: None,
            routes: BTreeMap::new(),
        }
    }
}

impl Api {
    /// This API with one route more; or another, if the key is taken.
    #[must_use]
    pub fn with_route(mut self, route_key: impl Into<String>, route: Route) -> Self {
        self.routes.insert(route_key.into(), route);
        self
    }

    /// The route key that is called for a message, or `None` if the API has no route for it, not even `$default`.
    pub(crate) fn select(&self, body: &str) -> Option<&str> {
        let key = self.route_selection.route_key(body).filter(|key| !is_reserved(key));
        let route_key = |key: &str| self.routes.get_key_value(key).map(|(key, _)| key.as_str());
        key.as_deref().and_then(route_key).or_else(|| route_key("$default"))
    }
}

/// Undocumented [U]: what AWS does with a message that names `$connect`. Here only the gateway itself selects these
/// two, or a client could run its own `$connect` again, as if it had just been let in.
fn is_reserved(key: &str) -> bool {
    matches!(key, "$connect" | "$disconnect")
}

impl Route {
    /// A one-way route to this function.
    pub fn new(function: impl Into<String>) -> Self {
        Self { function: function.into(), is_two_way: false }
    }
}

impl Authorizer {
    /// This function, for handshakes that bring `?token=…`.
    pub fn new(function: impl Into<String>) -> Self {
        Self { function: function.into(), identity_sources: vec![IdentitySource::query_string("token")] }
    }
}

/// The API as events name it.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    /// Host and port of the gateway itself, never a client's Host header: the backend pushes to this address,
    /// so a client that could choose it would have other people's notifications sent to itself.
    pub(crate) domain_name: String,
    pub(crate) stage: String,
    pub(crate) stage_variables: BTreeMap<String, String>,
}

impl Address {
    pub(crate) const API_ID: &str = "everwire00";

    /// What a policy has to allow for a connection to be let in.
    pub(crate) fn connect_arn(&self) -> String {
        format!("arn:aws:execute-api:us-east-1:123456789012:{}/{}/$connect", Self::API_ID, self.stage)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;

    use super::*;

    #[test]
    fn a_message_selects_the_route_it_names_or_the_default() {
        const TRIED: u32 = 4096;
        let keys = ["join", "$default", "$connect", "$disconnect"];
        let api = keys.into_iter().fold(Api::default(), |api, key| api.with_route(key, Route::new("f")));
        let actions = "join|\\$connect|\\$disconnect|\\PC{0,16}";
        let selects = |action| {
            let body = serde_json::json!({ "action": action }).to_string();
            let expected = if action == "join" { "join" } else { "$default" };
            prop_assert_eq!(api.select(&body), Some(expected));
            Ok(())
        };
        TestRunner::new(ProptestConfig::with_cases(TRIED)).run(&actions, selects).unwrap();
        println!("{TRIED} actions tried");
    }
}
