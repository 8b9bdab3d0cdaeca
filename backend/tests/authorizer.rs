//! Which tokens may connect, and as whom.

use aws_lambda_events::apigw::ApiGatewayCustomAuthorizerRequestTypeRequest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use everwire_backend::store;
use everwire_backend::token::{self, Kind, Secret};
use everwire_backend::{Backend, Config, Context, Decision, FunctionError};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

const SECRET: &str = "a secret of at least thirty-two bytes";

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

fn event(query: Value) -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:abcd1234/prod/$connect",
        "headers": {"Host": "abcd1234.execute-api.eu-west-1.amazonaws.com"},
        "multiValueHeaders": {"Host": ["abcd1234.execute-api.eu-west-1.amazonaws.com"]},
        "queryStringParameters": query,
        "stageVariables": {},
        "requestContext": {"routeKey": "$connect", "eventType": "CONNECT", "stage": "prod", "connectionId": "L0SM9cOFvHcCIhw="},
    })
}

async fn authorize_event(event: Value) -> Result<Value, FunctionError> {
    Backend::new(Config::new(secret()), store::open(":memory:").await.unwrap()).handle(event).await
}

async fn authorize(token: &str) -> Result<Value, FunctionError> {
    authorize_event(event(json!({ "token": token }))).await
}

fn signed(algorithm: Algorithm, claims: Value, secret: &str) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), &claims, &EncodingKey::from_secret(secret.as_bytes()))
        .unwrap()
}

async fn assert_unauthorized(token: &str) {
    assert_eq!(authorize(token).await, Err(FunctionError::unauthorized()));
}

fn later() -> u64 {
    token::now() + 60
}

#[tokio::test]
async fn a_good_token_is_allowed_the_whole_stage() {
    let token = token::mint(&secret(), Kind::Access, "alice", token::now(), 60).unwrap();
    let answer = authorize(&token).await.unwrap();
    assert_eq!(
        answer,
        json!({
            "principalId": "alice",
            "policyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                    "Action": ["execute-api:Invoke"],
                    "Effect": "Allow",
                    "Resource": ["arn:aws:execute-api:eu-west-1:123456789012:abcd1234/prod/*"],
                }],
            },
            "context": {},
            "usageIdentifierKey": null,
        })
    );
}

#[tokio::test]
async fn the_identity_claim_names_the_user_when_there_is_no_sub() {
    let token = signed(Algorithm::HS256, json!({"identity": "bob", "exp": later()}), SECRET);
    assert_eq!(authorize(&token).await.unwrap()["principalId"], "bob");
    let token = signed(Algorithm::HS256, json!({"identity": 17, "exp": later()}), SECRET);
    assert_eq!(authorize(&token).await.unwrap()["principalId"], "17");
    let token = signed(Algorithm::HS256, json!({"sub": "alice", "identity": "bob", "exp": later()}), SECRET);
    assert_eq!(authorize(&token).await.unwrap()["principalId"], "alice");
}

#[tokio::test]
async fn a_token_without_a_user_is_an_error_of_its_own() {
    for claims in [json!({}), json!({"sub": ""}), json!({"sub": null}), json!({"identity": ["alice"]})] {
        let mut claims = claims;
        claims["exp"] = later().into();
        let error = authorize(&signed(Algorithm::HS256, claims, SECRET)).await.unwrap_err();
        assert!(!error.is_unauthorized(), "{error}");
    }
}

#[tokio::test]
async fn a_missing_or_empty_token_is_unauthorized() {
    assert_unauthorized("").await;
    for event in [event(json!({})), event(json!({"other": "x"})), event(Value::Null)] {
        assert_eq!(authorize_event(event).await, Err(FunctionError::unauthorized()));
    }
}

#[tokio::test]
async fn garbage_is_unauthorized() {
    for token in ["garbage", "a.b.c", "..", "🦀", "eyJhbGciOiJIUzI1NiJ9..", &"x".repeat(10_000)] {
        assert_unauthorized(token).await;
    }
}

