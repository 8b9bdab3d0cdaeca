//! Functions that the gateway runs beside its built-in backend, and what they are told of it.
#![cfg(unix)]

mod support;

use std::collections::BTreeMap;

use everwire_gateway::api::{Api, Route};
use everwire_gateway::lambda::Function;
use everwire_gateway::serve::{Database, Options, ServeError, Server, backend_api};
use everwire_gateway::{Config, Credentials, Stop};
use futures_util::FutureExt;
use serde_json::json;
use support::{Client, Running, SECRET, access_token, secret, until};
use tokio::net::TcpListener;

/// A function that writes its variables to a file and ends: what it was told can be read there.
fn telling(folder: &std::path::Path, environment: &[(&str, &str)]) -> Function {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Function {
        environment: environment.iter().map(own).collect(),
        working_directory: Some(folder.to_owned()),
        ..Function::new("telling", ["sh", "-c", "env > told.new && mv told.new told"])
    }
}

/// What the function of a gateway with these options was told, by variable.
async fn told(options: Options, folder: &std::path::Path) -> (String, BTreeMap<String, String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = Server::new(listener, options).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let running = tokio::spawn(server.run(stopped.map(|stop| stop.unwrap_or(Stop::GoAway))));
    let mut client = Client::connect(&format!("ws://{address}/dev?token={}", access_token("alice"))).await;
    client.send(r#"{"action":"tell"}"#).await;
    let told = until("the variables", || async { std::fs::read_to_string(folder.join("told")).ok() }).await;
    stop.send(Stop::GoAway).unwrap();
    running.await.unwrap().unwrap();
    let variables = told.lines().filter_map(|line| line.split_once('='));
    (address, variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn options(folder: &std::path::Path, environment: &[(&str, &str)]) -> Options {
    Options {
        database: Database::File(folder.join("connections.db")),
        api: backend_api().with_route("tell", Route::new("telling")),
        functions: vec![telling(folder, environment)],
        ..Options::new(secret())
    }
}

#[tokio::test]
async fn a_function_is_told_what_only_the_gateway_knows_if_it_asks() {
    let folder = tempfile::tempdir().unwrap();
    let environment =
        [("STORE", "{database}"), ("AT", "{endpoint}"), ("KEY", "{secret}"), ("JSON", r#"{"a":1}"#)];
    let (address, told) = told(options(folder.path(), &environment), folder.path()).await;
    assert_eq!(told["STORE"], format!("sqlite:{}", folder.path().join("connections.db").display()));
    assert_eq!(told["AT"], format!("http://{address}/dev"));
    assert_eq!(told["KEY"], SECRET);
    assert_eq!(told["JSON"], r#"{"a":1}"#);
}

#[tokio::test]
async fn a_function_that_does_not_ask_is_not_told_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (_, told) = told(options(folder.path(), &[]), folder.path()).await;
    assert!(!told.values().any(|value| value.contains(SECRET)));
}

#[tokio::test]
async fn a_function_gets_the_credentials_that_its_calls_have_to_be_signed_with() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = Credentials::new("AKIDEXAMPLE", "made up").unwrap();
    let credentials = credentials.with_region("eu-north-1").with_session_token("a session");
    let gateway = Config { credentials: Some(credentials), ..Config::default() };
    let (_, told) = told(Options { gateway, ..options(folder.path(), &[]) }, folder.path()).await;
    let expected = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "made up"),
        ("AWS_SESSION_TOKEN", "a session"),
        ("AWS_REGION", "eu-north-1"),
    ];
    for (name, value) in expected {
        assert_eq!(told[name], value, "{name}");
    }
}

#[tokio::test]
async fn a_database_in_memory_cannot_be_a_functions() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        Options { database: Database::Memory, ..options(folder.path(), &[("STORE", "{database}")]) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let Err(error) = Server::new(listener, options).await else { panic!("served") };
    assert!(matches!(error, ServeError::Functions(_)));
    assert!(error.to_string().contains("\"telling\"") && error.to_string().contains("--database"), "{error}");
}

#[tokio::test]
async fn the_built_in_backend_signs_its_posts_where_that_is_asked_for() {
    let credentials = Credentials::new("AKIDEXAMPLE", "made up").unwrap().with_region("eu-north-1");
    let config = Config { credentials: Some(credentials), ..Config::default() };
    let gateway = Running::backend_config(None, config).await;
    let mut client = gateway.connect_as("alice").await;
    client.send(r#"{"action":"ping","id":"p"}"#).await;
    assert_eq!(client.json().await["id"], "p");
    let report = gateway.push("alice", r#"{"title":"Hi"}"#).await;
    assert_eq!(report, json!({"delivered": 1, "gone": 0, "failed": 0}));
    let unsigned = gateway.http.get(gateway.url("/dev/@connections/AAAAAAAAAAAAAAA=")).send().await.unwrap();
    assert_eq!(unsigned.status(), 403);
}

#[tokio::test]
async fn an_api_may_be_all_functions_and_no_backend() {
    let folder = tempfile::tempdir().unwrap();
    let api = Api::default().with_route("tell", Route::new("telling"));
    let (_, told) = told(Options { api, ..options(folder.path(), &[]) }, folder.path()).await;
    assert_eq!(told["AWS_LAMBDA_FUNCTION_NAME"], "telling");
}
