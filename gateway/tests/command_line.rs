//! The program as users run it.
#![cfg(unix)]

mod support;

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};

use everwire_backend::store::{self, Connection, Store};
use serde_json::Value;
use support::{Client, program, until, within};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::from(program::command(folder, arguments));
    command.kill_on_drop(true);
    command
}

async fn run(folder: &Path, arguments: &[&str]) -> Output {
    within("the program's end", command(folder, arguments).output()).await.unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap().trim_end()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap().trim_end()
}

/// A running `serve`.
struct Serve {
    child: Child,
    /// `ws://HOST/STAGE`, from the line it prints.
    url: String,
    /// What it has written to stderr so far.
    written: Arc<Mutex<String>>,
    /// Reads stderr to its end.
    reading: JoinHandle<()>,
}

impl Serve {
    async fn start(folder: &Path, arguments: &[&str]) -> Self {
        let all = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        Self::spawn(command(folder, &all)).await
    }

    async fn spawn(command: Command) -> Self {
        Self::try_spawn(command).await.unwrap_or_else(|errors| panic!("not started: {errors}"))
    }

    /// Starts it once its port is free: on another one each time, if the command says so.
    async fn on_a_port_again(command: impl Fn() -> Command) -> Self {
        until("a gateway that listens", || async {
            match Self::try_spawn(command()).await {
                Ok(serve) => Some(serve),
                Err(errors) if program::is_port_taken(&errors) => None,
                Err(errors) => panic!("not started: {errors}"),
            }
        })
        .await
    }

    /// Starts it; if it ends instead, gives what it has written to stderr.
    async fn try_spawn(mut command: Command) -> Result<Self, String> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let written = Arc::new(Mutex::new(String::new()));
        let mut errors = child.stderr.take().unwrap();
        let log = Arc::clone(&written);
        let reading = tokio::spawn(async move {
            let mut chunk = [0; 4096];
            while let Ok(n @ 1..) = errors.read(&mut chunk).await {
                log.lock().unwrap().push_str(&String::from_utf8_lossy(&chunk[..n]));
            }
        });
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        within("the first line", output.read_line(&mut line)).await.unwrap();
        let Some(url) = line.trim_end().strip_prefix("everwire-gateway: listening on ") else {
            drop(child);
            within("the end of stderr", reading).await.unwrap();
            return Err(written.lock().unwrap().clone());
        };
        Ok(Self { child, url: url.to_owned(), written, reading })
    }

    fn endpoint(&self) -> String {
        self.url.replace("ws://", "http://")
    }

    fn host(&self) -> &str {
        self.url.trim_start_matches("ws://").trim_end_matches("/dev")
    }

    async fn connect(&self, token: &str) -> Client {
        Client::connect(&format!("{}?token={token}", self.url)).await
    }

    /// Ends it, and gives all it has written to stderr.
    async fn end(mut self) -> String {
        self.signal("TERM").await;
        within("the end of stderr", self.reading).await.unwrap();
        self.written.lock().unwrap().clone()
    }

    async fn signal(&mut self, signal: &str) -> std::process::ExitStatus {
        let pid = self.child.id().unwrap().to_string();
        assert!(
            Command::new("sh")
                .args(["-c", &format!("kill -{signal} {pid}")])
                .status()
                .await
                .unwrap()
                .success()
        );
        within("the end", self.child.wait()).await.unwrap()
    }
}

async fn token(folder: &Path, user: &str) -> String {
    let output = run(folder, &["token", "--user", user]).await;
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output).to_owned()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// An address that was free a moment ago.
fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

async fn open_store(folder: &TempDir) -> Arc<dyn Store> {
    store::open(folder.path().join(".everwire/connections.db").to_str().unwrap()).await.unwrap()
}