#[tokio::test]
async fn an_expired_token_is_unauthorized_without_a_minute_of_grace() {
    assert_unauthorized(&token::mint(&secret(), Kind::Access, "alice", token::now() - 61, 60).unwrap()).await;
}

#[tokio::test]
async fn a_token_that_is_not_good_yet_is_unauthorized() {
    let claims = json!({"sub": "alice", "exp": later(), "nbf": later()});
    assert_unauthorized(&signed(Algorithm::HS256, claims, SECRET)).await;
}

#[tokio::test]
async fn a_token_without_an_expiry_or_with_a_senseless_one_is_unauthorized() {
    for claims in
        [json!({"sub": "alice"}), json!({"sub": "alice", "exp": "never"}), json!({"sub": "alice", "exp": -1})]
    {
        assert_unauthorized(&signed(Algorithm::HS256, claims, SECRET)).await;
    }
}

#[tokio::test]
async fn another_secrets_signature_is_unauthorized() {
    let claims = json!({"sub": "alice", "exp": later()});
    assert_unauthorized(&signed(Algorithm::HS256, claims, "another secret")).await;
}

#[tokio::test]
async fn a_token_changed_after_it_was_signed_is_unauthorized() {
    let token = token::mint(&secret(), Kind::Access, "alice", token::now(), 60).unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let claims = URL_SAFE_NO_PAD.encode(json!({"sub": "root", "exp": later()}).to_string());
    assert_unauthorized(&format!("{}.{claims}.{}", parts[0], parts[2])).await;
    assert_unauthorized(&format!("{}.{}.", parts[0], parts[1])).await;
}

#[tokio::test]
async fn the_algorithm_none_is_unauthorized() {
    let claims = URL_SAFE_NO_PAD.encode(json!({"sub": "alice", "exp": later()}).to_string());
    for alg in ["none", "None", "NONE"] {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "typ": "JWT"}).to_string());
        assert_unauthorized(&format!("{header}.{claims}.")).await;
    }
}

#[tokio::test]
async fn another_algorithm_is_unauthorized_even_with_our_secret() {
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        assert_unauthorized(&signed(algorithm, json!({"sub": "alice", "exp": later()}), SECRET)).await;
    }
}

#[tokio::test]
async fn a_token_for_another_purpose_is_unauthorized() {
    for kind in [Kind::Refresh, Kind::Push] {
        assert_unauthorized(&token::mint(&secret(), kind, "alice", token::now(), 60).unwrap()).await;
    }
    for audience in [json!("elsewhere"), json!(["elsewhere"]), json!([]), json!(1)] {
        let claims = json!({"sub": "alice", "exp": later(), "aud": audience});
        assert_unauthorized(&signed(Algorithm::HS256, claims, SECRET)).await;
    }
}

#[tokio::test]
async fn an_access_token_serves_no_other_purpose() {
    let token = token::mint(&secret(), Kind::Access, "alice", token::now(), 60).unwrap();
    assert!(token::verify(&secret(), Kind::Access, &token).is_ok());
    assert!(token::verify(&secret(), Kind::Refresh, &token).is_err());
    assert!(token::verify(&secret(), Kind::Push, &token).is_err());
}

#[tokio::test]
async fn an_event_without_a_stage_in_its_arn_is_an_error() {
    let token = token::mint(&secret(), Kind::Access, "alice", token::now(), 60).unwrap();
    for arn in ["", "arn:aws:execute-api:r:1:api", "arn:aws:execute-api:r:1:api/"] {
        let mut event = event(json!({ "token": token }));
        event["methodArn"] = arn.into();
        assert!(!authorize_event(event).await.unwrap_err().is_unauthorized());
    }
}

/// What a backend with a rule or a required scope says about a token with these claims.
async fn decided(
    claims: Value,
    required_scope: Option<&str>,
    rule: fn(&token::Claims) -> Decision,
) -> Result<Value, FunctionError> {
    let mut claims = claims;
    (claims["sub"], claims["exp"]) = ("alice".into(), later().into());
    let config = Config { required_scope: required_scope.map(str::to_owned), ..Config::new(secret()) };
    let backend = Backend::new(config, store::open(":memory:").await.unwrap()).rule(rule);
    backend.handle(event(json!({ "token": signed(Algorithm::HS256, claims, SECRET) }))).await
}

