//! Every order of events, in a small world: stateright walks all of them and holds the machine to
//! its invariants (named in ARCHITECTURE.md).
//!
//! The world holds what the machine cannot see: token requests and sockets that are still out
//! there, also those that it has given up, whose news come late; and the effects that are not run
//! yet, between which a listener may call the client back. What the world may do is bounded by
//! counts of actions, not by time.

#![cfg(not(target_arch = "wasm32"))]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use everwire::{Config, Connection, Effect, Generation, Input, MessageId, Millis, Outbox, Problem, State};
use stateright::{Checker, Model, Property};

/// Small, so that the walk ends: what matters is the order of things, not how many of them there are.
const CONFIG: Config = Config {
    token_timeout_ms: 10,
    handshake_timeout_ms: 10,
    first_retry_ms: 2,
    max_retry_ms: 4,
    stable_after_ms: 10,
    max_queued_messages: 1,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Socket {
    Connecting,
    Open,
    /// The server is closing it: the browser takes no message any more, and `close` will come.
    Closing,
}

/// How often each thing may still happen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Budget {
    opens: u8,
    closes: u8,
    reconnects: u8,
    sends: u8,
    losses: u8,
    timeouts: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    connection: Connection,
    now: Millis,
    budget: Budget,
    /// Token requests that have not settled, also those that nobody waits for any more.
    tokens: BTreeSet<Generation>,
    /// Sockets that the machine has and has not closed.
    sockets: BTreeMap<Generation, Socket>,
    /// Sockets that the machine has closed and that may still have news of a success.
    abandoned: BTreeSet<Generation>,
    /// Effects that wait to be run, one at a time, as the browser's driver does it.
    queue: VecDeque<Effect>,
    /// What became of each message.
    messages: BTreeMap<MessageId, Fate>,
    /// Promises of `open` that wait; what settles them.
    waiting: bool,
    /// The first rule that was broken, if one was.
    broken: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Fate {
    InDoubt,
    Transmitted,
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    Open,
    Close,
    Reconnect,
    Send,
    TokenArrives(Generation),
    TokenFails(Generation),
    BrowserRefuses(Generation),
    HandshakeSucceeds(Generation),
    LateSuccess(Generation),
    ServerBeginsToClose(Generation),
    SocketCloses(Generation, u16),
    RunEffect,
    TimeoutWhenDue,
    TimeoutEarly,
    TimeoutLate,
}

/// What the world may do.
struct Walk(Budget);

impl Model for Walk {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            connection: Connection::new(CONFIG, 1),
            now: Millis(0),
            budget: self.0.clone(),
            tokens: BTreeSet::new(),
            sockets: BTreeMap::new(),
            abandoned: BTreeSet::new(),
            queue: VecDeque::new(),
            messages: BTreeMap::new(),
            waiting: false,
            broken: None,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        let Budget { opens, closes, reconnects, sends, losses, timeouts } = world.budget;
        let app = [
            (opens, Action::Open),
            (closes, Action::Close),
            (reconnects, Action::Reconnect),
            (sends, Action::Send),
        ];
        actions.extend(app.into_iter().filter(|(left, _)| *left > 0).map(|(_, action)| action));
        if !world.queue.is_empty() {
            // Only a listener, called by one effect, can come before the next one.
            actions.push(Action::RunEffect);
            return;
        }
        for generation in &world.tokens {
            actions.extend([Action::TokenArrives(*generation), Action::TokenFails(*generation)]);
        }
        for (generation, socket) in &world.sockets {
            match socket {
                Socket::Connecting => actions.push(Action::HandshakeSucceeds(*generation)),
                Socket::Open if losses > 0 => actions.push(Action::ServerBeginsToClose(*generation)),
                Socket::Open | Socket::Closing => {}
            }
            if losses > 0 || *socket == Socket::Closing {
                let codes = [1006, 4403].map(|code| Action::SocketCloses(*generation, code));
                actions.extend(codes);
            }
            if losses > 0 && *socket == Socket::Connecting {
                actions.push(Action::BrowserRefuses(*generation));
            }
        }
        actions.extend(world.abandoned.iter().copied().map(Action::LateSuccess));
        if world.connection.deadline().is_some() && timeouts > 0 {
            actions.extend([Action::TimeoutWhenDue, Action::TimeoutLate]);
        }
        if world.connection.deadline().is_some_and(|due| due > world.now) {
            actions.push(Action::TimeoutEarly);
        }
    }

    fn next_state(&self, last: &World, action: Action) -> Option<World> {
        let mut world = last.clone();
        world.act(action);
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no rule is broken on the way", |_, world: &World| world.broken.is_none()),
            Property::always("never two sockets", |_, world: &World| world.sockets.len() <= 1),
            Property::always("a socket only where the state says so", |_, world: &World| {
                if !world.queue.is_empty() {
                    return true;
                }
                let has_socket = !world.sockets.is_empty();
                match world.connection.state() {
                    State::Connecting { .. } | State::Open { .. } => has_socket,
                    State::Closed | State::FetchingToken { .. } | State::Waiting { .. } => !has_socket,
                }
            }),
            Property::always("no promise of open waits in vain", |_, world: &World| {
                let may_wait = match world.connection.state() {
                    State::Closed | State::Open { .. } => false,
                    State::FetchingToken { .. } | State::Connecting { .. } | State::Waiting { .. } => true,
                };
                world.waiting == world.connection.is_opening() && (may_wait || !world.waiting)
            }),
            Property::always("no state without a way out", |_, world: &World| {
                match world.connection.state() {
                    // Only the app leads out of the first, only the server out of the second.
                    State::Closed | State::Open { stable_at: None } => world.connection.deadline().is_none(),
                    State::Open { stable_at: Some(_) }
                    | State::FetchingToken { .. }
                    | State::Connecting { .. }
                    | State::Waiting { .. } => world.leaves_when_due(),
                }
            }),
            Property::always("a closed connection holds nothing", |_, world: &World| {
                world.connection.state() != State::Closed || *world.connection.outbox() == Outbox::default()
            }),
            Property::always("every message waits, or has one fate", |_, world: &World| {
                let in_doubt = world.messages.values().filter(|fate| **fate == Fate::InDoubt).count();
                !world.queue.is_empty() || in_doubt == world.connection.outbox().len()
            }),
            Property::sometimes("a connection comes back after a loss", |_, world: &World| {
                world.budget.losses == 0 && matches!(world.connection.state(), State::Open { .. })
            }),
            Property::sometimes("late news of a socket that was given up", |_, world: &World| {
                world.abandoned.len() > 1
            }),
        ]
    }
}

