//! The Python that peers of the gateway run in.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python that has this module: the repository's own, or the one that `EVERWIRE_PYTHON` names.
pub fn python_with(module: &str) -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin/python");
    let python = std::env::var_os("EVERWIRE_PYTHON").map_or_else(own, PathBuf::from);
    let imported = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    assert!(
        imported.as_ref().is_ok_and(|output| output.status.success()),
        "{} is no Python with {module}: `npm run setup` makes target/python with it; or name one that has what \
         scripts/python/requirements.txt says in EVERWIRE_PYTHON ({imported:?})",
        python.display()
    );
    python
}
