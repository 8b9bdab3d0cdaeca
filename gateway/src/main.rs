//! The program: `serve`, `token`, `send`.

mod command_line;
mod signals;

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use everwire_backend::push::Report;
use everwire_backend::token::{self, Kind};
use everwire_gateway::configuration::{Configuration, KeyNotice, Knobs, misspelt_variables};
use everwire_gateway::log::{Level, Log};
use everwire_gateway::send;
use everwire_gateway::serve::{Database, Options, Server};
use tokio::net::TcpListener;

use self::command_line::{CommandLine, Place, Send, Serve, Token, Verb};

#[tokio::main]
async fn main() -> ExitCode {
    let done = match CommandLine::read().verb {
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
        let configuration = Configuration::load(self.knobs, self.config.as_deref())?;
        if self.print_config {
            write!(io::stdout(), "{configuration}")?;
            return Ok(ExitCode::SUCCESS);
        }
        let log = Log::to_stderr(configuration.log);
        log.take_tracing();
        let is_json = configuration.log.is_json;
        let served = serve(configuration, &log).await;
        let ended = match served {
            // For machines an error is a line like the others.
            Err(error) if is_json => {
                log.note(Level::Error, &error.to_string());
                Ok(ExitCode::FAILURE)
            }
            ended => ended.map(|()| ExitCode::SUCCESS),
        };
        log.flush();
        ended
    }
}

async fn serve(configuration: Configuration, log: &Log) -> Result<(), Box<dyn Error>> {
    if let Some(file) = &configuration.file {
        log.note(Level::Info, &format!("configuration from {}", file.display()));
    }
    let variables = CommandLine::variables();
    let misspelt = misspelt_variables(variables.iter().map(String::as_str));
    for warning in configuration.warnings.iter().chain(&misspelt) {
        log.note(Level::Warn, warning);
    }
    raise_limit_of_open_files();
    let listener = listen(&configuration.listen).await?;
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        let risk = format!("{address} can be reached from other machines, without encryption");
        log.note(Level::Warn, &risk);
        if configuration.gateway.credentials.is_none() {
            let risk = "anybody there may post to connections and close them: give access-key-id and secret-access-key";
            log.note(Level::Warn, risk);
        }
    }
    let is_private = address.ip().is_loopback() || address.ip().is_unspecified();
    if is_private && matches!(configuration.key.database, Database::Server(_)) {
        let risk = "connections are told apart by their gateway's address, and another machine's gateway has the same \
                    one: on a database that they share, give --listen an address of this machine's own";
        log.note(Level::Warn, risk);
    }
    let server = Server::new(listener, options(&configuration, log)?).await?;
    server.observe(log.observer());
    // Before anybody is told that it runs, and may want to stop it.
    let stop = signals::stop()?;
    // Tests and scripts wait for this line, and read the port from it.
    say(io::stdout(), format_args!("everwire-gateway: listening on {}", server.url()));
    log.places(&places(&configuration, &server));
    // A task: the main thread would have to be woken for each client that it accepts.
    Ok(tokio::spawn(server.run(stop)).await??)
}

fn options(configuration: &Configuration, log: &Log) -> Result<Options, Box<dyn Error>> {
    let Configuration { key, api, gateway, demo, functions, .. } = configuration;
    let (secret, notice) = key.find_or_make()?;
    match notice {
        Some(KeyNotice::Made(path)) => {
            log.note(Level::Info, &format!("made a secret in {}, readable by you only", path.display()));
        }
        Some(KeyNotice::Short) => {
            log.note(Level::Warn, "the secret is shorter than 32 bytes and may be guessed");
        }
        None => {}
    }
    Ok(Options {
        database: key.database.clone(),
        secret,
        api: api.clone(),
        functions: functions.clone(),
        gateway: gateway.clone(),
        demo: *demo,
        faults: configuration.faults,
    })
}

/// Where everything is, for whoever has started it.
fn places(configuration: &Configuration, server: &Server) -> Vec<(&'static str, String)> {
    let Configuration { key, file, functions, demo, .. } = configuration;
    let mut places = vec![
        ("clients", format!("{}?token=JWT", server.url())),
        ("management", server.management_url()),
        ("status page", server.status_url()),
        ("database", key.database.to_string()),
    ];
    if !key.is_given() {
        places.push(("secret", key.secret_file.display().to_string()));
    }
    places.extend(file.as_ref().map(|file| ("configuration", file.display().to_string())));
    if !functions.is_empty() {
        let names: Vec<_> = functions.iter().map(|function| function.name.as_str()).collect();
        places.push(("functions", names.join(", ")));
    }
    places.extend(
        demo.map(|_| ("demo", format!("{}demo, where anybody signs in as anybody", server.status_url()))),
    );
    if configuration.faults || demo.is_some() {
        places.push(("faults", format!("{}faults, where anybody breaks connections", server.status_url())));
    }
    places
}

impl Token {
    fn run(self) -> Result<ExitCode, Box<dyn Error>> {
        let secret = self.place.configuration()?.key.find()?;
        let token = token::mint(&secret, Kind::Access, &self.user, token::now(), self.ttl.as_secs())?;
        writeln!(io::stdout(), "{token}")?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Send {
    async fn run(self) -> Result<ExitCode, Box<dyn Error>> {
        let configuration = self.place.configuration()?;
        let endpoint = match self.endpoint {
            Some(endpoint) => endpoint,
            None => configuration.endpoint()?.parse()?,
        };
        let report = send::send(&endpoint, &configuration.key.find()?, &self.user, &self.message).await?;
        if report.delivered == 0 {
            say(io::stderr(), format_args!("{}", explain(&self.user, &report)));
            return Ok(ExitCode::FAILURE);
        }
        say(io::stdout(), format_args!("{}", explain(&self.user, &report)));
        Ok(ExitCode::SUCCESS)
    }
}

impl Place {
    fn configuration(self) -> Result<Configuration, Box<dyn Error>> {
        let knobs = Knobs::of_place(self.key, self.listen, self.stage);
        Ok(Configuration::of_running(knobs, self.config.as_deref())?)
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
        let reasons: Vec<_> = report.reasons.keys().map(|reason| reason.to_string()).collect();
        let (failed, reasons) = (connections(report.failed), reasons.join(", "));
        text += &format!("; {failed} could not be reached ({reasons}), see the gateway's log");
    }
    text
}

/// Every connection is an open file, and many systems begin with 1024 of them. A process may raise that by itself.
#[cfg(unix)]
fn raise_limit_of_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Where it cannot be raised it stays; the listener says what to do when it is reached.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

#[cfg(not(unix))]
fn raise_limit_of_open_files() {}

async fn listen(address: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        let remedy = match error.kind() {
            io::ErrorKind::AddrInUse => "another server has that port: stop it, or give another --listen",
            _ => "give --listen an address of this machine, such as 127.0.0.1:3001",
        };
        format!("cannot listen on {address} ({error}): {remedy}")
    })
}
