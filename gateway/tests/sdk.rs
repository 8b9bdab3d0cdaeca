//! `/@connections` as AWS's own SDKs see it: for Python, JavaScript and Rust, each once against a gateway that wants
//! its calls signed, and once against one that does not.

mod support;

use std::path::Path;
use std::time::Duration;

use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::{BehaviorVersion, Credentials as Keys, Region};
use aws_sdk_apigatewaymanagement::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_apigatewaymanagement::operation::get_connection::GetConnectionError;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use aws_sdk_apigatewaymanagement::{Client as Api, Config as ApiConfig};
use everwire_gateway::{Config, Credentials};
use serde_json::{Value, json};
use support::python::python_with;
use support::{Client, Running, Script, ok};

const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const NOBODY: &str = "AAAAAAAAAAAAAAA=";

/// Long: an interpreter that loads an SDK on a busy machine.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(120);

/// A gateway, and three clients that behave differently.
struct Scene {
    gateway: Running,
    reader: (Client, String),
    leaver: (Client, String),
    sleeper: (Client, String),
}

impl Scene {
    async fn signed() -> Self {
        let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY);
        Self::new(Config { credentials, ..Config::default() }).await
    }

    async fn unsigned() -> Self {
        Self::new(Config::default()).await
    }

    async fn new(config: Config) -> Self {
        let script = Script::new().on("$connect", ok).on("$disconnect", ok);
        let gateway = Running::script_with(script, config).await;
        let reader = gateway.connect_with_id().await;
        let leaver = gateway.connect_with_id().await;
        let sleeper = gateway.connect_with_id().await;
        Self { gateway, reader, leaver, sleeper }
    }

    /// What a script in `tests/clients` is told.
    fn told(&self) -> String {
        json!({
            "endpoint": self.gateway.url("/dev"),
            "wrong_endpoint": self.gateway.url("/prod"),
            "access_key_id": ACCESS_KEY_ID,
            "secret_access_key": SECRET_ACCESS_KEY,
            "reader": self.reader.1,
            "leaver": self.leaver.1,
            "sleeper": self.sleeper.1,
            "nobody": NOBODY,
        })
        .to_string()
    }

    /// Runs a script of `tests/clients`, and reads its report.
    async fn run(&self, interpreter: &Path, script: &str) -> Value {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
        let mut command = tokio::process::Command::new(interpreter);
        command.arg(script).arg(self.told()).kill_on_drop(true);
        let running = tokio::time::timeout(SCRIPT_TIMEOUT, command.output());
        let output = running.await.expect("the script ends in time");
        let output = output.unwrap_or_else(|error| panic!("cannot run {}: {error}", interpreter.display()));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("no report: {error}\n{errors}"))
    }

    async fn boto3(&self) -> Value {
        self.run(&python_with("boto3"), "management.py").await
    }

    async fn node(&self) -> Value {
        let sdk = "../node_modules/@aws-sdk/client-apigatewaymanagementapi";
        let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join(sdk);
        assert!(sdk.exists(), "{} is missing: run `npm install` in the repository", sdk.display());
        self.run(Path::new("node"), "management.mjs").await
    }

    fn rust(&self, secret_access_key: &str, stage: &str) -> Api {
        let config = ApiConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(self.gateway.url(&format!("/{stage}")))
            .region(Region::new("us-east-1"))
            .credentials_provider(Keys::new(ACCESS_KEY_ID, secret_access_key, None, None, "test"))
            // A retry of a post that was refused for its rate would only hide the first answer.
            .retry_config(RetryConfig::disabled())
            .build();
        Api::from_conf(config)
    }

    /// What the clients have seen of it all.
    async fn check_clients(mut self, text: &str) {
        assert_eq!(self.reader.0.text().await, text);
        let closed = Some((1000, "Connection Closed Normally".to_owned()));
        assert_eq!(self.leaver.0.closed().await, closed);
    }
}

fn error(error_type: &str, status: u16) -> Value {
    json!({"type": error_type, "code": error_type, "status": status})
}

/// What a script reports of a gateway that behaves as AWS.
fn expected(wrong_key: &Value, wrong_secret: &Value) -> Value {
    json!({
        "post": 200,
        "get": {"status": 200, "source_ip": "127.0.0.1", "is_date": true},
        "delete": 204,
        "post_to_nobody": error("GoneException", 410),
        "get_nobody": error("GoneException", 410),
        "delete_nobody": error("GoneException", 410),
        "too_large": error("PayloadTooLargeException", 413),
        "wrong_stage": error("ForbiddenException", 403),
        "full": error("LimitExceededException", 429),
        "wrong_key": wrong_key,
        "wrong_secret": wrong_secret,
    })
}

