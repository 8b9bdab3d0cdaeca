//! What the gateway is told, by flag, environment and file.

mod support;

use std::fs;
use std::path::Path;
use std::process::Output;

use support::program::command;
use tempfile::TempDir;

/// The program in a folder of its own.
struct Program {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Program {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    fn with_file(self, text: &str) -> Self {
        self.with_file_at("everwire.toml", text)
    }

    fn with_file_at(self, path: &str, text: &str) -> Self {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        command(self.folder.path(), arguments).envs(variables).output().unwrap()
    }

    /// The configuration in force.
    fn print(&self, arguments: &[&str]) -> toml::Table {
        let output = self.run(&[&["serve", "--print-config"], arguments].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap().parse().unwrap()
    }

    /// Why there is none.
    fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.run(&[&["serve", "--print-config"], arguments].concat());
        assert!(matches!(output.status.code(), Some(1 | 2)), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(output.stdout.is_empty());
        stderr(&output)
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim_end().to_owned()
}

/// Every knob, three values of it as they are spelt in the file, and what goes with it.
const KNOBS: [(&str, [&str; 3], &[&str]); 24] = [
    ("listen", [r#""127.0.0.1:1""#, r#""127.0.0.1:2""#, r#""127.0.0.1:3""#], &[]),
    ("stage", [r#""one""#, r#""two""#, r#""three""#], &[]),
    ("database", [r#""one.db""#, r#""two.db""#, r#""three.db""#], &[]),
    ("secret-file", [r#""one""#, r#""two""#, r#""three""#], &[]),
    (
        "route-selection-expression",
        [r#""$request.body.a""#, r#""$request.body.b""#, r#""$request.body.c""#],
        &[],
    ),
    ("concurrent-messages", ["2", "3", "4"], &[]),
    ("failed-status-is-error", ["true", "true", "true"], &[]),
    ("integration-timeout", [r#""1s""#, r#""2s""#, r#""50ms""#], &[]),
    ("idle-timeout", [r#""1s""#, r#""2m""#, r#""3h""#], &[]),
    ("connection-duration", [r#""1s""#, r#""2m""#, r#""1h 1m""#], &[]),
    ("connections-per-second", ["1", "2", "0"], &[]),
    ("requests-per-second", ["1", "2", "0"], &[]),
    ("request-burst", ["1", "2", "3"], &[]),
    ("request-timeout", [r#""1s""#, r#""2s""#, r#""3s""#], &[]),
    ("pings-are-activity", ["true", "true", "true"], &[]),
    ("demo", ["true", "true", "true"], &[]),
    ("faults", ["true", "true", "true"], &[]),
    ("token-ttl", [r#""1s""#, r#""2s""#, r#""3s""#], &["--demo"]),
    ("json", ["true", "true", "true"], &[]),
    ("color", [r#""always""#, r#""never""#, r#""always""#], &[]),
    ("credentials.access-key-id", [r#""one""#, r#""two""#, r#""three""#], &["--secret-access-key", "hush"]),
    (
        "credentials.region",
        [r#""one""#, r#""two""#, r#""three""#],
        &["--secret-access-key", "hush", "--access-key-id", "a"],
    ),
    ("serial", ["true", "true", "true"], &[]),
    ("secret", [r#""one""#, r#""two""#, r#""three""#], &[]),
];

/// What cannot be told apart by its value: hidden, or of another shape.
const TESTED_ELSEWHERE: [&str; 4] = ["config", "stage-variables", "secret-access-key", "session-token"];

/// The knob's value in force, by its key.
fn in_force(table: &toml::Table, key: &str) -> String {
    match (key, key.split_once('.')) {
        // In force it is a number of messages.
        ("serial", _) => (table["concurrent-messages"].as_integer() == Some(1)).to_string(),
        (_, Some((section, key))) => table[section][key].to_string(),
        (key, None) => table[key].to_string(),
    }
}

fn line(key: &str, value: &str) -> String {
    match key.split_once('.') {
        Some((section, key)) => format!("[{section}]\n{key} = {value}\n"),
        None => format!("{key} = {value}\n"),
    }
}

#[test]
fn every_knob_has_a_key_a_variable_and_a_flag_and_the_nearer_one_wins() {
    for (key, [in_file, in_environment, on_line], others) in KNOBS {
        let words = key.rsplit('.').next().unwrap();
        let expected =
            |value: &str| if key == "secret" { r#""(hidden)""#.to_owned() } else { value.to_owned() };
        let program = Program::new().with_file(&line(key, in_file));
        assert_eq!(in_force(&program.print(others), key), expected(in_file), "{key}");

        let variable = format!("EVERWIRE_{}", words.to_uppercase().replace('-', "_"));
        let program = program.with_variable(&variable, in_environment.trim_matches('"'));
        assert_eq!(in_force(&program.print(others), key), expected(in_environment), "{variable}");

        let flag = format!("--{words}={}", on_line.trim_matches('"'));
        let arguments = [others, &[flag.as_str()]].concat();
        assert_eq!(in_force(&program.print(&arguments), key), expected(on_line), "{flag}");
    }
}

#[test]
fn no_knob_is_left_out_of_that() {
    let help = Program::new().run(&["serve", "--help"]);
    let help = String::from_utf8(help.stdout).unwrap();
    let flags = help.lines().filter_map(|line| line.strip_prefix("      --"));
    let flags: Vec<_> = flags.map(|flag| flag.split([' ', '[']).next().unwrap()).collect();
    assert!(flags.len() > 20, "{help}");
    for flag in flags.into_iter().filter(|flag| *flag != "print-config") {
        let is_tested = |(key, ..): &(&str, _, _)| key.rsplit('.').next() == Some(flag);
        assert!(KNOBS.iter().any(is_tested) || TESTED_ELSEWHERE.contains(&flag), "{flag}");
        let variable = format!("EVERWIRE_{}", flag.to_uppercase().replace('-', "_"));
        assert!(help.contains(&variable), "{variable}");
    }
}

#[test]
fn a_switch_that_the_file_sets_can_be_unset() {
    for (key, _, _) in KNOBS.iter().filter(|(_, values, _)| values[0] == "true") {
        let program = Program::new().with_file(&line(key, "true"));
        let flag = format!("--{key}=false");
        assert_eq!(in_force(&program.print(&[&flag]), key), "false", "{flag}");
        assert_eq!(in_force(&Program::new().print(&[&format!("--{key}")]), key), "true", "{key}");
    }
}

#[test]
fn stage_variables_are_a_table_that_flags_and_variables_add_to() {
    let program = Program::new().with_file("[stage-variables]\nrealm = \"tests\"\ncolour = \"red\"\n");
    let with_flag = program.print(&["--stage-variables", "colour=blue,size=9"]);
    let expected: toml::Table = "colour = \"blue\"\nrealm = \"tests\"\nsize = \"9\"".parse().unwrap();
    assert_eq!(with_flag["stage-variables"], toml::Value::Table(expected));
    let program = program.with_variable("EVERWIRE_STAGE_VARIABLES", "realm=x");
    assert_eq!(program.print(&[])["stage-variables"]["realm"].as_str(), Some("x"));
}

#[test]
fn a_named_file_is_read_instead_and_its_paths_start_at_its_folder() {
    let file = r#"
        database = "data/my.db"
        secret-file = "keys/secret"
        [functions.chat]
        command = ["node", "chat.mjs"]
        working-directory = "chat"
        [functions.profiles]
        command = ["./profiles"]
        [functions.absolute]
        command = ["x"]
        working-directory = "/opt/x"
    "#;
    let program = Program::new().with_file("stage = \"other\"").with_file_at("a/b/gateway.toml", file);
    let separator = std::path::MAIN_SEPARATOR_STR;
    let expected = |path: &str| Path::new("a/b").join(path).display().to_string().replace('/', separator);
    for table in [
        program.print(&["--config", "a/b/gateway.toml"]),
        program.with_variable("EVERWIRE_CONFIG", "a/b/gateway.toml").print(&[]),
    ] {
        assert_eq!(table["stage"].as_str(), Some("dev"));
        assert_eq!(table["database"].as_str(), Some(&*expected("data/my.db")));
        assert_eq!(table["secret-file"].as_str(), Some(&*expected("keys/secret")));
        let folder = |name: &str| table["functions"][name]["working-directory"].as_str().unwrap().to_owned();
        assert_eq!(folder("chat"), expected("chat"));
        assert_eq!(Path::new(&folder("profiles")), Path::new("a/b"));
        assert_eq!(folder("absolute"), "/opt/x");
    }
    for database in [":memory:", "postgres://localhost/everwire"] {
        let program = Program::new().with_file_at("a/x.toml", &line("database", &format!("{database:?}")));
        assert_eq!(program.print(&["--config", "a/x.toml"])["database"].as_str(), Some(database));
    }
}

#[test]
fn tables_say_which_functions_are_behind_the_api() {
    let file = r#"
        route-selection-expression = "${request.body.topic}/${request.body.action}"
        [authorizer]
        function = "auth"
        identity-sources = ["route.request.header.Authorization"]
        [routes]
        "$connect" = "backend"
        "chat/send" = { function = "chat", two-way = true }
        [functions.auth]
        command = ["auth"]
        [functions.chat]
        command = ["python", "-m", "awslambdaric", "app.handler"]
        environment = { TABLE = "hush" }
        handler = "app.handler"
        timeout = 10
        memory-mb = 256
        concurrency = 4
    "#;
    let table = Program::new().with_file(file).print(&[]);
    let expected: toml::Table = r#"
        [authorizer]
        function = "auth"
        identity-sources = ["route.request.header.Authorization"]
        [routes]
        "$connect" = "backend"
        "chat/send" = { function = "chat", two-way = true }
        [functions.auth]
        command = ["auth"]
        working-directory = "."
        environment = {}
        timeout = "3s"
        memory-mb = 128
        concurrency = 10
        [functions.chat]
        command = ["python", "-m", "awslambdaric", "app.handler"]
        working-directory = "."
        environment = { TABLE = "(hidden)" }
        handler = "app.handler"
        timeout = "10s"
        memory-mb = 256
        concurrency = 4
    "#
    .parse()
    .unwrap();
    for key in ["authorizer", "routes", "functions"] {
        assert_eq!(table[key], expected[key], "{key}");
    }
}

#[test]
fn without_routes_the_api_is_the_built_in_backends() {
    let table = Program::new().with_file("stage = \"x\"").print(&[]);
    assert_eq!(table["authorizer"]["function"].as_str(), Some("backend"));
    assert_eq!(table["routes"]["$connect"].as_str(), Some("backend"));
    let table = Program::new().with_file("[routes]").print(&[]);
    assert!(table.get("authorizer").is_none() && table["routes"].as_table().unwrap().is_empty());
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_nearest_known_one() {
    for (file, place, meant) in [
        ("stage = \"x\"\nidle-timout = \"1s\"", 2, "idle-timeout"),
        ("idle_timeout = \"1s\"", 1, "idle-timeout"),
        ("[function.chat]\ncommand = [\"x\"]", 1, "functions"),
        ("[authorizer]\nfunction = \"backend\"\nidentity-source = []", 3, "identity-sources"),
        ("[routes]\n\n\"$conect\" = \"backend\"", 3, "$connect"),
        ("[routes]\nhi = { function = \"backend\", twoway = true }", 2, "two-way"),
        ("[routes]\nhi = \"bakend\"", 2, "backend"),
        ("[routes]\nhi = \"chatt\"\n[functions.chat]\ncommand = [\"x\"]", 2, "chat"),
        ("[functions.chat]\ncommand = [\"x\"]\nmemory = 128\nmemory-md = 1", 3, "memory-mb"),
        ("[credentials]\naccess-key = \"x\"", 2, "access-key-id"),
    ] {
        let refusal = Program::new().with_file(file).refusal(&[]);
        let (place, meant) = (format!("everwire.toml:{place}: "), format!("Did you mean {meant:?}?"));
        assert!(refusal.contains(&place) && refusal.contains(&meant), "{file}\n{refusal}");
    }
    let refusal = Program::new().with_file("quux = 1").refusal(&[]);
    assert!(refusal.contains("listen") && refusal.contains("functions"), "{refusal}");
}

#[test]
fn a_value_that_makes_no_sense_is_refused_with_its_line_and_what_would() {
    for (value, sense) in [
        ("stage = 7", "a text in quotes"),
        ("serial = \"yes\"", "true or false"),
        ("request-burst = \"7\"", "a whole number"),
        ("request-burst = 0", "from 1 to"),
        ("request-burst = -1", "from 1 to"),
        ("idle-timeout = \"soon\"", "like 500ms, 30s"),
        ("idle-timeout = true", "a duration"),
        ("integration-timeout = \"30s\"", "between 50ms and 29s"),
        ("integration-timeout = \"49ms\"", "between 50ms and 29s"),
        ("connection-duration = \"3h\"", "between 1ms and 2h"),
        ("token-ttl = \"1500ms\"", "whole seconds"),
        ("color = \"blue\"", "auto, always and never"),
        ("route-selection-expression = \"$context.x\"", "request.body"),
        ("stage-variables = []", "a table"),
        ("authorizer = { }", "needs a function"),
        ("authorizer = { function = \"backend\", identity-sources = [\"token\"] }", "querystring.token"),
        ("authorizer = { function = \"backend\", identity-sources = \"token\" }", "a list"),
        ("routes = { hi = 7 }", "a text in quotes"),
        ("functions = { chat = { } }", "needs a command"),
        ("functions = { chat = { command = [] } }", "needs a command"),
        ("functions = { chat = { command = \"node chat.mjs\" } }", "a list"),
        ("functions = { backend = { command = [\"x\"] } }", "taken"),
        ("functions = { \"a b\" = { command = [\"x\"] } }", "letters, digits"),
        ("functions = { chat = { command = [\"x\"], timeout = \"1h\" } }", "between 1s and 15m"),
        ("functions = { chat = { command = [\"x\"], memory-mb = 64 } }", "from 128 to 10240"),
        ("functions = { chat = { command = [\"x\"], concurrency = 0 } }", "from 1 to"),
        ("functions = { chat = { command = [\"x\"], environment = { N = 1 } } }", "a text in quotes"),
        ("listen", "no TOML"),
    ] {
        let refusal = Program::new().with_file(&format!("# a comment\n{value}\n")).refusal(&[]);
        assert!(refusal.contains("everwire.toml:2: ") && refusal.contains(sense), "{value}\n{refusal}");
        assert_eq!(refusal.lines().count(), 1, "{refusal}");
    }
}

#[test]
fn flags_that_make_no_sense_are_refused_as_well() {
    for (flag, sense) in [
        ("--integration-timeout=1m", "between 50ms and 29s"),
        ("--idle-timeout=soon", "30s"),
        ("--request-burst=x", "whole number"),
        ("--stage-variables=x", "NAME=VALUE"),
        ("--access-key-id=x", "secret-access-key"),
        ("--token-ttl=5", "demo"),
        ("--config=missing.toml", "cannot read the configuration missing.toml"),
        ("--idle-timout=1s", "--idle-timeout"),
    ] {
        let refusal = Program::new().refusal(&[flag]);
        assert!(refusal.contains(sense), "{flag}: {refusal}");
    }
}

#[test]
fn no_error_and_no_print_shows_a_secret() {
    let secrets = "secret = \"hush\"\n[credentials]\naccess-key-id = \"id\"\nsecret-access-key = \"hush\"\nsession-token = \"hush\"\n";
    for wrong in [
        "",
        "secret = \"hush\"\nhush",
        "secret = [\"hush\"]",
        "secret = \"hush",
        "secret = \"hush\"\nsecret = \"hush\"",
    ] {
        let file = if wrong.is_empty() { secrets } else { wrong };
        let program = Program::new().with_file(file);
        for arguments in [&["serve", "--print-config"][..], &["token", "--user", "alice", "--ttl", "x"]] {
            let output = program.run(arguments);
            let all = [output.stdout, output.stderr].concat();
            assert!(!String::from_utf8_lossy(&all).contains("\"hush"), "{}", String::from_utf8_lossy(&all));
        }
    }
    let printed = Program::new().with_file(secrets).print(&[]);
    assert_eq!(printed["secret"].as_str(), Some("(hidden)"));
    assert_eq!(printed["credentials"]["secret-access-key"].as_str(), Some("(hidden)"));
    assert_eq!(printed["credentials"]["session-token"].as_str(), Some("(hidden)"));
    let program = Program::new().with_variable("EVERWIRE_SECRET_ACCESS_KEY", "hush");
    let program = program.with_variable("EVERWIRE_SESSION_TOKEN", "hush");
    let printed = program.print(&["--access-key-id", "id"]);
    assert_eq!(printed["credentials"]["session-token"].as_str(), Some("(hidden)"));
    let help = program.with_variable("EVERWIRE_DATABASE", "postgres://u:hush@h/d").run(&["serve", "--help"]);
    assert!(!String::from_utf8_lossy(&help.stdout).contains("hush"));
}

#[test]
fn what_is_printed_is_a_file_that_says_the_same() {
    let arguments = ["--idle-timeout", "5s", "--stage-variables", "a=b", "--demo", "--serial"];
    let file =
        "[routes]\nhi = { function = \"chat\", two-way = true }\n[functions.chat]\ncommand = [\"x\"]\n";
    let printed = Program::new().with_file(file).print(&arguments);
    assert_eq!(Program::new().with_file(&printed.to_string()).print(&[]), printed);
}

#[test]
fn token_finds_the_secret_that_the_file_names() {
    let program =
        Program::new().with_file("secret-file = \"keys/mine\"").with_file_at("keys/mine", &"x".repeat(43));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let path = program.folder.path().join("keys/mine");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let output = program.run(&["token", "--user", "alice", "--ttl", "10m"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let output = program.run(&["token", "--user", "alice", "--secret", "x", "--secret-file", "y"]);
    assert!(!output.status.success());
}
