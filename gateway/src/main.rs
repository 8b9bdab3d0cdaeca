//! The command line.

use std::error::Error;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use everwire_backend::push::Report;
use everwire_backend::token::{self, Kind, Secret};
use everwire_gateway::api::Api;
use everwire_gateway::serve::{self, DEFAULT_DATABASE, Database, Options, Server};
use everwire_gateway::{Config, Stop, secret, send};
use tokio::net::TcpListener;
use url::Url;

/// A local server that behaves as AWS API Gateway does for WebSocket APIs.
///
/// Try it, each line in a terminal of its own. Run the gateway, connect as alice, push to alice:
///
///   everwire-gateway serve
///   npx wscat -c "ws://127.0.0.1:3001/dev?token=$(everwire-gateway token --user alice)"
///   everwire-gateway send --user alice '{"title":"Hi"}'
#[derive(Parser)]
#[command(version, verbatim_doc_comment)]
struct CommandLine {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Serve(Serve),
    Token(Token),
    Send(Send),
}

/// Where the secret that signs tokens comes from.
#[derive(Args)]
struct Key {
    /// Where connections are kept, or :memory:. The secret is in the file `secret` beside it.
    #[arg(long, value_name = "PATH", default_value = DEFAULT_DATABASE)]
    database: String,
    /// Signs and verifies tokens. Better in the environment, where `ps` does not show it.
    #[arg(long, value_name = "S", env = "EVERWIRE_SECRET", hide_env_values = true)]
    secret: Option<String>,
}

/// Runs the gateway until Ctrl-C
///
/// Clients connect to ws://HOST/STAGE?token=JWT; backends push through
/// POST|GET|DELETE http://HOST/STAGE/@connections/ID, as on AWS.
///
/// Routes: {"action":"ping"} and {"action":"echo"} answer; everything else goes to $default.
///
/// Without --secret it makes one the first time, keeps it beside the database for the owner only, and says so.
#[derive(Args)]
#[command(verbatim_doc_comment)]
struct Serve {
    /// Address to listen on. Port 0 takes a free one, which the first line of the output names.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:3001")]
    listen: String,
    /// The API's stage: the first part of every path.
    #[arg(long, default_value = "dev")]
    stage: String,
    #[command(flatten)]
    key: Key,
    /// Handle each connection's messages one after another. AWS does not: there, the answer to a later message may
    /// come first.
    #[arg(long)]
    serial: bool,
    /// Serve /demo too: sign-in without a password and troubles on request, for the demo page and tests. Only on
    /// loopback.
    #[arg(long)]
    demo: bool,
    /// Serve /faults: breaks connections on request (POST {"fault":"drop","user":"alice"}), for tests. --demo has it
    /// too. Only on loopback.
    #[arg(long)]
    faults: bool,
    /// How long the demo's access tokens are good, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "demo", value_parser = ttl())]
    token_ttl: u64,
}

/// Prints an access token: a JWT (HS256, sub = user) to connect with.
#[derive(Args)]
struct Token {
    /// Who it is for.
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    user: String,
    /// How long it is good, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, value_parser = ttl())]
    ttl: u64,
    #[command(flatten)]
    key: Key,
}

/// Asks a running gateway to push a message to all of a user's connections.
///
/// Proves itself with the gateway's secret. Exits with 1 if nothing was delivered.
#[derive(Args)]
struct Send {
    /// The running gateway.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3001/dev")]
    endpoint: Url,
    /// Who it is for.
    #[arg(long)]
    user: String,
    /// The message, in JSON.
    #[arg(value_name = "JSON")]
    message: String,
    #[command(flatten)]
    key: Key,
}

/// Up to ten years.
fn ttl() -> clap::builder::RangedU64ValueParser {
    clap::builder::RangedU64ValueParser::new().range(1..=315_360_000)
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match CommandLine::parse().verb {
        Verb::Serve(verb) => verb.run().await,
        Verb::Token(verb) => verb.run(),
        Verb::Send(verb) => verb.run().await,
    };
    done.unwrap_or_else(|error| {
        say(io::stderr(), format_args!("everwire-gateway: {error}"));
        ExitCode::FAILURE
    })
}

