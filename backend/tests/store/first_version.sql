-- What the first version made of an empty file: `sqlite3 connections.db .dump`.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES(1,'connections','2026-11-23 13:39:38',1,X'4c12cbfd16793030b3213f4cc8eabe58d7c2d24641c013d1ec6622488950e5fe46902a46e745114698cce2953d7f3e58',1371936);
CREATE TABLE connections (
    connection_id TEXT PRIMARY KEY NOT NULL,
    user          TEXT NOT NULL,
    -- Where to push to: {scheme}://{domain_name}/{stage}/@connections/{connection_id}.
    domain_name   TEXT NOT NULL,
    stage         TEXT NOT NULL,
    -- Milliseconds since 1970, as API Gateway has it.
    connected_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX connections_by_user ON connections (user, connected_at);
COMMIT;
