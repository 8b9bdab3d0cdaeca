//! The secret that signs tokens: given, found in its file, or made.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use everwire_backend::token::Secret;
use thiserror::Error;

/// Why there is no secret.
#[derive(Debug, Error)]
pub enum SecretError {
    /// `token` or `send` before the first `serve`.
    #[error(
        "there is no secret at {0}: start `everwire-gateway serve` first, which makes one, or give --secret"
    )]
    Missing(PathBuf),
    /// The permissions let other users of the machine sign tokens.
    #[error("{0} can be read by other users, who could sign tokens with it. If nobody did: chmod 600 {0}")]
    Exposed(PathBuf),
    /// Nothing in it, or nothing that is text.
    #[error("{0} holds no secret: delete it, and `everwire-gateway serve` makes a new one")]
    Empty(PathBuf),
    /// `--secret` or EVERWIRE_SECRET is an empty text.
    #[error("the given secret is empty: with it anybody could sign tokens")]
    Blank,
    /// The file system's own words.
    #[error("cannot use the secret file {0}: {1}")]
    Io(PathBuf, io::Error),
}

/// The file beside a database that holds its secret.
pub fn path(database: &Path) -> PathBuf {
    database.with_file_name("secret")
}

/// A secret given by the user.
///
/// # Errors
/// [`SecretError::Blank`].
pub fn given(secret: &str) -> Result<Secret, SecretError> {
    Secret::new(secret).ok_or(SecretError::Blank)
}

/// Reads the secret from its file.
///
/// # Errors
/// When the file is missing, empty, cannot be read, or can be read by others.
pub fn find(path: &Path) -> Result<Secret, SecretError> {
    let io = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => SecretError::Missing(path.to_owned()),
        io::ErrorKind::InvalidData => SecretError::Empty(path.to_owned()),
        _ => SecretError::Io(path.to_owned(), error),
    };
    if is_exposed(&fs::metadata(path).map_err(io)?) {
        return Err(SecretError::Exposed(path.to_owned()));
    }
    let text = fs::read_to_string(path).map_err(io)?;
    Secret::new(text.trim()).ok_or_else(|| SecretError::Empty(path.to_owned()))
}

/// Reads the secret from its file, or makes both: 32 random bytes, for the owner only. Says whether it made them.
///
/// # Errors
/// As [`find`], and when the file cannot be written.
pub fn find_or_make(path: &Path) -> Result<(Secret, bool), SecretError> {
    match find(path) {
        Err(SecretError::Missing(_)) => {}
        found => return found.map(|secret| (secret, false)),
    }
    let made = make(path).map_err(|error| SecretError::Io(path.to_owned(), error))?;
    // Read back, because another gateway may have made its own first: then that one counts.
    find(path).map(|secret| (secret, made))
}

/// Says whether the file is ours; not if another gateway was quicker.
fn make(path: &Path) -> io::Result<bool> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    // Written whole under another name, so that nobody reads half a secret. The library makes the file with mode
    // 0600, and `persist_noclobber` never replaces a secret.
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    writeln!(file, "{}", URL_SAFE_NO_PAD.encode(bytes))?;
    match file.persist_noclobber(path) {
        Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(failed) => Err(failed.error),
        Ok(_) => Ok(true),
    }
}

#[cfg(unix)]
fn is_exposed(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o077 != 0
}

/// Elsewhere a file takes its permissions from its folder, which is the user's own.
#[cfg(not(unix))]
fn is_exposed(_: &fs::Metadata) -> bool {
    false
}
