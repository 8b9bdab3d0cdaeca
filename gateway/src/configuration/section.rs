//! Reads a table of the TOML file key by key. What is wrong is said with file and line; a key that nobody asked for is
//! refused, with the nearest one that somebody did.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ConfigurationError;
use crate::nearest::suggestion;

/// The file that a section is in: where errors are said to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

impl<'a> Source<'a> {
    /// The whole document. The library's own error text cites the line, which may hold a secret: only its message is
    /// passed on.
    pub(super) fn parse(self) -> Result<Section<'a>, ConfigurationError> {
        let document = DeTable::parse(self.text).map_err(|error| {
            self.error(error.span().unwrap_or(0..0), format!("this is no TOML: {}", error.message()))
        })?;
        Ok(Section {
            source: self,
            name: String::new(),
            span: 0..0,
            table: document.into_inner(),
            known: Vec::new(),
        })
    }

    fn error(self, span: Range<usize>, text: impl Into<String>) -> ConfigurationError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        ConfigurationError::File { path: self.path.to_owned(), line, text: text.into() }
    }

    /// A path in the file: from the file's folder, not from wherever the gateway is started.
    pub(super) fn beside(self, path: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }
}

/// A table of the file, of which the keys are taken one by one.
pub(super) struct Section<'a> {
    source: Source<'a>,
    /// `functions.chat`; empty for the top.
    name: String,
    span: Range<usize>,
    table: DeTable<'a>,
    /// The keys that were asked for.
    known: Vec<&'static str>,
}

/// A key's value, and where it is.
pub(super) struct Entry<'a> {
    source: Source<'a>,
    /// `functions.chat.timeout`.
    pub(super) key: String,
    span: Range<usize>,
    value: DeValue<'a>,
}

