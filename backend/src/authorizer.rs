//! The REQUEST authorizer: may this token connect, and as whom.

use aws_lambda_events::apigw::{
    ApiGatewayCustomAuthorizerPolicy, ApiGatewayCustomAuthorizerRequestTypeRequest,
    ApiGatewayCustomAuthorizerResponse,
};
use aws_lambda_events::iam::{IamPolicyEffect, IamPolicyStatement};
use serde_json::{Value, json};

use crate::FunctionError;
use crate::token::{self, Kind, Secret, TokenError};

/// Answers with a policy that allows the API's stage to the token's user, or fails: `Unauthorized` for a token
/// that is missing or bad.
///
/// A token that is good but may not connect would be answered with a policy that denies, which the client sees
/// as 403. No such rule exists yet; `IamPolicyEffect::Deny` below is its place.
pub(crate) fn authorize(
    secret: &Secret,
    event: ApiGatewayCustomAuthorizerRequestTypeRequest,
) -> Result<ApiGatewayCustomAuthorizerResponse<Value>, FunctionError> {
    let token = event.query_string_parameters.first("token").unwrap_or_default();
    let user = token::verify(secret, Kind::Access, token).map_err(|error| {
        // Why it was refused is for the log only: the client learns nothing but the status. Quoted, because the
        // reason may cite what a stranger wrote into the token, line breaks and all.
        tracing::info!(reason = ?error.to_string(), "token refused");
        match error {
            TokenError::NoUser => FunctionError::new(error.to_string()),
            _ => FunctionError::unauthorized(),
        }
    })?;

    let mut response = ApiGatewayCustomAuthorizerResponse::default();
    response.principal_id = Some(user);
    response.policy_document = policy(IamPolicyEffect::Allow, stage_arn(event.method_arn.as_deref())?);
    // An absent context would be serialised as null, which is not a map.
    response.context = json!({});
    Ok(response)
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
fn stage_arn(method_arn: Option<&str>) -> Result<String, FunctionError> {
    let mut parts = method_arn.unwrap_or_default().splitn(3, '/');
    match (parts.next(), parts.next()) {
        (Some(api), Some(stage)) if !api.is_empty() && !stage.is_empty() => Ok(format!("{api}/{stage}/*")),
        _ => Err(FunctionError::new(format!("methodArn {method_arn:?} names no stage"))),
    }
}
