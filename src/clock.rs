//! Moments and generations: what orders the things that happen to a connection.

use core::num::NonZeroU64;

/// A moment on a clock that never goes back and does not stop while the machine sleeps, in
/// milliseconds since an arbitrary start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(
    /// One more than there are, so that an `Option` of it is no larger: a connection has a dozen.
    NonZeroU64,
);

impl Millis {
    /// The moment so many milliseconds after the start.
    #[must_use]
    pub const fn new(ms: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(ms))
    }

    /// How many milliseconds after the start it is.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get() - 1
    }

    /// The moment `ms` milliseconds later.
    #[must_use]
    pub const fn plus(self, ms: u32) -> Self {
        Self(self.0.saturating_add(ms as u64))
    }

    /// The moment `ms` milliseconds earlier, but not before the start.
    #[must_use]
    pub const fn minus(self, ms: u32) -> Self {
        Self::new(self.get().saturating_sub(ms as u64))
    }

    /// How many milliseconds it is from this moment until `later`, 0 if that has passed.
    #[must_use]
    pub fn until(self, later: Self) -> u32 {
        u32::try_from(later.0.get().saturating_sub(self.0.get())).unwrap_or(u32::MAX)
    }
}

impl Default for Millis {
    fn default() -> Self {
        Self::new(0)
    }
}

/// The number of an attempt: of its token request and of its socket. Whatever arrives with an
/// older number is out of date, however late it comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u32);

/// The first of some moments, if there is any.
pub(crate) fn earliest(moments: [Option<Millis>; 3]) -> Option<Millis> {
    let never = Millis(NonZeroU64::MAX);
    let [a, b, c] = moments.map(|moment| moment.unwrap_or(never));
    Some(a.min(b).min(c)).filter(|first| *first != never)
}