impl<'a> Section<'a> {
    pub(super) fn source(&self) -> Source<'a> {
        self.source
    }

    /// The value of a key, if the section has it.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Entry<'a>> {
        self.known.push(key);
        self.entry(key)
    }

    fn entry(&mut self, key: &str) -> Option<Entry<'a>> {
        let (key, value) = self.table.remove_entry(key)?;
        let span = value.span();
        let key = if self.name.is_empty() {
            key.into_inner().into_owned()
        } else {
            format!("{}.{}", self.name, key.get_ref())
        };
        Some(Entry { source: self.source, key, span, value: value.into_inner() })
    }

    /// A text in quotes.
    pub(super) fn text(&mut self, key: &'static str) -> Result<Option<String>, ConfigurationError> {
        self.take(key).map(Entry::text).transpose()
    }

    /// True or false.
    pub(super) fn switch(&mut self, key: &'static str) -> Result<Option<bool>, ConfigurationError> {
        self.take(key).map(Entry::switch).transpose()
    }

    /// A text that means something.
    pub(super) fn parsed<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigurationError> {
        self.take(key).map(|entry| entry.parsed(parse)).transpose()
    }

    /// A duration: a text, or a number of seconds.
    pub(super) fn duration<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigurationError> {
        let Some(entry) = self.take(key) else { return Ok(None) };
        match &entry.value {
            DeValue::Integer(_) => entry.number(parse),
            DeValue::String(_) => entry.parsed(parse),
            _ => Err(entry.wrong_type("a duration such as \"30s\"")),
        }
        .map(Some)
    }

    /// A whole number.
    pub(super) fn number<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigurationError> {
        self.take(key).map(|entry| entry.number(parse)).transpose()
    }

    /// A list.
    pub(super) fn list(&mut self, key: &'static str) -> Result<Option<Vec<Entry<'a>>>, ConfigurationError> {
        self.take(key).map(Entry::list).transpose()
    }

    /// A table in this one.
    pub(super) fn section(&mut self, key: &'static str) -> Result<Option<Section<'a>>, ConfigurationError> {
        self.take(key).map(Entry::section).transpose()
    }

    /// All that is left: keys that the user chose.
    pub(super) fn rest(mut self) -> Vec<(String, Entry<'a>)> {
        let mut keys: Vec<_> =
            self.table.keys().map(|key| (key.span().start, key.get_ref().to_string())).collect();
        keys.sort();
        keys.into_iter().filter_map(|(_, key)| self.entry(&key).map(|entry| (key, entry))).collect()
    }

    /// All that is left, each a text.
    pub(super) fn rest_of_texts(self) -> Result<BTreeMap<String, String>, ConfigurationError> {
        self.rest().into_iter().map(|(key, entry)| Ok((key, entry.text()?))).collect()
    }

    /// Refuses what nobody has asked for.
    pub(super) fn finish(self) -> Result<(), ConfigurationError> {
        let Some(key) = self.table.keys().min_by_key(|key| key.span().start) else { return Ok(()) };
        let place = if self.name.is_empty() {
            "there is no key".to_owned()
        } else {
            format!("[{}] has no key", self.name)
        };
        let text = format!("{place} {:?}. {}", key.get_ref(), suggestion(key.get_ref(), &self.known));
        Err(self.source.error(key.span(), text))
    }

    /// Something about the section as a whole, such as a key that is missing.
    pub(super) fn error(&self, text: impl std::fmt::Display) -> ConfigurationError {
        self.source.error(self.span.clone(), format!("[{}] {text}", self.name))
    }
}

impl<'a> Entry<'a> {
    pub(super) fn text(self) -> Result<String, ConfigurationError> {
        match self.value {
            DeValue::String(text) => Ok(text.into_owned()),
            _ => Err(self.wrong_type("a text in quotes")),
        }
    }

    fn switch(self) -> Result<bool, ConfigurationError> {
        self.value.as_bool().ok_or_else(|| self.wrong_type("true or false"))
    }

    pub(super) fn parsed<T>(
        self,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ConfigurationError> {
        match &self.value {
            DeValue::String(text) => parse(text).map_err(|error| self.error(error)),
            _ => Err(self.wrong_type("a text in quotes")),
        }
    }

    /// Through its decimal spelling, so that flag and file have one parser.
    fn number<T>(self, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, ConfigurationError> {
        let DeValue::Integer(number) = &self.value else { return Err(self.wrong_type("a whole number")) };
        let decimal = i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Cow::Borrowed(number.as_str()), |number| Cow::Owned(number.to_string()));
        parse(&decimal).map_err(|error| self.error(error))
    }

    pub(super) fn list(self) -> Result<Vec<Entry<'a>>, ConfigurationError> {
        let Entry { source, key, span, value } = self;
        let DeValue::Array(items) = value else {
            return Err(Entry { source, key, span, value }.wrong_type("a list of texts"));
        };
        let entry = |item: Spanned<DeValue<'a>>| Entry {
            source,
            key: key.clone(),
            span: item.span(),
            value: item.into_inner(),
        };
        Ok(items.into_iter().map(entry).collect())
    }

    pub(super) fn section(self) -> Result<Section<'a>, ConfigurationError> {
        let Entry { source, key: name, span, value } = self;
        match value {
            DeValue::Table(table) => Ok(Section { source, name, span, table, known: Vec::new() }),
            value => Err(Entry { source, key: name, span, value }.wrong_type("a table")),
        }
    }

    pub(super) fn is_table(&self) -> bool {
        self.value.is_table()
    }

    /// What is wrong with the value.
    pub(super) fn error(&self, text: impl std::fmt::Display) -> ConfigurationError {
        self.source.error(self.span.clone(), format!("{}: {text}", self.key))
    }

    /// Names the type, never the value, which may be a secret.
    pub(super) fn wrong_type(&self, right: &str) -> ConfigurationError {
        self.error(format_args!("this has to be {right}, and it is of the type {}", self.value.type_str()))
    }
}
