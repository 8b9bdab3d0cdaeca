//! Every close code, with Python's `websockets` as the client: what it sees, and what `$disconnect` is told.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use everwire_gateway::Config;
use serde_json::{Value, json};
use support::python::python_with;
use support::{Running, Script, ok, within};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The close code and reason that a client got, and what `$disconnect` is told.
type Ending = (Value, Value);

/// In the order of the codes. On the left what the client sees: a cut has no frame.
fn expected() -> BTreeMap<&'static str, Ending> {
    let same = |code: u16, reason: &str| (json!([code, reason]), json!([code, reason]));
    BTreeMap::from([
        ("deleted", same(1000, "Connection Closed Normally")),
        ("left", same(1000, "")),
        ("idle", same(1001, "Going away")),
        ("lifetime", same(1001, "Going away")),
        ("shutdown", same(1001, "Going away")),
        ("reserved opcode", same(1002, "Protocol error")),
        ("binary", same(1003, "Binary messages are not supported")),
        (
            "closed without a code",
            (json!([1005, ""]), json!([1005, "Client-side close frame status not set"])),
        ),
        ("vanished", (json!([1006, null]), json!([1006, ""]))),
        ("cut", (json!([1006, null]), json!([1006, ""]))),
        ("not UTF-8", same(1007, "Text is not UTF-8")),
        ("flood", same(1008, "Too many requests")),
        ("large frame", same(1009, "Message too big")),
        ("large message", same(1009, "Message too big")),
        ("internal error", same(1011, "Internal server error")),
        ("restart", same(1012, "Service restart")),
        ("bad gateway", same(1014, "")),
        ("application's code", same(4001, "on purpose")),
        ("client's own code", same(4321, "my own")),
    ])
}

async fn gateway(config: Config) -> Running {
    Running::script_with(Script::new().on("$connect", ok).on("$disconnect", ok), config).await
}

fn walk(urls: &Value) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/close_codes.py");
    let mut command = Command::new(python_with("websockets"));
    command.arg(script).arg(urls.to_string()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap()
}

/// What `$disconnect` was told of each case on this gateway.
async fn told(gateway: &Running) -> Vec<(String, Value)> {
    let mut cases = BTreeMap::new();
    let mut told = Vec::new();
    for (function, event) in gateway.script.calls().await {
        let context = &event["requestContext"];
        let id = context["connectionId"].as_str().unwrap().to_owned();
        if function == "$connect" {
            cases.insert(id, event["queryStringParameters"]["case"].as_str().unwrap().to_owned());
        } else {
            let ending = json!([context["disconnectStatusCode"], context["disconnectReason"]]);
            told.push((cases[&id].clone(), ending));
        }
    }
    told
}

#[tokio::test]
async fn a_client_of_pythons_websockets_sees_every_close_code_and_disconnect_is_told() {
    let brief = Duration::from_millis(200);
    let gateways = [
        ("usual", gateway(Config::default()).await),
        ("idle", gateway(Config { idle_timeout: brief, ..Config::default() }).await),
        ("lifetime", gateway(Config { connection_duration: brief, ..Config::default() }).await),
        (
            "throttled",
            gateway(Config { requests_per_second: 1, request_burst: 3, ..Config::default() }).await,
        ),
        ("shutdown", gateway(Config::default()).await),
        ("restart", gateway(Config::default()).await),
    ];
    let urls = gateways.iter().map(|(name, gateway)| ((*name).to_owned(), gateway.url("").into()));
    let mut child = walk(&Value::Object(urls.collect()));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = within("two clients", lines.next_line()).await.unwrap();
    assert_eq!(ready.as_deref(), Some("ready"));
    gateways[4].1.stop().await;
    gateways[5].1.restart().await;
    let report = within("the report", lines.next_line()).await.unwrap().expect("the script's report");
    let seen: BTreeMap<String, Value> = serde_json::from_str(&report).unwrap();
    assert!(within("the script's end", child.wait()).await.unwrap().success());

    let mut all_told = BTreeMap::new();
    for (name, gateway) in &gateways {
        if !matches!(*name, "shutdown" | "restart") {
            // Waits for the last `$disconnect`.
            gateway.stop().await;
        }
        all_told.extend(told(gateway).await);
    }
    let names: Vec<_> = expected().into_keys().collect();
    assert_eq!(seen.keys().map(String::as_str).collect::<Vec<_>>(), names);
    for (case, (sees, is_told)) in expected() {
        assert_eq!(seen[case], sees, "what the client sees: {case}");
        assert_eq!(all_told[case], is_told, "what $disconnect is told: {case}");
    }
    println!("{} endings", names.len());
}
