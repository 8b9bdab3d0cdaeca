//! The binary that is deployed, run as Lambda runs it: against a Runtime API.
#![cfg(feature = "lambda")]

mod support;

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use everwire_backend::token::{self, Kind, Secret};
use serde_json::{Value, json};
use support::{Management, now_ms};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::{Mutex, mpsc};

const SECRET: &str = "a secret of at least thirty-two bytes";

/// No passing test waits it out.
const PATIENCE: Duration = Duration::from_secs(60);

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// Lambda's Runtime API for one function: gives it events, takes its answers.
struct Runtime {
    address: String,
    events: mpsc::UnboundedSender<String>,
    answers: mpsc::UnboundedReceiver<(String, Value)>,
}

#[derive(Clone)]
struct Shared {
    events: Arc<Mutex<mpsc::UnboundedReceiver<String>>>,
    answers: mpsc::UnboundedSender<(String, Value)>,
}

impl Runtime {
    async fn start() -> Self {
        let (events, queue) = mpsc::unbounded_channel();
        let (answered, answers) = mpsc::unbounded_channel();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{outcome}", post(outcome))
            .with_state(Shared { events: Arc::new(Mutex::new(queue)), answers: answered });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, events, answers }
    }

    /// Invokes the function: `response` or `error`, and its body.
    async fn invoke(&mut self, event: impl ToString) -> (String, Value) {
        self.events.send(event.to_string()).unwrap();
        within("an answer", self.answers.recv()).await.unwrap()
    }

    async fn result(&mut self, event: Value) -> Value {
        let (outcome, body) = self.invoke(event).await;
        assert_eq!(outcome, "response", "{body}");
        body
    }

    async fn error(&mut self, event: impl ToString) -> String {
        let (outcome, body) = self.invoke(event).await;
        assert_eq!(outcome, "error", "{body}");
        body["errorMessage"].as_str().unwrap().to_owned()
    }
}

async fn next(State(shared): State<Shared>) -> Response {
    let event = shared.events.lock().await.recv().await.unwrap();
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "9999999999999"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:backend"),
    ];
    (headers, event).into_response()
}

async fn outcome(
    State(shared): State<Shared>,
    Path((_, outcome)): Path<(String, String)>,
    body: String,
) -> StatusCode {
    shared.answers.send((outcome, serde_json::from_str(&body).unwrap())).unwrap();
    StatusCode::ACCEPTED
}

/// The environment of a function that has all it needs.
fn environment(runtime: &Runtime, folder: &TempDir) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_LAMBDA_RUNTIME_API", runtime.address.clone()),
        ("AWS_LAMBDA_FUNCTION_NAME", "backend".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        // All that can be asked of it, so that the logs show all that they ever would.
        ("AWS_LAMBDA_LOG_LEVEL", "TRACE".to_owned()),
        ("EVERWIRE_STORE", folder.path().join("connections.db").to_str().unwrap().to_owned()),
        ("EVERWIRE_SECRET", SECRET.to_owned()),
        ("EVERWIRE_ENDPOINT", "http".to_owned()),
    ]
}

fn start(environment: Vec<(&'static str, String)>) -> Child {
    Command::new(env!("CARGO_BIN_EXE_everwire-backend"))
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

async fn logged(stderr: &mut ChildStderr) -> String {
    let mut text = String::new();
    within("the end of the log", stderr.read_to_string(&mut text)).await.unwrap();
    text
}

fn authorizer_event(token: &str) -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:abcd1234/prod/$connect",
        "headers": {"Host": "abcd1234.execute-api.eu-west-1.amazonaws.com"},
        "queryStringParameters": { "token": token },
        "requestContext": { "routeKey": "$connect", "eventType": "CONNECT" },
    })
}

