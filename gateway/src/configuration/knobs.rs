//! Every knob, by flag, environment variable and TOML key, all three of the same words. What is a table (`[routes]`,
//! `[functions]` …) is for the file alone.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Arg, Args, ColorChoice, ValueEnum};

use super::section::Section;
use super::{ConfigurationError, Hidden, duration};
use crate::route::RouteSelection;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the value of a switch is called.
const SWITCH: &str = "BOOL";

/// What all flags have in common. To be given to clap's `mut_args`, as its derive has no place for it.
pub fn dress(arg: Arg) -> Arg {
    // In a help text a variable's value is noise at best, and a secret at worst.
    let arg = arg.hide_env_values(true);
    if arg.get_value_names() != Some(&[SWITCH.into()]) {
        return arg;
    }
    // `--serial` is true; `--serial=false` undoes what the file says.
    arg.num_args(0..=1)
        .require_equals(true)
        .default_missing_value("true")
        .value_parser(BoolishValueParser::new())
        .hide_possible_values(true)
}

/// The knobs as one source gives them: the command line with the environment, or the file.
#[derive(Clone, Default, Args)]
pub struct Knobs {
    #[command(flatten)]
    pub(super) api: ApiKnobs,
    #[command(flatten)]
    pub(super) key: KeyKnobs,
    #[command(flatten)]
    pub(super) limits: LimitKnobs,
    #[command(flatten)]
    pub(super) credentials: CredentialKnobs,
    #[command(flatten)]
    pub(super) demo: DemoKnobs,
    #[command(flatten)]
    pub(super) log: LogKnobs,
}

/// Where connections are kept, and what signs tokens.
#[derive(Clone, Default, Args)]
#[command(next_help_heading = "Database and secret")]
pub struct KeyKnobs {
    /// Where connections are kept: a file, :memory:, postgres://USER@HOST/DATABASE or dynamodb://TABLE. The secret is in
    /// the file `secret` beside it
    /// [default: .everwire/connections.db]
    #[arg(long, value_name = "PATH|URL", env = "EVERWIRE_DATABASE")]
    pub(super) database: Option<String>,
    /// Signs and verifies tokens. Better in the environment, where `ps` does not show it
    #[arg(long, value_name = "S", env = "EVERWIRE_SECRET", conflicts_with = "secret_file")]
    pub(super) secret: Option<Hidden>,
    /// A file that holds the secret, for its owner only; made if missing [default: beside the database]
    #[arg(long, value_name = "PATH", env = "EVERWIRE_SECRET_FILE")]
    pub(super) secret_file: Option<PathBuf>,
}

/// The API.
#[derive(Clone, Default, Args)]
#[command(next_help_heading = "API")]
pub(super) struct ApiKnobs {
    /// Address to listen on. Port 0 takes a free one, which the first line of the output names
    /// [default: 127.0.0.1:3001]
    #[arg(long, value_name = "HOST:PORT", env = "EVERWIRE_LISTEN")]
    pub(super) listen: Option<String>,
    /// The API's stage: the first part of every path [default: dev]
    #[arg(long, value_name = "NAME", env = "EVERWIRE_STAGE")]
    pub(super) stage: Option<String>,
    /// Variables of the stage, which every event carries. In the file: the table [stage-variables]
    #[arg(
        long,
        value_name = "NAME=VALUE,…",
        env = "EVERWIRE_STAGE_VARIABLES",
        value_delimiter = ',',
        value_parser = stage_variable
    )]
    pub(super) stage_variables: Vec<(String, String)>,
    /// Picks a message's route [default: $request.body.action]
    #[arg(long, value_name = "EXPRESSION", env = "EVERWIRE_ROUTE_SELECTION_EXPRESSION", value_parser = route_selection)]
    pub(super) route_selection_expression: Option<RouteSelection>,
    /// How many messages of one connection are handled at once [default: 16]
    #[arg(long, value_name = "N", env = "EVERWIRE_CONCURRENT_MESSAGES", value_parser = concurrent_messages, conflicts_with = "serial")]
    pub(super) concurrent_messages: Option<u32>,
    /// Handle each connection's messages one after another. AWS does not: there, the answer to a later message may
    /// come first
    #[arg(long, value_name = SWITCH, env = "EVERWIRE_SERIAL")]
    pub(super) serial: Option<bool>,
    /// A message's route that answers with a status of 400 or more has failed. On AWS it was not seen to
    #[arg(long, value_name = SWITCH, env = "EVERWIRE_FAILED_STATUS_IS_ERROR")]
    pub(super) failed_status_is_error: Option<bool>,
}