#[tokio::test]
async fn serve_token_and_send_find_each_other_without_any_option() {
    let folder = folder();
    let serve = Serve::start(folder.path(), &[]).await;
    let token = token(folder.path(), "alice").await;
    let (mut one, mut two) = (serve.connect(&token).await, serve.connect(&token).await);

    let message = r#"{"title":"Hi"}"#;
    let output =
        run(folder.path(), &["send", "--endpoint", &serve.endpoint(), "--user", "alice", message]).await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output), "delivered to 2 connections of alice");
    let received = one.text().await;
    assert!(received.starts_with(r#"{"title":"Hi","everwire":"#), "{received}");
    assert_eq!(two.text().await, received);
}

#[tokio::test]
async fn a_database_elsewhere_has_its_secret_beside_it() {
    let folder = folder();
    let database = folder.path().join("a/b/my.db");
    let database = database.to_str().unwrap();
    let serve = Serve::start(folder.path(), &["--database", database]).await;
    assert!(folder.path().join("a/b/my.db").exists() && folder.path().join("a/b/secret").exists());
    assert!(!folder.path().join(".everwire").exists());
    let output = run(folder.path(), &["token", "--database", database, "--user", "alice"]).await;
    serve.connect(stdout(&output)).await;
    let endpoint = serve.endpoint();
    let output =
        run(folder.path(), &["send", "--database", database, "--endpoint", &endpoint, "--user", "bob", "1"])
            .await;
    assert!(stderr(&output).contains("bob is not connected"), "{}", stderr(&output));
}

#[tokio::test]
async fn a_database_in_memory_leaves_nothing_but_the_secret() {
    let folder = folder();
    let serve = Serve::start(folder.path(), &["--database", ":memory:"]).await;
    let files: Vec<_> = fs::read_dir(folder.path().join(".everwire"))
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(files, ["secret"]);
    serve.connect(&token(folder.path(), "alice").await).await;
}

#[tokio::test]
async fn the_environments_secret_is_used_by_all_and_no_file_is_made() {
    let folder = folder();
    let secret = "x".repeat(32);
    let with_secret = |arguments: &[&str]| {
        let mut command = command(folder.path(), arguments);
        command.env("EVERWIRE_SECRET", &secret);
        command
    };
    let serve = Serve::spawn(with_secret(&["serve", "--listen", "127.0.0.1:0"])).await;
    let output = with_secret(&["token", "--user", "alice"]).output().await.unwrap();
    let mut client = serve.connect(stdout(&output)).await;
    let send = ["send", "--endpoint", &serve.endpoint(), "--user", "alice", "[1]"];
    assert!(with_secret(&send).status().await.unwrap().success());
    assert_eq!(client.text().await, "[1]");
    assert!(!folder.path().join(".everwire/secret").exists());
}

#[tokio::test]
async fn the_secret_is_made_once_for_the_owner_only_and_never_shown() {
    let folder = folder();
    let path = folder.path().join(".everwire/secret");
    let first = Serve::start(folder.path(), &[]).await;
    let secret = fs::read_to_string(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(secret.trim().len(), 43, "32 bytes in base64");
    let said = "made a secret in .everwire/secret";
    let first = first.end().await;
    assert!(first.contains(said), "{first}");

    let again = Serve::start(folder.path(), &[]).await.end().await;
    assert_eq!(fs::read_to_string(&path).unwrap(), secret);
    assert!(!again.contains(said), "{again}");
    for written in [first, again] {
        assert!(!written.contains(secret.trim()));
    }
}

#[tokio::test]
async fn a_secret_that_others_can_read_is_refused_with_the_remedy() {
    let folder = folder();
    let path = folder.path().join("secret");
    let database = folder.path().join("connections.db");
    let database = database.to_str().unwrap();
    fs::write(&path, "x".repeat(43)).unwrap();
    for mode in [0o644, 0o640, 0o606] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        for arguments in [vec!["serve", "--listen", "127.0.0.1:0"], vec!["token", "--user", "alice"]] {
            let output = run(folder.path(), &[&arguments[..], &["--database", database]].concat()).await;
            assert_eq!(output.status.code(), Some(1));
            assert!(
                stderr(&output).contains(&format!("chmod 600 {}", path.display())),
                "{}",
                stderr(&output)
            );
        }
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(run(folder.path(), &["token", "--user", "alice", "--database", database]).await.status.success());
}

#[tokio::test]
async fn token_and_send_before_the_first_serve_say_what_to_do() {
    let folder = folder();
    for arguments in [&["token", "--user", "alice"][..], &["send", "--user", "alice", "1"]] {
        let output = run(folder.path(), arguments).await;
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("start `everwire-gateway serve` first"), "{}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
}

#[tokio::test]
async fn send_fails_in_words_that_say_what_to_do() {
    let folder = folder();
    let serve = Serve::start(folder.path(), &[]).await;
    let endpoint = serve.endpoint();
    let cases: [(&[&str], &str); 5] = [
        (&["--endpoint", &endpoint, "--user", "bob", "1"], "not delivered: bob is not connected"),
        (&["--endpoint", &endpoint, "--user", "bob", "Hi"], "the message is not JSON"),
        (
            &["--endpoint", "http://127.0.0.1:1/dev", "--user", "bob", "1"],
            "Start one with `everwire-gateway serve`",
        ),
        (&["--endpoint", &endpoint, "--secret", "another", "--user", "bob", "1"], "has another secret"),
        (&["--endpoint", &format!("{endpoint}x"), "--user", "bob", "1"], "answered 403"),
    ];
    for (arguments, words) in cases {
        let output = run(folder.path(), &[&["send"], arguments].concat()).await;
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
}

#[tokio::test]
async fn a_signal_closes_sockets_with_its_code_empties_the_store_and_exits_with_0() {
    for (signal, code, reason) in [("TERM", 1012, "Service restart"), ("INT", 1001, "Going away")] {
        let folder = folder();
        let mut serve = Serve::start(folder.path(), &[]).await;
        let mut client = serve.connect(&token(folder.path(), "alice").await).await;
        let watching = tokio::spawn(async move { client.closed().await });
        assert_eq!(serve.signal(signal).await.code(), Some(0));
        assert_eq!(watching.await.unwrap(), Some((code, reason.to_owned())));
        let store = open_store(&folder).await;
        assert!(store.page("alice", None).await.unwrap().connections.is_empty());
    }
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let folder = folder();
    let mut serve = Serve::start(folder.path(), &[]).await;
    // Nobody reads here, so no close frame is answered: the gateway would wait for that a while.
    let _client = serve.connect(&token(folder.path(), "alice").await).await;
    let pid = serve.child.id().unwrap();
    // Two of a kind might be taken for one.
    let kill = Command::new("sh").args(["-c", &format!("kill -INT {pid}; kill -TERM {pid}")]).status();
    assert!(kill.await.unwrap().success());
    let status = within("the end", serve.child.wait()).await.unwrap();
    assert!(matches!(status.code(), Some(130 | 143)), "{status}");
}

#[tokio::test]
async fn after_a_kill_it_starts_on_the_same_port_and_forgets_its_last_life() {
    let folder = folder();
    let mut serve = Serve::start(folder.path(), &[]).await;
    let token = token(folder.path(), "alice").await;
    let client = serve.connect(&token).await;
    serve.signal("KILL").await;
    let store = open_store(&folder).await;
    assert_eq!(store.page("alice", None).await.unwrap().connections.len(), 1);

    let again = || command(folder.path(), &["serve", "--listen", serve.host()]);
    let again = Serve::on_a_port_again(again).await;
    assert_eq!(again.url, serve.url);
    assert!(store.page("alice", None).await.unwrap().connections.is_empty());
    again.connect(&token).await;
    drop(client);
}

#[tokio::test]
async fn after_a_kill_it_starts_on_another_port_and_forgets_what_nobody_answers_for() {
    let folder = folder();
    let mut killed = Serve::start(folder.path(), &[]).await;
    let alive = Serve::start(folder.path(), &[]).await;
    let token = token(folder.path(), "alice").await;
    let _clients = (killed.connect(&token).await, alive.connect(&token).await);
    let store = open_store(&folder).await;
    let row = |id: &str, domain_name: &str, connected_at| Connection {
        connection_id: id.to_owned(),
        user: "alice".to_owned(),
        domain_name: domain_name.to_owned(),
        stage: "dev".to_owned(),
        connected_at,
    };
    // An address that is not this machine's: one for documentation (RFC 5737).
    store.put(&row("elsewhere", "192.0.2.1:3001", i64::MAX)).await.unwrap();
    store.put(&row("long ago", "192.0.2.2:3001", 1)).await.unwrap();
    killed.signal("KILL").await;

    let _again = Serve::start(folder.path(), &[]).await;
    assert_eq!(store.domain_names().await.unwrap(), [alive.host(), "192.0.2.1:3001"]);
}

#[tokio::test]
async fn a_gateway_whose_output_nobody_reads_any_more_goes_on_serving() {
    let folder = folder();
    let mut child = command(folder.path(), &["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    within("the first line", output.read_line(&mut line)).await.unwrap();
    drop(output);
    let url = line.trim_end().trim_start_matches("everwire-gateway: listening on ");
    let token = token(folder.path(), "alice").await;
    let mut client = Client::connect(&format!("{url}?token={token}")).await;
    client.send(r#"{"action":"ping"}"#).await;
    assert_eq!(client.json().await["action"], "pong");
    client.close(1000, "").await;
    Client::connect(&format!("{url}?token={token}")).await;
}

#[tokio::test]
async fn a_gateway_that_starts_with_closed_outputs_serves() {
    let folder = folder();
    let output = run(folder.path(), &["token", "--user", "alice", "--secret", "only here"]).await;
    until("a gateway that serves", || async {
        // With its outputs closed the gateway cannot say which port it took.
        let free = free_address();
        let arguments = ["serve", "--listen", &free.to_string(), "--secret", "only here"];
        let mut child =
            command(folder.path(), &arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        let url = format!("ws://{free}/dev?token={}", stdout(&output));
        // Nobody else lets this token in, should the port be another's by now.
        tokio::select! {
            client = until("a client let in", || Client::try_connect(&url)) => Some(client),
            _ = child.wait() => None,
        }
    })
    .await;
}

#[tokio::test]
async fn a_proxy_in_the_environment_is_not_asked_for_what_is_on_this_machine() {
    let folder = folder();
    let with_proxy = |arguments: &[&str]| {
        let mut command = command(folder.path(), arguments);
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            // Nothing listens on port 1.
            command.env(name, "http://127.0.0.1:1");
        }
        command.env_remove("NO_PROXY").env_remove("no_proxy");
        command
    };
    let serve = Serve::spawn(with_proxy(&["serve", "--listen", "127.0.0.1:0"])).await;
    let mut client = serve.connect(&token(folder.path(), "alice").await).await;
    let send = ["send", "--endpoint", &serve.endpoint(), "--user", "alice", "1"];
    assert!(with_proxy(&send).status().await.unwrap().success());
    assert_eq!(client.text().await, "1");
}

#[tokio::test]
async fn folders_and_files_that_it_makes_are_for_the_owner_only() {
    let folder = folder();
    let _serve = Serve::start(folder.path(), &["--database", "a/b/my.db"]).await;
    let mode = |path: &str| fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("a"), mode("a/b")), (0o700, 0o700));
    assert_eq!(["a/b/my.db", "a/b/my.db-wal", "a/b/my.db-shm"].map(mode), [0o600; 3]);
}

#[tokio::test]
async fn a_client_that_is_let_in_is_never_logged_as_refused() {
    let folder = folder();
    let serve = Serve::start(folder.path(), &[]).await;
    serve.connect(&token(folder.path(), "alice").await).await.close(1000, "").await;
    let written = serve.end().await;
    assert!(written.contains("connected") && !written.contains("refused"), "{written}");
}

#[tokio::test]
async fn no_token_is_ever_written_to_the_log() {
    let folder = folder();
    let serve = Serve::start(folder.path(), &["--demo"]).await;
    let good = token(folder.path(), "alice").await;
    let mut client = serve.connect(&good).await;
    client.send(r#"{"action":"ping"}"#).await;
    client.text().await;
    let bad = format!("{}x", &good[..good.len() - 5]);
    // {"alg":"none\n<a line that looks like a log's>"}
    let forged = "eyJhbGciOiJub25lXG4yMDI2IElORk8gYWxsIGlzIHdlbGwifQ.e30.x";
    for token in [&bad, "garbage-that-is-no-token", forged] {
        assert!(tokio_tungstenite::connect_async(format!("{}?token={token}", serve.url)).await.is_err());
    }
    run(folder.path(), &["send", "--endpoint", &serve.endpoint(), "--user", "alice", "1"]).await;
    let written = serve.end().await;
    for seen in [
        "alice",
        "connected",
        "message to ping, 17 bytes",
        "pushed",
        "send: 1 delivered",
        "handshake refused: 401",
        "token refused",
        "disconnected 1012 \"Service restart\"",
    ] {
        assert!(written.contains(seen), "{seen}: {written}");
    }
    assert!(!written.lines().any(|line| line.starts_with("2026 INFO")), "{written}");
    for part in good.split('.').chain(bad.split('.')).chain(["garbage-that-is-no-token", "Bearer"]) {
        assert!(!written.contains(part), "{part}: {written}");
    }
}

#[tokio::test]
async fn the_log_for_machines_is_one_json_object_per_line_and_holds_no_token() {
    let folder = folder();
    let serve = Serve::start(folder.path(), &["--json", "--demo"]).await;
    let good = token(folder.path(), "alice").await;
    serve.connect(&good).await.close(4000, "a\u{1b}[31m\u{9b}b").await;
    assert!(tokio_tungstenite::connect_async(format!("{}?token=garbage", serve.url)).await.is_err());
    let written = serve.end().await;
    let lines: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |event: &str| {
        lines.iter().find(|line| line["event"] == event).unwrap_or_else(|| panic!("{event}: {written}"))
    };
    assert!(of("listening")["places"]["status-page"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(of("connected")["user"], "alice");
    assert_eq!(of("disconnected")["code"], 4000);
    assert_eq!(of("disconnected")["reason"], "a\u{1b}[31m\u{9b}b");
    assert_eq!(of("refused")["status"], 401);
    assert_eq!(of("log")["level"], "info");
    assert!(lines.iter().all(|line| line["at"].is_i64()));
    assert!(!written.contains(|c: char| c.is_control() && c != '\n'), "{written:?}");
    for part in good.split('.').chain(["garbage", "Bearer"]) {
        assert!(!written.contains(part), "{part}: {written}");
    }
}

#[tokio::test]
async fn a_user_with_a_hostile_name_writes_no_line_of_his_own() {
    let folder = folder();
    for arguments in [&["--color", "never"][..], &["--color", "always"], &["--json"]] {
        let serve = Serve::start(folder.path(), arguments).await;
        let name = "mallory\n12:00:00 + root connected\u{1b}[2J";
        serve.connect(&token(folder.path(), name).await).await.close(1000, "\r\u{1b}[31m").await;
        let written = serve.end().await;
        assert!(written.contains("mallory"), "{written}");
        assert!(!written.lines().any(|line| line.starts_with("12:00:00")), "{written:?}");
        assert!(!written.contains("\u{1b}[2J") && !written.contains("\u{1b}[31m"), "{written:?}");
        assert_eq!(written.contains('\u{1b}'), arguments.contains(&"always"), "{written:?}");
    }
}

#[tokio::test]
async fn a_reader_of_the_log_that_stalls_does_not_stop_the_gateway() {
    let folder = folder();
    let mut child = command(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--json"])
        .stdout(Stdio::piped())
        // Never read: the pipe is full after 64 KB.
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    within("the first line", output.read_line(&mut line)).await.unwrap();
    let url = line.trim_end().trim_start_matches("everwire-gateway: listening on ");
    let token = token(folder.path(), "alice").await;
    let mut client = Client::connect(&format!("{url}?token={token}")).await;
    // Each is a line of more than 100 bytes.
    for _ in 0..1_500 {
        client.send(r#"{"action":"ping"}"#).await;
        assert_eq!(client.json().await["action"], "pong");
    }
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("sh").args(["-c", &format!("kill -INT {pid}")]).status().await.unwrap().success());
    assert_eq!(client.closed().await, Some((1001, "Going away".to_owned())));
    assert_eq!(within("the end", child.wait()).await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn it_says_where_everything_is_and_which_file_it_read() {
    let folder = folder();
    fs::write(folder.path().join("everwire.toml"), "stage = \"prod\"\nlisten = \"127.0.0.1:0\"\n").unwrap();
    let mut with_slip = command(folder.path(), &["serve"]);
    with_slip.env("EVERWIRE_STGAE", "x").env("EVERWIRE_GATEWAY_PROGRAM", "x");
    let serve = Serve::spawn(with_slip).await;
    let (url, http) = (serve.url.clone(), serve.endpoint());
    assert!(url.ends_with("/prod"), "{url}");
    let root = http.trim_end_matches("prod").to_owned();
    let written = serve.end().await;
    assert!(written.lines().next().unwrap().contains("configuration from everwire.toml"), "{written}");
    for said in [
        &url,
        &format!("{http}/@connections/ID"),
        &root,
        ".everwire/connections.db",
        "Did you mean EVERWIRE_STAGE?",
    ] {
        assert!(written.contains(said), "{said}: {written}");
    }
    assert!(!written.contains("EVERWIRE_GATEWAY_PROGRAM"), "{written}");
    assert!(!written.contains('\u{1b}'), "no colours where no terminal is: {written:?}");
}

#[tokio::test]
async fn send_says_why_a_connection_could_not_be_reached() {
    let folder = folder();
    let serve = Serve::start(folder.path(), &[]).await;
    let elsewhere = Connection {
        connection_id: "AAAAAAAAAAAAAAA=".to_owned(),
        user: "bob".to_owned(),
        // Nobody listens on port 1.
        domain_name: "127.0.0.1:1".to_owned(),
        stage: "dev".to_owned(),
        connected_at: i64::MAX,
    };
    open_store(&folder).await.put(&elsewhere).await.unwrap();
    let output = run(folder.path(), &["send", "--endpoint", &serve.endpoint(), "--user", "bob", "1"]).await;
    assert_eq!(output.status.code(), Some(1));
    let said =
        "not delivered to bob; 1 connection could not be reached (nobody answers), see the gateway's log";
    assert!(stderr(&output).contains(said), "{}", stderr(&output));
}

#[tokio::test]
async fn send_finds_the_gateway_that_the_file_describes() {
    let folder = folder();
    let serve = Serve::on_a_port_again(|| {
        let file = format!("stage = \"prod\"\nlisten = \"{}\"\n", free_address());
        fs::write(folder.path().join("everwire.toml"), file).unwrap();
        command(folder.path(), &["serve"])
    })
    .await;
    let mut client = serve.connect(&token(folder.path(), "alice").await).await;
    let output = run(folder.path(), &["send", "--user", "alice", "1"]).await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(client.text().await, "1");
}

#[tokio::test]
async fn token_and_send_need_nothing_that_only_serve_was_told() {
    let folder = folder();
    let file = "token-ttl = \"1m\"\n[credentials]\naccess-key-id = \"local\"\n";
    fs::write(folder.path().join("everwire.toml"), file).unwrap();
    let mut serving = command(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--demo"]);
    let serve = Serve::spawn({
        serving.env("EVERWIRE_SECRET_ACCESS_KEY", "hush");
        serving
    })
    .await;
    let mut client = serve.connect(&token(folder.path(), "alice").await).await;
    let output = run(folder.path(), &["send", "--endpoint", &serve.endpoint(), "--user", "alice", "1"]).await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(client.text().await, "1");
}

#[tokio::test]
async fn send_goes_where_the_environment_says_that_the_gateway_listens() {
    let folder = folder();
    let serve = Serve::start(folder.path(), &["--stage", "prod"]).await;
    let endpoint = serve.endpoint();
    let listen = endpoint.trim_start_matches("http://").trim_end_matches("/prod");
    for (listen, said) in [(listen, "bob is not connected"), ("127.0.0.1:0", "--endpoint")] {
        let mut send = command(folder.path(), &["send", "--user", "bob", "1"]);
        let sent = send.env("EVERWIRE_LISTEN", listen).env("EVERWIRE_STAGE", "prod").output();
        let output = within("send", sent).await.unwrap();
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}

#[tokio::test]
async fn a_secret_file_in_a_folder_that_is_missing_is_made_with_it() {
    let folder = folder();
    let _serve = Serve::start(folder.path(), &["--secret-file", "deep/down/secret"]).await;
    assert!(folder.path().join("deep/down/secret").exists());
}

#[tokio::test]
async fn the_demo_is_refused_on_any_other_address_than_loopback() {
    let folder = folder();
    let output = run(folder.path(), &["serve", "--listen", "0.0.0.0:0", "--demo"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("loopback only"), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn an_open_address_is_warned_about_and_reached_over_loopback() {
    let folder = folder();
    let serve = Serve::spawn(command(folder.path(), &["serve", "--listen", "0.0.0.0:0"])).await;
    assert!(serve.url.starts_with("ws://127.0.0.1:"), "{}", serve.url);
    until("the warning", || async {
        serve.written.lock().unwrap().contains("can be reached from other machines").then_some(())
    })
    .await;
    let mut client = serve.connect(&token(folder.path(), "alice").await).await;
    client.send(r#"{"action":"ping"}"#).await;
    assert_eq!(client.json().await["action"], "pong");
}

#[tokio::test]
async fn a_port_in_use_is_said_with_the_remedy() {
    let folder = folder();
    let serve = Serve::start(folder.path(), &[]).await;
    let output = run(folder.path(), &["serve", "--listen", serve.host()]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("another --listen"), "{}", stderr(&output));
}

#[tokio::test]
async fn senseless_arguments_are_refused() {
    let folder = folder();
    let cases: [&[&str]; 9] = [
        &[],
        &["serve", "--token-ttl", "5"],
        &["serve", "--demo", "--token-ttl", "0"],
        &["serve", "--listen", "nonsense"],
        &["serve", "--listen", "127.0.0.1:0", "--stage", "a/b"],
        &["serve", "--listen", "127.0.0.1:0", "--secret", ""],
        &["token", "--user", ""],
        &["token", "--user", "alice", "--ttl", "99999999999"],
        &["send", "--user", "alice", "--endpoint", "nonsense", "1"],
    ];
    for arguments in cases {
        let output = run(folder.path(), arguments).await;
        assert!(matches!(output.status.code(), Some(1 | 2)), "{arguments:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{arguments:?}");
    }
}

#[tokio::test]
async fn help_shows_a_way_to_begin_and_never_the_secret() {
    let folder = folder();
    let mut all = String::new();
    for arguments in [&["--help"][..], &["serve", "--help"], &["token", "--help"], &["send", "--help"]] {
        let output = command(folder.path(), arguments).env("EVERWIRE_SECRET", "hush").output().await.unwrap();
        assert!(output.status.success());
        all += stdout(&output);
    }
    for taught in
        ["wscat", "token --user alice", "@connections", "EVERWIRE_SECRET", "[default: 127.0.0.1:3001]"]
    {
        assert!(all.contains(taught), "{taught}");
    }
    assert!(!all.contains("hush"));
}

#[tokio::test]
async fn the_password_of_a_database_is_not_shown_when_it_does_not_open() {
    let folder = folder();
    let database = "postgres://me:of-the-database@127.0.0.1:1/everwire";
    let output = run(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--database", database]).await;
    assert_eq!(output.status.code(), Some(1));
    let says = stderr(&output);
    assert!(
        says.contains("cannot use the database postgres://127.0.0.1:1/everwire: it does not open"),
        "{says}"
    );
    assert!(!says.contains("of-the-database"), "{says}");
}
