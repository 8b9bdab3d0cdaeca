//! The world: a clock that jumps from one happening to the next, a gateway, and the clients.

use std::collections::BTreeMap;

use crate::gateway::Gateway;
use crate::scenario::{Fault, SLEPT_MS, TOKEN_LIFE_MS};

/// How long a client's token request takes, in milliseconds.
pub const TOKEN_MS: u64 = 50;
/// How long a handshake takes, accepted or refused, in milliseconds.
pub const HANDSHAKE_MS: u64 = 30;
/// When the fault begins, in milliseconds of the world's clock: late enough for the clients to
/// have proven themselves before, and to have slept.
pub const FAULT_AT: u64 = SLEPT_MS + 3_600_000;
/// The close code with which a browser reports a handshake that was refused.
pub const REFUSED: u16 = 1006;

/// What a client hears of the world.
#[derive(Clone, Copy, Debug)]
pub enum News {
    /// The token request of that attempt has brought a token.
    TokenReady(u32, Token),
    /// The token request of that attempt has failed.
    TokenFailed(u32),
    /// The handshake of that attempt succeeded.
    Opened(u32),
    /// The socket of that attempt closed, or its handshake was refused; with the close code.
    Closed(u32, u16),
    /// The client's deadline has come.
    Deadline,
    /// The server says when to come back, should the socket be lost.
    Hint(Hint),
    /// Nobody looks at the page.
    Hidden,
    /// The browser says that there is no network.
    Offline,
    /// The browser says that there is a network again.
    Online,
}

/// A token, as the client knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// How long it still lives, in milliseconds.
    pub lives_ms: u32,
    /// Whether it is the one with which the client's first socket was opened.
    pub is_old: bool,
}

/// What a server asks of clients that it is about to lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint {
    /// How long to wait at least, in milliseconds.
    pub retry_after_ms: u32,
    /// Over how many milliseconds beyond that to spread.
    pub spread_ms: u32,
}

/// What a client asks of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A token for an attempt.
    Token {
        /// The attempt's number.
        attempt: u32,
        /// Whether it has to be a new one.
        is_refresh: bool,
    },
    /// A handshake for the attempt of that number.
    Handshake(u32),
}

/// One client, as the world sees it. It begins with an open socket that has proven itself.
pub trait Client {
    /// Takes the news at `now` and adds what it asks of the world to `asks`.
    fn hear(&mut self, now: u64, news: News, asks: &mut Vec<Ask>);
    /// When it wants to hear [`News::Deadline`], if ever.
    fn deadline(&self) -> Option<u64>;
    /// The number of its present attempt, or of its last one.
    fn attempt(&self) -> u32;
    /// Whether its socket is open.
    fn is_open(&self) -> bool;
}

/// What a run is about, apart from the clients. Times are in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// What goes wrong.
    pub fault: Fault,
    /// The quota on new connections.
    pub handshakes_per_second: u32,
    /// When to stop waiting for those who are not back, since the fault began.
    pub give_up_after_ms: u64,
    /// What the server tells its clients before the fault begins.
    pub hint: Option<Hint>,
    /// How many clients in a hundred are pages that nobody looks at.
    pub hidden_percent: u32,
}

/// What became of one client.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// When it was back for good, in milliseconds since the fault began; `None` if it is not.
    pub back_at_ms: Option<u64>,
    /// Handshakes it began.
    pub attempts: u32,
}

/// What became of the fleet.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    /// One for each client.
    pub clients: Vec<Outcome>,
    /// Handshakes begun in each second since the fault began.
    pub attempts_in_second: Vec<u32>,
    /// How many clients were connected at the end of each second.
    pub connected_after_second: Vec<u32>,
}

/// Runs `clients` through the fault until all are back for good, or none has anything left to
/// do, or the time is up.
pub fn run(settings: &Settings, clients: Vec<impl Client>) -> Outcomes {
    let mut world = World::new(settings, clients);
    world.schedule_fault();
    while let Some((at, happenings)) = world.queue.pop_first() {
        world.note_seconds(at);
        if at > FAULT_AT + settings.give_up_after_ms || world.all_are_back(at) {
            break;
        }
        for (client, news) in happenings {
            world.tell(at, client, news);
        }
    }
    world.outcomes()
}

