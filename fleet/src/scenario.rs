//! What goes wrong. All times are in milliseconds since the fault began.

/// A fault that befalls a fleet whose sockets are all open and proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Scenario {
    /// Every socket drops at once, and the server is away for 5 s.
    Restart,
    /// A deployment goes round: the sockets drop one after another within a minute.
    Rolling,
    /// Every socket drops at once; the server is there, with nothing but its quota in the way.
    Throttled,
    /// Every socket drops at once, and for a minute whatever is accepted drops after 2 s.
    Flapping,
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
}

impl Scenario {
    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Rolling => "rolling",
            Self::Throttled => "throttled",
            Self::Flapping => "flapping",
        }
    }

    /// The scenario in numbers.
    #[must_use]
    pub const fn fault(self) -> Fault {
        let drop = Fault { code: 1006, drops_over_ms: 0, away_ms: 0, flapping_ms: 0, flap_after_ms: 2_000 };
        match self {
            Self::Restart => Fault { away_ms: 5_000, ..drop },
            Self::Rolling => Fault { code: 1001, drops_over_ms: 60_000, ..drop },
            Self::Throttled => drop,
            Self::Flapping => Fault { flapping_ms: 60_000, ..drop },
        }
    }
}

impl Fault {
    /// When client `index` of `clients` loses its socket.
    #[must_use]
    pub fn drops_at(&self, index: u32, clients: u32) -> u64 {
        self.drops_over_ms * u64::from(index) / u64::from(clients)
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