/// With wrong credentials: errors that the SDKs have no type of their own for.
fn expected_signed() -> Value {
    let error = |code| json!({"type": "ClientError", "code": code, "status": 403});
    expected(&error("UnrecognizedClientException"), &error("InvalidSignatureException"))
}

fn expected_unsigned() -> Value {
    expected(&Value::Null, &Value::Null)
}

#[tokio::test]
async fn boto3_signs_its_calls_and_knows_every_error() {
    let scene = Scene::signed().await;
    assert_eq!(scene.boto3().await, expected_signed());
    scene.check_clients("héllo from boto3").await;
}

#[tokio::test]
async fn boto3_needs_no_right_credentials_where_none_are_configured() {
    let scene = Scene::unsigned().await;
    assert_eq!(scene.boto3().await, expected_unsigned());
    scene.check_clients("héllo from boto3").await;
}

#[tokio::test]
async fn the_javascript_sdk_signs_its_calls_and_knows_every_error() {
    let scene = Scene::signed().await;
    assert_eq!(scene.node().await, expected_signed());
    scene.check_clients("héllo from node").await;
}

#[tokio::test]
async fn the_javascript_sdk_needs_no_right_credentials_where_none_are_configured() {
    let scene = Scene::unsigned().await;
    assert_eq!(scene.node().await, expected_unsigned());
    scene.check_clients("héllo from node").await;
}

#[tokio::test]
async fn the_rust_sdk_signs_its_calls_and_knows_every_error() {
    let scene = Scene::signed().await;
    check_rust(&scene).await;
    let refused = get(&scene.rust("another", "dev"), &scene.reader.1).await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidSignatureException"), "{}", DisplayErrorContext(&refused));
    scene.check_clients("héllo from Rust").await;
}

#[tokio::test]
async fn the_rust_sdk_needs_no_right_credentials_where_none_are_configured() {
    let scene = Scene::unsigned().await;
    check_rust(&scene).await;
    get(&scene.rust("another", "dev"), &scene.reader.1).await.unwrap();
    scene.check_clients("héllo from Rust").await;
}

async fn post(api: &Api, id: &str, data: impl Into<Vec<u8>>) -> Result<(), PostToConnectionError> {
    let posted = api.post_to_connection().connection_id(id).data(Blob::new(data)).send().await;
    posted.map(drop).map_err(SdkError::into_service_error)
}

async fn get(api: &Api, id: &str) -> Result<String, GetConnectionError> {
    let got = api.get_connection().connection_id(id).send().await.map_err(SdkError::into_service_error)?;
    assert!(got.connected_at().is_some() && got.last_active_at() >= got.connected_at());
    Ok(got.identity().expect("an identity").source_ip().unwrap_or_default().to_owned())
}

async fn check_rust(scene: &Scene) {
    let api = scene.rust(SECRET_ACCESS_KEY, "dev");
    post(&api, &scene.reader.1, "héllo from Rust").await.unwrap();
    assert_eq!(get(&api, &scene.reader.1).await.unwrap(), "127.0.0.1");
    api.delete_connection().connection_id(&scene.leaver.1).send().await.unwrap();

    assert!(post(&api, NOBODY, "x").await.unwrap_err().is_gone_exception());
    assert!(get(&api, NOBODY).await.unwrap_err().is_gone_exception());
    let deleted = api.delete_connection().connection_id(NOBODY).send().await;
    assert!(deleted.unwrap_err().into_service_error().is_gone_exception());

    let too_large = post(&api, &scene.reader.1, vec![b'x'; 131_073]).await.unwrap_err();
    assert!(too_large.is_payload_too_large_exception(), "{too_large:?}");
    let wrong_stage = post(&scene.rust(SECRET_ACCESS_KEY, "prod"), &scene.reader.1, "x").await;
    assert!(wrong_stage.unwrap_err().is_forbidden_exception());
    let full = until_full(&api, &scene.sleeper.1).await;
    assert!(full.is_limit_exceeded_exception(), "{full:?}");
    assert_eq!(full.message(), Some("WebSocket client side buffer is full"));
}

/// Posts to a client that does not read until that is refused.
async fn until_full(api: &Api, id: &str) -> PostToConnectionError {
    for _ in 0..2_000 {
        if let Err(refused) = post(api, id, vec![b'x'; 131_072]).await {
            return refused;
        }
    }
    panic!("250 MB were taken for a client that reads nothing");
}
