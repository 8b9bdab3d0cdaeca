//! A connection with its clock: walks to any state in one call, and says what came out last.

use everwire::{
    Config, Connection, Effect, Effects, Generation, Input, Message, MessageId, Millis, PageEvent, Problem,
    Snapshot, Spare, State, Token, Why,
};

/// A connection, the time, and the effects of the last input.
pub struct Scenario {
    pub connection: Connection,
    pub now: Millis,
    pub effects: Effects,
}

/// A token that says nothing about itself.
pub const TOKEN: Token = Token { lives_ms: None, history: everwire::TokenHistory::New, url_length: 100 };

pub const HOUR_MS: u32 = 3_600_000;

/// An ordinary message of ten bytes.
pub const fn message(id: u32) -> Message {
    Message { id: MessageId(id), bytes: 10, key: 0, expires_at: None }
}

impl Scenario {
    pub fn closed() -> Self {
        Self::with(Config::DEFAULT)
    }

    pub fn with(config: Config) -> Self {
        Self {
            connection: Connection::new(config, 7),
            now: Millis::new(1_000_000),
            effects: Effects::default(),
        }
    }

    pub fn fetching_token() -> Self {
        Self::closed().after(Input::Open)
    }

    pub fn connecting() -> Self {
        Self::fetching_token().given_token()
    }

    /// Open, to a server that has not answered a heartbeat yet.
    pub fn open() -> Self {
        Self::open_with(Config::DEFAULT)
    }

    pub fn open_with(config: Config) -> Self {
        Self::with(config).after(Input::Open).given_token().given_socket()
    }

    /// Open, to a server that answers heartbeats.
    pub fn answered() -> Self {
        Self::answered_with(Config::DEFAULT)
    }

    pub fn answered_with(config: Config) -> Self {
        let mut scenario = Self::open_with(config);
        scenario.answer();
        scenario
    }

    pub fn waiting() -> Self {
        Self::open().given_loss(1006)
    }

    pub fn suspended() -> Self {
        Self::open().after(Input::Page(PageEvent::Stored))
    }

    pub fn in_each_state() -> [Self; 6] {
        [
            Self::closed(),
            Self::suspended(),
            Self::fetching_token(),
            Self::connecting(),
            Self::open(),
            Self::waiting(),
        ]
    }

    /// The same, after one more input.
    pub fn after(mut self, input: Input) -> Self {
        self.input(input);
        self
    }

    /// The same, after the token has come.
    pub fn given_token(mut self) -> Self {
        self.input(Input::TokenReady(self.generation(), TOKEN));
        self
    }

    /// The same, after the handshake has succeeded.
    pub fn given_socket(mut self) -> Self {
        self.input(Input::SocketOpened(self.generation()));
        self
    }

    /// The same, after the socket has closed.
    pub fn given_loss(mut self, code: u16) -> Self {
        self.input(Input::SocketClosed(self.generation(), code));
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

    /// Lets time pass as it does for a page that is awake: every deadline fires when it is due.
    /// Nothing is heard meanwhile.
    pub fn pass_awake(&mut self, ms: u32) {
        let end = self.now.plus(ms);
        while self.connection.deadline().is_some_and(|due| due <= end) {
            self.pass_until_due();
        }
        self.now = end;
    }

    /// From `Waiting` through a whole attempt to `Open`.
    pub fn come_back(&mut self) {
        self.pass_until_due();
        self.input(Input::TokenReady(self.generation(), TOKEN));
        self.input(Input::SocketOpened(self.generation()));
    }

    /// The server answers the heartbeat on the current socket.
    pub fn answer(&mut self) {
        self.hear(self.generation(), true);
    }

    /// A frame comes on the current socket that answers nothing.
    pub fn notify(&mut self) {
        self.hear(self.generation(), false);
    }

    pub fn hear(&mut self, generation: Generation, is_answer: bool) {
        self.input(Input::Received { generation, at: self.now, is_answer });
    }

    pub fn generation(&self) -> Generation {
        self.connection.generation()
    }

    pub fn state(&self) -> State {
        self.connection.state()
    }

    /// The number of the attempt that a hand-over makes beside the open socket.
    pub fn spare(&self) -> Generation {
        match self.connection.spare() {
            Spare::None | Spare::Waiting { .. } => panic!("no attempt beside the open socket"),
            Spare::FetchingToken { generation, .. }
            | Spare::Connecting { generation, .. }
            | Spare::Proving { generation, .. }
            | Spare::Draining { generation, .. } => generation,
        }
    }

    /// Lets the pause between two tries of a hand-over go by, while the open socket is heard.
    pub fn pass_until_next_try(&mut self) {
        let Spare::Waiting { retry_at } = self.connection.spare() else { panic!("no next try") };
        self.now = retry_at;
        self.notify();
        self.input(Input::Timeout);
    }

    pub fn is_open(&self) -> bool {
        matches!(self.state(), State::Open(_))
    }

    pub fn is_waiting(&self) -> bool {
        matches!(self.state(), State::Waiting { .. })
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

    /// How long the wait is that was announced.
    pub fn retry_in_ms(&self) -> u32 {
        self.announced().and_then(|snapshot| snapshot.retry_in_ms).expect("a wait")
    }

    pub fn reported(&self) -> Option<Problem> {
        self.effects.as_slice().iter().find_map(|effect| match effect {
            Effect::Report(problem) => Some(*problem),
            _ => None,
        })
    }

    /// Which messages were handed to which sockets.
    pub fn transmitted_to(&self) -> Vec<(Generation, u32)> {
        self.effects
            .as_slice()
            .iter()
            .filter_map(|effect| match effect {
                Effect::Transmit(generation, message) => Some((*generation, message.id.0)),
                _ => None,
            })
            .collect()
    }

    pub fn transmitted(&self) -> Vec<u32> {
        self.transmitted_to().into_iter().map(|(_, message)| message).collect()
    }

    pub fn refused(&self) -> Vec<(u32, Problem)> {
        self.effects
            .as_slice()
            .iter()
            .filter_map(|effect| match effect {
                Effect::Refuse(message, problem) => Some((message.0, *problem)),
                _ => None,
            })
            .collect()
    }

    /// Whether the token that was asked for must not come from a cache, if one was asked for.
    pub fn asked_for_refresh(&self) -> Option<bool> {
        self.effects.as_slice().iter().find_map(|effect| match effect {
            Effect::RequestToken { is_refresh, .. } => Some(*is_refresh),
            _ => None,
        })
    }

    pub fn asked_for_token(&self) -> bool {
        self.asked_for_refresh().is_some()
    }

    pub fn did(&self, effect: Effect) -> bool {
        self.effects.as_slice().contains(&effect)
    }

    pub fn did_nothing(&self) -> bool {
        self.effects.as_slice().is_empty()
    }

    pub fn probed(&self, generation: Generation) -> bool {
        self.did(Effect::Probe(generation))
    }

    pub fn closed_socket(&self, generation: Generation) -> bool {
        self.did(Effect::CloseSocket(generation, 1000))
    }
}