impl World {
    fn act(&mut self, action: Action) {
        match action {
            Action::Open => {
                self.budget.opens -= 1;
                // One more that waits for what others wait for already: settled together.
                self.waiting = true;
                self.input(Input::Open);
            }
            Action::Close => {
                self.budget.closes -= 1;
                self.input(Input::Close);
                self.require(self.connection.state() == State::Closed, "close closes");
            }
            Action::Reconnect => {
                self.budget.reconnects -= 1;
                self.input(Input::Reconnect);
            }
            Action::Send => {
                self.budget.sends -= 1;
                let message = MessageId(u32::from(self.budget.sends.abs_diff(u8::MAX)));
                self.messages.insert(message, Fate::InDoubt);
                self.input(Input::Send(message));
            }
            Action::TokenArrives(generation) => {
                self.tokens.remove(&generation);
                self.token_settles(generation, Input::TokenReady(generation));
            }
            Action::TokenFails(generation) => {
                self.tokens.remove(&generation);
                self.token_settles(generation, Input::TokenFailed(generation));
            }
            Action::BrowserRefuses(generation) => {
                self.budget.losses -= 1;
                self.sockets.remove(&generation);
                self.input(Input::SocketRefused(generation));
            }
            Action::HandshakeSucceeds(generation) => {
                self.sockets.insert(generation, Socket::Open);
                self.input(Input::SocketOpened(generation));
            }
            Action::LateSuccess(generation) => {
                let before = self.connection.clone();
                self.input(Input::SocketOpened(generation));
                self.require(self.connection == before, "late news change nothing");
                self.abandoned.remove(&generation);
            }
            Action::ServerBeginsToClose(generation) => {
                self.budget.losses -= 1;
                self.sockets.insert(generation, Socket::Closing);
            }
            Action::SocketCloses(generation, code) => {
                if self.sockets.remove(&generation) != Some(Socket::Closing) {
                    self.budget.losses -= 1;
                }
                self.input(Input::SocketClosed(generation, code));
            }
            Action::RunEffect => {
                if let Some(effect) = self.queue.pop_front() {
                    self.run(effect);
                }
            }
            Action::TimeoutWhenDue => self.time_out_at(0),
            Action::TimeoutLate => self.time_out_at(3_600_000),
            Action::TimeoutEarly => {
                let before = self.connection.clone();
                let effects = self.connection.handle(self.now, Input::Timeout);
                self.require(self.connection == before && effects.as_slice().is_empty(), "early is harmless");
            }
        }
    }