#[tokio::test]
async fn the_binary_serves_a_connection_from_authorizer_to_disconnect_and_logs_no_token() {
    let (mut runtime, management, folder) =
        (Runtime::start().await, Management::start().await, tempfile::tempdir().unwrap());
    let mut function = start(environment(&runtime, &folder));
    let secret = Secret::new(SECRET).unwrap();
    let token = token::mint(&secret, Kind::Access, "alice", token::now(), 60).unwrap();

    let policy = runtime.result(authorizer_event(&token)).await;
    assert_eq!(policy["principalId"], "alice");
    assert_eq!(policy["policyDocument"]["Statement"][0]["Effect"], "Allow");

    let mut connect = management.message("$connect", "here", "");
    connect["requestContext"]["connectedAt"] = now_ms().into();
    connect["queryStringParameters"] = json!({ "token": token });
    assert_eq!(runtime.result(connect).await, json!({ "statusCode": 200, "body": "ok" }));

    runtime.result(management.message("ping", "here", r#"{"action":"ping","id":"p-1"}"#)).await;
    let report = runtime.result(json!({ "user": "alice", "message": "Hi" })).await;
    assert_eq!(report, json!({ "delivered": 1, "gone": 0, "failed": 0 }));
    assert_eq!(management.posts()[0], ("here".to_owned(), "\"Hi\"".to_owned()));
    assert!(management.posts()[1].1.contains(r#""id":"p-1""#));

    runtime.result(management.message("$disconnect", "here", "")).await;
    let report = runtime.result(json!({ "user": "alice", "message": "Hi" })).await;
    assert_eq!(report["delivered"], 0);

    // The malformed event is the one that an error might cite.
    let mut malformed = management.message("$connect", "here", "");
    malformed["queryStringParameters"] = format!("token={token}").into();
    runtime.error(malformed).await;

    function.kill().await.unwrap();
    let log = logged(function.stderr.as_mut().unwrap()).await;
    assert!(log.contains("the function failed"), "{log}");
    let (claims, signature) = token.split_once('.').and_then(|(_, rest)| rest.split_once('.')).unwrap();
    for secret in [SECRET, claims, signature] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[tokio::test]
async fn a_bad_token_is_reported_as_exactly_unauthorized_and_other_failures_by_their_text() {
    let (mut runtime, folder) = (Runtime::start().await, tempfile::tempdir().unwrap());
    let function = start(environment(&runtime, &folder));
    assert_eq!(runtime.error(authorizer_event("garbage")).await, "Unauthorized");
    assert_eq!(runtime.error(authorizer_event("")).await, "Unauthorized");
    assert!(runtime.error(json!({ "type": "TOKEN" })).await.contains("REQUEST"));
    assert!(runtime.error(json!({})).await.contains("none of a WebSocket API's"));
    assert!(runtime.error(json!({ "requestContext": {} })).await.contains("routeKey"));
    // Not even JSON: the runtime library answers by itself, and the function goes on.
    runtime.error("{").await;
    assert_eq!(runtime.error(authorizer_event("garbage")).await, "Unauthorized");
    drop(function);
}

#[tokio::test]
async fn over_https_it_posts_with_the_environments_role_and_says_why_it_could_not() {
    let (mut runtime, management, folder) =
        (Runtime::start().await, Management::start().await, tempfile::tempdir().unwrap());
    let mut environment = environment(&runtime, &folder);
    environment.retain(|(name, _)| *name != "EVERWIRE_ENDPOINT");
    environment.push(("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE".to_owned()));
    environment.push(("AWS_SECRET_ACCESS_KEY", "a very secret key".to_owned()));
    environment.push(("AWS_SESSION_TOKEN", "a very secret session".to_owned()));
    let mut function = start(environment);
    let mut connect = management.message("$connect", "here", "");
    connect["requestContext"]["connectedAt"] = now_ms().into();
    runtime.result(connect).await;
    // What listens there does not speak TLS.
    let report = runtime.result(json!({ "user": "alice", "message": "Hi" })).await;
    assert_eq!(report, json!({ "delivered": 0, "gone": 0, "failed": 1, "reasons": { "unreachable": 1 } }));
    function.kill().await.unwrap();
    let log = logged(function.stderr.as_mut().unwrap()).await;
    assert!(log.contains("push failed") && !log.contains("very secret"), "{log}");
}

#[tokio::test]
async fn a_function_that_cannot_start_says_which_variable_and_what_to_do() {
    let (runtime, folder) = (Runtime::start().await, tempfile::tempdir().unwrap());
    let nowhere = folder.path().join("no folder").join("connections.db");
    for (variable, value, said) in [
        ("AWS_LAMBDA_RUNTIME_API", None, "run by AWS Lambda"),
        ("AWS_LAMBDA_FUNCTION_NAME", None, "run by AWS Lambda"),
        ("EVERWIRE_STORE", Some(nowhere.to_str().unwrap()), "is the path or address right"),
        ("EVERWIRE_ENDPOINT", Some("localhost"), "https://api.example.com/chat"),
        ("EVERWIRE_LEEWAY_SECONDS", Some("a minute"), "300"),
        ("EVERWIRE_ISUER", Some("https://login.example.com/"), "EVERWIRE_ISSUER"),
    ] {
        let mut environment = environment(&runtime, &folder);
        environment.retain(|(name, _)| *name != variable);
        environment.extend(value.map(|value| (variable, value.to_owned())));
        let mut function = start(environment);
        let log = logged(function.stderr.as_mut().unwrap()).await;
        let status = within("the exit", function.wait()).await.unwrap();
        assert_eq!(status.code(), Some(1), "{log}");
        assert!(log.contains(variable) && log.contains(said), "{variable}: {log}");
    }
}

#[tokio::test]
async fn a_function_without_a_store_or_a_key_does_the_rest_and_names_the_variable_it_lacks() {
    let (management, folder) = (Management::start().await, tempfile::tempdir().unwrap());
    let secret = Secret::new(SECRET).unwrap();
    let token = token::mint(&secret, Kind::Access, "alice", token::now(), 60).unwrap();
    let mut connect = management.message("$connect", "here", "");
    connect["requestContext"]["connectedAt"] = now_ms().into();
    for (missing, works, lacks, said) in [
        ("EVERWIRE_STORE", authorizer_event(&token), connect.clone(), "EVERWIRE_STORE"),
        ("EVERWIRE_SECRET", connect, authorizer_event(&token), "EVERWIRE_SECRET or EVERWIRE_JWKS"),
    ] {
        let mut runtime = Runtime::start().await;
        let mut environment = environment(&runtime, &folder);
        environment.retain(|(name, _)| *name != missing);
        let mut function = start(environment);
        runtime.result(works).await;
        let error = runtime.error(lacks).await;
        assert!(error.contains(said), "{error}");
        function.kill().await.unwrap();
    }
}

#[tokio::test]
async fn the_log_level_is_lambdas_where_the_log_has_no_such_level_too() {
    for (level, said) in [("FATAL", ""), ("LOUD", "AWS_LAMBDA_LOG_LEVEL"), ("INFO", "EVERWIRE_COLOUR")] {
        let (mut runtime, folder) = (Runtime::start().await, tempfile::tempdir().unwrap());
        let mut environment = environment(&runtime, &folder);
        environment.retain(|(name, _)| *name != "AWS_LAMBDA_LOG_LEVEL");
        environment.push(("AWS_LAMBDA_LOG_LEVEL", level.to_owned()));
        environment.push(("EVERWIRE_COLOUR", "red".to_owned()));
        let mut function = start(environment);
        runtime.error(authorizer_event("garbage")).await;
        function.kill().await.unwrap();
        let log = logged(function.stderr.as_mut().unwrap()).await;
        assert!(log.contains(said) && log.is_empty() == said.is_empty(), "{level}: {log}");
    }
}

#[tokio::test]
async fn an_unknown_variable_is_warned_about_in_json_if_lambda_asks_for_it() {
    let (mut runtime, folder) = (Runtime::start().await, tempfile::tempdir().unwrap());
    let mut environment = environment(&runtime, &folder);
    environment.push(("EVERWIRE_COLOUR", "red".to_owned()));
    environment.push(("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()));
    let mut function = start(environment);
    runtime.error(authorizer_event("garbage")).await;
    function.kill().await.unwrap();
    let log = logged(function.stderr.as_mut().unwrap()).await;
    let line: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["message"], "EVERWIRE_COLOUR is not known");
}
