-- One row for each open socket, written by $connect and removed by $disconnect.
CREATE TABLE connections (
    connection_id TEXT PRIMARY KEY NOT NULL,
    user          TEXT NOT NULL,
    -- Where to push to: {scheme}://{domain_name}/{stage}/@connections/{connection_id}.
    domain_name   TEXT NOT NULL,
    stage         TEXT NOT NULL,
    -- Milliseconds since 1970, as API Gateway has it.
    connected_at  INTEGER NOT NULL
) STRICT;

-- send() asks by user.
CREATE INDEX connections_by_user ON connections (user, connected_at);
