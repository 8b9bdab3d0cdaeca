//! What a run amounts to.

use serde::Serialize;

use crate::scenario::Scenario;
use crate::simulation::Outcomes;

/// The shares of a fleet whose return is reported, in percent.
pub const SHARES: [u32; 4] = [50, 90, 99, 100];

/// One run. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The scenario's name.
    pub scenario: &'static str,
    /// The policy's name.
    pub policy: String,
    /// What the policy is, with its version.
    pub model_of: String,
    /// Whether the clients are the real one, not a model.
    pub is_real: bool,
    /// How many clients there are.
    pub clients: u32,
    /// What decided the run.
    pub seed: u64,
    /// How many are back for good.
    pub back: u32,
    /// When the fault was over, from its beginning.
    pub over_at_s: f64,
    /// How long the best fleet thinkable would take, from the end of the fault.
    pub ideal_s: f64,
    /// How long it took until each of [`SHARES`] was back, from the end of the fault; `None` if it
    /// never was.
    pub back_after_s: [Option<f64>; 4],
    /// The same divided by `ideal_s`.
    pub back_after_ideals: [Option<f64>; 4],
    /// Handshakes begun by a client, on average over all.
    pub attempts_mean: f64,
    /// Handshakes begun by the client that began most.
    pub attempts_max: u32,
    /// Handshakes begun by the whole fleet in its busiest second.
    pub peak_attempts_per_second: u32,
}

/// What a run was about.
pub struct Run {
    /// What went wrong.
    pub scenario: Scenario,
    /// The policy's name.
    pub policy: String,
    /// What the policy is a model of, with its version; `None` if it is the real client.
    pub model_of: Option<&'static str>,
    /// What decided the run.
    pub seed: u64,
    /// When the fault was over, in milliseconds since it began.
    pub over_at_ms: u64,
    /// How long the best fleet thinkable would take from there, in milliseconds.
    pub ideal_ms: f64,
}

impl Report {
    /// The report on what became of a fleet.
    #[must_use]
    pub fn new(run: Run, outcomes: &Outcomes) -> Self {
        let clients = &outcomes.clients;
        let mut back_at_ms: Vec<u64> = clients.iter().filter_map(|client| client.back_at_ms).collect();
        back_at_ms.sort_unstable();
        let back_after_s = SHARES.map(|share| {
            let rank = (clients.len() * share as usize).div_ceil(100);
            let at_ms = back_at_ms.get(rank.saturating_sub(1))?;
            Some(at_ms.saturating_sub(run.over_at_ms) as f64 / 1_000.0)
        });
        let ideal_s = run.ideal_ms / 1_000.0;
        let attempts: u64 = clients.iter().map(|client| u64::from(client.attempts)).sum();
        Self {
            scenario: run.scenario.name(),
            policy: run.policy,
            model_of: run.model_of.unwrap_or("the real client").into(),
            is_real: run.model_of.is_none(),
            clients: clients.len() as u32,
            seed: run.seed,
            back: back_at_ms.len() as u32,
            over_at_s: run.over_at_ms as f64 / 1_000.0,
            ideal_s,
            back_after_s,
            back_after_ideals: back_after_s.map(|time| time.map(|time| time / ideal_s)),
            attempts_mean: attempts as f64 / clients.len() as f64,
            attempts_max: clients.iter().map(|client| client.attempts).max().unwrap_or(0),
            peak_attempts_per_second: outcomes.attempts_in_second.iter().copied().max().unwrap_or(0),
        }
    }

    /// The head of a Markdown table whose rows are [`row`](Self::row)s.
    #[must_use]
    pub fn heading() -> &'static str {
        "| scenario  | policy                 |  clients | back      | ideal s | 50 % ÷ ideal | 90 %  | 99 %  | 100 % | 99 % s  | attempts | most | peak/s  |\n\
         | --------- | ---------------------- | -------: | --------: | ------: | -----------: | ----: | ----: | ----: | ------: | -------: | ---: | ------: |"
    }

    /// The report as a row of a Markdown table.
    #[must_use]
    pub fn row(&self) -> String {
        let [half, most, nearly_all, all] = self.back_after_ideals.map(|ratio| shown(ratio, 2));
        format!(
            "| {:9} | {:22} | {:8} | {:9} | {:7.1} | {half:>12} | {most:>5} | {nearly_all:>5} | {all:>5} | {:>7} | {:8.1} | {:4} | {:7} |",
            self.scenario,
            self.policy,
            self.clients,
            self.back,
            self.ideal_s,
            shown(self.back_after_s[2], 1),
            self.attempts_mean,
            self.attempts_max,
            self.peak_attempts_per_second,
        )
    }
}

/// A number with so many decimals, or that it never came to it.
fn shown(number: Option<f64>, decimals: usize) -> String {
    number.map_or_else(|| "never".into(), |number| format!("{number:.decimals$}"))
}