impl Serve {
    async fn run(self) -> Result<ExitCode, Box<dyn Error>> {
        tracing_subscriber::fmt()
            .with_writer(io::stderr)
            .with_ansi(io::stderr().is_terminal())
            .with_target(false)
            .with_max_level(tracing::Level::INFO)
            // It would say so with `eprintln!`, which panics: whoever read the log may be gone.
            .log_internal_errors(false)
            .init();
        let listener = listen(&self.listen).await?;
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            let risk = format_args!("{address} can be reached from other machines, without encryption");
            say(io::stderr(), format_args!("everwire-gateway: warning: {risk}"));
        }
        let database = Database::from(self.key.database.as_str());
        let options = Options {
            secret: self.key.find_or_make(&database)?,
            database,
            api: Api { stage: self.stage, ..serve::backend_api() },
            gateway: Config {
                concurrent_messages: if self.serial { 1 } else { Config::default().concurrent_messages },
                ..Config::default()
            },
            demo: self.demo.then(|| Duration::from_secs(self.token_ttl)),
            faults: self.faults,
        };
        let server = Server::new(listener, options).await?;
        // Tests and scripts wait for this line, and read the port from it.
        say(io::stdout(), format_args!("everwire-gateway: listening on {}", server.url()));
        server.run(signal()?).await?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Token {
    fn run(self) -> Result<ExitCode, Box<dyn Error>> {
        let token = token::mint(&self.key.find()?, Kind::Access, &self.user, token::now(), self.ttl)?;
        writeln!(io::stdout(), "{token}")?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Send {
    async fn run(self) -> Result<ExitCode, Box<dyn Error>> {
        let report = send::send(&self.endpoint, &self.key.find()?, &self.user, &self.message).await?;
        if report.delivered == 0 {
            say(io::stderr(), format_args!("{}", explain(&self.user, &report)));
            return Ok(ExitCode::FAILURE);
        }
        say(io::stdout(), format_args!("{}", explain(&self.user, &report)));
        Ok(ExitCode::SUCCESS)
    }
}

impl Key {
    fn find(&self) -> Result<Secret, secret::SecretError> {
        match &self.secret {
            Some(given) => secret::given(given),
            None => secret::find(&Database::from(self.database.as_str()).secret_path()),
        }
    }

    fn find_or_make(&self, database: &Database) -> Result<Secret, Box<dyn Error>> {
        if let Some(given) = &self.secret {
            let secret = secret::given(given)?;
            if secret.bytes() < 32 {
                let risk = format_args!("the secret is shorter than 32 bytes and may be guessed");
                say(io::stderr(), format_args!("everwire-gateway: warning: {risk}"));
            }
            return Ok(secret);
        }
        let path = database.secret_path();
        database.make_folder()?;
        let (secret, is_new) = secret::find_or_make(&path)?;
        if is_new {
            let made = format_args!("made a secret in {}, readable by you only", path.display());
            say(io::stderr(), format_args!("everwire-gateway: {made}"));
        }
        Ok(secret)
    }
}

/// Writes a line. Unlike `println!` it does not panic when nobody reads any more, which is no reason to stop serving.
fn say(mut output: impl Write, line: fmt::Arguments<'_>) {
    let _ = writeln!(output, "{line}");
}

fn explain(user: &str, report: &Report) -> String {
    let connections = |n: usize| if n == 1 { "1 connection".to_owned() } else { format!("{n} connections") };
    let mut text = match report {
        Report { delivered: 0, failed: 0, .. } => format!("not delivered: {user} is not connected"),
        Report { delivered: 0, .. } => format!("not delivered to {user}"),
        Report { delivered, .. } => format!("delivered to {} of {user}", connections(*delivered)),
    };
    if report.gone > 0 {
        text += &format!("; {} gone, now forgotten", connections(report.gone));
    }
    if report.failed > 0 {
        text += &format!("; {} could not be reached, see the gateway's log", connections(report.failed));
    }
    text
}

async fn listen(address: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        let remedy = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "another server has that port: stop it, or give another --listen"
            }
            _ => "give --listen an address of this machine, such as 127.0.0.1:3001",
        };
        format!("cannot listen on {address} ({error}): {remedy}")
    })
}

/// Ends at SIGINT (Ctrl-C), which a person sends who is done, or at SIGTERM, which whoever restarts it sends.
#[cfg(unix)]
fn signal() -> std::io::Result<impl Future<Output = Stop>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => Stop::GoAway,
            _ = terminate.recv() => Stop::Restart,
        }
    })
}

/// Ends at Ctrl-C.
#[cfg(not(unix))]
fn signal() -> std::io::Result<impl Future<Output = Stop>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        Stop::GoAway
    })
}
