//! Environment variables that mean nothing, and look as if they should.

use crate::nearest::nearest;

const PREFIX: &str = "EVERWIRE_";

/// A warning about a variable that is like a known one, but none itself. One that is like none is somebody else's:
/// the name is shared with tests and scripts.
pub(super) fn misspelt(name: &str, known: &[&str]) -> Option<String> {
    let rest = name.strip_prefix(PREFIX).filter(|_| !known.contains(&name))?;
    let meant = nearest(rest, known.iter().filter_map(|known| known.strip_prefix(PREFIX)))?;
    Some(format!("the environment variable {name:?} means nothing here. Did you mean {PREFIX}{meant}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 2] = ["EVERWIRE_IDLE_TIMEOUT", "EVERWIRE_STAGE"];

    #[test]
    fn a_misspelt_variable_is_warned_about() {
        let warning = misspelt("EVERWIRE_IDLE_TIMOUT", &KNOWN).unwrap();
        assert!(warning.contains("EVERWIRE_IDLE_TIMEOUT"), "{warning}");
    }

    #[test]
    fn what_is_known_or_somebody_elses_is_not() {
        for name in ["EVERWIRE_STAGE", "EVERWIRE_GATEWAY_PROGRAM", "EVERWIRE_", "PATH"] {
            assert_eq!(misspelt(name, &KNOWN), None, "{name}");
        }
    }
}
