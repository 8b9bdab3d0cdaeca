//! The world around a machine: what it may do, and what it does with the machine's effects.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{Hash, Hasher};

use everwire::{
    Config, Connection, Effect, Generation, Hint, Input, Message, MessageId, Millis, PageEvent, Problem,
    Snapshot, State, Token, TokenHistory,
};
use stateright::{Model, Property};

use crate::properties::{self, Rule};

const SEED: u64 = 0xE7E7_0000_0000_0001;
const HOUR_MS: u32 = 3_600_000;
const TOKEN: Token = Token { lives_ms: None, history: TokenHistory::New, url_length: 0 };

/// One small world, and how often each thing may happen in it.
pub struct Walk {
    pub name: &'static str,
    pub config: Config,
    /// The codes with which sockets close.
    pub codes: &'static [u16],
    pub pages: &'static [PageEvent],
    /// What the messages are like; the last kind goes for all further ones.
    pub kinds: &'static [Kind],
    /// Whether the server answers heartbeats.
    pub answers: bool,
    pub budget: Budget,
}

/// What a message is like.
#[derive(Clone, Copy)]
pub struct Kind {
    pub bytes: u32,
    pub key: u32,
    pub expires: bool,
}

impl Kind {
    pub const PLAIN: Self = Self { bytes: 10, key: 0, expires: false };
    pub const KEYED: Self = Self { key: 1, ..Self::PLAIN };
    pub const EXPIRING: Self = Self { expires: true, ..Self::PLAIN };
}

/// How often each thing may still happen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Budget {
    pub opens: u8,
    pub closes: u8,
    pub reconnects: u8,
    pub rotates: u8,
    pub sends: u8,
    pub cancels: u8,
    /// Tokens that fail, are denied or expired, greetings that fail, sockets that the browser
    /// refuses.
    pub troubles: u8,
    pub losses: u8,
    /// Sockets that the network swallows without a word.
    pub holes: u8,
    /// Frames that answer nothing.
    pub frames: u8,
    /// Sockets that are busy for a while, or closing.
    pub jams: u8,
    pub hints: u8,
    pub pages: u8,
    pub timeouts: u8,
    /// Hours that pass unnoticed.
    pub sleeps: u8,
}

impl Budget {
    pub const NONE: Self = Self {
        opens: 0,
        closes: 0,
        reconnects: 0,
        rotates: 0,
        sends: 0,
        cancels: 0,
        troubles: 0,
        losses: 0,
        holes: 0,
        frames: 0,
        jams: 0,
        hints: 0,
        pages: 0,
        timeouts: 0,
        sleeps: 0,
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    Connecting,
    Open,
    /// Has more to send already than it should: takes no message for a while.
    Busy,
    /// The server is closing it: the browser takes no message any more, and `close` will come.
    Closing,
}

/// A socket that the machine has and has not closed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wire {
    pub phase: Phase,
    /// Whether nothing comes through any more, neither way.
    pub is_black: bool,
    pub is_greeted: bool,
    /// When the app's greeting was asked for, if it has not settled.
    pub is_greeting: bool,
    /// When a frame last came, or the socket opened.
    pub heard_at: Millis,
    /// When the heartbeat that has no answer yet was sent.
    pub asked_at: Option<Millis>,
    /// Whether the page has slept since the socket was last heard.
    pub has_slept: bool,
    /// The last message that it was given.
    pub last: Option<MessageId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    InDoubt,
    Transmitted,
    Quarantined,
    Refused,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    pub connection: Connection,
    pub now: Millis,
    pub budget: Budget,
    /// Token requests that are waited for.
    pub tokens: BTreeSet<Generation>,
    pub sockets: BTreeMap<Generation, Wire>,
    /// Effects that call the app and wait to be run, one at a time.
    pub queue: VecDeque<Effect>,
    pub messages: BTreeMap<MessageId, Fate>,
    /// Whether the app waits for `open`.
    pub is_opening: bool,
    /// Whether the app has asked for a connection that it has not closed and that was not given up.
    pub is_wanted: bool,
    /// Whether the page is stored.
    pub is_stored: bool,
    /// Whether the browser refuses the next socket.
    refuses: bool,
    /// Whether the server has answered a heartbeat.
    pub has_answered: bool,
    /// The state that the app has been told of last.
    pub told: State,
    /// The first rule that was broken, if one was.
    pub broken: Option<Rule>,
}

