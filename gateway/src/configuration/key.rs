//! Where the database is, and the secret that goes with it.

use std::path::PathBuf;

use everwire_backend::token::Secret;
use thiserror::Error;

use super::{Hidden, KeyKnobs};
use crate::secret::{self, SecretError};
use crate::serve::{DEFAULT_DATABASE, Database, make_private_folder};

/// A secret of HS256 has this many bytes or more (RFC 7518, 3.2).
const SAFE_BYTES: usize = 32;

/// A database and its secret, which is given, in a file of its own, or in one beside the database.
#[derive(Debug, Clone)]
pub struct Key {
    /// Where connections are kept. Default: [`DEFAULT_DATABASE`].
    pub database: Database,
    secret: Option<Hidden>,
    /// Where the secret is, unless it is given.
    pub secret_file: PathBuf,
}

/// Why there is no secret.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The secret's own reasons.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// No folder to keep it in.
    #[error("cannot make the folder of the database {0}: {1}")]
    Folder(Database, std::io::Error),
}

impl Key {
    /// With the defaults where the knobs say nothing.
    pub(super) fn new(KeyKnobs { database, secret, secret_file }: KeyKnobs) -> Self {
        let database = Database::from(database.as_deref().unwrap_or(DEFAULT_DATABASE));
        let secret_file = secret_file.unwrap_or_else(|| database.secret_path());
        Self { database, secret, secret_file }
    }

    /// Whether the secret is given, and in no file.
    pub fn is_given(&self) -> bool {
        self.secret.is_some()
    }

    /// The secret, for those who cannot do without the gateway's.
    ///
    /// # Errors
    /// When there is none, or it is not safe to use.
    pub fn find(&self) -> Result<Secret, SecretError> {
        match &self.secret {
            Some(Hidden(given)) => secret::given(given),
            None => secret::find(&self.secret_file),
        }
    }

    /// The secret, made if there is none yet; and what its user should know of it.
    ///
    /// # Errors
    /// When it cannot be made, or is not safe to use.
    pub fn find_or_make(&self) -> Result<(Secret, Option<KeyNotice>), KeyError> {
        if self.is_given() {
            let secret = self.find()?;
            let is_short = secret.bytes() < SAFE_BYTES;
            return Ok((secret, is_short.then_some(KeyNotice::Short)));
        }
        self.database.make_folder().map_err(|error| KeyError::Folder(self.database.clone(), error))?;
        if let Some(folder) = self.secret_file.parent() {
            make_private_folder(folder).map_err(|error| KeyError::Folder(self.database.clone(), error))?;
        }
        let (secret, is_new) = secret::find_or_make(&self.secret_file)?;
        Ok((secret, is_new.then(|| KeyNotice::Made(self.secret_file.clone()))))
    }
}

/// What the user should know of the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyNotice {
    /// It was made, in this file.
    Made(PathBuf),
    /// It is short enough to be guessed.
    Short,
}

impl KeyKnobs {
    pub(super) fn has_secret(&self) -> bool {
        self.secret.is_some()
    }
}
