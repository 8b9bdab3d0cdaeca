//! The command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use everwire::Config;
use everwire_fleet::client::Everwire;
use everwire_fleet::gateway::HANDSHAKES_PER_SECOND;
use everwire_fleet::peers;
use everwire_fleet::picture::{self, Row};
use everwire_fleet::policy::{self, Modelled, seeds};
use everwire_fleet::report::{Report, Run};
use everwire_fleet::scenario::Scenario;
use everwire_fleet::simulation::{self, Hint, Settings};

/// The policy that is the real client, not a model.
const REAL: &str = "everwire";
/// Every policy, the real client first.
const ALL: &str = "all";

/// Who is not back after three days has lost more than a connection.
const GIVE_UP_AFTER_MS: u64 = 3 * 86_400_000;

/// Simulates an outage: many Everwire clients, one API Gateway, one quota
///
/// Prints how long it takes until 50, 90, 99 and 100 % of the clients are back, divided by the
/// time that the quota alone would take, and what it costs in attempts. Lists (--clients
/// 1000,10000) give one row for each combination.
#[derive(Parser)]
#[command(version)]
struct CommandLine {
    /// How many clients there are
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "10000", value_parser = clap::value_parser!(u32).range(1..))]
    clients: Vec<u32>,
    /// What goes wrong
    #[arg(long, value_enum, value_delimiter = ',', default_value = "restart")]
    scenario: Vec<Scenario>,
    /// Decides every draw: the same seed gives the same run
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Whose retry delays: everwire, which is the real client, a model of another one, or all
    #[arg(long, value_delimiter = ',', default_value = REAL, value_parser = policies())]
    policy: Vec<String>,
    /// Handshakes that the gateway accepts per second
    #[arg(long, value_name = "N", default_value_t = HANDSHAKES_PER_SECOND, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// How long the server is away, in milliseconds, instead of the scenario's time
    #[arg(long, value_name = "MS")]
    away_ms: Option<u64>,
    /// The real client's maxRetryMs, instead of its default
    #[arg(long, value_name = "MS", default_value_t = Config::DEFAULT.max_retry_ms)]
    max_retry_ms: u32,
    /// How many clients in a hundred are pages that nobody looks at; only for the real client
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=100))]
    hidden: u32,
    /// The server tells its clients beforehand how long it will be away and over how long to
    /// spread their return: clients ÷ rate; only for the real client
    #[arg(long)]
    hint: bool,
    /// Print one JSON object per run instead of a table
    #[arg(long)]
    json: bool,
    /// Draw the policies of one scenario and one number of clients into this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

fn policies() -> PossibleValuesParser {
    let models = peers::ALL.iter().map(|policy| policy.name);
    PossibleValuesParser::new([ALL, REAL].into_iter().chain(models))
}

fn main() {
    let command = CommandLine::parse();
    command.check();
    if !command.json {
        println!("{}", Report::heading());
    }
    let mut rows = Vec::new();
    for scenario in &command.scenario {
        for policy in command.chosen() {
            for clients in &command.clients {
                let row = command.run(*scenario, policy, *clients);
                if command.json {
                    println!("{}", serde_json::json!(row.report));
                } else {
                    println!("{}", row.report.row());
                }
                if command.svg.is_some() {
                    rows.push(row);
                }
            }
        }
    }
    if let Some(path) = &command.svg {
        let svg = picture::draw(command.scenario[0].headline(), command.rate, &rows);
        if let Err(error) = std::fs::write(path, svg) {
            eprintln!("error: {} cannot be written: {error}", path.display());
            std::process::exit(1);
        }
    }
}

impl CommandLine {
    fn check(&self) {
        let refuse = |cause| CommandLine::command().error(ErrorKind::ArgumentConflict, cause).exit();
        if (self.hint || self.hidden > 0) && self.policy.iter().any(|policy| policy != REAL) {
            refuse("a model knows neither hints nor hidden pages: --policy everwire");
        }
        if self.svg.is_some() && (self.scenario.len() > 1 || self.clients.len() > 1) {
            refuse("a picture shows one scenario and one number of clients");
        }
    }

    fn chosen(&self) -> Vec<&str> {
        if self.policy.iter().any(|policy| policy == ALL) {
            return std::iter::once(REAL).chain(peers::ALL.iter().map(|policy| policy.name)).collect();
        }
        self.policy.iter().map(String::as_str).collect()
    }

    fn run(&self, scenario: Scenario, policy: &str, clients: u32) -> Row {
        let mut fault = scenario.fault();
        fault.away_ms = self.away_ms.unwrap_or(fault.away_ms);
        let ideal_ms = fault.ideal_ms(clients, self.rate);
        let hint = Hint {
            retry_after_ms: fault.over_at() as u32,
            spread_ms: (u64::from(clients) * 1_000 / u64::from(self.rate)) as u32,
        };
        let settings = Settings {
            fault,
            handshakes_per_second: self.rate,
            give_up_after_ms: GIVE_UP_AFTER_MS,
            hint: self.hint.then_some(hint),
            hidden_percent: self.hidden,
        };
        let seeds = seeds(self.seed, clients);
        let model = policy::named(policy);
        let outcomes = match model {
            Some(model) => {
                simulation::run(&settings, seeds.map(|seed| Modelled::proven(model, seed)).collect())
            }
            None => {
                let config = Config { max_retry_ms: self.max_retry_ms, ..Config::DEFAULT };
                let begin = if fault.is_asleep { Everwire::asleep } else { Everwire::proven };
                simulation::run(&settings, seeds.map(|seed| begin(config, seed)).collect())
            }
        };
        let run = Run {
            scenario,
            policy: policy.into(),
            model_of: model.map(|model| model.model_of),
            seed: self.seed,
            over_at_ms: fault.over_at(),
            ideal_ms,
        };
        Row { report: Report::new(run, &outcomes), outcomes }
    }
}