/// Moments count from now: a world that is the same an hour later is the same world.
impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let relative = &mut Relative { hasher: state, now: self.now.get() };
        self.connection.hash(relative);
        self.budget.hash(relative);
        self.tokens.hash(relative);
        self.sockets.hash(relative);
        self.queue.hash(relative);
        self.messages.hash(relative);
        (self.is_opening, self.is_wanted, self.is_stored, self.refuses, self.has_answered).hash(relative);
        std::mem::discriminant(&self.told).hash(relative);
        self.broken.hash(relative);
    }
}

/// The seed is the only other number of 64 bits.
struct Relative<'a, H> {
    hasher: &'a mut H,
    now: u64,
}

impl<H: Hasher> Hasher for Relative<'_, H> {
    fn finish(&self) -> u64 {
        self.hasher.finish()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.hasher.write(bytes);
    }

    fn write_u64(&mut self, number: u64) {
        self.hasher.write_u64(if number == SEED { SEED } else { number.wrapping_sub(self.now) });
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    Open,
    Close,
    Reconnect,
    Rotate,
    Send,
    Cancel(MessageId),
    TokenArrives(Generation),
    TokenArrivesExpired(Generation),
    TokenFails(Generation),
    TokenIsDenied(Generation),
    TokenArrivesAndBrowserRefuses(Generation),
    HandshakeSucceeds(Generation),
    SocketCloses(Generation, u16),
    SocketBeginsToClose(Generation),
    SocketGetsBusy(Generation),
    SocketHasTimeAgain(Generation),
    NetworkSwallows(Generation),
    AnswerComes(Generation),
    FrameComes(Generation),
    GreetingGoes(Generation),
    GreetingFails(Generation),
    ServerHints,
    Page(PageEvent),
    RunEffect,
    TimeoutWhenDue,
    TimeoutLate,
    Sleep,
}

impl Model for Walk {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            connection: Connection::new(self.config, SEED),
            now: Millis::new(1_000_000),
            budget: self.budget.clone(),
            tokens: BTreeSet::new(),
            sockets: BTreeMap::new(),
            queue: VecDeque::new(),
            messages: BTreeMap::new(),
            is_opening: false,
            is_wanted: false,
            is_stored: false,
            refuses: false,
            has_answered: false,
            told: State::Closed,
            broken: None,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        world.app_actions(actions);
        if !world.queue.is_empty() {
            // Only a listener, called by one effect, can come before the next one.
            actions.push(Action::RunEffect);
            return;
        }
        for generation in &world.tokens {
            world.token_actions(*generation, actions);
        }
        for (generation, wire) in &world.sockets {
            world.socket_actions(self, *generation, wire, actions);
        }
        world.time_and_page_actions(self, actions);
    }

    fn next_state(&self, last: &World, action: Action) -> Option<World> {
        let mut world = last.clone();
        world.act(self, action);
        world.tokens.retain(|generation| world.connection.awaits_token(*generation));
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}

impl World {
    fn app_actions(&self, actions: &mut Vec<Action>) {
        let Budget { opens, closes, reconnects, rotates, sends, cancels, .. } = self.budget;
        let app = [
            (opens, Action::Open),
            (closes, Action::Close),
            (reconnects, Action::Reconnect),
            (rotates, Action::Rotate),
            (sends, Action::Send),
        ];
        actions.extend(app.into_iter().filter(|(left, _)| *left > 0).map(|(_, action)| action));
        if cancels > 0 {
            actions.extend(self.messages.keys().copied().map(Action::Cancel));
        }
    }

    fn token_actions(&self, generation: Generation, actions: &mut Vec<Action>) {
        actions.push(Action::TokenArrives(generation));
        if self.budget.troubles > 0 {
            actions.extend([
                Action::TokenArrivesExpired(generation),
                Action::TokenFails(generation),
                Action::TokenIsDenied(generation),
                Action::TokenArrivesAndBrowserRefuses(generation),
            ]);
        }
    }

    fn socket_actions(&self, walk: &Walk, generation: Generation, wire: &Wire, actions: &mut Vec<Action>) {
        let Budget { troubles, losses, holes, frames, jams, .. } = self.budget;
        if wire.is_greeting {
            actions.push(Action::GreetingGoes(generation));
            if troubles > 0 {
                actions.push(Action::GreetingFails(generation));
            }
        }
        if wire.is_black {
            return;
        }
        if losses > 0 || wire.phase == Phase::Closing {
            actions.extend(walk.codes.iter().map(|code| Action::SocketCloses(generation, *code)));
        }
        if holes > 0 && wire.phase != Phase::Connecting {
            actions.push(Action::NetworkSwallows(generation));
        }
        match wire.phase {
            Phase::Connecting => return actions.push(Action::HandshakeSucceeds(generation)),
            Phase::Open if jams > 0 => {
                actions.extend([Action::SocketGetsBusy(generation), Action::SocketBeginsToClose(generation)])
            }
            Phase::Busy => actions.push(Action::SocketHasTimeAgain(generation)),
            Phase::Open | Phase::Closing => {}
        }
        if wire.asked_at.is_some() && walk.answers {
            actions.push(Action::AnswerComes(generation));
        }
        if frames > 0 {
            actions.push(Action::FrameComes(generation));
        }
    }

