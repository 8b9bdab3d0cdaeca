//! What the tests of functions share: functions in each language, events for them, and a way to see processes.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use everwire_backend::FunctionError;
use everwire_gateway::lambda::{Function, Processes};
use serde_json::{Value, json};

use crate::support::python::python_with;
use crate::support::until;

/// Captures of the real service, without what these functions do not read.
const CONNECT: &str = r#"{"headers":{"Host":"dev.ws-api.example.com"},"requestContext":{"routeKey":"$connect","authorizer":{"principalId":"user","integrationLatency":111},"eventType":"CONNECT","extendedRequestId":"Xux7aHf-FiAFqTg=","requestTime":"31/Aug/2022:13:34:52 +0000","messageDirection":"IN","stage":"dev","connectedAt":1661952892072,"requestTimeEpoch":1661952892073,"identity":{"userAgent":"Python/3.8 websockets/10.3","sourceIp":"93.193.144.114"},"requestId":"Xux7aHf-FiAFqTg=","domainName":"dev.ws-api.example.com","connectionId":"Xux7aeaAFiACHZQ=","apiId":"20kmit0mc5"},"isBase64Encoded":false}"#;
const MESSAGE: &str = r#"{"requestContext":{"routeKey":"request","authorizer":{"principalId":"user"},"messageId":"Xux7ceaBliACHZQ=","eventType":"MESSAGE","extendedRequestId":"Xux7cExqliAFojw=","requestTime":"31/Aug/2022:13:34:52 +0000","messageDirection":"IN","stage":"dev","connectedAt":1661952892072,"requestTimeEpoch":1661952892224,"identity":{"userAgent":"Python/3.8 websockets/10.3","sourceIp":"93.193.144.114"},"requestId":"Xux7cExqliAFojw=","domainName":"dev.ws-api.example.com","connectionId":"Xux7aeaAFiACHZQ=","apiId":"20kmit0mc5"},"body":"{\"action\": \"request\"}","isBase64Encoded":false}"#;
const AUTHORIZE: &str = r#"{"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:123456789012:20kmit0mc5/dev/$connect","headers":{"Host":"dev.ws-api.example.com"},"queryStringParameters":{"token":"a.b.c"},"stageVariables":{},"requestContext":{"routeKey":"$connect","eventType":"CONNECT","stage":"dev","connectionId":"Xux7aeaAFiACHZQ=","apiId":"20kmit0mc5"}}"#;

pub fn connect() -> Value {
    serde_json::from_str(CONNECT).unwrap()
}

pub fn message(body: &Value) -> Value {
    let mut event: Value = serde_json::from_str(MESSAGE).unwrap();
    event["body"] = json!(body.to_string());
    event
}

pub fn authorize(token: &str) -> Value {
    let mut event: Value = serde_json::from_str(AUTHORIZE).unwrap();
    event["queryStringParameters"]["token"] = json!(token);
    event
}

/// The functions of the tests, by the runtime client they use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Rust,
    Python,
    Node,
}

impl Language {
    /// The same function in each language.
    pub fn function(self) -> Function {
        let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions");
        let mut function = match self {
            Self::Rust => Function::new("function", [example("lambda_function")]),
            Self::Python => {
                let python = python_with("awslambdaric");
                let python = python.to_str().unwrap();
                Function::new("function", [python, "-m", "awslambdaric", "app.handler"])
            }
            Self::Node => Function::new("function", ["node", node_client().as_str(), "app.handler"]),
        };
        function.working_directory = match self {
            Self::Rust => None,
            Self::Python => Some(functions.join("python")),
            Self::Node => Some(functions.join("node")),
        };
        patient(function)
    }
}

/// The function without a runtime client.
pub fn raw() -> Function {
    patient(Function::new("raw", [example("raw_function")]))
}

/// With a long timeout, because a machine may be busy, and one instance, so that a test knows which one it sees.
fn patient(function: Function) -> Function {
    Function { timeout: Duration::from_secs(20), concurrency: 1, ..function }
}

/// An example of this crate, which cargo builds along with the tests: `target/PROFILE/examples` is beside the `deps`
/// that holds the test.
fn example(name: &str) -> String {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().with_file_name("examples").join(name);
    let program = program.with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.exists(), "{program:?} is missing: cargo build -p everwire-gateway --examples");
    program.to_str().unwrap().to_owned()
}

fn node_client() -> String {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/functions/node");
    let client = example.join("node_modules/aws-lambda-ric");
    assert!(
        client.join("rapid-client.node").exists(),
        "{client:?} is not built: npm run setup builds it; or npm ci --prefix examples/functions/node, \
         which needs cmake, make and g++"
    );
    client.join("index.mjs").to_str().unwrap().to_owned()
}

/// Processes of one function.
pub struct One(pub Processes, String);

impl One {
    pub fn new(function: Function) -> Self {
        let name = function.name.clone();
        Self(Processes::new([function]).unwrap(), name)
    }

    pub async fn invoke(&self, event: Value) -> Result<Value, FunctionError> {
        self.0.invoke(&self.1, event).await
    }

    /// What the function says to a message.
    pub async fn say(&self, message_body: Value) -> Result<Value, FunctionError> {
        let result = self.invoke(message(&message_body)).await?;
        assert_eq!(result["statusCode"], 200, "{result}");
        Ok(serde_json::from_str(result["body"].as_str().unwrap()).unwrap())
    }

    pub async fn pid(&self) -> u64 {
        self.say(json!({"action": "pid"})).await.unwrap().as_u64().unwrap()
    }

    /// Why the function has nothing to say to a message, without the request id.
    pub async fn failure(&self, message_body: Value) -> String {
        without_request_id(&self.say(message_body).await.unwrap_err().to_string())
    }
}

/// Takes off `RequestId: UUID Error: `, if it is there.
pub fn without_request_id(text: &str) -> String {
    let Some(rest) = text.strip_prefix("RequestId: ") else { return text.to_owned() };
    let (id, text) = rest.split_once(" Error: ").unwrap();
    uuid::Uuid::parse_str(id).unwrap();
    text.to_owned()
}

/// Waits until there is no such process. One that has ended but that nobody has asked for its end yet does not count.
pub async fn gone(pid: u64) {
    until(&format!("the end of process {pid}"), || async move {
        let output = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
        let state = String::from_utf8(output.stdout).unwrap();
        (state.trim().is_empty() || state.trim_start().starts_with('Z')).then_some(())
    })
    .await;
}

/// Waits until there is such a file.
pub async fn appeared(path: &Path) {
    until(&format!("{path:?}"), || async { path.exists().then_some(()) }).await;
}

/// Two files for the action `hold`.
pub struct Hold {
    folder: tempfile::TempDir,
}

impl Hold {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn message(&self) -> Value {
        json!({"action": "hold", "started": self.path("started"), "release": self.path("release")})
    }

    pub async fn started(&self) {
        appeared(&self.path("started")).await;
    }

    pub fn release(&self) {
        std::fs::write(self.path("release"), "").unwrap();
    }
}

/// What all tests of this process log, at every level. One log for all: what a subscriber of a single thread is
/// interested in is not always asked.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Logs here from now on.
    pub fn begin() -> &'static Self {
        static LOG: LazyLock<Log> = LazyLock::new(|| {
            let log = Log::default();
            let writer = log.clone();
            tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_ansi(false)
                .with_writer(move || writer.clone())
                .init();
            log
        });
        &LOG
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    pub async fn contains(&self, text: &str) {
        until(&format!("{text:?} in the log"), || async { self.text().contains(text).then_some(()) }).await;
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
