//! What goes wrong. All times are in milliseconds since the fault began.

/// How long a token lives from when it was issued.
pub const TOKEN_LIFE_MS: u64 = 15 * 60_000;
/// How long laptops sleep before their lids are opened.
pub const SLEPT_MS: u64 = 8 * 3_600_000;

/// A fault that befalls a fleet whose sockets are all open and proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Scenario {
    /// Every socket drops at once, and the server is away for 5 s.
    Restart,
    /// A deployment goes round: the sockets drop one after another within a minute.
    Rolling,
    /// Every socket drops at once; the server is there, with nothing but its quota in the way.
    Throttled,
    /// Every socket drops at once, and no token that was issued before is good any more. The app's
    /// token function keeps its token until that expires, after 15 minutes, unless it is told that
    /// the token has to be fresh.
    Revoked,
    /// Every socket drops at once, and for a minute whatever is accepted drops after 2 s.
    Flapping,
    /// Laptops that have slept for 8 hours are opened within 5 minutes, most of them in the middle.
    /// Timers that were due at night ring first, then the socket turns out to be gone, and the
    /// network is there after 1 to 4 s.
    Morning,
}

/// A scenario in numbers.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// The close code of the sockets that drop.
    pub code: u16,
    /// Over how long the drops are spread.
    pub drops_over_ms: u64,
    /// Until when every handshake is refused.
    pub away_ms: u64,
    /// Until when an accepted socket is dropped again, [`flap_after_ms`](Self::flap_after_ms) later.
    pub flapping_ms: u64,
    /// How long a socket lives meanwhile.
    pub flap_after_ms: u64,
    /// Whether the tokens of before are refused.
    pub revokes_tokens: bool,
    /// Whether the clients have slept until their sockets drop.
    pub is_asleep: bool,
}

impl Scenario {
    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Rolling => "rolling",
            Self::Throttled => "throttled",
            Self::Revoked => "revoked",
            Self::Flapping => "flapping",
            Self::Morning => "morning",
        }
    }

    /// What happens, in a few words.
    #[must_use]
    pub const fn headline(self) -> &'static str {
        match self {
            Self::Restart => "the server restarts and is away for 5 s",
            Self::Rolling => "a rolling deploy drops all sockets within a minute",
            Self::Throttled => "every socket drops at once",
            Self::Revoked => "every socket drops, and all tokens are revoked",
            Self::Flapping => "for a minute, whatever is accepted drops after 2 s",
            Self::Morning => "laptops wake up within 5 minutes",
        }
    }

    /// The scenario in numbers.
    #[must_use]
    pub const fn fault(self) -> Fault {
        let drop = Fault {
            code: 1006,
            drops_over_ms: 0,
            away_ms: 0,
            flapping_ms: 0,
            flap_after_ms: 2_000,
            revokes_tokens: false,
            is_asleep: false,
        };
        match self {
            Self::Restart => Fault { away_ms: 5_000, ..drop },
            Self::Rolling => Fault { code: 1001, drops_over_ms: 60_000, ..drop },
            Self::Throttled => drop,
            Self::Revoked => Fault { revokes_tokens: true, ..drop },
            Self::Flapping => Fault { flapping_ms: 60_000, ..drop },
            Self::Morning => Fault { drops_over_ms: 300_000, is_asleep: true, ..drop },
        }
    }
}

impl Fault {
    /// When client `index` of `clients` loses its socket.
    #[must_use]
    pub fn drops_at(&self, index: u32, clients: u32) -> u64 {
        if self.is_asleep {
            // As the sum of two dice falls: few early, few late.
            let share = f64::from(index) / f64::from(clients);
            let moment = if share < 0.5 { (share / 2.0).sqrt() } else { 1.0 - ((1.0 - share) / 2.0).sqrt() };
            return (self.drops_over_ms as f64 * moment) as u64;
        }
        self.drops_over_ms * u64::from(index) / u64::from(clients)
    }

    /// Until when client `index` of `clients` has no network.
    #[must_use]
    pub fn online_at(&self, index: u32, clients: u32) -> u64 {
        if !self.is_asleep {
            return 0;
        }
        self.drops_at(index, clients) + 1_000 + u64::from(index % 3_001)
    }

    /// When the token that client `index` of `clients` has at first expires.
    #[must_use]
    pub fn token_expires_at(&self, index: u32, clients: u32) -> u64 {
        TOKEN_LIFE_MS * u64::from(index) / u64::from(clients)
    }

    /// From when on only the quota stands between a client and its socket. Times to be back are
    /// counted from here.
    #[must_use]
    pub fn over_at(&self) -> u64 {
        self.away_ms.max(self.flapping_ms)
    }

    /// How long after [`over_at`](Self::over_at) the best fleet thinkable would be back: as fast
    /// as the quota admits, and no sooner than the last socket drops.
    #[must_use]
    pub fn ideal_ms(&self, clients: u32, handshakes_per_second: u32) -> f64 {
        let admitted_ms = f64::from(clients) * 1_000.0 / f64::from(handshakes_per_second);
        admitted_ms.max(self.drops_over_ms as f64)
    }
}
