//! An emulator of DynamoDB for the tests of one process: moto, from PyPI.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use super::server::Server;

/// Ends the server when its input ends.
const SCRIPT: &str = r#"
exec 2>&1
"$@" &
server=$!
trap 'kill $server' EXIT
trap 'exit 1' HUP INT TERM
cat
"#;

/// As `python -m moto.server -p 0`, but one request after another: moto copies a table before each transaction,
/// and fails if another thread writes to it meanwhile.
const MOTO: &str = r#"
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple
run_simple("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=False)
"#;

static SERVER: LazyLock<Result<(Server, String), String>> = LazyLock::new(|| {
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, "sh"]).arg(python()?).args(["-u", "-c", MOTO]);
    let ready = |line: &str| Some(line.split_once("Running on ")?.1.trim().to_owned());
    Server::start(command, ready).map_err(|error| format!("DynamoDB: {error}"))
});

/// Where the emulator is: `http://127.0.0.1:PORT`.
pub fn endpoint() -> &'static str {
    &SERVER.as_ref().unwrap_or_else(|error| panic!("{error}")).1
}

/// The address of a table, which is not there yet.
pub fn new_table() -> String {
    format!("dynamodb://t{}?endpoint={}", uuid::Uuid::new_v4().simple(), endpoint())
}

fn python() -> Result<PathBuf, String> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin/python");
    let python = env::var_os("EVERWIRE_PYTHON").map_or(own, PathBuf::from);
    if python.exists() {
        return Ok(python);
    }
    Err(format!(
        "no DynamoDB: {} is no Python with moto: `npm run setup` makes target/python with it; or name one that has \
         what scripts/python/requirements.txt says in EVERWIRE_PYTHON",
        python.display()
    ))
}
