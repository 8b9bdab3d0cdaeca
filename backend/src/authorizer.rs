//! The REQUEST authorizer: may this token connect, and as whom.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use aws_lambda_events::apigw::{ApiGatewayCustomAuthorizerPolicy, ApiGatewayCustomAuthorizerResponse};
use aws_lambda_events::iam::{IamPolicyEffect, IamPolicyStatement};
use serde::Serialize;
use serde_json::{Number, Value};

use crate::FunctionError;
use crate::token::{Claims, TokenError, Verifier};

/// What an own rule says about a token that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may connect. Every later event of the connection carries these values; see
    /// [`Request::context`](crate::Request::context).
    Allow(Context),
    /// It may not: the client gets 403.
    Deny,
}

impl Decision {
    /// Allows without any context.
    pub fn allow() -> Self {
        Self::Allow(Context::default())
    }
}

/// Values that an authorizer gives to all later events of a connection. API Gateway takes no more than 8 KB with the
/// policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Context(BTreeMap<String, ContextValue>);

impl Context {
    /// Adds a value, or replaces the one of that name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<ContextValue>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }
}

/// What API Gateway takes in a context: no objects, no arrays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ContextValue {
    /// A text.
    String(String),
    /// A number.
    Number(Number),
    /// A boolean.
    Bool(bool),
}

impl From<&str> for ContextValue {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for ContextValue {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<i64> for ContextValue {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for ContextValue {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

pub(crate) type Rule = Arc<dyn Fn(&Claims) -> Decision + Send + Sync>;

/// Who may connect.
#[derive(Clone)]
pub(crate) struct Authorizer {
    pub(crate) verifier: Option<Verifier>,
    pub(crate) required_scope: Option<String>,
    pub(crate) rule: Option<Rule>,
}

impl Authorizer {
    /// Answers with a policy for the API's stage: it allows the token's user, or denies a token that is good but may
    /// not connect (the client gets 403). Fails with `Unauthorized` for a token that is missing or bad (401), and with
    /// another text when that cannot be told (500).
    ///
    /// The event is not read as a whole: what it has beside the token and the ARN does not matter, and an error about
    /// it could cite the token.
    pub(crate) async fn authorize(
        &self,
        event: &Value,
    ) -> Result<ApiGatewayCustomAuthorizerResponse<Value>, FunctionError> {
        let Some(verifier) = &self.verifier else {
            let text = "this function has no keys for tokens: it needs EVERWIRE_SECRET or EVERWIRE_JWKS";
            return Err(FunctionError::new(text));
        };
        let token = event.pointer("/queryStringParameters/token").and_then(Value::as_str).unwrap_or_default();
        let claims = verifier.verify(token).await.map_err(|error| {
            // Why it was refused is for the log only: the client learns nothing but the status.
            tracing::info!(reason = %error, "token refused");
            match error {
                TokenError::Invalid(_) => FunctionError::unauthorized(),
                error => FunctionError::new(error.to_string()),
            }
        })?;
        let resource = stage_arn(event.get("methodArn").and_then(Value::as_str))?;
        let (effect, context) = match self.decide(&claims) {
            Decision::Allow(context) => (IamPolicyEffect::Allow, without_reserved(context)?),
            Decision::Deny => (IamPolicyEffect::Deny, Context::default()),
        };
        let mut response = ApiGatewayCustomAuthorizerResponse::default();
        response.context = serde_json::to_value(context)?;
        response.principal_id = Some(claims.user().to_owned());
        response.policy_document = policy(effect, resource);
        Ok(response)
    }

    fn decide(&self, claims: &Claims) -> Decision {
        if let Some(scope) = &self.required_scope
            && !claims.has_scope(scope)
        {
            tracing::info!(user = ?claims.user(), scope, "denied: the token lacks the scope");
            return Decision::Deny;
        }
        let decision = self.rule.as_ref().map_or_else(Decision::allow, |rule| rule(claims));
        if decision == Decision::Deny {
            tracing::info!(user = ?claims.user(), "denied by the rule");
        }
        decision
    }
}

impl fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorizer")
            .field("verifier", &self.verifier)
            .field("required_scope", &self.required_scope)
            .finish_non_exhaustive()
    }
}

/// Undocumented: which value wins in later events if a context has API Gateway's own names. Nobody gets to know. `[U]`
fn without_reserved(context: Context) -> Result<Context, FunctionError> {
    match ["principalId", "integrationLatency"].iter().find(|name| context.0.contains_key(**name)) {
        Some(name) => Err(FunctionError::new(format!(
            "the rule's context has {name:?}, which is API Gateway's own: rename it"
        ))),
        None => Ok(context),
    }
}

fn policy(effect: IamPolicyEffect, resource: String) -> ApiGatewayCustomAuthorizerPolicy {
    let mut statement = IamPolicyStatement::default();
    statement.action = vec!["execute-api:Invoke".to_owned()];
    statement.effect = effect;
    statement.resource = vec![resource];

    let mut policy = ApiGatewayCustomAuthorizerPolicy::default();
    policy.version = Some("2012-10-17".to_owned());
    policy.statement = vec![statement];
    policy
}

/// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/$connect` → `…/{stage}/*`.
///
/// The whole stage, because the policy outlives this one request: a connection uses all routes.
/// Undocumented: whether the policy is asked again for each message. `[U]`
fn stage_arn(method_arn: Option<&str>) -> Result<String, FunctionError> {
    let mut parts = method_arn.unwrap_or_default().splitn(3, '/');
    match (parts.next(), parts.next()) {
        (Some(api), Some(stage)) if !api.is_empty() && !stage.is_empty() => Ok(format!("{api}/{stage}/*")),
        _ => Err(FunctionError::new(format!("methodArn {method_arn:?} names no stage"))),
    }
}
