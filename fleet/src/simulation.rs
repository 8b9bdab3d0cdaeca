//! The world: a clock that jumps from one happening to the next, a gateway, and the clients.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::gateway::Gateway;
use crate::scenario::Fault;

/// How long a client's token request takes, in milliseconds.
pub const TOKEN_MS: u64 = 50;
/// How long a handshake takes, accepted or refused, in milliseconds.
pub const HANDSHAKE_MS: u64 = 30;
/// When the fault begins, in milliseconds of the world's clock: late enough for the clients to
/// have proven themselves before.
pub const FAULT_AT: u64 = 60_000;
/// The close code with which a browser reports a handshake that was refused.
pub const REFUSED: u16 = 1006;

/// What a client hears of the world.
#[derive(Clone, Copy, Debug)]
pub enum News {
    /// The token request of that attempt has settled.
    TokenReady(u32),
    /// The handshake of that attempt succeeded.
    Opened(u32),
    /// The socket of that attempt closed, or its handshake was refused; with the close code.
    Closed(u32, u16),
    /// The client's deadline has come.
    Deadline,
}

/// What a client asks of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A token for the attempt of that number.
    Token(u32),
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
}

/// Runs `clients` through the fault until all are back for good, or none has anything left to
/// do, or the time is up.
pub fn run(settings: &Settings, clients: Vec<impl Client>) -> Outcomes {
    let mut world = World::new(settings, clients);
    world.schedule_drops();
    while let Some(Reverse(happening)) = world.queue.pop() {
        if happening.at > FAULT_AT + settings.give_up_after_ms || world.all_are_back(happening.at) {
            break;
        }
        world.tell(happening);
    }
    world.outcomes()
}

/// Something that is going to happen to one client. Ordered by time; what is due at the same
/// time keeps the order in which it was scheduled.
#[derive(Clone, Copy)]
struct Happening {
    at: u64,
    number: u64,
    client: u32,
    news: News,
}

impl Ord for Happening {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl PartialOrd for Happening {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Happening {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Happening {}

struct Seat<C> {
    client: C,
    /// When the next [`News::Deadline`] in the queue is due. One per client is enough: if the
    /// deadline has moved when it comes, it is scheduled anew.
    alarm_at: u64,
    outcome: Outcome,
}

struct World<'a, C> {
    settings: &'a Settings,
    gateway: Gateway,
    queue: BinaryHeap<Reverse<Happening>>,
    /// How many happenings were scheduled so far.
    scheduled: u64,
    seats: Vec<Seat<C>>,
    /// How many sockets are open.
    open: usize,
    attempts_in_second: Vec<u32>,
    /// Kept only to allocate it once.
    asks: Vec<Ask>,
}

impl<'a, C: Client> World<'a, C> {
    fn new(settings: &'a Settings, clients: Vec<C>) -> Self {
        let open = clients.len();
        let seat = |client| Seat { client, alarm_at: u64::MAX, outcome: Outcome::default() };
        Self {
            settings,
            gateway: Gateway::new(settings.handshakes_per_second, FAULT_AT),
            queue: BinaryHeap::with_capacity(2 * open),
            scheduled: 0,
            seats: clients.into_iter().map(seat).collect(),
            open,
            attempts_in_second: Vec::new(),
            asks: Vec::new(),
        }
    }

    fn schedule_drops(&mut self) {
        let clients = self.seats.len() as u32;
        for index in 0..clients {
            let fault = &self.settings.fault;
            let at = FAULT_AT + fault.drops_at(index, clients);
            let news = News::Closed(self.seats[index as usize].client.attempt(), fault.code);
            self.schedule(at, index, news);
            self.arm(index);
        }
    }

    fn all_are_back(&self, now: u64) -> bool {
        let fault = &self.settings.fault;
        let quiet_at = FAULT_AT + (fault.flapping_ms + fault.flap_after_ms).max(fault.drops_over_ms);
        self.open == self.seats.len() && now > quiet_at + HANDSHAKE_MS
    }

    fn schedule(&mut self, at: u64, client: u32, news: News) {
        self.scheduled += 1;
        self.queue.push(Reverse(Happening { at, number: self.scheduled, client, news }));
    }

    /// Sees to it that the client hears of its deadline.
    fn arm(&mut self, index: u32) {
        let seat = &mut self.seats[index as usize];
        if let Some(deadline) = seat.client.deadline().filter(|deadline| *deadline < seat.alarm_at) {
            seat.alarm_at = deadline;
            self.schedule(deadline, index, News::Deadline);
        }
    }

    fn tell(&mut self, Happening { at: now, client: index, news, .. }: Happening) {
        if matches!(news, News::Deadline) {
            let seat = &mut self.seats[index as usize];
            // One that an earlier one has replaced.
            if seat.alarm_at != now {
                return;
            }
            seat.alarm_at = u64::MAX;
            if seat.client.deadline().is_none_or(|deadline| now < deadline) {
                self.arm(index);
                return;
            }
        }
        let mut asks = std::mem::take(&mut self.asks);
        self.hear(now, index, news, &mut asks);
        for ask in asks.drain(..) {
            self.answer(now, index, ask);
        }
        self.asks = asks;
        self.arm(index);
    }

    /// Passes the news on, and notes who is back.
    fn hear(&mut self, now: u64, index: u32, news: News, asks: &mut Vec<Ask>) {
        let seat = &mut self.seats[index as usize];
        let was_open = seat.client.is_open();
        seat.client.hear(now, news, asks);
        match (was_open, seat.client.is_open()) {
            (false, true) => {
                seat.outcome.back_at_ms = Some(now - FAULT_AT);
                self.open += 1;
            }
            (true, false) => {
                seat.outcome.back_at_ms = None;
                self.open -= 1;
            }
            (true, true) | (false, false) => {}
        }
    }

    fn answer(&mut self, now: u64, index: u32, ask: Ask) {
        match ask {
            Ask::Token(attempt) => self.schedule(now + TOKEN_MS, index, News::TokenReady(attempt)),
            Ask::Handshake(attempt) => self.shake_hands(now, index, attempt),
        }
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
        if since_fault < fault.away_ms || !self.gateway.admits(now) {
            self.schedule(answered_at, index, News::Closed(attempt, REFUSED));
            return;
        }
        self.schedule(answered_at, index, News::Opened(attempt));
        if since_fault < fault.flapping_ms {
            self.schedule(answered_at + fault.flap_after_ms, index, News::Closed(attempt, fault.code));
        }
    }

    fn outcomes(self) -> Outcomes {
        Outcomes {
            clients: self.seats.into_iter().map(|seat| seat.outcome).collect(),
            attempts_in_second: self.attempts_in_second,
        }
    }
}
