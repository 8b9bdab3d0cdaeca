//! A PostgreSQL server of its own for the tests of one process, from the programs that Debian's package installs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::{env, fs};

use sqlx::{Connection, Executor, PgConnection};

use super::server::Server;

/// Makes a cluster in a new folder, serves it on a socket there, and removes everything when its input ends. Its
/// owner needs no password, because to prove one takes a debug build a tenth of a second for each connection.
const SCRIPT: &str = r#"
set -eu
folder=$(mktemp -d /tmp/everwire-postgres.XXXXXX)
stop() {
    "$BIN/pg_ctl" -D "$folder/data" -m immediate -s stop || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM
# Whoever reads the output may be gone: that must not end this before the server.
trap '' PIPE
"$BIN/initdb" -D "$folder/data" -U everwire -A trust --no-sync --no-locale -E UTF8
printf '%s\n' 'local all everwire trust' 'local all all scram-sha-256' > "$folder/data/pg_hba.conf"
"$BIN/pg_ctl" -D "$folder/data" -w -s -l "$folder/log" \
    -o "-k $folder -c listen_addresses= -c fsync=off -c max_connections=300" start || cat "$folder/log"
"$BIN/pg_ctl" -D "$folder/data" -s status > /dev/null
echo "ready $folder"
cat
"#;

static SERVER: LazyLock<Result<(Server, String), String>> = LazyLock::new(|| {
    let ready = |line: &str| line.strip_prefix("ready ").map(str::to_owned);
    Server::start(command()?, ready).map_err(|error| format!("PostgreSQL: {error}"))
});

/// The address of a database, for `USER` or `USER:PASSWORD`, with these options for the server.
pub fn address(who: &str, database: &str, options: &str) -> String {
    let socket = &SERVER.as_ref().unwrap_or_else(|error| panic!("{error}")).1;
    let options = options.replace(' ', "%20").replace('=', "%3D");
    format!("postgres://{who}@localhost/{database}?host={socket}&options={options}")
}

/// The address of a new, empty schema.
pub async fn new_schema() -> String {
    let schema = format!("s{}", uuid::Uuid::new_v4().simple());
    execute(&format!("CREATE SCHEMA {schema}")).await;
    address("everwire", "postgres", &format!("-c search_path={schema}"))
}

/// Runs a statement as the owner of everything.
pub async fn execute(sql: &str) {
    let mut connection = PgConnection::connect(&address("everwire", "postgres", "")).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
}

fn command() -> Result<Command, String> {
    let bin = bin()?;
    // PostgreSQL refuses to run as root.
    let is_root = fs::metadata("/proc/self").is_ok_and(|of| std::os::unix::fs::MetadataExt::uid(&of) == 0);
    let mut command = Command::new(if is_root { "runuser" } else { "sh" });
    if is_root {
        command.args(["-u", "postgres", "--", "sh"]);
    }
    command.args(["-c", &format!("exec 2>&1; {SCRIPT}")]).env("BIN", bin);
    Ok(command)
}

/// The folder of the newest version that is installed, or one in the PATH.
fn bin() -> Result<PathBuf, String> {
    let version = |folder: &Path| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let mut installed: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    installed.sort_by_key(|folder| version(folder));
    let path = env::var_os("PATH").unwrap_or_default();
    let has_programs =
        |folder: &PathBuf| ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).exists());
    let mut folders = installed.into_iter().rev().chain(env::split_paths(&path));
    folders.find(has_programs).ok_or_else(|| {
        "no PostgreSQL: these tests run one of their own; install it (Debian: apt-get install postgresql)"
            .to_owned()
    })
}
