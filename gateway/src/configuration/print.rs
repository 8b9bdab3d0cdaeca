//! The configuration as a TOML file: what is in force, whoever has said it. Secrets are hidden, so it can be shown to
//! others; it is no file to start from where there are any.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;
use toml::{Table, Value};

use super::{Configuration, duration};
use crate::Credentials;
use crate::api::{Authorizer, Route};
use crate::lambda::Function;
use crate::serve::Database;

/// What stands for a secret.
const HIDDEN: &str = "(hidden)";

impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(path) => writeln!(f, "# in force, with {}", path.display())?,
            None => writeln!(f, "# in force, without a file")?,
        }
        f.write_str(&self.table().to_string())
    }
}

impl Configuration {
    fn table(&self) -> Table {
        let mut table = self.knobs();
        let api = &self.api;
        let variables = api.stage_variables.iter().map(|(name, value)| (name.clone(), value.clone().into()));
        table.insert("stage-variables".to_owned(), Value::Table(variables.collect()));
        if let Some(authorizer) = &api.authorizer {
            table.insert("authorizer".to_owned(), self::authorizer(authorizer));
        }
        let routes = api.routes.iter().map(|(key, route)| (key.clone(), self::route(route)));
        table.insert("routes".to_owned(), Value::Table(routes.collect()));
        let functions =
            self.functions.iter().map(|function| (function.name.clone(), self::function(function)));
        table.insert("functions".to_owned(), Value::Table(functions.collect()));
        if let Some(credentials) = &self.gateway.credentials {
            table.insert("credentials".to_owned(), self::credentials(credentials));
        }
        table
    }

    fn knobs(&self) -> Table {
        let Configuration { api, gateway, log, .. } = self;
        let mut table = Table::new();
        let mut put = |key: &str, value: Value| drop(table.insert(key.to_owned(), value));
        put("listen", self.listen.clone().into());
        put("stage", api.stage.clone().into());
        put("route-selection-expression", api.route_selection.to_string().into());
        put("database", database(&self.key.database));
        match self.key.is_given() {
            true => put("secret", HIDDEN.into()),
            false => put("secret-file", path(&self.key.secret_file)),
        }
        put("integration-timeout", shown(gateway.integration_timeout));
        put("idle-timeout", shown(gateway.idle_timeout));
        put("connection-duration", shown(gateway.connection_duration));
        put("request-timeout", shown(gateway.request_timeout));
        put("concurrent-messages", (gateway.concurrent_messages as i64).into());
        put("connections-per-second", gateway.connections_per_second.into());
        put("requests-per-second", gateway.requests_per_second.into());
        put("request-burst", gateway.request_burst.into());
        put("pings-are-activity", gateway.pings_are_activity.into());
        put("failed-status-is-error", gateway.failed_status_is_error.into());
        put("demo", self.demo.is_some().into());
        put("faults", self.faults.into());
        if let Some(ttl) = self.demo {
            put("token-ttl", shown(ttl));
        }
        put("json", log.is_json.into());
        put("color", log.color.to_possible_value().map_or("auto".into(), |color| color.get_name().into()));
        table
    }
}

fn shown(duration: Duration) -> Value {
    duration::show(duration).into()
}

fn path(path: &Path) -> Value {
    path.to_string_lossy().into_owned().into()
}

fn database(database: &Database) -> Value {
    database.to_string().into()
}

fn authorizer(Authorizer { function, identity_sources }: &Authorizer) -> Value {
    let sources: Vec<_> = identity_sources.iter().map(|source| Value::from(source.to_string())).collect();
    Value::Table(
        [("function", function.clone().into()), ("identity-sources", sources.into())]
            .into_iter()
            .map(own)
            .collect(),
    )
}

fn route(Route { function, is_two_way }: &Route) -> Value {
    match is_two_way {
        false => function.clone().into(),
        true => Value::Table(
            [("function", function.clone().into()), ("two-way", true.into())].into_iter().map(own).collect(),
        ),
    }
}

fn function(function: &Function) -> Value {
    let variables = function.environment.keys().map(|name| (name.clone(), HIDDEN.into()));
    let mut entries = vec![
        ("command", Value::Array(function.command.iter().cloned().map(Value::from).collect())),
        ("environment", Value::Table(variables.collect())),
        ("timeout", shown(function.timeout)),
        ("memory-mb", function.memory_mb.into()),
        ("concurrency", (function.concurrency as i64).into()),
    ];
    let working_directory = function.working_directory.as_deref();
    entries.extend(working_directory.map(|folder| ("working-directory", path(folder))));
    entries.extend(function.handler.clone().map(|handler| ("handler", handler.into())));
    Value::Table(entries.into_iter().map(own).collect())
}

fn credentials(credentials: &Credentials) -> Value {
    let mut entries = vec![
        ("access-key-id", credentials.access_key_id().into()),
        ("secret-access-key", HIDDEN.into()),
        ("region", credentials.region().into()),
    ];
    entries.extend(credentials.is_temporary().then(|| ("session-token", HIDDEN.into())));
    Value::Table(entries.into_iter().map(own).collect())
}

fn own((key, value): (&str, Value)) -> (String, Value) {
    (key.to_owned(), value)
}