struct Seat<C> {
    client: C,
    /// When the next [`News::Deadline`] in the queue is due. One per client is enough: if the
    /// deadline has moved when it comes, it is scheduled anew.
    alarm_at: u64,
    /// Whether the app's token function has fetched another token than that of before the fault.
    has_new_token: bool,
    /// Whether there is a socket at both ends: a client that sleeps still believes in its own.
    is_connected: bool,
    outcome: Outcome,
}

struct World<'a, C> {
    settings: &'a Settings,
    gateway: Gateway,
    /// What is going to happen to whom, by time; at the same time, in the order in which it was
    /// scheduled.
    queue: BTreeMap<u64, Vec<(u32, News)>>,
    seats: Vec<Seat<C>>,
    /// How many are connected.
    connected: u32,
    attempts_in_second: Vec<u32>,
    connected_after_second: Vec<u32>,
    /// Kept only to allocate it once.
    asks: Vec<Ask>,
}

impl<'a, C: Client> World<'a, C> {
    fn new(settings: &'a Settings, clients: Vec<C>) -> Self {
        let are_connected = !settings.fault.is_asleep;
        let seat = |client| Seat {
            client,
            alarm_at: u64::MAX,
            has_new_token: false,
            is_connected: are_connected,
            outcome: Outcome::default(),
        };
        Self {
            settings,
            gateway: Gateway::new(settings.handshakes_per_second, FAULT_AT),
            queue: BTreeMap::new(),
            connected: if are_connected { clients.len() as u32 } else { 0 },
            seats: clients.into_iter().map(seat).collect(),
            attempts_in_second: Vec::new(),
            connected_after_second: Vec::new(),
            asks: Vec::new(),
        }
    }

    fn clients(&self) -> u32 {
        self.seats.len() as u32
    }

    fn schedule_fault(&mut self) {
        let Settings { fault, hint, hidden_percent, .. } = self.settings;
        for index in 0..self.clients() {
            let at = FAULT_AT + fault.drops_at(index, self.clients());
            // Whoever sleeps hears of nothing before, and then of a deadline that has passed.
            self.arm(at, index);
            if index % 100 < *hidden_percent {
                self.schedule(at, index, News::Hidden);
            }
            if let Some(hint) = hint {
                self.schedule(at, index, News::Hint(*hint));
            }
            if fault.is_asleep {
                self.schedule(at, index, News::Offline);
                let online_at = FAULT_AT + fault.online_at(index, self.clients());
                self.schedule(online_at, index, News::Online);
            }
            let attempt = self.seats[index as usize].client.attempt();
            self.schedule(at, index, News::Closed(attempt, fault.code));
        }
    }

    fn all_are_back(&self, now: u64) -> bool {
        let fault = &self.settings.fault;
        let quiet_at = FAULT_AT + (fault.flapping_ms + fault.flap_after_ms).max(fault.drops_over_ms);
        self.connected == self.clients() && now > quiet_at + HANDSHAKE_MS
    }

    /// Notes how many were connected at the end of each second that is over at `now`.
    fn note_seconds(&mut self, now: u64) {
        let over = (now.saturating_sub(FAULT_AT) / 1_000) as usize;
        self.connected_after_second.resize(over.max(self.connected_after_second.len()), self.connected);
    }

    fn schedule(&mut self, at: u64, client: u32, news: News) {
        self.queue.entry(at).or_default().push((client, news));
    }

    /// Sees to it that the client hears of its deadline, at `now` at the earliest.
    fn arm(&mut self, now: u64, index: u32) {
        let seat = &mut self.seats[index as usize];
        let deadline = seat.client.deadline().map(|deadline| deadline.max(now));
        if let Some(deadline) = deadline.filter(|deadline| *deadline < seat.alarm_at) {
            seat.alarm_at = deadline;
            self.schedule(deadline, index, News::Deadline);
        }
    }

