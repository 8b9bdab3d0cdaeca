//! What somebody meant who misspelt a name.

/// How alike two names are, from 0 to 1, that may be mistaken for each other.
const ALIKE: f64 = 0.6;

/// The known name that this one is most like, if it is like any.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let spelt = |name: &str| name.to_lowercase().replace('_', "-");
    let name = spelt(name);
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(&name, &spelt(known));
    known
        .into_iter()
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// ` Did you mean "idle-timeout"?`, or all that is known if it is like none of it.
pub(crate) fn suggestion(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(known) => format!("Did you mean {known:?}?"),
        None => format!("There is {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_name() {
        let known = ["idle-timeout", "integration-timeout", "stage", "demo"];
        for (name, meant) in [
            ("idle-timout", "idle-timeout"),
            ("idle_timeout", "idle-timeout"),
            ("integrationTimeout", "integration-timeout"),
            ("Stage", "stage"),
            ("stgae", "stage"),
        ] {
            assert_eq!(nearest(name, known), Some(meant), "{name}");
        }
    }

    #[test]
    fn a_name_like_no_other_is_answered_with_all_of_them() {
        assert_eq!(suggestion("quux", &["function", "two-way"]), "There is function, two-way");
    }
}
