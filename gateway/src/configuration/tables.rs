//! The tables of the TOML file: `[authorizer]`, `[routes]`, `[functions]`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::knobs::whole_number;
use super::section::{Entry, Section};
use super::{ConfigurationError, duration};
use crate::api::{Authorizer, Route};
use crate::deployed::PLACEHOLDERS;
use crate::functions::BACKEND;
use crate::identity::{IdentitySource, IdentitySourceError};
use crate::lambda::Function;
use crate::nearest::suggestion;

/// What the tables say.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) functions: Vec<Function>,
    pub(super) authorizer: Option<Authorizer>,
    /// None if there is no `[routes]`: an empty table is an API without any.
    pub(super) routes: Option<BTreeMap<String, Route>>,
}

impl Tables {
    pub(super) fn read(top: &mut Section) -> Result<Self, ConfigurationError> {
        let functions = top.section("functions")?.map(functions).transpose()?.unwrap_or_default();
        let mut names: Vec<_> = functions.iter().map(|function| function.name.as_str()).collect();
        names.push(BACKEND);
        let authorizer = top.section("authorizer")?.map(|section| authorizer(section, &names)).transpose()?;
        let routes = top.section("routes")?.map(|section| routes(section, &names)).transpose()?;
        Ok(Self { authorizer, routes, functions })
    }
}

fn authorizer(mut section: Section, functions: &[&str]) -> Result<Authorizer, ConfigurationError> {
    let function = section.take("function");
    let function = function.ok_or_else(|| section.error("needs a function"))?;
    let mut authorizer = Authorizer::new(known_function(function, functions)?);
    let source = |text: &str| text.parse().map_err(|error: IdentitySourceError| error.to_string());
    if let Some(sources) = section.list("identity-sources")? {
        let sources = sources.into_iter().map(|entry| entry.parsed(source));
        authorizer.identity_sources = sources.collect::<Result<Vec<IdentitySource>, _>>()?;
    }
    section.finish()?;
    Ok(authorizer)
}

fn routes(section: Section, functions: &[&str]) -> Result<BTreeMap<String, Route>, ConfigurationError> {
    section.rest().into_iter().map(|(key, entry)| Ok((key.clone(), route(&key, entry, functions)?))).collect()
}

/// `sendMessage = "chat"`, or `sendMessage = { function = "chat", two-way = true }`.
fn route(route_key: &str, entry: Entry, functions: &[&str]) -> Result<Route, ConfigurationError> {
    const RESERVED: [&str; 3] = ["$connect", "$disconnect", "$default"];
    // Undocumented [U]: whether AWS takes another key that begins with a dollar sign. It is more likely a slip.
    if route_key.is_empty() || route_key.starts_with('$') && !RESERVED.contains(&route_key) {
        let suggestion = suggestion(route_key, &RESERVED);
        return Err(entry.error(format_args!("there is no such route. {suggestion}")));
    }
    if !entry.is_table() {
        return Ok(Route::new(known_function(entry, functions)?));
    }
    let mut section = entry.section()?;
    let function = section.take("function").ok_or_else(|| section.error("needs a function"))?;
    let is_two_way = section.switch("two-way")?.unwrap_or_default();
    let route = Route { is_two_way, ..Route::new(known_function(function, functions)?) };
    section.finish()?;
    Ok(route)
}

fn known_function(entry: Entry, functions: &[&str]) -> Result<String, ConfigurationError> {
    entry.parsed(|name| match functions.contains(&name) {
        true => Ok(name.to_owned()),
        false => Err(format!("no function is named {name:?}. {}", suggestion(name, functions))),
    })
}

fn functions(section: Section) -> Result<Vec<Function>, ConfigurationError> {
    section.rest().into_iter().map(|(name, entry)| function(name, entry)).collect()
}

fn function(name: String, entry: Entry) -> Result<Function, ConfigurationError> {
    if name == BACKEND {
        return Err(entry.error("this name is taken by the backend that is built in: give it another"));
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !(1..=64).contains(&name.len()) || !name.chars().all(is_allowed) {
        return Err(entry.error("a function's name has letters, digits, - and _, up to 64 of them"));
    }
    let mut section = entry.section()?;
    let source = section.source();
    let command = section.list("command")?.unwrap_or_default();
    let command = command.into_iter().map(Entry::text).collect::<Result<Vec<_>, _>>()?;
    if command.first().is_none_or(String::is_empty) {
        return Err(section.error("needs a command: a list of the program and its arguments"));
    }
    let working_directory = section.text("working-directory")?.unwrap_or_else(|| ".".to_owned());
    let environment = section.section("environment")?.map(environment).transpose()?;
    let function = Function {
        working_directory: Some(source.beside(&working_directory)),
        environment: environment.unwrap_or_default(),
        handler: section.text("handler")?,
        timeout: section.duration("timeout", timeout)?.unwrap_or(Function::DEFAULT_TIMEOUT),
        memory_mb: section.number("memory-mb", memory_mb)?.unwrap_or(Function::DEFAULT_MEMORY_MB),
        concurrency: section
            .number("concurrency", concurrency)?
            .map_or(Function::DEFAULT_CONCURRENCY, |instances| instances as usize),
        ..Function::new(name, command)
    };
    section.finish()?;
    Ok(function)
}

/// Texts, some of which stand for what only the gateway knows.
fn environment(section: Section) -> Result<BTreeMap<String, String>, ConfigurationError> {
    section.rest().into_iter().map(|(name, entry)| Ok((name, entry.parsed(variable)?))).collect()
}

fn variable(value: &str) -> Result<String, String> {
    let name = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_'));
    match is_name && !PLACEHOLDERS.contains(&value) {
        true => Err(format!("{value} stands for nothing. {}", suggestion(value, &PLACEHOLDERS))),
        false => Ok(value.to_owned()),
    }
}

/// Lambda's own limits, here and below. `[D]`
fn timeout(text: &str) -> Result<Duration, String> {
    duration::within(text, Duration::from_secs(1)..=Duration::from_secs(900), "Lambda allows no other")
}

fn memory_mb(text: &str) -> Result<u32, String> {
    whole_number(text, 128, 10_240)
}

fn concurrency(text: &str) -> Result<u32, String> {
    whole_number(text, 1, 1000)
}
