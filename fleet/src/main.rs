//! The command line.

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use everwire::Config;
use everwire_fleet::client::Everwire;
use everwire_fleet::gateway::HANDSHAKES_PER_SECOND;
use everwire_fleet::hint::Hinted;
use everwire_fleet::policy::{self, Modelled, Policy, seeds};
use everwire_fleet::report::{Report, Run};
use everwire_fleet::scenario::Scenario;
use everwire_fleet::simulation::{self, Outcomes, Settings};

/// The policy that is the real client, not a model.
const REAL: &str = "everwire";

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
    /// Whose retry delays: everwire, which is the real client, or a model of another one
    #[arg(long, value_delimiter = ',', default_value = "everwire", value_parser = policies())]
    policy: Vec<String>,
    /// Handshakes that the gateway accepts per second
    #[arg(long, value_name = "N", default_value_t = HANDSHAKES_PER_SECOND, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// How long the server is away, in milliseconds, instead of the scenario's time
    #[arg(long, value_name = "MS")]
    away_ms: Option<u64>,
    /// How many clients in a hundred follow --hidden-policy, as pages in the background
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=100))]
    hidden: u8,
    /// The retry delays of pages in the background
    #[arg(long, value_name = "POLICY", default_value = "place-300", value_parser = models())]
    hidden_policy: String,
    /// The server tells its clients beforehand how long it will be away and over how long to
    /// spread their return: clients ÷ rate. Only for models: the real client takes no hint yet
    #[arg(long)]
    hint: bool,
    /// Print one JSON object per run instead of a table
    #[arg(long)]
    json: bool,
}

fn models() -> PossibleValuesParser {
    PossibleValuesParser::new(policy::ALL.iter().map(|policy| policy.name()))
}

fn policies() -> PossibleValuesParser {
    let models = policy::ALL.iter().map(|policy| policy.name());
    PossibleValuesParser::new(std::iter::once(REAL).chain(models))
}

fn main() {
    let command = CommandLine::parse();
    if (command.hint || command.hidden > 0) && command.policy.iter().any(|policy| policy == REAL) {
        let cause = "the real client knows neither hints nor hidden pages yet: name a model with --policy";
        CommandLine::command().error(ErrorKind::ArgumentConflict, cause).exit();
    }
    if !command.json {
        println!("{}", Report::heading());
    }
    for scenario in &command.scenario {
        for policy in &command.policy {
            for clients in &command.clients {
                let report = command.report(*scenario, policy, *clients);
                if command.json {
                    println!("{}", serde_json::json!(report));
                } else {
                    println!("{}", report.row());
                }
            }
        }
    }
}

impl CommandLine {
    fn report(&self, scenario: Scenario, policy: &str, clients: u32) -> Report {
        let mut fault = scenario.fault();
        fault.away_ms = self.away_ms.unwrap_or(fault.away_ms);
        let settings =
            Settings { fault, handshakes_per_second: self.rate, give_up_after_ms: GIVE_UP_AFTER_MS };
        let seeds = seeds(self.seed, clients);
        let outcomes = match policy::named(policy) {
            Some(model) => self.run_model(&settings, model, seeds),
            None => {
                let clients = seeds.map(|seed| Everwire::proven(Config::DEFAULT, seed)).collect();
                simulation::run(&settings, clients)
            }
        };
        let run = Run {
            scenario,
            policy: policy.into(),
            seed: self.seed,
            over_at_ms: fault.over_at(),
            ideal_ms: fault.ideal_ms(clients, self.rate),
        };
        Report::new(run, &outcomes)
    }

    fn run_model(
        &self,
        settings: &Settings,
        visible: &dyn Policy,
        seeds: impl ExactSizeIterator<Item = u64>,
    ) -> Outcomes {
        let hidden = policy::named(&self.hidden_policy).unwrap_or(visible);
        let spread_ms = seeds.len() as u64 * 1_000 / u64::from(self.rate);
        let hinted = |policy| Hinted {
            policy,
            retry_after_ms: settings.fault.over_at() as u32,
            spread_ms: spread_ms as u32,
        };
        let (hinted_visible, hinted_hidden) = (hinted(visible), hinted(hidden));
        let (visible, hidden): (&dyn Policy, &dyn Policy) =
            if self.hint { (&hinted_visible, &hinted_hidden) } else { (visible, hidden) };
        let client = |(index, seed)| {
            let is_hidden = index % 100 < usize::from(self.hidden);
            Modelled::proven(if is_hidden { hidden } else { visible }, seed)
        };
        simulation::run(settings, seeds.enumerate().map(client).collect())
    }
}