/// What AWS limits.
#[derive(Clone, Default, Args)]
#[command(next_help_heading = "Limits (the defaults are AWS's)")]
pub(super) struct LimitKnobs {
    /// How long a function may run: 50ms to 29s [default: 29s]
    #[arg(long, value_name = "DURATION", env = "EVERWIRE_INTEGRATION_TIMEOUT", value_parser = integration_timeout)]
    pub(super) integration_timeout: Option<Duration>,
    /// How long a connection may be without a message in either direction [default: 10m]
    #[arg(long, value_name = "DURATION", env = "EVERWIRE_IDLE_TIMEOUT", value_parser = idle_timeout)]
    pub(super) idle_timeout: Option<Duration>,
    /// How long a connection may last, 2h at most [default: 2h]
    #[arg(long, value_name = "DURATION", env = "EVERWIRE_CONNECTION_DURATION", value_parser = connection_duration)]
    pub(super) connection_duration: Option<Duration>,
    /// Handshakes per second; 0 is no limit [default: 500]
    #[arg(long, value_name = "N", env = "EVERWIRE_CONNECTIONS_PER_SECOND", value_parser = per_second)]
    pub(super) connections_per_second: Option<u32>,
    /// Messages and calls of /@connections per second; 0 is no limit [default: 10000]
    #[arg(long, value_name = "N", env = "EVERWIRE_REQUESTS_PER_SECOND", value_parser = per_second)]
    pub(super) requests_per_second: Option<u32>,
    /// How many of those may come at once [default: 5000]
    #[arg(long, value_name = "N", env = "EVERWIRE_REQUEST_BURST", value_parser = burst)]
    pub(super) request_burst: Option<u32>,
    /// How long a client may take to send a request's headers, and then its body [default: 10s]
    #[arg(long, value_name = "DURATION", env = "EVERWIRE_REQUEST_TIMEOUT", value_parser = request_timeout)]
    pub(super) request_timeout: Option<Duration>,
    /// Pings keep a connection from being idle. AWS does not say whether they do
    #[arg(long, value_name = SWITCH, env = "EVERWIRE_PINGS_ARE_ACTIVITY")]
    pub(super) pings_are_activity: Option<bool>,
}

/// What signs calls of the management API. In the file: the table `[credentials]`.
#[derive(Clone, Default, Args)]
#[command(next_help_heading = "Credentials (with them /@connections wants AWS Signature V4)")]
pub(super) struct CredentialKnobs {
    /// The access key that calls of /@connections have to be signed with
    #[arg(long, value_name = "ID", env = "EVERWIRE_ACCESS_KEY_ID")]
    pub(super) access_key_id: Option<String>,
    /// Its secret. Better in the environment, where `ps` does not show it
    #[arg(long, value_name = "S", env = "EVERWIRE_SECRET_ACCESS_KEY")]
    pub(super) secret_access_key: Option<Hidden>,
    /// A token that has to come with the key, if it is a temporary one
    #[arg(long, value_name = "S", env = "EVERWIRE_SESSION_TOKEN")]
    pub(super) session_token: Option<Hidden>,
    /// The region that signatures are for [default: us-east-1]
    #[arg(long, value_name = "REGION", env = "EVERWIRE_REGION")]
    pub(super) region: Option<String>,
}

/// The demo.
#[derive(Clone, Default, Args)]
#[command(next_help_heading = "Demo and tests")]
pub(super) struct DemoKnobs {
    /// Serve /demo too: sign-in without a password and troubles on request, for the demo page and tests. Only on
    /// loopback
    #[arg(long, value_name = SWITCH, env = "EVERWIRE_DEMO")]
    pub(super) demo: Option<bool>,
    /// Serve /faults: break connections on request, such as POST {"fault":"drop","user":"alice"}, for tests. --demo has
    /// it too. Only on loopback
    #[arg(long, value_name = SWITCH, env = "EVERWIRE_FAULTS")]
    pub(super) faults: Option<bool>,
    /// How long the demo's access tokens are good [default: 60s]
    #[arg(long, value_name = "DURATION", env = "EVERWIRE_TOKEN_TTL", value_parser = token_ttl)]
    pub(super) token_ttl: Option<Duration>,
}