#[tokio::test]
async fn a_good_token_without_the_required_scope_is_denied_the_whole_stage() {
    let answer = decided(json!({"scope": "read"}), Some("connect"), |_| Decision::allow()).await.unwrap();
    let statement = &answer["policyDocument"]["Statement"][0];
    assert_eq!(statement["Effect"], "Deny");
    assert_eq!(statement["Resource"], json!(["arn:aws:execute-api:eu-west-1:123456789012:abcd1234/prod/*"]));
    assert_eq!((&answer["principalId"], &answer["context"]), (&json!("alice"), &json!({})));

    let answer =
        decided(json!({"scope": "read connect"}), Some("connect"), |_| Decision::allow()).await.unwrap();
    assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Allow");
}

#[tokio::test]
async fn an_own_rule_denies_or_gives_context_to_later_events() {
    let rule = |claims: &token::Claims| match claims.get("tenant").and_then(Value::as_str) {
        Some(tenant) => {
            Decision::Allow(Context::default().with("tenant", tenant).with("level", 3).with("guest", false))
        }
        None => Decision::Deny,
    };
    let allowed = decided(json!({"tenant": "acme"}), None, rule).await.unwrap();
    assert_eq!(allowed["context"], json!({"tenant": "acme", "level": 3, "guest": false}));
    let denied = decided(json!({}), None, rule).await.unwrap();
    assert_eq!(denied["policyDocument"]["Statement"][0]["Effect"], "Deny");
}

#[tokio::test]
async fn a_rule_is_not_asked_about_a_token_without_the_required_scope() {
    let denied = decided(json!({}), Some("connect"), |_| panic!("asked")).await.unwrap();
    assert_eq!(denied["policyDocument"]["Statement"][0]["Effect"], "Deny");
}

#[tokio::test]
async fn a_context_may_not_take_the_names_that_api_gateway_uses() {
    let error = decided(json!({}), None, |_| Decision::Allow(Context::default().with("principalId", "root")));
    assert!(error.await.unwrap_err().to_string().contains("principalId"));
}

#[tokio::test]
async fn a_token_longer_than_any_url_is_unauthorized_without_being_read() {
    let claims = json!({"sub": "alice", "exp": later(), "padding": "x".repeat(10_000)});
    assert_unauthorized(&signed(Algorithm::HS256, claims, SECRET)).await;
}

#[tokio::test]
async fn a_token_with_critical_extensions_is_unauthorized() {
    for crit in [vec![], vec!["exp".to_owned()], vec!["b64".to_owned()]] {
        let header = Header { crit: Some(crit), ..Header::new(Algorithm::HS256) };
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let claims = json!({"sub": "alice", "exp": later()});
        assert_unauthorized(&jsonwebtoken::encode(&header, &claims, &key).unwrap()).await;
    }
}

#[tokio::test]
async fn a_token_that_is_nested_too_deeply_is_unauthorized() {
    let deep = "[".repeat(2000) + &"]".repeat(2000);
    for part in
        [format!(r#"{{"alg":"HS256","typ":{deep}}}"#), format!(r#"{{"sub":{deep},"exp":9999999999}}"#)]
    {
        let part = URL_SAFE_NO_PAD.encode(part);
        assert_unauthorized(&format!("{part}.{part}.{part}")).await;
    }
}

#[test]
fn a_secret_does_not_show_in_debug_output() {
    assert!(!format!("{:?}", Config::new(secret())).contains(SECRET));
}

#[test]
fn the_event_of_these_tests_is_the_typed_one() {
    let typed: ApiGatewayCustomAuthorizerRequestTypeRequest =
        serde_json::from_value(event(json!({"token": "x"}))).unwrap();
    assert_eq!(typed.type_.as_deref(), Some("REQUEST"));
}