    fn time_and_page_actions(&self, walk: &Walk, actions: &mut Vec<Action>) {
        let Budget { hints, pages, timeouts, sleeps, .. } = self.budget;
        if hints > 0 && !self.sockets.is_empty() {
            actions.push(Action::ServerHints);
        }
        if pages > 0 {
            actions.extend(walk.pages.iter().copied().map(Action::Page));
        }
        if self.connection.deadline().is_some() {
            if timeouts > 0 {
                actions.push(Action::TimeoutWhenDue);
            }
            if sleeps > 0 {
                actions.extend([Action::TimeoutLate, Action::Sleep]);
            }
        }
    }

    fn act(&mut self, walk: &Walk, action: Action) {
        match action {
            Action::Open => {
                self.budget.opens -= 1;
                // One more that waits for what others wait for already: settled together.
                self.is_opening = true;
                self.is_wanted = true;
                self.input(walk, Input::Open);
            }
            Action::Close => {
                self.budget.closes -= 1;
                self.input(walk, Input::Close);
                self.require(self.connection.state() == State::Closed, Rule::CloseCloses);
            }
            Action::Reconnect => {
                self.budget.reconnects -= 1;
                self.is_wanted = true;
                self.input(walk, Input::Reconnect);
            }
            Action::Rotate => {
                self.budget.rotates -= 1;
                self.input(walk, Input::Rotate);
            }
            Action::Send => self.send(walk),
            Action::Cancel(id) => {
                self.budget.cancels -= 1;
                self.input(walk, Input::Cancel(id));
            }
            Action::TokenArrives(_)
            | Action::TokenArrivesExpired(_)
            | Action::TokenFails(_)
            | Action::TokenIsDenied(_)
            | Action::TokenArrivesAndBrowserRefuses(_) => self.token_settles(walk, action),
            Action::HandshakeSucceeds(generation)
            | Action::SocketCloses(generation, _)
            | Action::SocketBeginsToClose(generation)
            | Action::SocketGetsBusy(generation)
            | Action::SocketHasTimeAgain(generation)
            | Action::NetworkSwallows(generation)
            | Action::AnswerComes(generation)
            | Action::FrameComes(generation)
            | Action::GreetingGoes(generation)
            | Action::GreetingFails(generation) => self.socket_lives(walk, generation, action),
            Action::ServerHints => {
                self.budget.hints -= 1;
                self.input(walk, Input::Hint(Hint { retry_after_ms: 20, spread_ms: 0 }));
            }
            Action::Page(event) => self.page_lives(walk, event),
            Action::RunEffect => {
                if let Some(effect) = self.queue.pop_front() {
                    self.call_app(effect);
                }
            }
            Action::TimeoutWhenDue => {
                self.budget.timeouts -= 1;
                self.pass(0);
                self.time_out(walk);
            }
            Action::TimeoutLate => {
                self.budget.sleeps -= 1;
                self.pass(HOUR_MS);
                self.time_out(walk);
            }
            Action::Sleep => {
                self.budget.sleeps -= 1;
                self.pass(HOUR_MS);
            }
        }
    }

    fn send(&mut self, walk: &Walk) {
        let number = walk.budget.sends - self.budget.sends;
        self.budget.sends -= 1;
        let kind = walk.kinds.get(usize::from(number)).or(walk.kinds.last()).expect("a kind of message");
        let id = MessageId(u32::from(number) + 1);
        let expires_at = kind.expires.then(|| self.now.plus(1));
        self.messages.insert(id, Fate::InDoubt);
        self.input(walk, Input::Send(Message { id, bytes: kind.bytes, key: kind.key, expires_at }));
    }