/// The log.
#[derive(Clone, Default, Args)]
#[command(next_help_heading = "Log (on stderr)")]
pub(super) struct LogKnobs {
    /// One JSON object per line, for machines
    #[arg(long, value_name = SWITCH, env = "EVERWIRE_JSON")]
    pub(super) json: Option<bool>,
    /// Colours: auto, always or never. auto asks the terminal and NO_COLOR [default: auto]
    #[arg(long, value_name = "WHEN", env = "EVERWIRE_COLOR", value_parser = color)]
    pub(super) color: Option<ColorChoice>,
}

impl Knobs {
    /// What tells where a running gateway is, and its secret.
    pub fn of_place(key: KeyKnobs, listen: Option<String>, stage: Option<String>) -> Self {
        Self { key, api: ApiKnobs { listen, stage, ..ApiKnobs::default() }, ..Self::default() }
    }

    /// Without what only a gateway that is to be started needs, and could find to be incomplete.
    pub(super) fn without_serving(self) -> Self {
        Self { credentials: CredentialKnobs::default(), demo: DemoKnobs::default(), ..self }
    }
}

impl Knobs {
    /// The knobs that the file has.
    pub(super) fn read(top: &mut Section) -> Result<Self, ConfigurationError> {
        Ok(Self {
            key: KeyKnobs::read(top)?,
            api: ApiKnobs::read(top)?,
            limits: LimitKnobs::read(top)?,
            credentials: CredentialKnobs::read(top)?,
            demo: DemoKnobs {
                demo: top.switch("demo")?,
                faults: top.switch("faults")?,
                token_ttl: top.duration("token-ttl", token_ttl)?,
            },
            log: LogKnobs { json: top.switch("json")?, color: top.parsed("color", color)? },
        })
    }

    /// These, and those of `other` where these say nothing.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            key: self.key.or(other.key),
            api: self.api.or(other.api),
            limits: self.limits.or(other.limits),
            credentials: self.credentials.or(other.credentials),
            demo: DemoKnobs {
                demo: self.demo.demo.or(other.demo.demo),
                faults: self.demo.faults.or(other.demo.faults),
                token_ttl: self.demo.token_ttl.or(other.demo.token_ttl),
            },
            log: LogKnobs {
                json: self.log.json.or(other.log.json),
                color: self.log.color.or(other.log.color),
            },
        }
    }
}

impl KeyKnobs {
    fn read(top: &mut Section) -> Result<Self, ConfigurationError> {
        let source = top.source();
        let database = top.text("database")?.map(|database| {
            match database.strip_prefix("sqlite:").unwrap_or(&database) {
                path if path == ":memory:" || database.contains("://") => database,
                path => source.beside(path).to_string_lossy().into_owned(),
            }
        });
        let secret = top.take("secret");
        let secret_file = top.take("secret-file");
        if let (Some(_), Some(file)) = (&secret, &secret_file) {
            return Err(file.error("there is a secret as well: leave out one of the two"));
        }
        Ok(Self {
            database,
            secret: secret.map(|entry| entry.text().map(Hidden)).transpose()?,
            secret_file: secret_file.map(|entry| Ok(source.beside(&entry.text()?))).transpose()?,
        })
    }

    pub(super) fn or(self, other: Self) -> Self {
        // One knob in two spellings: a secret given nearer is not undone by a file named farther away.
        let (secret, secret_file) = match (self.secret, self.secret_file) {
            (None, None) => (other.secret, other.secret_file),
            given => given,
        };
        Self { database: self.database.or(other.database), secret, secret_file }
    }
}

impl ApiKnobs {
    fn read(top: &mut Section) -> Result<Self, ConfigurationError> {
        let variables = top.section("stage-variables")?.map(Section::rest_of_texts).transpose()?;
        Ok(Self {
            listen: top.text("listen")?,
            stage: top.text("stage")?,
            stage_variables: variables.unwrap_or_default().into_iter().collect(),
            route_selection_expression: top.parsed("route-selection-expression", route_selection)?,
            concurrent_messages: top.number("concurrent-messages", concurrent_messages)?,
            serial: top.switch("serial")?,
            failed_status_is_error: top.switch("failed-status-is-error")?,
        })
    }

    fn or(self, other: Self) -> Self {
        // One knob in two spellings, as above.
        let (serial, concurrent_messages) = match (self.serial, self.concurrent_messages) {
            (None, None) => (other.serial, other.concurrent_messages),
            given => given,
        };
        Self {
            listen: self.listen.or(other.listen),
            stage: self.stage.or(other.stage),
            stage_variables: [other.stage_variables, self.stage_variables].concat(),
            route_selection_expression: self.route_selection_expression.or(other.route_selection_expression),
            concurrent_messages,
            serial,
            failed_status_is_error: self.failed_status_is_error.or(other.failed_status_is_error),
        }
    }
}

