//! What can be said on the command line, and what `--help` teaches.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use everwire_gateway::configuration::{self, KeyKnobs, Knobs, token_ttl};
use url::Url;

/// A local server that behaves as AWS API Gateway does for WebSocket APIs.
///
/// Try it, each line in a terminal of its own. Run the gateway, connect as alice,
/// push to alice:
///
///   everwire-gateway serve
///   npx wscat -c "ws://127.0.0.1:3001/dev?token=$(everwire-gateway token --user alice)"
///   everwire-gateway send --user alice '{"title":"Hi"}'
///
/// `everwire-gateway serve --help` shows how to run functions of your own.
#[derive(Parser)]
#[command(version, verbatim_doc_comment, max_term_width = 100)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    Serve(Box<Serve>),
    Token(Token),
    Send(Send),
}

/// Runs the gateway until Ctrl-C
///
/// Clients connect to ws://HOST/STAGE?token=JWT; backends push through
/// POST|GET|DELETE http://HOST/STAGE/@connections/ID, as on AWS. Open
/// http://HOST/ in a browser to see who is connected and what happens.
///
/// Without a configuration it serves the built-in backend: {"action":"ping"} and
/// {"action":"echo"} answer; everything else goes to $default. Without a secret it
/// makes one the first time, keeps it beside the database for the owner only, and
/// says so.
#[derive(Args)]
#[command(verbatim_doc_comment, after_help = MORE, after_long_help = TEACHING)]
pub(crate) struct Serve {
    /// The TOML file with what is not said here [default: everwire.toml, if it is there]
    #[arg(long, value_name = "FILE", env = "EVERWIRE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Print the configuration in force as TOML, its secrets hidden, and end
    #[arg(long)]
    pub(crate) print_config: bool,
    #[command(flatten)]
    pub(crate) knobs: Knobs,
}

const MORE: &str = "`--help` shows examples, the configuration file and the environment.";

const TEACHING: &str = r#"Examples:
  everwire-gateway serve --listen 127.0.0.1:4000 --stage prod
  everwire-gateway serve --idle-timeout 5s --database :memory:   # for a test
  everwire-gateway serve --json 2>log                            # for machines
  EVERWIRE_SECRET=… everwire-gateway serve --config gateway.toml

Configuration:
  Each option is a flag, an environment variable or a key of the file, of the
  same words: --idle-timeout, EVERWIRE_IDLE_TIMEOUT, idle-timeout. A flag wins
  over the environment, and that over the file. Tables are for the file alone,
  but for [stage-variables] and [credentials]. A switch is --serial or, to undo
  what the file says, --serial=false. A duration has a unit, as in 500ms, 30s,
  10m or 2h; a number alone is seconds. Paths in the file start at its folder.

    # everwire.toml
    idle-timeout = "30s"
    secret-file = "secret"        # rather than `secret`: files are shared

    [stage-variables]
    realm = "tests"

    [authorizer]
    function = "backend"          # the one that is built in
    identity-sources = ["route.request.querystring.token"]

    [routes]
    "$connect" = "backend"
    "$disconnect" = "backend"
    sendMessage = "chat"
    getProfile = { function = "chat", two-way = true }

    [functions.chat]              # runs over the Lambda Runtime API, as on AWS
    command = ["python", "-m", "awslambdaric", "app.handler"]
    working-directory = "functions/chat"
    environment = { TABLE = "messages" }
    timeout = "10s"               # 3s
    memory-mb = 256               # 128
    concurrency = 4               # 10

    [credentials]                 # /@connections then wants AWS Signature V4
    access-key-id = "local"       # the secret: EVERWIRE_SECRET_ACCESS_KEY
    region = "eu-west-1"          # us-east-1

Signals:
  Ctrl-C closes clients with 1001 "Going away", SIGTERM with 1012 "Service
  restart". A second one ends the gateway at once."#;

/// Prints an access token: a JWT (HS256, sub = user) to connect with
#[derive(Args)]
pub(crate) struct Token {
    /// Who it is for
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) user: String,
    /// How long it is good, as in 10m or 1h; a number alone is seconds
    #[arg(long, value_name = "DURATION", default_value = "3600", value_parser = token_ttl)]
    pub(crate) ttl: Duration,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Asks a running gateway to push a message to all of a user's connections
///
/// Proves itself with the gateway's secret. Exits with 1 if nothing was delivered.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Send {
    /// The running gateway [default: http://127.0.0.1:3001/dev, or as the file says]
    #[arg(long, value_name = "URL", env = "EVERWIRE_ENDPOINT")]
    pub(crate) endpoint: Option<Url>,
    /// Who it is for
    #[arg(long)]
    pub(crate) user: String,
    /// The message, in JSON
    #[arg(value_name = "JSON")]
    pub(crate) message: String,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Where the running gateway has its secret: found the same way as `serve` finds it.
#[derive(Args)]
pub(crate) struct Place {
    /// The file that the gateway was started with [default: everwire.toml, if it is there]
    #[arg(long, value_name = "FILE", env = "EVERWIRE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Where it listens, as `serve` was told
    #[arg(long, value_name = "HOST:PORT", env = "EVERWIRE_LISTEN", hide = true)]
    pub(crate) listen: Option<String>,
    /// Its stage, as `serve` was told
    #[arg(long, value_name = "NAME", env = "EVERWIRE_STAGE", hide = true)]
    pub(crate) stage: Option<String>,
    #[command(flatten)]
    pub(crate) key: KeyKnobs,
}

impl CommandLine {
    /// What was said; ends the process if it makes no sense, or asks for help.
    pub(crate) fn read() -> Self {
        let matches = Self::dressed().get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    fn dressed() -> clap::Command {
        Self::command().mut_subcommands(|verb| verb.mut_args(configuration::dress))
    }

    /// The environment variables that mean something.
    pub(crate) fn variables() -> Vec<String> {
        let command = Self::dressed();
        let arguments = command.get_subcommands().flat_map(clap::Command::get_arguments);
        arguments.filter_map(|argument| argument.get_env()?.to_str().map(str::to_owned)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_makes_sense_to_clap() {
        CommandLine::dressed().debug_assert();
    }

    #[test]
    fn every_option_that_takes_a_value_has_a_variable_of_the_same_words() {
        let command = CommandLine::dressed();
        let serve = command.find_subcommand("serve").unwrap();
        for argument in serve.get_arguments().filter(|argument| argument.get_id() != "print_config") {
            let flag = argument.get_long().unwrap();
            let variable = format!("EVERWIRE_{}", flag.to_uppercase().replace('-', "_"));
            assert_eq!(argument.get_env().unwrap().to_str(), Some(variable.as_str()));
        }
    }

    #[test]
    fn the_help_fits_80_columns() {
        for line in [TEACHING, MORE].into_iter().flat_map(str::lines) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
