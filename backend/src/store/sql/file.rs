//! What an SQLite database in a file needs besides SQL: private to its owner, and shared without waiting.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::{AnyConnection, Executor};

use super::PATIENCE;

/// Makes the file if it is missing, for its owner only: a connection id in it is all that `/@connections` asks
/// for. SQLite gives the files beside it (`-wal`, `-shm`) the same permissions. Gives its URL.
pub(super) fn make_private(path: &Path) -> io::Result<String> {
    let mut file = fs::OpenOptions::new();
    file.write(true).create_new(true);
    // Elsewhere a file takes its permissions from its folder.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    match file.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    url(&fs::canonicalize(path)?)
}

/// Every byte escaped that could mean something else in a URL; sqlx undoes it.
fn url(path: &Path) -> io::Result<String> {
    let path = path.to_str().ok_or_else(|| io::Error::other("the path is not UTF-8"))?;
    let escape = |byte: u8| match byte {
        b'/' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    Ok(format!("sqlite:{}", path.bytes().map(escape).collect::<String>()))
}

/// Readers do not wait for the writer, nor a second gateway on the same file for the first. The file remembers it.
///
/// Here alone SQLite's own busy timeout does not hold: a process that makes the same file at the same moment is
/// waited for by asking again.
pub(super) async fn write_ahead(connection: &mut AnyConnection) -> sqlx::Result<()> {
    let give_up_at = Instant::now() + PATIENCE;
    loop {
        match connection.execute("PRAGMA journal_mode = WAL").await {
            Err(error) if is_busy(&error) && Instant::now() < give_up_at => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            done => return done.map(drop),
        }
    }
}

/// `SQLITE_BUSY`, which is 5, with or without more detail in the higher bits.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

/// What a file does not remember. A power cut may lose the last records, which then are of sockets that it has
/// closed too; it does not harm the file.
pub(super) async fn configure(connection: &mut AnyConnection) -> sqlx::Result<()> {
    connection.execute("PRAGMA synchronous = NORMAL").await.map(drop)
}
