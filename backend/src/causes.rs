//! Why something failed.

use std::error::Error;
use std::iter;

/// An error and its causes, the last one the first to happen.
pub fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| error.source())
}
