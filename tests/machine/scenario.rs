//! A connection with its clock: walks to any state in one call, and says what came out last.

use everwire::{
    Config, Connection, Effect, Effects, Generation, Input, MessageId, Millis, Problem, Snapshot, State, Why,
};

/// A connection, the time, and the effects of the last input.
pub struct Scenario {
    pub connection: Connection,
    pub now: Millis,
    pub effects: Effects,
}

impl Scenario {
    pub fn closed() -> Self {
        Self::with(Config::DEFAULT)
    }

    pub fn with(config: Config) -> Self {
        Self { connection: Connection::new(config, 7), now: Millis(1_000_000), effects: Effects::default() }
    }

    pub fn fetching_token() -> Self {
        Self::closed().after(Input::Open)
    }

    pub fn connecting() -> Self {
        let scenario = Self::fetching_token();
        let generation = scenario.generation();
        scenario.after(Input::TokenReady(generation))
    }

    pub fn open() -> Self {
        let scenario = Self::connecting();
        let generation = scenario.generation();
        scenario.after(Input::SocketOpened(generation))
    }

    pub fn waiting() -> Self {
        let scenario = Self::open();
        let generation = scenario.generation();
        scenario.after(Input::SocketClosed(generation, 1006))
    }

    pub fn in_each_state() -> [Self; 5] {
        [Self::closed(), Self::fetching_token(), Self::connecting(), Self::open(), Self::waiting()]
    }

    /// The same, after one more input.
    pub fn after(mut self, input: Input) -> Self {
        self.input(input);
        self
    }

    pub fn input(&mut self, input: Input) {
        self.effects = self.connection.handle(self.now, input);
    }

    pub fn pass(&mut self, ms: u32) {
        self.now = self.now.plus(ms);
    }

    /// Moves the clock to the deadline and lets it fire.
    pub fn pass_until_due(&mut self) {
        self.now = self.connection.deadline().expect("a deadline");
        self.input(Input::Timeout);
    }

    /// From `Waiting` through a whole attempt to `Open`.
    pub fn come_back(&mut self) {
        self.pass_until_due();
        self.input(Input::TokenReady(self.generation()));
        self.input(Input::SocketOpened(self.generation()));
    }

    pub fn generation(&self) -> Generation {
        self.connection.generation()
    }

    pub fn state(&self) -> State {
        self.connection.state()
    }

    pub fn announced(&self) -> Option<Snapshot> {
        self.effects.as_slice().iter().find_map(|effect| match effect {
            Effect::Announce(snapshot) => Some(*snapshot),
            _ => None,
        })
    }

    pub fn why(&self) -> Option<Why> {
        self.announced().map(|snapshot| snapshot.why)
    }

    pub fn reported(&self) -> Option<Problem> {
        self.effects.as_slice().iter().find_map(|effect| match effect {
            Effect::Report(problem) => Some(*problem),
            _ => None,
        })
    }

    pub fn transmitted(&self) -> Vec<MessageId> {
        self.effects
            .as_slice()
            .iter()
            .filter_map(|effect| match effect {
                Effect::Transmit(_, message) => Some(*message),
                _ => None,
            })
            .collect()
    }

    pub fn did(&self, effect: Effect) -> bool {
        self.effects.as_slice().contains(&effect)
    }

    pub fn did_nothing(&self) -> bool {
        self.effects.as_slice().is_empty()
    }

    pub fn closed_socket(&self, generation: Generation) -> bool {
        self.did(Effect::CloseSocket(generation, 1000))
    }
}