    fn tell(&mut self, now: u64, index: u32, news: News) {
        if matches!(news, News::Deadline) {
            let seat = &mut self.seats[index as usize];
            // One that an earlier one has replaced.
            if seat.alarm_at != now {
                return;
            }
            seat.alarm_at = u64::MAX;
            if seat.client.deadline().is_none_or(|deadline| now < deadline) {
                self.arm(now, index);
                return;
            }
        }
        let mut asks = std::mem::take(&mut self.asks);
        self.hear(now, index, news, &mut asks);
        for ask in asks.drain(..) {
            self.answer(now, index, ask);
        }
        self.asks = asks;
        self.arm(now, index);
    }

    /// Passes the news on, and notes who is back.
    fn hear(&mut self, now: u64, index: u32, news: News, asks: &mut Vec<Ask>) {
        let seat = &mut self.seats[index as usize];
        let was_open = seat.client.is_open();
        seat.client.hear(now, news, asks);
        let is_open = seat.client.is_open();
        if is_open == was_open {
            return;
        }
        if is_open {
            seat.outcome.back_at_ms = Some(now - FAULT_AT);
            self.connected += 1;
        } else {
            seat.outcome.back_at_ms = None;
            self.connected -= u32::from(seat.is_connected);
        }
        seat.is_connected = is_open;
    }

    fn answer(&mut self, now: u64, index: u32, ask: Ask) {
        match ask {
            Ask::Token { attempt, is_refresh } => {
                let news = match self.is_online(now, index) {
                    true => News::TokenReady(attempt, self.token(now, index, is_refresh)),
                    false => News::TokenFailed(attempt),
                };
                self.schedule(now + TOKEN_MS, index, news);
            }
            Ask::Handshake(attempt) => self.shake_hands(now, index, attempt),
        }
    }

    /// The app's token function, which keeps its token while that lives. Where no token is
    /// revoked, they live for ever.
    fn token(&mut self, now: u64, index: u32, is_refresh: bool) -> Token {
        let clients = self.clients();
        let (fault, seat) = (&self.settings.fault, &mut self.seats[index as usize]);
        if !fault.revokes_tokens {
            return Token { lives_ms: u32::MAX, is_old: true };
        }
        let expires_at = FAULT_AT + fault.token_expires_at(index, clients);
        seat.has_new_token |= is_refresh || now >= expires_at;
        let lives_ms = if seat.has_new_token { TOKEN_LIFE_MS } else { expires_at - now };
        Token { lives_ms: lives_ms as u32, is_old: !seat.has_new_token }
    }

    fn is_online(&self, now: u64, index: u32) -> bool {
        now >= FAULT_AT + self.settings.fault.online_at(index, self.clients())
    }

    fn shake_hands(&mut self, now: u64, index: u32, attempt: u32) {
        self.seats[index as usize].outcome.attempts += 1;
        let since_fault = now - FAULT_AT;
        let second = (since_fault / 1_000) as usize;
        if self.attempts_in_second.len() <= second {
            self.attempts_in_second.resize(second + 1, 0);
        }
        self.attempts_in_second[second] += 1;

        let fault = self.settings.fault;
        let answered_at = now + HANDSHAKE_MS;
        if !self.accepts(now, index) {
            self.schedule(answered_at, index, News::Closed(attempt, REFUSED));
            return;
        }
        self.schedule(answered_at, index, News::Opened(attempt));
        if since_fault < fault.flapping_ms {
            self.schedule(answered_at + fault.flap_after_ms, index, News::Closed(attempt, fault.code));
        }
    }

    /// Whether a handshake that begins now succeeds. One whose token is refused counts for the
    /// quota.
    fn accepts(&mut self, now: u64, index: u32) -> bool {
        let fault = self.settings.fault;
        let is_reached = self.is_online(now, index) && now >= FAULT_AT + fault.away_ms;
        let is_good = !fault.revokes_tokens || self.seats[index as usize].has_new_token;
        is_reached && self.gateway.admits(now) && is_good
    }

    fn outcomes(self) -> Outcomes {
        Outcomes {
            clients: self.seats.into_iter().map(|seat| seat.outcome).collect(),
            attempts_in_second: self.attempts_in_second,
            connected_after_second: self.connected_after_second,
        }
    }
}