    fn token_settles(&mut self, walk: &Walk, action: Action) {
        let (generation, input) = match action {
            Action::TokenArrives(generation) => (generation, Input::TokenReady(generation, TOKEN)),
            Action::TokenArrivesAndBrowserRefuses(generation) => {
                self.refuses = true;
                (generation, Input::TokenReady(generation, TOKEN))
            }
            Action::TokenArrivesExpired(generation) => {
                (generation, Input::TokenReady(generation, Token { lives_ms: Some(0), ..TOKEN }))
            }
            Action::TokenFails(generation) => (generation, Input::TokenFailed(generation)),
            Action::TokenIsDenied(generation) => (generation, Input::TokenDenied(generation)),
            other => unreachable!("{other:?}"),
        };
        self.tokens.remove(&generation);
        if !matches!(action, Action::TokenArrives(_)) {
            self.budget.troubles -= 1;
        }
        self.input(walk, input);
        self.refuses = false;
    }

    fn socket_lives(&mut self, walk: &Walk, generation: Generation, action: Action) {
        let now = self.now;
        let Some(wire) = self.sockets.get_mut(&generation) else { return };
        match action {
            Action::HandshakeSucceeds(_) => {
                *wire = Wire {
                    phase: Phase::Open,
                    heard_at: now,
                    has_slept: false,
                    is_greeted: walk.config.greets == 0,
                    ..wire.clone()
                };
                self.input(walk, Input::SocketOpened(generation));
            }
            Action::SocketCloses(_, code) => {
                if wire.phase != Phase::Closing {
                    self.budget.losses -= 1;
                }
                self.sockets.remove(&generation);
                self.input(walk, Input::SocketClosed(generation, code));
            }
            Action::SocketBeginsToClose(_) => {
                self.budget.jams -= 1;
                wire.phase = Phase::Closing;
            }
            Action::SocketGetsBusy(_) => {
                self.budget.jams -= 1;
                wire.phase = Phase::Busy;
            }
            Action::SocketHasTimeAgain(_) => wire.phase = Phase::Open,
            Action::NetworkSwallows(_) => {
                self.budget.holes -= 1;
                wire.is_black = true;
            }
            Action::AnswerComes(_) => {
                if !self.has_answered {
                    // From now on silence says something.
                    self.has_answered = true;
                    let begin = |wire: &mut Wire| (wire.heard_at, wire.has_slept) = (now, false);
                    self.sockets.values_mut().for_each(begin);
                }
                self.frame_comes(walk, generation, true);
            }
            Action::FrameComes(_) => {
                self.budget.frames -= 1;
                self.frame_comes(walk, generation, false);
            }
            Action::GreetingGoes(_) => {
                wire.is_greeting = false;
                wire.is_greeted = true;
                self.input(walk, Input::Greeted(generation));
            }
            Action::GreetingFails(_) => {
                self.budget.troubles -= 1;
                wire.is_greeting = false;
                self.input(walk, Input::GreetingFailed(generation));
            }
            other => unreachable!("{other:?}"),
        }
    }

    fn frame_comes(&mut self, walk: &Walk, generation: Generation, is_answer: bool) {
        if let Some(wire) = self.sockets.get_mut(&generation) {
            (wire.heard_at, wire.asked_at, wire.has_slept) = (self.now, None, false);
        }
        self.input(walk, Input::Received { generation, at: self.now, is_answer });
    }

    fn page_lives(&mut self, walk: &Walk, event: PageEvent) {
        self.budget.pages -= 1;
        match event {
            PageEvent::Stored => self.is_stored = true,
            PageEvent::Shown => self.is_stored = false,
            // What is known of a socket is old, whatever the clock says.
            PageEvent::Resumed => self.sockets.values_mut().for_each(|wire| wire.has_slept = true),
            PageEvent::Online | PageEvent::Offline | PageEvent::Visible | PageEvent::Hidden => {}
        }
        self.input(walk, Input::Page(event));
    }

    /// Lets time pass until the deadline, or until long after it.
    fn pass(&mut self, late_ms: u32) {
        self.now = self.connection.deadline().map_or(self.now, |due| due.plus(late_ms)).max(self.now);
        if late_ms > 0 {
            self.sockets.values_mut().for_each(|wire| wire.has_slept = true);
        }
    }

    fn time_out(&mut self, walk: &Walk) {
        self.input(walk, Input::Timeout);
        let is_overdue = properties::drains_until(&self.connection).is_some_and(|until| until <= self.now);
        self.require(!is_overdue, Rule::DrainEnds);
    }

