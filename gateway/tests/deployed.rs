//! Functions that the gateway runs beside its built-in backend, and what they are told of it.
#![cfg(unix)]

mod support;

use std::collections::BTreeMap;
use std::env;

use everwire_gateway::api::{Api, Route};
use everwire_gateway::lambda::Function;
use everwire_gateway::serve::{Database, Options, ServeError, Server, backend_api};
use everwire_gateway::{Config, Credentials, Stop};
use futures_util::FutureExt;
use serde_json::json;
use support::program::Program;
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
    (address, variables(&told))
}

fn variables(told: &str) -> BTreeMap<String, String> {
    let lines = told.lines().filter_map(|line| line.split_once('='));
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The variables of a shell that a gateway is started from.
type Shell<'a> = &'a [(&'a str, &'a str)];

/// The gateway's credentials, in its file.
const CREDENTIALS: &str = r#"
    [credentials]
    access-key-id = "AKIDEXAMPLE"
    secret-access-key = "made up"
    region = "eu-north-1"
"#;

/// A home folder, and what a function is told by a gateway that is started there.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// With these variables in the shell, and these lines in the gateway's file: first the function's environment.
    async fn told(&self, shell: Shell<'_>, file: &str) -> Told {
        let folder = self.0.path();
        let function = r#"
            [routes]
            tell = "telling"
            [functions.telling]
            command = ["sh", "-c", "env > told.new && mv told.new told"]
            [functions.telling.environment]
        "#;
        self.write("everwire.toml", &format!("{function}{file}"));
        let (home, path) = (folder.to_str().unwrap(), env::var("PATH").unwrap());
        let shell = [&[("HOME", home), ("PATH", &path)], shell].concat();
        let mut gateway = Program::serve_from(folder, &shell).await;
        gateway.connect("alice").await.send(r#"{"action":"tell"}"#).await;
        let told =
            until("the variables", || async { std::fs::read_to_string(folder.join("told")).ok() }).await;
        gateway.kill().await;
        std::fs::remove_file(folder.join("told")).unwrap();
        Told(variables(&told))
    }
}

struct Told(BTreeMap<String, String>);

impl Told {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Key, secret, session token and profile.
    fn identity(&self) -> [Option<&str>; 4] {
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"]
            .map(|name| self.get(name))
    }
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
async fn a_function_has_one_region_whichever_name_its_sdk_reads() {
    let home = Home::new();
    let (region, default) = (("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "ap-south-1"));
    let own = r#"AWS_REGION = "sa-east-1""#;
    let own_default = r#"AWS_DEFAULT_REGION = "sa-east-1""#;
    let own_and_credentials = format!("{own}{CREDENTIALS}");
    let cases: [(Shell, &str, &str); 8] = [
        (&[], "", "us-east-1"),
        (&[("AWS_REGION", ""), default], "", "ap-south-1"),
        (&[default], "", "ap-south-1"),
        (&[region, default], "", "eu-west-1"),
        (&[region, default], CREDENTIALS, "eu-north-1"),
        (&[region, default], own, "sa-east-1"),
        (&[region, default], own_default, "sa-east-1"),
        (&[default], &own_and_credentials, "sa-east-1"),
    ];
    for (shell, file, expected) in cases {
        let told = home.told(shell, file).await;
        let regions = ["AWS_REGION", "AWS_DEFAULT_REGION"].map(|name| told.get(name));
        assert_eq!(regions, [Some(expected); 2], "{shell:?} {file}");
    }
}

#[tokio::test]
async fn a_key_its_secret_and_its_session_token_are_never_of_two_places() {
    let home = Home::new();
    let shell = [
        ("AWS_ACCESS_KEY_ID", "AKIDSHELL"),
        ("AWS_SECRET_ACCESS_KEY", "of the shell"),
        ("AWS_SESSION_TOKEN", "of the shell"),
        ("AWS_SECURITY_TOKEN", "of the shell"),
        ("AWS_PROFILE", "work"),
    ];
    let of_the_gateway = home.told(&shell, CREDENTIALS).await;
    assert_eq!(of_the_gateway.identity(), [Some("AKIDEXAMPLE"), Some("made up"), None, None]);
    assert_eq!(of_the_gateway.get("AWS_SECURITY_TOKEN"), None);

    let own = "AWS_ACCESS_KEY_ID = \"AKIDOWN\"\nAWS_SECRET_ACCESS_KEY = \"own\"";
    let temporary = format!("{own}{CREDENTIALS}session-token = \"of the gateway\"");
    for file in [own, &temporary] {
        let of_its_own = home.told(&shell, file).await;
        assert_eq!(of_its_own.identity(), [Some("AKIDOWN"), Some("own"), None, None], "{file}");
    }

    let of_a_profile = home.told(&shell, "AWS_PROFILE = \"own\"").await;
    assert_eq!(of_a_profile.identity(), [None, None, None, Some("own")]);

    let inherited = home.told(&shell, "").await;
    let expected = [Some("AKIDSHELL"), Some("of the shell"), Some("of the shell"), Some("work")];
    assert_eq!(inherited.identity(), expected);
}

#[tokio::test]
async fn made_up_keys_are_for_those_who_have_none() {
    let made_up = [Some("local"), Some("local"), None, None];
    let home = Home::new();
    assert_eq!(home.told(&[], "").await.identity(), made_up);
    assert_eq!(home.told(&[("AWS_SESSION_TOKEN", "of nobody")], "").await.identity(), made_up);
    home.write(".aws/config", "[default]\nregion = eu-west-1\n[profile work]\nrole_arn = arn\n");
    assert_eq!(home.told(&[], "").await.identity(), made_up);

    for name in [
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ] {
        assert_eq!(home.told(&[(name, "/somewhere")], "").await.identity(), [None; 4], "{name}");
        let own = home.told(&[], &format!("{name} = \"/somewhere\"")).await;
        assert_eq!(own.identity(), [None; 4], "the function's {name}");
    }
    home.write(".aws/config", "[profile default]\nsso_session = mine\n");
    assert_eq!(home.told(&[], "").await.identity(), [None; 4]);
    let home = Home::new();
    home.write(".aws/credentials", "[default]\naws_access_key_id = AKIDHOME\naws_secret_access_key = x\n");
    assert_eq!(home.told(&[], "").await.identity(), [None; 4]);
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
