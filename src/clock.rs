//! Moments and generations: what orders the things that happen to a connection.

/// A moment on a clock that never goes back and does not stop while the machine sleeps, in
/// milliseconds since an arbitrary start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// The moment `ms` milliseconds later.
    #[must_use]
    pub const fn plus(self, ms: u32) -> Self {
        Self(self.0.saturating_add(ms as u64))
    }

    /// The moment `ms` milliseconds earlier, but not before the start.
    #[must_use]
    pub const fn minus(self, ms: u32) -> Self {
        Self(self.0.saturating_sub(ms as u64))
    }

    /// How many milliseconds it is from this moment until `later`, 0 if that has passed.
    #[must_use]
    pub fn until(self, later: Self) -> u32 {
        u32::try_from(later.0.saturating_sub(self.0)).unwrap_or(u32::MAX)
    }
}

/// The number of an attempt: of its token request and of its socket. Whatever arrives with an
/// older number is out of date, however late it comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u32);

/// The first of some moments, if there is any.
pub(crate) fn earliest(moments: [Option<Millis>; 3]) -> Option<Millis> {
    moments.into_iter().flatten().min()
}