    fn input(&mut self, walk: &Walk, input: Input) {
        for effect in self.connection.handle(self.now, input) {
            match effect {
                Effect::OpenSocket(generation) => self.open_socket(walk, generation),
                // One that has closed by itself meanwhile is closed already.
                Effect::CloseSocket(generation, _) => drop(self.sockets.remove(&generation)),
                Effect::Probe(generation) => self.probe(walk, generation),
                Effect::Transmit(generation, message) => self.transmit(walk, generation, message),
                Effect::Settle(outcome) => self.settle(outcome),
                Effect::Refuse(message, _) => {
                    self.decide(message, Fate::InDoubt, Fate::Refused);
                    self.queue.push_back(effect);
                }
                Effect::Quarantine(message) => {
                    self.decide(message, Fate::Transmitted, Fate::Quarantined);
                    self.queue.push_back(effect);
                }
                Effect::RequestToken { .. } | Effect::Greet(_) | Effect::Announce(_) | Effect::Report(_) => {
                    self.queue.push_back(effect);
                }
            }
        }
        if self.connection.state() == State::Closed {
            self.is_wanted = false;
        }
    }

    fn open_socket(&mut self, walk: &Walk, generation: Generation) {
        if self.refuses {
            self.input(walk, Input::SocketRefused(generation));
            return;
        }
        let wire = Wire {
            phase: Phase::Connecting,
            is_black: false,
            is_greeted: false,
            is_greeting: false,
            heard_at: self.now,
            asked_at: None,
            has_slept: false,
            last: None,
        };
        self.sockets.insert(generation, wire);
    }

    fn probe(&mut self, walk: &Walk, generation: Generation) {
        let now = self.now;
        let Some(wire) = self.sockets.get_mut(&generation) else {
            return self.require(false, Rule::SocketWhereStateSaysSo);
        };
        // One that is not answered in half of the time, short as it is here, is repeated.
        let is_second = wire.asked_at.is_some_and(|at| now < at.plus(walk.config.heartbeat_timeout_ms / 2));
        let is_greeted = wire.is_greeted;
        wire.asked_at = Some(now);
        self.require(!is_second, Rule::OneHeartbeat);
        self.require(is_greeted, Rule::GreetingFirst);
    }

    fn transmit(&mut self, walk: &Walk, generation: Generation, message: Message) {
        let is_judged = properties::is_judged(walk, self);
        let Some(wire) = self.sockets.get_mut(&generation) else {
            return self.require(false, Rule::SocketWhereStateSaysSo);
        };
        match wire.phase {
            Phase::Open => {
                let is_in_order = wire.last.is_none_or(|last| last < message.id);
                let is_suspect = wire.has_slept && is_judged;
                let is_greeted = wire.is_greeted;
                wire.last = Some(message.id);
                self.require(is_in_order, Rule::OrderKept);
                self.require(!is_suspect, Rule::NothingToSuspects);
                self.require(is_greeted, Rule::GreetingFirst);
                self.require(message.expires_at.is_none_or(|at| self.now < at), Rule::NothingStale);
                self.decide(message.id, Fate::InDoubt, Fate::Transmitted);
            }
            Phase::Busy | Phase::Closing => self.input(walk, Input::NotTransmitted(generation, message)),
            Phase::Connecting => self.require(false, Rule::GreetingFirst),
        }
    }

    fn settle(&mut self, outcome: Result<(), Problem>) {
        let is_open = matches!(self.connection.state(), State::Open(_));
        self.require(self.is_opening && outcome.is_ok() == is_open, Rule::OpenSettlesWithTheTruth);
        self.is_opening = false;
    }

    fn call_app(&mut self, effect: Effect) {
        match effect {
            Effect::RequestToken { generation, .. } => {
                self.tokens.insert(generation);
            }
            Effect::Greet(generation) => {
                if let Some(wire) = self.sockets.get_mut(&generation) {
                    wire.is_greeting = true;
                }
            }
            Effect::Announce(snapshot) => self.announce(snapshot),
            // Their listeners may call back, which the walk does between any two effects.
            Effect::Refuse(..) | Effect::Quarantine(_) | Effect::Report(_) => {}
            Effect::OpenSocket(_)
            | Effect::CloseSocket(..)
            | Effect::Probe(_)
            | Effect::Transmit(..)
            | Effect::Settle(_) => unreachable!("{effect:?} was run at once"),
        }
    }

    fn announce(&mut self, Snapshot { state, .. }: Snapshot) {
        let is_second_end = self.told == State::Closed && state == State::Closed;
        self.require(!is_second_end, Rule::OneEnd);
        self.told = state;
    }

    fn decide(&mut self, message: MessageId, before: Fate, after: Fate) {
        let was = self.messages.insert(message, after);
        self.require(was == Some(before), Rule::OneFate);
    }

    fn require(&mut self, holds: bool, rule: Rule) {
        if !holds {
            self.broken.get_or_insert(rule);
        }
    }
}