    fn token_settles(&mut self, generation: Generation, input: Input) {
        let before = self.connection.clone();
        self.input(input);
        let is_late = generation != before.generation();
        self.require(!is_late || self.connection == before, "late news change nothing");
    }

    fn time_out_at(&mut self, late_ms: u32) {
        self.budget.timeouts -= 1;
        self.now = self.connection.deadline().map_or(self.now, |due| due.plus(late_ms));
        self.input(Input::Timeout);
    }

    fn leaves_when_due(&self) -> bool {
        let mut connection = self.connection.clone();
        connection.deadline().is_some_and(|due| {
            connection.handle(due, Input::Timeout);
            connection.state() != self.connection.state()
        })
    }

    fn input(&mut self, input: Input) {
        for effect in self.connection.handle(self.now, input) {
            match effect {
                // At once, as the driver does it: nobody is called back.
                Effect::Settle(outcome) => self.settle(outcome),
                effect => self.queue.push_back(effect),
            }
        }
    }

    fn settle(&mut self, outcome: Result<(), Problem>) {
        let is_open = matches!(self.connection.state(), State::Open { .. });
        self.require(self.waiting, "what is settled was waited for");
        self.require(outcome.is_ok() == is_open, "open settles with the truth");
        self.waiting = false;
    }

    fn run(&mut self, effect: Effect) {
        match effect {
            Effect::RequestToken(generation) => {
                self.tokens.insert(generation);
            }
            Effect::OpenSocket(generation) => {
                self.sockets.insert(generation, Socket::Connecting);
            }
            Effect::CloseSocket(generation, _) => {
                if self.sockets.remove(&generation).is_some() {
                    self.abandoned.insert(generation);
                }
            }
            Effect::Transmit(generation, message) => self.transmit(generation, message),
            Effect::Refuse(message, _) => self.decide(message, Fate::Refused),
            Effect::Settle(_) | Effect::Announce(_) | Effect::Report(_) => {}
        }
    }

    fn transmit(&mut self, generation: Generation, message: MessageId) {
        match self.sockets.get(&generation) {
            Some(Socket::Open) => {
                let later = self.messages.range(message..).skip(1);
                let overtaken = later.into_iter().any(|(_, fate)| *fate == Fate::Transmitted);
                self.require(!overtaken, "messages keep their order");
                self.decide(message, Fate::Transmitted);
            }
            Some(Socket::Closing) | None => self.input(Input::NotTransmitted(generation, message)),
            Some(Socket::Connecting) => self.require(false, "no message before the handshake is over"),
        }
    }

    fn decide(&mut self, message: MessageId, fate: Fate) {
        let before = self.messages.insert(message, fate);
        self.require(before == Some(Fate::InDoubt), "a message has one fate");
    }

    fn require(&mut self, holds: bool, rule: &'static str) {
        if !holds {
            self.broken.get_or_insert(rule);
        }
    }
}

fn check(budget: Budget) {
    let checker = Walk(budget).checker().threads(2).spawn_bfs().join();
    println!(
        "model check: {} states visited, {} unique",
        checker.state_count(),
        checker.unique_state_count()
    );
    checker.assert_properties();
}

#[test]
fn every_order_of_events_keeps_every_invariant() {
    check(Budget { opens: 2, closes: 1, reconnects: 1, sends: 2, losses: 2, timeouts: 2 });
}

#[test]
#[ignore = "minutes: part of npm run test:all"]
fn every_order_of_many_events_keeps_every_invariant() {
    check(Budget { opens: 2, closes: 2, reconnects: 1, sends: 2, losses: 2, timeouts: 2 });
}