impl LimitKnobs {
    fn read(top: &mut Section) -> Result<Self, ConfigurationError> {
        Ok(Self {
            integration_timeout: top.duration("integration-timeout", integration_timeout)?,
            idle_timeout: top.duration("idle-timeout", idle_timeout)?,
            connection_duration: top.duration("connection-duration", connection_duration)?,
            connections_per_second: top.number("connections-per-second", per_second)?,
            requests_per_second: top.number("requests-per-second", per_second)?,
            request_burst: top.number("request-burst", burst)?,
            request_timeout: top.duration("request-timeout", request_timeout)?,
            pings_are_activity: top.switch("pings-are-activity")?,
        })
    }

    fn or(self, other: Self) -> Self {
        Self {
            integration_timeout: self.integration_timeout.or(other.integration_timeout),
            idle_timeout: self.idle_timeout.or(other.idle_timeout),
            connection_duration: self.connection_duration.or(other.connection_duration),
            connections_per_second: self.connections_per_second.or(other.connections_per_second),
            requests_per_second: self.requests_per_second.or(other.requests_per_second),
            request_burst: self.request_burst.or(other.request_burst),
            request_timeout: self.request_timeout.or(other.request_timeout),
            pings_are_activity: self.pings_are_activity.or(other.pings_are_activity),
        }
    }
}

impl CredentialKnobs {
    fn read(top: &mut Section) -> Result<Self, ConfigurationError> {
        let Some(mut section) = top.section("credentials")? else { return Ok(Self::default()) };
        let credentials = Self {
            access_key_id: section.text("access-key-id")?,
            secret_access_key: section.text("secret-access-key")?.map(Hidden),
            session_token: section.text("session-token")?.map(Hidden),
            region: section.text("region")?,
        };
        section.finish()?;
        Ok(credentials)
    }

    fn or(self, other: Self) -> Self {
        let region = self.region.or(other.region);
        // A key and its secret stay together: half of one pair and half of another would sign nothing.
        if self.access_key_id.is_some() && self.secret_access_key.is_some() {
            return Self { region, ..self };
        }
        Self {
            access_key_id: self.access_key_id.or(other.access_key_id),
            secret_access_key: self.secret_access_key.or(other.secret_access_key),
            session_token: self.session_token.or(other.session_token),
            region,
        }
    }
}

fn stage_variable(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| format!("{text:?} is not of the form NAME=VALUE"))
}

fn route_selection(text: &str) -> Result<RouteSelection, String> {
    text.parse().map_err(|error: crate::route::RouteSelectionError| error.to_string())
}

fn integration_timeout(text: &str) -> Result<Duration, String> {
    duration::within(text, 50 * MS..=29 * SECOND, "API Gateway allows no other")
}

fn idle_timeout(text: &str) -> Result<Duration, String> {
    duration::within(text, MS..=DAY, "on AWS it is 10m")
}

fn connection_duration(text: &str) -> Result<Duration, String> {
    duration::within(
        text,
        MS..=2 * HOUR,
        "API Gateway closes at 2h, and the store forgets a connection soon after",
    )
}

fn request_timeout(text: &str) -> Result<Duration, String> {
    duration::within(text, MS..=HOUR, "a client that sends no headers holds a socket")
}

/// How long a token is good: up to ten years, in whole seconds, as JWTs have them.
///
/// # Errors
/// What is wrong with the text, in words.
pub fn token_ttl(text: &str) -> Result<Duration, String> {
    let ttl = duration::within(text, SECOND..=3650 * DAY, "that is how long tokens are good")?;
    if ttl.subsec_nanos() > 0 {
        return Err(format!("{text:?} is not in whole seconds, as tokens have them"));
    }
    Ok(ttl)
}

fn concurrent_messages(text: &str) -> Result<u32, String> {
    whole_number(text, 1, 10_000)
}

fn per_second(text: &str) -> Result<u32, String> {
    whole_number(text, 0, 1_000_000)
}

fn burst(text: &str) -> Result<u32, String> {
    whole_number(text, 1, 1_000_000)
}

/// A whole number between two others.
pub(super) fn whole_number(text: &str, least: u32, most: u32) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("{text:?} is no whole number from {least} to {most}"))
}

fn color(text: &str) -> Result<ColorChoice, String> {
    ColorChoice::from_str(text, true).map_err(|_| format!("{text:?} is none of auto, always and never"))
}
